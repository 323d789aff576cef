/**
 * @file Matrix products by PyTorch's rank rules, on the one batched strided kernel: transposed operands are views,
 * never copies.
 */

import { fail } from '../../core/errors.ts'
import { formatOf } from '../../core/half.ts'
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
import { widen } from '../base/halves.ts'
import * as kernels from '../base/kernels.generated.ts'
import { sumTo } from '../base/sum.ts'
import { reshape, transpose, unsqueeze } from '../base/views.ts'
import { readable, weighted } from './weights.ts'

const batchOf = (shape: Shape): Shape => shape.slice(0, -2)
/** The batch axes of a matrix view, stretched to `batch`. */
const batchView = (view: View, batch: Shape): View =>
  expandView('matmul', { shape: batchOf(view.shape), strides: view.strides.slice(0, -2), offset: view.offset }, batch)

/** What is added to a product: a bias of each column, and a residual, which lies as y does, from element 0 on. */
type Added = readonly [bias?: Tensor, residual?: Tensor]

/**
 * y = a b, and what is added, which is contiguous.
 * @param right  b as it is multiplied, such as its transpose
 * @param RELU   1 for max(y, 0) in y's place
 */
export function launchProduct(op: string, a: Tensor, b: Tensor, y: Tensor, right = b.layout, added?: Added, RELU = 0) {
  const [bias, residual] = added ?? []
  const [k, n] = right.shape.slice(-2)
  // Of one matrix on the right the rows of all on the left are one matrix's, if they lie evenly.
  const rows = b.ndim === 2 && a.numel > 0 ? reshapeView(a.layout, [a.numel / k, k]) : null
  const batch = rows ? [] : batchOf(y.shape)
  let operands = [a, b]
  let views = [rows ?? a.layout, right]
  const merge = () => mergeViews([contiguousView(batch), ...views.map((view) => batchView(view, batch))])
  let merged = merge()
  if (merged.shape.length > 2) {
    // Batch axes that do not fold into two: copies of both fold into one.
    const whole = (x: Tensor) => expandView(op, x.layout, [...batch, ...x.shape.slice(-2)])
    operands = operands.map((x) => contiguousCopy(op, x, whole(x)))
    views = operands.map(({ layout }) => layout)
    merged = merge()
  }
  const strides = (i: number) => [...[0, 0, ...merged.strides[i + 1]].slice(-2), ...views[i].strides.slice(-2)]
  const [m] = views[0].shape.slice(-2)
  const sizes = { batch: sizeOf(merged.shape), inner: merged.shape.at(-1) ?? 1, m, n, k }
  const walks = { a_offset: views[0].offset, b_offset: views[1].offset, a: strides(0), b: strides(1) }
  const params = { ...sizes, ...walks, bias_offset: bias?.layout.offset ?? 0 }
  const constants = { BIAS: bias ? 1 : 0, RESIDUAL: residual ? 1 : 0, RELU, HALF: formatOf(b.dtype) }
  launch(op, kernels.matmul, [y, ...operands, bias ?? b, residual ?? b], params, constants)
  if (operands[0] !== a) for (const x of operands) x.dispose()
}

/** How b lies, where it is the transpose of a matrix. */
type MatmulAttrs = { readonly b?: 'transposed' }

const matmulOp: Op<MatmulAttrs> = defineOp({
  name: 'matmul',
  inputs: ['a', 'b'],
  dtypes: floats,
  shape: ([a, b], _: MatmulAttrs) => {
    const [m] = a.shape.slice(-2)
    const [, n] = b.shape.slice(-2)
    return { shape: [...broadcastShapes('matmul', batchOf(a.shape), batchOf(b.shape)), m, n] }
  },
  halves: (op, xs, attrs) => (xs[1]?.ndim === 2 ? weighted : widen)(op, xs, attrs),
  autocast: 'narrow',
  launch: ([a, b], [y]) => readable('matmul', a, b, b.layout, (b, right) => launchProduct('matmul', a, b, y, right)),
  saves: { a: ['b'], b: ['a'] },
  // y = a b: da = g bᵀ, db = aᵀ g, summed over broadcast batch axes. Of a transposed b, (gᵀ a)ᵀ: of y = x wᵀ, dw is
  // then row-major like w, and not copied once more.
  vjp: {
    a: (ctx) => sumTo(product(ctx.g, transpose(ctx.b)), ctx.meta('a').shape),
    b: (ctx) => {
      const { shape } = ctx.meta('b')
      const [a, g] = [ctx.a, ctx.g].map((x) => (shape.length === 2 ? asMatrix(x) : x))
      const db = ctx.attrs.b ? transpose(product(transpose(g), a)) : product(transpose(a), g)
      return sumTo(db, shape)
    },
  },
})

/** The rows of all matrices under each other: a product sums over them, where a sum of products would take them all. */
export const asMatrix = (x: Tensor): Tensor =>
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
