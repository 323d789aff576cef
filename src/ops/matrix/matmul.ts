/**
 * @file Matrix products by PyTorch's rank rules, on the one batched strided kernel: transposed operands are views,
 * never copies.
 */
import { fail } from '../../core/errors.ts'
import { contiguousCopy, launch } from '../../core/launch.ts'
import { defineOp, floats, type Op } from '../../core/op.ts'
import {
  broadcastShapes,
  contiguousView,
  expandView,
  mergeViews,
  reshapeView,
  type Shape,
  showShape,
  sizeOf,
  type View,
} from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkTensor } from '../base/arguments.ts'
import * as kernels from '../base/kernels.generated.ts'
import { sumTo } from '../base/sum.ts'
import { reshape, transpose, unsqueeze } from '../base/views.ts'

const batchOf = (shape: Shape): Shape => shape.slice(0, -2)
/** The batch axes of a matrix view, stretched to `batch`. */
const batchView = (view: View, batch: Shape): View =>
  expandView('matmul', { shape: batchOf(view.shape), strides: view.strides.slice(0, -2), offset: view.offset }, batch)

/** How b lies, where it is the transpose of a matrix. */
interface MatmulAttrs {
  readonly b?: 'transposed'
}

const matmulOp: Op<MatmulAttrs> = defineOp({
  name: 'matmul',
  inputs: ['a', 'b'],
  dtypes: floats,
  shape: ([a, b], _: MatmulAttrs) => {
    const [m] = a.shape.slice(-2)
    const [, n] = b.shape.slice(-2)
    return { shape: [...broadcastShapes('matmul', batchOf(a.shape), batchOf(b.shape)), m, n] }
  },
  launch: ([a, b], [y]) => {
    const [m, n] = y.shape.slice(-2)
    const k = a.shape[a.ndim - 1]
    // Of one matrix on the right the rows of all on the left are one matrix's, if they lie evenly.
    const rows = b.ndim === 2 && a.numel > 0 ? reshapeView(a.layout, [a.numel / k, k]) : null
    if (rows) {
      const offsets = { a_offset: rows.offset, b_offset: b.layout.offset }
      const walks = { a: [0, 0, ...rows.strides], b: [0, 0, ...b.layout.strides] }
      launch('matmul', kernels.matmul, [y, a, b], { batch: 1, inner: 1, m: a.numel / k, n, k, ...offsets, ...walks })
      return
    }
    const batch = batchOf(y.shape)
    let [left, right] = [a, b]
    let merged = mergeViews([contiguousView(batch), batchView(a.layout, batch), batchView(b.layout, batch)])
    if (merged.shape.length > 2) {
      // Batch axes that do not fold into two: copies of both fold into one.
      ;[left, right] = [a, b].map((x) =>
        contiguousCopy('matmul', x, expandView('matmul', x.layout, [...batch, ...x.shape.slice(-2)])),
      )
      merged = mergeViews([contiguousView(batch), batchView(left.layout, batch), batchView(right.layout, batch)])
    }
    const [outer, inner] = [merged.shape.at(-2) ?? 1, merged.shape.at(-1) ?? 1]
    const steps = (x: Tensor, i: number) => [
      merged.strides[i].at(-2) ?? 0,
      merged.strides[i].at(-1) ?? 0,
      ...x.layout.strides.slice(-2),
    ]
    const sizes = { batch: outer * inner, inner, m, n, k }
    const walks = { a_offset: left.layout.offset, b_offset: right.layout.offset, a: steps(left, 1), b: steps(right, 2) }
    launch('matmul', kernels.matmul, [y, left, right], { ...sizes, ...walks })
    if (left !== a) for (const x of [left, right]) x.dispose()
  },
  saves: { a: ['b'], b: ['a'] },
  // y = a b: da = g bᵀ, db = aᵀ g, summed over broadcast batch axes. Of a transposed b, (gᵀ a)ᵀ: of y = x wᵀ, dw is
  // then row-major like w, and not copied once more.
  vjp: {
    a: (ctx) => sumTo(product(ctx.g, transpose(ctx.b)), ctx.meta('a').shape),
    b: (ctx) => {
      const { shape } = ctx.meta('b')
      const [a, g] = shape.length === 2 ? [ctx.a, ctx.g].map(asMatrix) : [ctx.a, ctx.g]
      const db = ctx.attrs.b ? transpose(product(transpose(g), a)) : product(transpose(a), g)
      return sumTo(db, shape)
    },
  },
})

/** The rows of all matrices under each other: a product sums over them, where a sum of products would take them all. */
const asMatrix = (x: Tensor): Tensor =>
  x.ndim === 2 ? x : reshape(x, [sizeOf(x.shape.slice(0, -1)), x.shape[x.ndim - 1]])

/** The op, for inputs that are matrices or batches of them. */
function product(a: Tensor, b: Tensor): Tensor {
  const [row, column] = b.layout.strides.slice(-2)
  return matmulOp([a, b], row === 1 && column !== 1 ? { b: 'transposed' } : {})
}

/**
 * y = a b. Two matrices: [m, k] × [k, n] → [m, n]. A vector on the left is a row, on the right a column, and loses that
 * axis again. More axes in front are batches and broadcast. k = 0 gives zeros. Dtypes: floats.
 * @throws HandgradError if inner sizes differ, axes in front do not broadcast, or an input is 0-d
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  const op = 'matmul'
  checkTensor(op, 'a', a)
  checkTensor(op, 'b', b)
  // Texts are made only where something is wrong: this is a hot path.
  const shapes = () => `${showShape(a.shape)} × ${showShape(b.shape)}`
  if (a.ndim === 0 || b.ndim === 0) fail(op, `${shapes()} has a 0-d input`, 'use mul for a scalar')
  const [k, rows] = [a.shape[a.ndim - 1], b.shape[Math.max(0, b.ndim - 2)]]
  if (k !== rows) fail(op, `inner sizes differ, ${shapes()} has ${k} and ${rows}`, 'transpose an input?')
  const left = a.ndim === 1 ? unsqueeze(a, 0) : a
  const right = b.ndim === 1 ? unsqueeze(b, 1) : b
  const y = product(left, right)
  if (left === a && right === b) return y
  const shape = [...y.shape]
  if (right !== b) shape.pop()
  if (left !== a) shape.splice(right !== b ? -1 : -2, 1)
  return reshape(y, shape)
}
