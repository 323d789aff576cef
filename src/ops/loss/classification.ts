/** @file Losses of scores for classes, from a kernel that works on rows of them: cross-entropy and its relatives. */

import { isHalf } from '../../core/device.ts'
import { fail } from '../../core/errors.ts'
import { casting, floats, type Op } from '../../core/op.ts'
import { sameShape, showShape, sizeOf } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkSameKind, checkScalar, checkTensor } from '../base/arguments.ts'
import { stored } from '../base/halves.ts'
import { parametersOf } from '../base/options.ts'
import { permute, reshape, unsqueeze } from '../base/views.ts'
import { cast } from '../elementwise/cast.ts'
import { add, div, mul, ne, neg, relu, square, sub, where } from '../elementwise/elementwise.ts'
import { indexSelect } from '../indexing/indexing.ts'
import { sum } from '../reduce/reduce.ts'
import { logSoftmax } from '../reduce/softmax.ts'
import { checkReduction, expected, type LossOptions, type Reduction, reduced, widened } from './reduction.ts'
import { checkIndices, crossEntropyRows, inShape, marginRows, nllRows, type RowAttrs } from './rows.ts'

/** Options of {@link nllLoss}. */
export interface ClassLossOptions extends LossOptions {
  /** A factor for each class, [C]. The mean is then over the factors of the targets. Default, or null: 1. */
  weight?: Tensor | null
  /** Rows with this target do not count, in the mean neither. Default: −100. */
  ignoreIndex?: number
}

const classDefaults: Required<ClassLossOptions> = { weight: null, ignoreIndex: -100, reduction: 'mean' }

/** Options of {@link crossEntropy}. */
export interface CrossEntropyOptions extends ClassLossOptions {
  /** s in [0, 1]: the target is (1 − s)·onehot + s/C (Szegedy et al. 2016). */
  labelSmoothing?: number
}

/** Scores [C], [N, C] or [N, C, d₁, …]: the axis of classes, and the shape without it. */
function checkScores(op: string, x: Tensor, { weight, ignoreIndex, reduction }: ClassLossOptions) {
  checkReduction(op, reduction)
  if (ignoreIndex !== undefined) checkScalar(op, ignoreIndex, 'int32') // multiMarginLoss has none
  if (x.ndim === 0) fail(op, 'the logits are 0-d', 'give [classes] or [rows, classes]')
  const axis = x.ndim === 1 ? 0 : 1
  const classes = x.shape[axis]
  if (classes === 0) fail(op, `logits ${showShape(x.shape)} have no classes`)
  if (weight) {
    checkSameKind(op, x, 'weight', weight)
    if (!sameShape(weight.shape, [classes])) fail(op, `weight is ${showShape(weight.shape)}`, `give [${classes}]`)
  }
  return { classes, shape: x.shape.filter((_, i) => i !== axis) }
}

/** Classes as the last axis, all others as rows. */
function asRows(x: Tensor, classes: number): Tensor {
  const last = x.ndim > 2 ? permute(x, [0, ...x.shape.map((_, i) => i).slice(2), 1]) : x
  return reshape(last, [x.numel / classes, classes])
}

/** weight[t] of each row, 0 where it is ignored; an ignored index is not an address. */
function weightOf(weight: Tensor, target: Tensor, ignore: number | null): Tensor {
  if (ignore === null) return indexSelect(weight, 0, target)
  const counts = ne(target, ignore)
  return where(counts, indexSelect(weight, 0, where(counts, target, 0)), 0)
}

/** Gather the rows' losses; the mean is over their weights. */
function gathered(loss: Tensor, shape: readonly number[], weights: Tensor, reduction: Reduction): Tensor {
  if (reduction === 'none') return reshape(loss, shape)
  return reduction === 'sum' ? sum(loss) : div(sum(loss), sum(weights))
}

/** The loss without weights: a mean is taken by the op itself. */
function unweighted(
  op: Op<RowAttrs>,
  rows: Tensor,
  target: Tensor,
  shape: readonly number[],
  { reduction, ...attrs }: { smoothing?: number; ignore: number; reduction: Reduction },
): Tensor {
  const loss = op([rows, target], { ...attrs, mean: reduction === 'mean' })
  return inShape(loss, shape, reduction)
}

/**
 * L = −Σ_c w_c·q_c · log softmax(x)_c with q = (1 − s)·onehot(target) + s/C, or with the probabilities given as target;
 * the mean over rows that count, each with its class's weight, NaN if none does. Class indices without weights: one
 * fused kernel forwards, one backwards; second derivatives, weights and probabilities by compositions. Dtypes: floats.
 * @param x       logits [C], [N, C] or [N, C, d₁, …]
 * @param target  int32 class indices: [], [N] or [N, d₁, …]; or probabilities of x's shape and dtype
 * @returns 0-d; with reduction 'none' x's shape without the axis of classes
 * @throws IndexError for a class outside [0, C) that is not `ignoreIndex`: at once on the CPU, else at the next read
 * @throws HandgradError if there are no classes, the target has another shape, weight is not [C] in x's dtype,
 *   labelSmoothing is not in [0, 1], or ignoreIndex is not an int32 or another than −100 with probabilities
 */
export function crossEntropy(
  x: Tensor,
  target: Tensor,
  weight?: Tensor | null,
  options?: Omit<CrossEntropyOptions, 'weight'>,
): Tensor
/** The same by name: `crossEntropy(x, target, { labelSmoothing: 0.1 })`. */
export function crossEntropy(x: Tensor, target: Tensor, options?: CrossEntropyOptions): Tensor
export function crossEntropy(x: Tensor, target: Tensor, ...options: unknown[]): Tensor {
  const op = 'crossEntropy'
  const given = parametersOf(op, options, { ...classDefaults, labelSmoothing: 0 })
  const { labelSmoothing: smoothing, ignoreIndex: ignore, reduction, weight } = given
  checkDType(op, 'x', x, stored)
  // Under autocast losses are float32, and what is kept for them has 16 bits.
  if (isHalf(x.dtype) && !casting.now) return cast(crossEntropy(cast(x, 'float32'), target, given), x.dtype)
  checkTensor(op, 'target', target)
  const soft = (casting.now ? stored : floats).includes(target.dtype) && sameShape(x.shape, target.shape)
  if (soft) checkSameKind(op, x, 'target', target)
  else if (target.dtype !== 'int32') checkIndices(op, x, target, [])
  if (!(smoothing >= 0 && smoothing <= 1)) fail(op, `labelSmoothing is ${smoothing}`, 'give a number from 0 to 1')
  const { classes, shape } = checkScores(op, x, given)
  if (soft) {
    if (ignore !== -100) fail(op, `ignoreIndex is ${ignore}, the target probabilities`, 'it is for class indices')
    const [logp, q] = [logSoftmax(asRows(x, classes)), asRows(widened(target)[0], classes)]
    const terms = expected(smoothing === 0 ? q : add(mul(q, 1 - smoothing), smoothing / classes), logp)
    const loss = neg(sum(weight ? mul(terms, weight) : terms, 1))
    return reduction === 'none' ? reshape(loss, shape) : reduced(loss, reduction)
  }
  checkIndices(op, x, target, shape)
  const [rows, flat] = [asRows(x, classes), reshape(target, [sizeOf(shape)])]
  const smooth = smoothing > 0 ? { smoothing } : {}
  if (!weight) return unweighted(crossEntropyRows, rows, flat, shape, { ...smooth, ignore, reduction })
  const picked = crossEntropyRows([rows, flat], { ignore, mean: false })
  const weights = weightOf(weight, flat, ignore)
  let loss = mul(picked, weights)
  if (smoothing > 0) {
    const even = mul(neg(sum(mul(logSoftmax(rows), weight), 1)), smoothing / classes)
    loss = add(mul(loss, 1 - smoothing), where(ne(flat, ignore), even, 0))
  }
  return gathered(loss, shape, weights, reduction)
}

/**
 * L = −w_t·x_t: the negative log-likelihood of class t, from log-probabilities x ({@link logSoftmax}). The mean is over
 * the rows that count, each with its class's weight. Dtypes: floats.
 * @param x       log-probabilities [C], [N, C] or [N, C, d₁, …]
 * @param target  int32 class indices: [], [N] or [N, d₁, …]
 * @returns 0-d; with reduction 'none' x's shape without the axis of classes
 * @throws IndexError for a class outside [0, C) that is not `ignoreIndex`: at once on the CPU, else at the next read
 * @throws HandgradError if there are no classes, the target has another shape, weight is not [C] in x's dtype, or
 *   ignoreIndex is not an int32
 */
export function nllLoss(
  x: Tensor,
  target: Tensor,
  weight?: Tensor | null,
  options?: Omit<ClassLossOptions, 'weight'>,
): Tensor
/** The same by name: `nllLoss(x, target, { weight })`. */
export function nllLoss(x: Tensor, target: Tensor, options?: ClassLossOptions): Tensor
export function nllLoss(x: Tensor, target: Tensor, ...options: unknown[]): Tensor {
  const op = 'nllLoss'
  const given = parametersOf(op, options, classDefaults)
  const { ignoreIndex: ignore, reduction, weight } = given
  checkDType(op, 'x', x, floats)
  checkTensor(op, 'target', target)
  const { classes, shape } = checkScores(op, x, given)
  checkIndices(op, x, target, shape)
  const flat = reshape(target, [sizeOf(shape)])
  const rows = asRows(x, classes)
  if (!weight) return unweighted(nllRows, rows, flat, shape, { ignore, reduction })
  const weights = weightOf(weight, flat, ignore)
  const loss = mul(nllRows([rows, flat], { ignore, mean: false }), weights)
  return gathered(loss, shape, weights, reduction)
}

/**
 * L = w_t/C · Σ_{j ≠ t} max(0, margin − x_t + x_j)^p, the hinge loss of many classes (Weston & Watkins 1999). Dtypes:
 * floats.
 * @param x       scores [C] or [N, C]
 * @param target  int32 class indices: [] or [N]
 * @param options.p       1 (default) or 2
 * @param options.margin  default 1
 * @param options.weight  w, [C]; default, or null: 1
 * @returns 0-d; with reduction 'none' x's shape without the axis of classes
 * @throws IndexError for a class outside [0, C): at once on the CPU, else at the next read
 * @throws HandgradError if x has no classes or other axes than above, the target has another shape, weight is not [C]
 *   in x's dtype, p is neither 1 nor 2, or margin is not a number
 */
export function multiMarginLoss(x: Tensor, target: Tensor, p?: 1 | 2, margin?: number, weight?: Tensor | null): Tensor
/** The same by name: `multiMarginLoss(x, target, { p: 2 })`. */
export function multiMarginLoss(
  x: Tensor,
  target: Tensor,
  options?: LossOptions & { p?: 1 | 2; margin?: number; weight?: Tensor | null },
): Tensor
export function multiMarginLoss(x: Tensor, target: Tensor, ...given: unknown[]): Tensor {
  const op = 'multiMarginLoss'
  const { p, margin, weight, reduction } = parametersOf(op, given, {
    p: 1,
    margin: 1,
    weight: null as Tensor | null,
    reduction: 'mean' as Reduction,
  })
  checkDType(op, 'x', x, floats)
  checkTensor(op, 'target', target)
  const { classes, shape } = checkScores(op, x, { weight, reduction })
  if (x.ndim > 2) fail(op, `the scores are ${showShape(x.shape)}`, 'give [classes] or [rows, classes]')
  if (p !== 1 && p !== 2) fail(op, `p is ${p}`, 'give 1 or 2')
  checkScalar(op, margin, x.dtype)
  checkIndices(op, x, target, shape)
  const [rows, flat] = [asRows(x, classes), reshape(target, [sizeOf(shape)])]
  const own = marginRows([rows, flat], { ignore: null, mean: false }) // −x_t
  const short = relu(add(add(rows, unsqueeze(own, 1)), margin))
  // The class itself adds max(0, margin)^p, whatever its score.
  const others = sub(sum(p === 2 ? square(short) : short, 1), Math.max(0, margin) ** p)
  const loss = div(weight ? mul(others, weightOf(weight, flat, null)) : others, classes)
  return reduction === 'none' ? reshape(loss, shape) : reduced(loss, reduction)
}
