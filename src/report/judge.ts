/** @file What a classifier makes of a set of samples: measures of all of them, and the few that a page shows. */
import { type Device, isFloat } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { Philox } from '../core/philox.ts'
import { scope } from '../core/scope.ts'
import { type Shape, showShape } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { Confusion } from '../metrics/confusion.ts'
import { Module } from '../nn/index.ts'
import { optionsOf } from '../ops/base/options.ts'
import { detach } from '../ops/base/views.ts'
import {
  type Batches,
  checkBatches,
  checkCount,
  checkDevice,
  predictionOf,
  type Trainable,
  withBatch,
} from '../train/steps.ts'
import type { Pixels } from './png.ts'

/** What {@link judge} keeps, and how it reads images. */
export interface JudgeOptions {
  /** How many samples are drawn at random to be shown; default 20. */
  samples?: number
  /** How many of the worst mistakes are kept to be shown; default 20. */
  mistakes?: number
  /** Sizes of an input that is an image in a row, [batch, height · width] or three times as many for RGB. */
  imageSize?: readonly [height: number, width: number]
  /** Values of an input that are shown black and white; default: the least and the largest of each image. */
  pixels?: readonly [black: number, white: number]
  /** Where the model is; batches that are elsewhere are copied there. Default: where its parameters are. */
  device?: Device
}

/** A sample, and what a classifier takes it for. */
export interface JudgedSample {
  /** Its place among all samples, from 0. */
  readonly index: number
  /** The class that it is of. */
  readonly label: number
  /** The class that it is taken for. */
  readonly answer: number
  /** Probability of the answer. */
  readonly confidence: number
  /** Probability of the true class. */
  readonly truth: number
  /** The input, if it is an image: 8 bits, grey or RGB. */
  readonly image?: Pixels
}

/** What {@link judge} found. */
export interface Judgement {
  /** All answers, by true class. */
  readonly confusion: Confusion
  /** Mean cross-entropy of all samples, in nats. */
  readonly loss: number
  /** Right answers among all, 0 … 1. */
  readonly accuracy: number
  /** Drawn at random, each as likely as any other; the same for each model. */
  readonly samples: readonly JudgedSample[]
  /** Wrong answers, the one that gave the true class the least probability first. */
  readonly mistakes: readonly JudgedSample[]
}

/** A sample whose image is still to be read. */
type Kept = { -readonly [K in keyof JudgedSample]: JudgedSample[K] }
type Size = Pick<Pixels, 'width' | 'height' | 'channels'>

/**
 * Run a classifier over samples, for a page or a program: of logits z the answer is argmax z, the probabilities are
 * p = eᶻ / Σeᶻ, the loss is the mean of −ln p[true class]; all worked out on the host in float64. Inputs
 * [batch, 1 or 3, height, width], and others with `imageSize`, are images. Of the whole set only what is shown is kept.
 * The model is left in evaluation mode. Dtypes: floats; classes are int32.
 * ```ts
 * const { confusion, samples, mistakes } = await judge(model, testBatches, { imageSize: [28, 28] })
 * ```
 * @param model    from the inputs to logits [batch, classes]
 * @param batches  inputs, and int32 classes [batch] last
 * @throws HandgradError if an option is unknown or not what it should be, there are no batches, a batch is not of
 *   tensors, a class is not one of the logits', the model does not give logits [batch, classes], they are NaN or the
 *   largest is infinite, or an input is not of `imageSize`
 */
export async function judge(model: Trainable, batches: Batches, options?: JudgeOptions): Promise<Judgement> {
  const op = 'judge'
  const given = optionsOf(op, options, {
    samples: 20,
    mistakes: 20,
    imageSize: undefined,
    pixels: undefined,
    device: undefined,
  })
  const { samples, mistakes, imageSize, pixels, device } = given
  if (!(model instanceof Module)) fail(op, `the model is ${describe(model)}`, 'give an nn.Module')
  checkBatches(op, 'batches', batches)
  checkCount(op, 'samples', samples, 0)
  checkCount(op, 'mistakes', mistakes, 0)
  checkSize(op, 'imageSize', imageSize)
  if (pixels !== undefined && !(Array.isArray(pixels) && pixels.length === 2 && pixels.every(Number.isFinite)))
    fail(op, `pixels is ${list(pixels)}`, 'give [black, white], two numbers')
  if (pixels && pixels[0] === pixels[1]) fail(op, `pixels is ${list(pixels)}`, 'give two values that differ')
  checkDevice(op, device)

  const on = device ?? model.parameters()[0]?.device
  const random = new Philox(0)
  const drawn: Kept[] = []
  const worst: Kept[] = []
  let confusion: Confusion | undefined
  let [count, loss] = [0, 0]
  model.eval()
  for await (const batch of batches)
    await withBatch(op, batch, on ?? batch?.[0]?.device, async (inputs, target) => {
      const size = sizeOf(op, inputs[0].shape, imageSize)
      const logits = scope(() => noGrad(() => detach(predictionOf(op, model, inputs))))
      const { data, classes } = await answersOf(op, logits, target, confusion?.classes).finally(() => logits.dispose())
      const [scores, labels] = data
      confusion ??= new Confusion(classes)
      const first = count
      for (const label of labels) {
        const row = scores.subarray((count - first) * classes, (count - first + 1) * classes)
        const { nats, ...judged } = rowOf(op, row, label, count)
        confusion.add([label], [judged.answer])
        loss += nats
        const sample: Kept = { index: count, label, ...judged }
        // The first places of Philox's permutation of all samples, however many are still to come (Vitter's reservoir).
        const place = random.int(count + 1)
        if (count < samples && place !== count) drawn[count] = drawn[place]
        if (place < samples) drawn[place] = sample
        if (judged.answer !== label) insert(worst, sample, mistakes)
        count++
      }
      const shown = size ? [...drawn, ...worst].filter(({ index }) => index >= first) : []
      if (!size || shown.length === 0) return
      const values = await inputs[0].data()
      const length = size.width * size.height * size.channels
      for (const sample of shown) {
        const from = (sample.index - first) * length
        sample.image = pixelsOf(values.subarray(from, from + length), size, pixels)
      }
    })
  if (!confusion || count === 0) fail(op, 'there are no samples', 'give at least one')
  return { confusion, loss: loss / count, accuracy: confusion.accuracy, samples: drawn, mistakes: worst }
}

const list = (x: unknown): string => (Array.isArray(x) ? `[${x.map(describe).join(', ')}]` : describe(x))

/** Refuse what is not [height, width]. */
export function checkSize(op: string, name: string, size: unknown): void {
  if (size === undefined) return
  if (!Array.isArray(size) || size.length !== 2 || !size.every((n) => Number.isSafeInteger(n) && n > 0))
    fail(op, `${name} is ${list(size)}`, 'give [height, width], integers from 1 up')
}

/** Size of the images that inputs are; undefined where they are none. */
function sizeOf(op: string, shape: Shape, imageSize: readonly [number, number] | undefined): Size | undefined {
  const sizes = shape.slice(1)
  if (!imageSize) {
    const [channels, height, width] = sizes
    return sizes.length === 3 && (channels === 1 || channels === 3) ? { channels, height, width } : undefined
  }
  const [height, width] = imageSize
  const length = sizes.reduce((a, b) => a * b, 1)
  const channels = length / (height * width)
  if (channels !== 1 && channels !== 3)
    fail(
      op,
      `inputs ${showShape(shape)} have ${length} values, images of ${height} × ${width} ${height * width}`,
      'give the imageSize that they have, or none',
    )
  return { channels, height, width }
}

/** Logits and classes of one batch, read at once, and the number of classes. */
async function answersOf(op: string, logits: Tensor, target: Tensor, known: number | undefined) {
  const [rows, classes] = logits.shape
  if (logits.ndim !== 2 || classes === 0 || !isFloat(logits.dtype))
    fail(op, `the model gave ${logits.dtype} ${showShape(logits.shape)}`, 'it gives logits [batch, classes]')
  if (classes !== (known ?? classes)) fail(op, `the model gave ${classes} classes, and ${known} before`)
  if (target.dtype !== 'int32' || target.ndim !== 1 || target.shape[0] !== rows)
    fail(op, `the target is ${target.dtype} ${showShape(target.shape)}`, `give int32 classes [${rows}]`)
  return { classes, data: await Promise.all([logits.data(), target.data()]) }
}

/** One row of logits z: the class of the largest, p of it and of the label for p = softmax(z), and −ln p[label]. */
function rowOf(op: string, z: ArrayLike<number>, label: number, index: number) {
  if (!(label >= 0 && label < z.length))
    fail(op, `sample ${index} is of class ${label}`, `classes are 0 to ${z.length - 1}, as the model has logits`)
  let [answer, sum] = [0, 0]
  for (let c = 1; c < z.length; c++) if (z[c] > z[answer]) answer = c
  for (let c = 0; c < z.length; c++) sum += Math.exp(z[c] - z[answer])
  if (Number.isNaN(sum)) fail(op, `the logits of sample ${index} are NaN or infinite`, 'look at weights and inputs')
  const behind = z[label] - z[answer]
  return { answer, confidence: 1 / sum, truth: Math.exp(behind) / sum, nats: Math.log(sum) - behind }
}

/** Keep the `most` mistakes of least truth, in this order; of equal ones the first. */
function insert(worst: Kept[], sample: Kept, most: number): void {
  const at = worst.findIndex(({ truth }) => truth > sample.truth)
  worst.splice(at < 0 ? worst.length : at, 0, sample)
  if (worst.length > most) worst.pop()
}

/** Bytes of an image whose channels follow each other. */
function pixelsOf(values: ArrayLike<number>, size: Size, pixels: readonly [number, number] | undefined): Pixels {
  const area = size.width * size.height
  let [black, white] = pixels ?? [Infinity, -Infinity]
  if (!pixels)
    for (let i = 0; i < values.length; i++) {
      black = Math.min(black, values[i])
      white = Math.max(white, values[i])
    }
  // Rounds, and holds what is beyond black and white at them; NaN, also of an image of one value, is black.
  const data = new Uint8ClampedArray(values.length)
  for (let i = 0; i < values.length; i++)
    data[(i % area) * size.channels + Math.floor(i / area)] = (255 * (values[i] - black)) / (white - black)
  return { ...size, data: new Uint8Array(data.buffer) }
}
