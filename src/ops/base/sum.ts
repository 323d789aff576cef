/**
 * @file The sum over axes and what undoes broadcasting. Apart from reduce.ts because every elementwise rule needs it.
 */

import * as shaders from '../../core/contracts.generated.ts'
import { defineOp, numbers, type Op } from '../../core/op.ts'
import { type Shape, sameShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { widen } from './halves.ts'
import { runReduce } from './launches.ts'
import { expand, reshape } from './views.ts'

export interface ReduceAttrs {
  /** Sorted, normal. */
  readonly dims: readonly number[]
  readonly keepdim: boolean
}

/** The result's shape. */
export function reducedShape(shape: Shape, { dims, keepdim }: ReduceAttrs): number[] {
  return keepdim ? shape.map((n, i) => (dims.includes(i) ? 1 : n)) : shape.filter((_, i) => !dims.includes(i))
}

/** The shape with reduced axes of size 1, to which g and y are reshaped before they broadcast. */
export const keptShape = (shape: Shape, dims: readonly number[]): Shape =>
  shape.map((n, i) => (dims.includes(i) ? 1 : n))

export const sumOp: Op<ReduceAttrs> = defineOp({
  name: 'sum',
  inputs: ['x'],
  dtypes: numbers,
  shape: ([x], attrs: ReduceAttrs) => ({ shape: reducedShape(x.shape, attrs) }),
  halves: widen,
  autocast: 'wide',
  launch: ([x], [y], { dims }) => runReduce('sum', shaders.reduce.consts.SUM, x, y, dims),
  vjp: { x: (ctx) => spread(ctx.g, ctx.meta('x').shape, ctx.attrs.dims) },
})

/** A reduced tensor back over the axes it lost. */
const spread = (g: Tensor, shape: Shape, dims: readonly number[]): Tensor =>
  expand(reshape(g, keptShape(shape, dims)), shape)

/** Undo broadcasting: sum g over the axes that were stretched from `shape`. */
export function sumTo(g: Tensor, shape: Shape): Tensor {
  if (sameShape(g.shape, shape)) return g
  const pad = g.ndim - shape.length
  const dims = g.shape.map((_, i) => i).filter((i) => i < pad || (shape[i - pad] === 1 && g.shape[i] !== 1))
  return reshape(dims.length > 0 ? sumOp([g], { dims, keepdim: false }) : g, shape)
}
