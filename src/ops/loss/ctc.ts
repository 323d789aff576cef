/**
 * @file Connectionist temporal classification: the loss of a sequence of labels whose places in time are not known. The
 * forward sums are a composition over time, so it can be differentiated any number of times.
 */

import { describe, fail } from '../../core/errors.ts'
import { fillNew } from '../../core/launch.ts'
import { floats } from '../../core/op.ts'
import { showShape } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkDType } from '../base/arguments.ts'
import { checkedIndex } from '../base/flatindex.ts'
import { cat, stack } from '../base/joining.ts'
import { parametersOf } from '../base/options.ts'
import { detach, expand, reshape, slice, unsqueeze } from '../base/views.ts'
import { arange, tensor } from '../creation/create.ts'
import { cast } from '../elementwise/cast.ts'
import {
  add,
  div,
  eq,
  exp,
  gt,
  logaddexp,
  logicalAnd,
  lt,
  maximum,
  mul,
  ne,
  neg,
  sub,
  where,
} from '../elementwise/elementwise.ts'
import { gather } from '../indexing/gather.ts'
import { indexSelect } from '../indexing/indexing.ts'
import { unbind } from '../movement/split.ts'
import { sum } from '../reduce/reduce.ts'
import { checkReduction, type LossOptions, type Reduction, reduced, widened } from './reduction.ts'

/** How long each sequence of a batch is: integers of the host, or an int32 tensor. One number for a single sequence. */
export type Lengths = number | readonly number[] | Int32Array | Tensor

/** Options of {@link ctcLoss}. */
export interface CtcLossOptions extends LossOptions {
  /** The class that stands for no label. Default: 0. */
  blank?: number
  /** Losses of ∞, of sequences too short for their labels, are 0. Default: false. */
  zeroInfinity?: boolean
}

/** Refuse what are not lengths of n sequences; those on the device are looked at by {@link lengthsOf}. */
function checkLengths(op: string, name: string, given: Lengths, like: Tensor, low: number, high: number): void {
  const n = like.ndim === 2 ? 1 : like.shape[1]
  const tensor = given instanceof Tensor
  if (!tensor && typeof given !== 'number' && !Array.isArray(given) && !(given instanceof Int32Array))
    fail(op, `${name} are ${describe(given)}`, 'give integers, or an int32 tensor')
  const list = tensor ? [] : typeof given === 'number' ? [given] : Array.from(given)
  const count = tensor ? given.numel : list.length
  if (count !== n) fail(op, `${name} are ${count} for ${n} sequences`, 'give one for each')
  for (const length of list)
    if (!Number.isInteger(length) || length < low || length > high)
      fail(op, `one of ${name} is ${length}`, `give integers from ${low} to ${high}`)
  if (!tensor) return
  checkDType(op, name, given, ['int32'])
  if (given.device !== like.device)
    fail(op, `inputs are on ${like.device.name} and ${given.device.name}`, 'move one with to(device)')
}

/** Lengths as int32 [N]; those on the device are checked there. */
function lengthsOf(op: string, given: Lengths, { device }: Tensor, low: number, high: number): Tensor {
  if (!(given instanceof Tensor))
    return tensor(Int32Array.from(typeof given === 'number' ? [given] : given), { device })
  return add(checkedIndex(op, sub(reshape(given, [-1]), low), high - low + 1, false), low)
}

/** Labels as [N, S], from rows or from one row after the other. */
function labelsOf(op: string, targets: Tensor, lengths: Lengths, n: number): Tensor {
  if (targets.ndim === 2) {
    if (targets.shape[0] !== n)
      fail(op, `targets are ${showShape(targets.shape)} for ${n} sequences`, 'give a row for each')
    return targets
  }
  if (targets.ndim !== 1) fail(op, `targets are ${showShape(targets.shape)}`, 'give [batch, labels], or all in a row')
  if (n === 1) return unsqueeze(targets, 0)
  if (lengths instanceof Tensor || typeof lengths === 'number')
    fail(
      op,
      'where targets in a row begin is on the device',
      'give targetLengths as an array, or targets [batch, labels]',
    )
  const list = Array.from(lengths)
  const total = list.reduce((a, b) => a + b, 0)
  if (total !== targets.numel) fail(op, `targetLengths make ${total}, targets are ${targets.numel}`)
  const widest = Math.max(0, ...list)
  const places = new Int32Array(n * widest)
  let start = 0
  list.forEach((length, i) => {
    for (let s = 0; s < length; s++) places[i * widest + s] = start + s
    start += length
  })
  return reshape(indexSelect(targets, 0, places), [n, widest])
}

/**
 * L = −ln Σ Π_t e^(logProbs[t, π_t]) over all paths π of T classes that read as the labels once repeats are joined and
 * blanks dropped (Graves et al. 2006), by the forward sums in logarithms. The mean is over the batch, each loss divided
 * by its number of labels (at least 1). By logProbs the gradient is that of scores before {@link logSoftmax},
 * e^logProbs less the share of the paths, as in PyTorch: the same for the scores, as rows are normalised. A loss of ∞
 * has gradient 0 (NaN in PyTorch). T compositions, one after the other. Dtypes: floats.
 * @param logProbs       [T, N, C], or [T, C] for one sequence
 * @param targets        int32 classes: [N, S], as many of each row as targetLengths say; or all in one row. Not blank
 * @param inputLengths   steps of each sequence, from 1 to T: [N]
 * @param targetLengths  labels of each sequence: [N]; integers of the host where targets are in one row
 * @returns 0-d; with reduction 'none' [N], or [] for one sequence
 * @throws IndexError for a label outside [0, C), or a length on the device that is out of range: at once on the CPU,
 *   else at the next read
 * @throws HandgradError if logProbs or targets have other axes, there are not as many lengths as sequences, a length is
 *   out of range, blank is not one of the classes, or targets in a row are not as many as targetLengths say
 */
export function ctcLoss(
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: Lengths,
  targetLengths: Lengths,
  blank?: number,
  reduction?: Reduction,
  zeroInfinity?: boolean,
): Tensor
/** The same by name: `ctcLoss(logProbs, targets, inputLengths, targetLengths, { blank: 1 })`. */
export function ctcLoss(
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: Lengths,
  targetLengths: Lengths,
  options?: CtcLossOptions,
): Tensor
export function ctcLoss(
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: Lengths,
  targetLengths: Lengths,
  ...given: unknown[]
): Tensor {
  const op = 'ctcLoss'
  const { blank, reduction, zeroInfinity } = parametersOf(op, given, {
    blank: 0,
    reduction: 'mean' as Reduction,
    zeroInfinity: false,
  })
  checkDType(op, 'logProbs', logProbs, floats)
  checkDType(op, 'targets', targets, ['int32'])
  checkReduction(op, reduction)
  if (logProbs.ndim !== 2 && logProbs.ndim !== 3)
    fail(op, `logProbs are ${showShape(logProbs.shape)}`, 'give [steps, batch, classes] or [steps, classes]')
  const { device } = logProbs
  const batch = logProbs.ndim === 2 ? unsqueeze(logProbs, 1) : logProbs
  const [steps, n, classes] = batch.shape
  if (steps === 0) fail(op, `logProbs ${showShape(logProbs.shape)} have no steps`)
  if (!Number.isInteger(blank) || blank < 0 || blank >= classes)
    fail(op, `blank is ${describe(blank)}`, `give a class, from 0 to ${classes - 1}`)
  if (targets.device !== device)
    fail(op, `inputs are on ${device.name} and ${targets.device.name}`, 'move one with to(device)')
  checkLengths(op, 'inputLengths', inputLengths, logProbs, 1, steps)
  checkLengths(op, 'targetLengths', targetLengths, logProbs, 0, targets.ndim === 2 ? targets.shape[1] : targets.numel)
  const rows = labelsOf(op, targets, targetLengths, n)
  const [, most] = rows.shape
  const [x] = widened(batch)
  const { dtype } = x
  const times = reshape(lengthsOf(op, inputLengths, x, 1, steps), [n, 1])
  const labels = reshape(lengthsOf(op, targetLengths, x, 0, most), [n, 1])
  const count = (end: number) => arange(0, end, 1, { device })
  const whole = (shape: readonly number[], value: number) => fillNew(op, shape, value, 'int32', device)

  // A blank before, between and after labels: 2S + 1 states.
  const states = 2 * most + 1
  const real = lt(count(most), labels)
  const clean = reshape(checkedIndex(op, where(real, rows, blank), classes, false), [n, most])
  const pairs = reshape(stack([whole([n, most], blank), clean], 2), [n, 2 * most])
  const classOf = cat([pairs, whole([n, 1], blank)], 1)
  // A state is entered from itself, from the one before, and from the label before if that is another one.
  const earlier = slice(cat([whole([n, 2], blank), classOf], 1), null, [0, states])
  const skips = logicalAnd(ne(classOf, blank), ne(classOf, earlier))
  const emitted = unbind(gather(x, 2, expand(unsqueeze(classOf, 0), [steps, n, states])), 0)
  const gap = fillNew(op, [n, 2], -Infinity, dtype, device)
  let alpha = where(lt(count(states), 2), emitted[0], -Infinity)
  for (let t = 1; t < steps; t++) {
    const before = cat([gap, alpha], 1)
    const skipped = where(skips, slice(before, null, [0, states]), -Infinity)
    const next = add(logaddexp(logaddexp(alpha, slice(before, null, [1, states + 1])), skipped), emitted[t])
    alpha = where(gt(times, t), next, alpha)
  }
  // The last label or the blank after it.
  const end = mul(labels, 2)
  const label = where(gt(labels, 0), gather(alpha, 1, maximum(sub(end, 1), 0)), -Infinity)
  const loss = reshape(neg(logaddexp(gather(alpha, 1, end), label)), [n])
  // Nothing but a gradient: that of the rows' normalisation.
  const counts = lt(reshape(count(steps), [steps, 1, 1]), unsqueeze(times, 0))
  const e = exp(where(logicalAnd(counts, lt(x, 80)), x, -Infinity))
  const normal = sum(sub(e, detach(e)), [0, 2])
  const each = where(eq(loss, Infinity), zeroInfinity ? 0 : Infinity, add(loss, normal))
  if (reduction !== 'mean')
    return reduction === 'none' && logProbs.ndim === 2 ? reshape(each, []) : reduced(each, reduction)
  return reduced(div(each, reshape(cast(maximum(labels, 1), dtype), [n])), 'mean')
}
