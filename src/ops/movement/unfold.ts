/** @file Sliding windows along an axis, as a view of overlapping pieces. */
import { fail } from '../../core/errors.ts'
import { anyType, defineOp } from '../../core/op.ts'
import { checkShape, contiguousView, normalDim, showShape, type View } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkTensor } from '../base/arguments.ts'
import { checkInteger } from '../base/axes.ts'
import { permute, reshape, scatterView } from '../base/views.ts'
import { tensor } from '../creation/create.ts'
import { scatterRows } from '../indexing/rows.ts'
import { movedim } from './rearrange.ts'

interface Sliding {
  readonly dim: number
  readonly size: number
  readonly step: number
}

function windowView({ shape, strides, offset }: View, { dim, size, step }: Sliding): View {
  const count = Math.floor((shape[dim] - size) / step) + 1
  return {
    shape: [...shape.map((n, d) => (d === dim ? count : n)), size],
    strides: [...strides.map((s, d) => (d === dim ? s * step : s)), strides[dim]],
    offset,
  }
}

const unfoldOp = defineOp({
  name: 'unfold',
  inputs: ['x'],
  dtypes: anyType,
  shape: ([x], attrs: Sliding) => windowView(x.layout, attrs),
  view: windowView,
  vjp: {
    // Element k of window w came from step·w + k: where windows overlap, theirs add up.
    x: (ctx) => {
      const { shape } = ctx.meta('x')
      const { dim, size, step } = ctx.attrs
      if (step >= size) return scatterView(ctx.g, shape, windowView(contiguousView(shape), ctx.attrs))
      const last = shape.length
      const rest = shape.map((_, d) => d).filter((d) => d !== dim)
      const g = permute(ctx.g, [dim, last, ...rest])
      const index = Int32Array.from({ length: g.shape[0] * size }, (_, i) => step * Math.floor(i / size) + (i % size))
      const flat = reshape(g, [index.length, ...g.shape.slice(2)])
      const rows = shape[dim]
      return movedim(scatterRows([flat, tensor(index, { device: g.device })], { rows }), 0, dim)
    },
  },
})

/**
 * Sliding windows: y[…, w, …, k] = x[…, step·w + k, …]; the axis counts windows, a new last axis is inside of them. A
 * view: windows share memory, and their gradients add up. (Patches of images: nn.functional.unfold.) Any dtype.
 * @returns x's shape with ⌊(n − size)/step⌋ + 1 windows in place of n, and size as the last axis
 * @throws HandgradError if x has 8 axes, size or step is not an integer from 1 up, or size exceeds the axis
 */
export function unfold(x: Tensor, dim: number, size: number, step: number): Tensor {
  const op = 'unfold'
  checkTensor(op, 'x', x)
  const at = normalDim(op, dim, x.ndim)
  checkInteger(op, 'size', size, 1)
  checkInteger(op, 'step', step, 1)
  if (size > (x.shape[at] ?? 1)) fail(op, `windows of ${size} on axis ${dim} of ${showShape(x.shape)}`, 'they must fit')
  checkShape(op, [...x.shape, size])
  // A 0-d tensor is one window.
  if (x.ndim === 0) return reshape(x, [1])
  return unfoldOp([x], { dim: at, size, step })
}
