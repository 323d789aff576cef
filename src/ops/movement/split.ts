/** @file Pieces of a tensor along an axis: views, whose gradients join again in one cat. */
import { fail } from '../../core/errors.ts'
import { fillNew } from '../../core/launch.ts'
import { anyType, defineOp } from '../../core/op.ts'
import { contiguousView, showShape, type View } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { axisOf, checkInteger, listOf } from '../base/axes.ts'
import { cat, stack } from '../base/joining.ts'

interface Cuts {
  readonly dim: number
  readonly sizes: readonly number[]
  /** Pieces of size 1, without the axis. */
  readonly drop: boolean
}

/** All pieces are outputs of one node, whose gradient joins theirs by one copy. */
const splitOp = defineOp({
  name: 'split',
  inputs: ['x'],
  dtypes: anyType,
  shape: ([x], cuts: Cuts) => cutViews(x.layout, cuts),
  view: (view, cuts) => cutViews(view, cuts),
  vjp: {
    x: (ctx) => {
      const { dtype, device, shape } = ctx.meta('x')
      // No gradient arrived at a piece that was not used.
      const pieces = cutViews(contiguousView(shape), ctx.attrs)
      const gs = pieces.map((piece, i) => ctx.gs[i] ?? fillNew('split', piece.shape, 0, dtype, device))
      return ctx.attrs.drop ? stack(gs, ctx.attrs.dim) : cat(gs, ctx.attrs.dim)
    },
  },
})

function cutViews({ shape, strides, offset }: View, { dim, sizes, drop }: Cuts): View[] {
  let start = 0
  const without = <T>(list: readonly T[]) => list.filter((_, d) => d !== dim)
  return sizes.map((n) => {
    const from = offset + (n > 0 ? start * strides[dim] : 0)
    start += n
    if (drop) return { shape: without(shape), strides: without(strides), offset: from }
    return { shape: shape.map((s, d) => (d === dim ? n : s)), strides, offset: from }
  })
}

/**
 * Pieces along an axis, as views. Any dtype.
 * @param sizes  of every piece (the last may be smaller), or a list of sizes that add up to the axis
 * @throws HandgradError if x is 0-d, or sizes are not integers from 0 up (one number: from 1, but for an empty axis) or
 *   do not add up to the axis
 */
export function split(x: Tensor, sizes: number | readonly number[], dim = 0): Tensor[] {
  const op = 'split'
  const at = axisOf(op, x, dim)
  const n = x.shape[at]
  listOf(op, 'a size', sizes, 0)
  if (typeof sizes === 'number' && sizes === 0 && n > 0) fail(op, 'the size is 0', 'give an integer from 1 up')
  const list = typeof sizes === 'number' ? pieces(n, sizes) : sizes
  const total = list.reduce((a, b) => a + b, 0)
  if (total !== n) fail(op, `sizes [${list.join(', ')}] make ${total}, axis ${dim} of ${showShape(x.shape)} is ${n}`)
  return splitOp.all([x], { dim: at, sizes: list, drop: false })
}

/** n in pieces of a size, the rest last; one piece of nothing. */
const pieces = (n: number, size: number): number[] =>
  Array.from({ length: Math.max(1, Math.ceil(n / size) || 0) }, (_, i) => Math.min(size, n - i * size))

/**
 * At most `chunks` pieces of one size along an axis, the last may be smaller: {@link split}. An empty axis gives that
 * many empty pieces. Views. Any dtype.
 * @throws HandgradError if x is 0-d, or chunks is not an integer from 1 up
 */
export function chunk(x: Tensor, chunks: number, dim = 0): Tensor[] {
  const at = axisOf('chunk', x, dim)
  checkInteger('chunk', 'chunks', chunks, 1)
  const n = x.shape[at]
  const sizes = n > 0 ? pieces(n, Math.ceil(n / chunks)) : new Array<number>(chunks).fill(0)
  return splitOp.all([x], { dim: at, sizes, drop: false })
}

/**
 * x at each index along an axis, which is dropped: what stack joined. Views. Any dtype.
 * @throws HandgradError if x is 0-d
 */
export function unbind(x: Tensor, dim = 0): Tensor[] {
  const at = axisOf('unbind', x, dim)
  return splitOp.all([x], { dim: at, sizes: new Array<number>(x.shape[at]).fill(1), drop: true })
}
