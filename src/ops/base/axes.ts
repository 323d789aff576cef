/** @file What ops on axes check, and slices along them. */
import { describe, fail } from '../../core/errors.ts'
import { normalDim } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkList, checkTensor } from './arguments.ts'
import type { Slice } from './slices.ts'
import { slice } from './views.ts'

/** An axis that x has: a 0-d tensor has none to cut. */
export function axisOf(op: string, x: Tensor, dim: number): number {
  checkTensor(op, 'x', x)
  if (x.ndim === 0) fail(op, `${x.title} is 0-d`, 'it has no axis')
  return normalDim(op, dim, x.ndim)
}

/** One number for all, or a list. */
export function listOf(op: string, name: string, list: number | readonly number[], low = -Infinity): readonly number[] {
  const all = typeof list === 'number' ? [list] : list
  checkList(op, name, all)
  for (const n of all) {
    const least = low === -Infinity ? 'integers' : `integers from ${low} up`
    if (!Number.isSafeInteger(n) || n < low) fail(op, `${name} is ${describe(n)}`, `give ${least}`)
  }
  return all
}

export function checkInteger(op: string, name: string, n: number, low = -Infinity): void {
  if (typeof n !== 'number') fail(op, `${name} is ${describe(n)}`, 'give an integer')
  listOf(op, name, n, low)
}

/** The same slice on some axes. */
export const sliced = (x: Tensor, dims: readonly number[], one: Slice): Tensor =>
  slice(x, ...x.shape.map((_, d) => (dims.includes(d) ? one : null)))
