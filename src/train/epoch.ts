/** @file One epoch of training a classifier. What a trained one makes of other data is in evaluate.ts. */
import { backward } from '../autograd/backward.ts'
import { describe, fail } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { checkAtOnce, scope } from '../core/scope.ts'
import { Tensor } from '../core/tensor.ts'
import { Series } from '../metrics/series.ts'
import { type Layer, outputOf } from '../nn/layer.ts'
import { optionsOf } from '../ops/base/options.ts'
import { argmax, crossEntropy, eq, sum } from '../ops/index.ts'
import type { Optimizer } from '../optim/index.ts'
import type { Batches, Stepped } from './steps.ts'

/** Batches [inputs, classes] that wait for nothing. */
export type Pairs = Batches & Iterable<readonly Tensor[]>

/** What {@link trainEpoch} tells now and then. */
export interface StepFigures {
  /** Steps of this epoch that are done. */
  readonly steps: number
  /** Mean loss of the steps since the last figures. */
  readonly loss: number
  /** Right answers among those of the steps since the last figures, 0 … 1. */
  readonly accuracy: number
}

/** How {@link trainEpoch} trains. */
export interface EpochOptions {
  /** A schedule of learning rates, stepped after each step of the optimizer; default: they stay. */
  schedule?: Stepped
  /** Steps between two reads of the loss, each of which waits for the device; default 20. */
  readEvery?: number
  /** Told at every read. */
  onFigures?: (figures: StepFigures) => void
}

/** What {@link trainEpoch} found. */
export interface EpochResult {
  /** Loss of every step. */
  readonly losses: number[]
  /** Right answers while training, among all, 0 … 1. */
  readonly accuracy: number
}

/**
 * One epoch of mini-batch descent on the mean cross-entropy of a classifier: for each batch θ ← step(θ, ∂L/∂θ). Losses
 * and hits stay on the device and are read every `readEvery` steps. The model is left in training mode; batches are
 * disposed.
 * @param model    from inputs to logits [batch, classes]
 * @param batches  inputs, and int32 classes [batch]
 * @returns the loss of every step, and the accuracy over the epoch
 * @throws HandgradError if a loss is not finite, the model has no parameters or gives no tensor, a batch is not two
 *   tensors, there are no batches, or fewer than `batches.length`
 */
export async function trainEpoch(
  model: Layer,
  optimizer: Optimizer,
  batches: Pairs,
  options?: EpochOptions,
): Promise<EpochResult> {
  const op = 'trainEpoch'
  const { schedule, readEvery, onFigures } = optionsOf(op, options, {
    schedule: undefined,
    readEvery: 20,
    onFigures: undefined,
  })
  if (!Number.isInteger(readEvery) || readEvery < 1)
    fail(op, `readEvery is ${describe(readEvery)}`, 'give an integer from 1 up')
  if (!Number.isInteger(batches?.length) || batches.length < 0)
    fail(op, `batches.length is ${describe(batches?.length)}`, 'give a DataLoader, or batches with their number')
  if (schedule !== undefined && typeof schedule?.step !== 'function')
    fail(op, `schedule is ${describe(schedule)}`, 'give new optim.OneCycleLR(optimizer, { … }), say')
  const [parameter] = model.parameters()
  if (!parameter) fail(op, 'the model has no parameters')
  model.train()
  using lossSeries = new Series(batches.length, parameter.device)
  using hitSeries = new Series(batches.length, parameter.device, 'int32')
  const losses: number[] = []
  let [step, images, hits, unread] = [0, 0, 0, 0]
  for (const batch of batches) {
    const [x, target] = pairOf(op, batch)
    unread += target.numel
    scope(() => {
      optimizer.zeroGrad()
      const logits = outputOf(op, 'the model', model, x)
      const loss = crossEntropy(logits, target)
      backward(loss)
      const stepped: unknown = optimizer.step()
      checkAtOnce(op, 'optimizer.step()', stepped, 'await nothing in it')
      lossSeries.push(loss)
      noGrad(() => hitSeries.push(sum(eq(argmax(logits, 1), target))))
    })
    schedule?.step()
    x.dispose()
    target.dispose()
    if (++step % readEvery !== 0 && step < batches.length) continue
    const [newLosses, newHits] = await Promise.all([lossSeries.take(), hitSeries.take()])
    checkLosses(newLosses, losses.length)
    losses.push(...newLosses)
    const right = total(newHits)
    onFigures?.({ steps: step, loss: total(newLosses) / newLosses.length, accuracy: right / unread })
    hits += right
    images += unread
    unread = 0
  }
  if (unread > 0 || step === 0) fail(op, `there were ${step} batches`, `batches.length says ${batches.length}`)
  return { losses, accuracy: hits / images }
}

/** A batch of the caller's own: two tensors. */
export function pairOf(op: string, batch: unknown): readonly [Tensor, Tensor] {
  const [x, target, ...rest]: unknown[] = Array.isArray(batch) ? batch : []
  if (x instanceof Tensor && target instanceof Tensor && rest.length === 0) return [x, target]
  const given = Array.isArray(batch) ? `[${batch.map(describe).join(', ')}]` : describe(batch)
  return fail(op, `a batch is ${given}`, 'give two tensors, [inputs, classes]')
}

const total = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0)

/** @param before  steps of the epoch before these */
function checkLosses(losses: readonly number[], before: number): void {
  const bad = losses.findIndex((loss) => !Number.isFinite(loss))
  if (bad < 0) return
  fail(
    'trainEpoch',
    `the loss is ${losses[bad]} at step ${before + bad + 1} of the epoch`,
    'try a smaller learning rate',
  )
}
