/** @file Findings of the data: labels, scale of inputs, rows that training and validation share. */
import { noGrad } from '../../core/graph.ts'
import { onCall } from '../../core/op.ts'
import { scope } from '../../core/scope.ts'
import type { Tensor } from '../../core/tensor.ts'
import { mul } from '../../ops/index.ts'
import { lossOf } from '../../train/steps.ts'
import type { Look } from './look.ts'
import type { Session, Source } from './session.ts'

/** Root mean square above which an input is not scaled. */
const LARGE = 10

/** Whole numbers that name classes: integers or booleans. */
const isLabels = ({ dtype }: Tensor): boolean => dtype === 'int32' || dtype === 'bool'

/** Elements of the first prediction, and the label that the loss passes over, if there is one. */
async function aimed({
  model,
  options,
  batches,
}: Session): Promise<{ predicted: number; ignored: number | undefined }> {
  const [{ inputs, target }] = batches
  let ignored: number | undefined
  const end = onCall(({ attrs }) => {
    const { ignore } = (attrs ?? {}) as { ignore?: unknown }
    if (typeof ignore === 'number') ignored = ignore
  })
  try {
    return scope(() =>
      noGrad(() => {
        // Class 0 is one of any.
        const { prediction } = lossOf('diagnose', model, options.loss, inputs, mul(target, 0))
        return { predicted: prediction.numel, ignored }
      }),
    )
  } finally {
    end()
  }
}

/** The labels of each batch that the loss looks at. */
async function labelsOf({ batches }: Session, ignored: number | undefined): Promise<number[][]> {
  const all = await Promise.all(batches.map(({ target }) => target.data()))
  return all.map((labels) => Array.from(labels).filter((v) => v !== ignored))
}

/** Labels outside of the classes. Classes are those of the prediction: so many elements of it come on each label. */
export async function labelFindings(session: Session): Promise<void> {
  const [{ target }] = session.batches
  if (target.dtype !== 'int32') return
  const { predicted, ignored } = await aimed(session)
  const classes = predicted / target.numel
  if (!Number.isInteger(classes) || classes < 2) return
  const all = await labelsOf(session, ignored)
  let [least, greatest] = [Infinity, -Infinity]
  for (const v of all.flat()) [least, greatest] = [Math.min(least, v), Math.max(greatest, v)]
  const last = classes - 1
  if (least >= 1 && greatest === classes) session.find('labelOffByOne', '', { least, greatest, classes, last })
  else if (least < 0 || greatest > last) {
    const batch = all.findIndex((labels) => labels.some((v) => v < 0 || v > last))
    const value = all[batch].find((v) => v < 0 || v > last) as number
    session.find('labelOutOfRange', '', { value, batch: batch + 1, classes, last })
  }
}

/** Labels of a batch that may be equal by chance. */
const FEW_LABELS = 4

/** Batches in which all labels are equal. */
export async function orderFindings(session: Session): Promise<void> {
  const { batches } = session
  if (batches.some(({ target, rows }) => !isLabels(target) || target.numel !== rows)) return
  if (batches.every(({ rows }) => rows < FEW_LABELS)) return
  let ignored: number | undefined
  try {
    if (batches[0].target.dtype === 'int32') ignored = (await aimed(session)).ignored
  } catch {
    // The look at all batches tells.
  }
  session.rewind()
  // A batch of one label says nothing, such as the last of an epoch.
  const all = (await labelsOf(session, ignored)).filter((labels) => labels.length >= FEW_LABELS)
  if (all.length < 2 || !all.every((labels) => labels.every((v) => v === labels[0]))) return
  const labels = [...new Set(all.map(([first]) => first))]
  session.find('batchesNotShuffled', '', { batches: all.length, labels: labels.slice(0, 8).join(', ') })
}

/** Inputs of which a feature is far from 1, unless the model begins by normalising them. */
export async function inputFindings(session: Session, { watch }: Look): Promise<void> {
  // A layer that mixes no features, a normalisation say, may have scaled them.
  const [first] = watch.layers
  if (first && !first.mixing && first.rms <= LARGE) return
  for (const [i, first] of session.batches[0].inputs.entries()) {
    if (isLabels(first) || first.ndim < 2) continue
    const all = await Promise.all(session.batches.map(({ inputs }) => inputs[i].data()))
    // Features are the second axis: columns of a table, channels of an image.
    const features = first.shape[1]
    const each = first.numel / (first.shape[0] * features)
    const squares = new Float64Array(features)
    let [count, least, greatest] = [0, Infinity, -Infinity]
    for (const data of all) {
      count += data.length / features
      for (let k = 0; k < data.length; k++) {
        const v = data[k]
        squares[Math.floor(k / each) % features] += v * v
        if (v < least) least = v
        if (v > greatest) greatest = v
      }
    }
    const rms = Math.sqrt(squares.reduce((most, x) => Math.max(most, x), 0) / count)
    if (rms > LARGE) session.find('inputsUnscaled', `input ${i}`, { rms, least, greatest })
  }
}

/** Rows of the validation data that the training data has as well. */
export async function leakFindings(session: Session): Promise<void> {
  const { loader, validation, rows } = session.options
  if (!validation) return
  const [train, held] = [await keysOf(loader, rows), await keysOf(validation, rows)]
  const known = new Set(train)
  const shared = held.filter((key) => known.has(key)).length
  // Of a few values there are few different rows: what comes twice within the training data has not leaked.
  const repeated = 1 - known.size / train.length
  if (shared > 0 && shared / held.length > Math.max(0.005, 5 * repeated))
    session.find('leak', '', { rows: shared, of: held.length, compared: train.length })
}

/** Rows of the inputs as text, the first of them. */
async function keysOf(source: Source, most: number): Promise<string[]> {
  const keys: string[] = []
  for await (const batch of source) {
    const datas = await Promise.all(batch.slice(0, -1).map((x) => x.data()))
    const count = batch[0].shape[0] ?? 1
    for (let row = 0; row < count && keys.length < most; row++) {
      let text = ''
      for (const data of datas) {
        const width = data.length / count
        const part = data.subarray(row * width, (row + 1) * width)
        text += `${new Uint8Array(part.buffer, part.byteOffset, part.byteLength).reduce(hash, 2166136261)} ${part[0]} ${part[width >> 1]} ${part[width - 1]};`
      }
      keys.push(text)
    }
    if (keys.length >= most) break
  }
  return keys
}

/** FNV-1a, of 32 bits; with three of its numbers a row has a name of its own. */
const hash = (h: number, byte: number): number => Math.imul(h ^ byte, 16777619)
