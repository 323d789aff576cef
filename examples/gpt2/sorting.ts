/** @file A classifier of letters: batches of any lengths, scores, loss, and what a step keeps. For classify.ts. */
import { type Device, nn, noGrad, scope, type Tensor, tensor } from 'handgrad'
import type { Classifier } from 'handgrad/models'
import type { Letter } from './letters.ts'

const deviceOf = (model: Classifier): Device => model.score.weight.device

export const classesOf = (some: readonly Letter[], labels: readonly string[], device: Device): Tensor =>
  tensor(
    Int32Array.from(some, ({ label }) => labels.indexOf(label)),
    { device },
  )

/**
 * Scores [letters, labels]. Rows are as long as the longest letter, filled up on the right; which token is a letter's
 * last one, its length says.
 * @param isTold  whether the model is given lengths; without, it reads what rows are filled up with
 */
function scoresOf(model: Classifier, some: readonly Letter[], isTold = true): Tensor {
  const ids = some.map(({ text }) => [...(model.tokenizer?.encode(text) ?? [])])
  const lengths = ids.map(({ length }) => length)
  const longest = Math.max(...lengths)
  const rows = ids.map((row) => [...row, ...new Array<number>(longest - row.length).fill(0)])
  const filled = tensor(rows, { dtype: 'int32', device: deviceOf(model) })
  return model.forward(filled, isTold ? { lengths } : {})
}

/** Scores of which nothing is learned. */
export const read = (model: Classifier, some: readonly Letter[], isTold = true): Tensor =>
  noGrad(() => scope(() => scoresOf(model, some, isTold)))

/** Mean −ln p of the labels. */
export const lossAt = (model: Classifier, some: readonly Letter[]): Tensor =>
  nn.functional.crossEntropy(scoresOf(model, some), classesOf(some, model.labels, deviceOf(model)))

/** Bytes that wait for backward, once these letters are read. */
export function keptBy(model: Classifier, some: readonly Letter[]): number {
  const device = deviceOf(model)
  const before = device.memory().liveBytes
  using loss = scope(() => lossAt(model, some))
  return device.memory().liveBytes - before - loss.numel * 4
}

/** The largest difference between the scores of two. */
export const apartOf = (one: Classifier, other: Classifier, some: readonly Letter[]): Promise<number> =>
  noGrad(() => scope(() => scoresOf(one, some).sub(scoresOf(other, some)).abs().max())).item()
