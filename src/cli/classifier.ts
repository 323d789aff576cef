/** @file The digit classifier: its model, one epoch of training, and what it makes of a test set. */

import type { Device } from '../core/device.ts'
import { fail } from '../core/errors.ts'
import { DataLoader, DigitDataset, type Digits } from '../data/index.ts'
import { nn, noGrad, type optim, scope } from '../index.ts'
import * as inspect from '../inspect/index.ts'
import { Confusion, Series } from '../train/index.ts'

/** Steps between two reads of the loss: each read waits for the device. */
const READ_EVERY = 20
/** Images per batch of a test. */
const TEST_BATCH = 500

/** 784 → 256 → ReLU → 10: logits of the ten classes. */
export function makeModel(inputs: number, classes: number, device: Device): nn.Sequential {
  return new nn.Sequential(
    new nn.Linear(inputs, 256, { device }),
    new nn.ReLU(),
    new nn.Linear(256, classes, { device }),
  )
}

/** Batches of images, pixels scaled, and their labels. */
export const makeLoader = (
  digits: Digits,
  normal: Normal,
  options: { batchSize: number; shuffle?: boolean; seed?: number; device: Device },
) => new DataLoader(new DigitDataset(digits, normal), options)
export type DigitLoader = ReturnType<typeof makeLoader>

/** What is taken off pixels in 0 … 1, and what they are divided by. */
export interface Normal {
  readonly mean: number
  readonly std: number
}

export interface StepFigures {
  /** Steps of this epoch that are done. */
  readonly steps: number
  /** Mean loss and accuracy of the steps since the last figures. */
  readonly loss: number
  readonly accuracy: number
}

export interface EpochResult {
  /** Loss of every step. */
  readonly losses: number[]
  /** Right answers while training, among all. */
  readonly accuracy: number
}

/**
 * One epoch of mini-batch descent. Loss and hits stay on the device and are read every 20 steps.
 * @param rate       learning rate by step of this epoch, from 0
 * @param onFigures  told at every read
 */
export async function trainEpoch(
  model: nn.Sequential,
  optimizer: optim.Optimizer,
  loader: DigitLoader,
  device: Device,
  rate: (step: number) => number,
  onFigures: (figures: StepFigures) => void,
): Promise<EpochResult> {
  model.train()
  using lossSeries = new Series(loader.length, device)
  using hitSeries = new Series(loader.length, device, 'int32')
  const losses: number[] = []
  let [images, hits, unread] = [0, 0, 0]
  let step = 0
  for (const [x, target] of loader) {
    unread += target.numel
    optimizer.lr = rate(step)
    scope(() => {
      optimizer.zeroGrad()
      const logits = model.forward(x)
      const loss = nn.functional.crossEntropy(logits, target)
      loss.backward()
      optimizer.step()
      lossSeries.push(loss)
      noGrad(() => hitSeries.push(logits.argmax(1).eq(target).sum()))
    })
    x.dispose()
    target.dispose()
    if (++step % READ_EVERY !== 0 && step < loader.length) continue
    const [newLosses, newHits] = await Promise.all([lossSeries.take(), hitSeries.take()])
    const bad = newLosses.findIndex((loss) => !Number.isFinite(loss))
    if (bad >= 0)
      fail(
        'train',
        `the loss is ${newLosses[bad]} at step ${losses.length + bad + 1} of the epoch`,
        'try a smaller --lr',
      )
    losses.push(...newLosses)
    const right = sum(newHits)
    onFigures({ steps: step, loss: sum(newLosses) / newLosses.length, accuracy: right / unread })
    hits += right
    images += unread
    unread = 0
  }
  return { losses, accuracy: hits / images }
}

const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0)

/** What the model makes of a test set. */
export interface Evaluation {
  readonly confusion: Confusion
  /** Mean cross-entropy, in nats. */
  readonly loss: number
  readonly accuracy: number
  /** Per image: the class it is taken for, the probability of that class, and the probability of the true one. */
  readonly predicted: Uint8Array
  readonly confidence: Float32Array
  readonly truth: Float32Array
}

/** Run the model over a test set; probabilities are worked out on the host in float64. */
export async function evaluate(
  model: nn.Sequential,
  digits: Digits,
  normal: Normal,
  device: Device,
): Promise<Evaluation> {
  const { count, classes, labels } = digits
  const predicted = new Uint8Array(count)
  const confidence = new Float32Array(count)
  const truth = new Float32Array(count)
  model.eval()
  let [at, loss] = [0, 0]
  for (const [x, target] of makeLoader(digits, normal, { batchSize: TEST_BATCH, device })) {
    using logits = scope(() => noGrad(() => model.forward(x)))
    x.dispose()
    target.dispose()
    const scores = Float64Array.from(await logits.data())
    for (let row = 0; row < scores.length; row += classes, at++) {
      const own = scores.subarray(row, row + classes)
      const best = own.indexOf(Math.max(...own))
      const total = own.reduce((all, score) => all + Math.exp(score - own[best]), 0)
      predicted[at] = best
      confidence[at] = 1 / total
      truth[at] = Math.exp(own[labels[at]] - own[best]) / total
      loss -= own[labels[at]] - own[best] - Math.log(total)
    }
  }
  const confusion = new Confusion(classes)
  confusion.add(labels, predicted)
  return { confusion, loss: loss / count, accuracy: confusion.accuracy, predicted, confidence, truth }
}

/** The model's graph on one batch, with values and gradients. */
export async function captureGraph(model: nn.Sequential, loader: DigitLoader): Promise<inspect.Graph> {
  const [[x, target]] = loader
  // What the last step left would add to the gradients shown.
  model.zeroGrad()
  const loss = scope(() => nn.functional.crossEntropy(model.forward(x), target))
  const graph = await inspect.backward(loss, {
    names: { ...Object.fromEntries(model.namedParameters()), images: x, labels: target, loss },
  })
  model.zeroGrad()
  for (const tensor of [loss, x, target]) tensor.dispose()
  return graph
}
