/** @file Rows of a table, folded bag by bag. */

import { describe, fail, failIndex } from '../../core/errors.ts'
import { noGrad } from '../../core/graph.ts'
import { fillNew } from '../../core/launch.ts'
import { floats } from '../../core/op.ts'
import { badOffset } from '../../core/reports.ts'
import { scope } from '../../core/scope.ts'
import { sameShape, showShape } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkDType, checkList, checkSameKind, checkTensor } from '../base/arguments.ts'
import { sliced } from '../base/axes.ts'
import { checkedIndex } from '../base/flatindex.ts'
import { parametersOf } from '../base/options.ts'
import { detach, expand, reshape, slice, unsqueeze } from '../base/views.ts'
import { arange, tensor } from '../creation/create.ts'
import { cast } from '../elementwise/cast.ts'
import {
  add,
  div,
  eq,
  logicalAnd,
  logicalNot,
  logicalOr,
  lt,
  maximum,
  mul,
  ne,
  sub,
  where,
} from '../elementwise/elementwise.ts'
import { searchsorted } from '../reduce/sort.ts'
import { checkBounds } from './bounds.ts'
import { gatherAt, lastIndexOp } from './flat.ts'
import { greatestRows } from './folds.ts'
import type { Index } from './indexing.ts'
import { gathering, intIndex, scatterRows } from './rows.ts'

const bagRows = gathering('embeddingBag')

/** Options of {@link embeddingBag}. */
export interface EmbeddingBagOptions {
  /** Of an index of one axis, where each bag begins: int32 [bags] or host integers, from 0, ascending. */
  offsets?: Index | null
  /** How the rows of a bag are folded. Default: 'mean'. */
  mode?: 'sum' | 'mean' | 'max'
  /** A factor for each row, of the index's shape; mode 'sum' only. */
  perSampleWeights?: Tensor | null
  /** The last offset is where the last bag ends. Default: false. */
  includeLastOffset?: boolean
  /** Indices that do not count, in the mean neither; their row gets no gradient. */
  paddingIdx?: number | null
}

/** The first axis from its end. */
const reversed = (x: Tensor): Tensor => sliced(x, [0], [null, null, -1])

/** Which bag each of n indices is in, and how many bags there are. */
function bagsOf(op: string, index: Tensor, offsets: Index | null, closed: boolean): { bag: Tensor; bags: number } {
  const n = index.numel
  const { device } = index
  if (index.ndim === 2) {
    if (offsets !== null) fail(op, `offsets are given, the index is ${showShape(index.shape)}`, 'its rows are the bags')
    const rows = reshape(arange(0, index.shape[0], 1, { device }), [-1, 1])
    return { bag: reshape(expand(rows, index.shape), [-1]), bags: index.shape[0] }
  }
  if (index.ndim !== 1) fail(op, `the index is ${showShape(index.shape)}`, 'give [bags, n], or [n] with offsets')
  if (offsets === null) fail(op, 'an index of one axis has no bags', 'give offsets: where each bag begins')
  const starts = startsOf(op, index, offsets, closed)
  const [bags] = starts.shape
  // The last bag that begins at a position or before it.
  const bag = sub(searchsorted(starts, arange(0, n, 1, { device }), { right: true }), 1)
  if (!(offsets instanceof Tensor)) return { bag, bags }
  checkBounds(op, 'OFFSET', starts, { low: 0, high: n, rising: true })
  if (closed) checkBounds(op, 'OFFSET', slice(offsets, [-1]), { low: n, high: n, start: bags })
  // Until the report is read, rows of wrong offsets lie in the first bag.
  return { bag: maximum(bag, 0), bags }
}

/** Where bags begin, int32; offsets of the host are checked, as far as they can be. */
function startsOf(op: string, index: Tensor, offsets: Index, closed: boolean): Tensor {
  const { device, numel: n } = index
  const checkBags = (count: number) => {
    const bags = closed ? count - 1 : count
    if (bags < 0) fail(op, 'there are no offsets', 'with includeLastOffset give one at least')
    if (bags === 0 && n > 0) fail(op, `there are no bags for ${n} indices`, 'the first one begins at 0')
  }
  if (offsets instanceof Tensor) {
    checkDType(op, 'offsets', offsets, intIndex)
    if (offsets.ndim !== 1) fail(op, `offsets are ${showShape(offsets.shape)}`, 'give one axis')
    if (offsets.device !== device)
      fail(op, `inputs are on ${offsets.device.name} and ${device.name}`, 'move one with to(device)')
    checkBags(offsets.numel)
    return closed ? slice(offsets, [0, -1]) : offsets
  }
  if (!(offsets instanceof Int32Array)) checkList(op, 'offsets', offsets, 'give an int32 tensor or integers')
  const list = Array.from(offsets)
  checkBags(list.length)
  list.forEach((at, i) => {
    const end = closed && i === list.length - 1
    const [low, high] = i === 0 ? [0, end ? n : 0] : [end ? n : list[i - 1], n]
    if (!Number.isInteger(at) || at < low || at > high) fail(op, ...badOffset(i, at, n))
  })
  return tensor(Int32Array.from(closed ? list.slice(0, -1) : list), { device })
}

/**
 * Rows of a table, folded bag by bag: y[b, :] = Σ weight[index[i], :] over the i in bag b, their mean, or the greatest
 * in each column; 0 where a bag is empty. Of several greatest the first has the gradient, as in PyTorch; NaN is the
 * greatest. The index, known by its dtype, may also come first. Dtypes: floats.
 * @param weight  [rows, cols]
 * @param index   int32 [bags, n], a bag a row; or [n] with offsets. Negative ones count from the end, which PyTorch
 *   refuses
 * @returns [bags, cols]
 * @throws IndexError as {@link indexSelect}, and for a paddingIdx outside the rows
 * @throws HandgradError if weight is not a matrix, the index has other axes or offsets do not fit to it, there is no
 *   such mode, or perSampleWeights have another shape than the index or come with another mode than 'sum'; for offsets
 *   that do not ascend from 0 to at most n: those of a GPU at the next read
 */
export function embeddingBag(
  weight: Tensor,
  index: Tensor,
  offsets?: EmbeddingBagOptions['offsets'],
  options?: Omit<EmbeddingBagOptions, 'offsets'>,
): Tensor
/** The same with the offsets by name too. */
export function embeddingBag(weight: Tensor, index: Tensor, options?: EmbeddingBagOptions): Tensor
export function embeddingBag(weight: Tensor, index: Tensor, ...given: unknown[]): Tensor {
  const op = 'embeddingBag'
  const { offsets, mode, perSampleWeights, includeLastOffset, paddingIdx } = parametersOf(op, given, {
    offsets: null as NonNullable<EmbeddingBagOptions['offsets']> | null,
    mode: 'mean',
    perSampleWeights: null as Tensor | null,
    includeLastOffset: false,
    paddingIdx: null as number | null,
  })
  checkTensor(op, 'weight', weight)
  if (weight.dtype === 'int32' && index instanceof Tensor && index.dtype !== 'int32')
    return embeddingBag(index, weight, ...(given as [EmbeddingBagOptions])) // the same, whichever form they have
  checkDType(op, 'weight', weight, floats)
  if (weight.ndim !== 2) fail(op, `weight is ${showShape(weight.shape)}`, 'give [rows, cols]')
  checkDType(op, 'index', index, intIndex)
  if (index.device !== weight.device)
    fail(op, `inputs are on ${weight.device.name} and ${index.device.name}`, 'move one with to(device)')
  if (mode !== 'sum' && mode !== 'mean' && mode !== 'max')
    fail(op, `mode is ${describe(mode)}`, "'sum', 'mean' or 'max'")
  const [rows] = weight.shape
  if (paddingIdx !== null && !(Number.isInteger(paddingIdx) && paddingIdx >= -rows && paddingIdx < rows))
    failIndex(op, `paddingIdx ${paddingIdx} is outside [${-rows}, ${rows})`)
  if (perSampleWeights) {
    checkSameKind(op, weight, 'perSampleWeights', perSampleWeights)
    if (!sameShape(perSampleWeights.shape, index.shape))
      fail(op, `perSampleWeights are ${showShape(perSampleWeights.shape)}`, `give ${showShape(index.shape)}`)
    if (mode !== 'sum') fail(op, `perSampleWeights with mode '${mode}'`, "they are for mode 'sum'")
  }
  return scope(() => {
    const { bag, bags } = bagsOf(op, index, offsets, includeLastOffset)
    const flat = checkedIndex(op, index, rows)
    const padding = paddingIdx === null ? null : eq(flat, paddingIdx < 0 ? paddingIdx + rows : paddingIdx)
    const picked = bagRows([weight, flat], {})
    if (mode === 'max') return greatestOf(picked, bag, bags, padding)
    const taken = padding ? where(unsqueeze(padding, 1), 0, picked) : picked
    const scaled = perSampleWeights ? mul(taken, reshape(perSampleWeights, [-1, 1])) : taken
    const sums = scatterRows([scaled, bag], { rows: bags })
    if (mode === 'sum') return sums
    const counted = padding
      ? cast(logicalNot(padding), weight.dtype)
      : fillNew(op, [index.numel], 1, weight.dtype, weight.device)
    return div(sums, unsqueeze(maximum(scatterRows([counted, bag], { rows: bags }), 1), 1))
  })
}

/** The greatest of each column in each bag: the first of those that tie. */
function greatestOf(picked: Tensor, bag: Tensor, bags: number, padding: Tensor | null): Tensor {
  const [n, cols] = picked.shape
  const size = bags * cols
  if (n * cols === 0) return fillNew('embeddingBag', [bags, cols], 0, picked.dtype, picked.device)
  // From the last row to the first, so that the last one written is the first of them.
  const rows = reversed(picked)
  const place = noGrad(() => {
    const values = detach(rows)
    const at = reversed(bag)
    const counts = padding ? logicalNot(reversed(padding)) : fillNew('embeddingBag', [n], 1, 'bool', picked.device)
    const open = unsqueeze(counts, 1)
    const shown = where(open, values, -Infinity)
    const most = bagRows([greatestRows([shown, at], { rows: bags }), at], {})
    const wins = logicalAnd(open, logicalOr(eq(shown, most), ne(shown, shown)))
    const cells = add(unsqueeze(mul(at, cols), 1), arange(0, cols, 1, { device: picked.device }))
    // What does not win is written to a place of its own.
    const written = reshape(where(wins, cells, size), [-1])
    return slice(lastIndexOp([written], { rows: size + 1 }), [0, size])
  })
  const y = where(lt(place, 0), 0, gatherAt([reshape(rows, [-1]), maximum(place, 0)], {}))
  return reshape(y, [bags, cols])
}
