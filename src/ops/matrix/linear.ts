/**
 * @file The map that every network is made of, as one launch: a product with the bias, and what a block adds its result
 * to, added where it is stored, and relu of all, where relu comes next.
 */

import { describe, fail } from '../../core/errors.ts'
import { contiguousCopy } from '../../core/launch.ts'
import { casting, defineOp, floats, type Op } from '../../core/op.ts'
import { permuteView, type Shape, sameShape, showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { beforeRelu, markRectified, takeAhead } from '../base/ahead.ts'
import { checkDType, checkSameKind } from '../base/arguments.ts'
import { stored } from '../base/halves.ts'
import { optionsOf } from '../base/options.ts'
import { sumTo } from '../base/sum.ts'
import { reshape, transpose, unsqueeze } from '../base/views.ts'
import { add, relu } from '../elementwise/elementwise.ts'
import { asMatrix, launchProduct, matmul } from './matmul.ts'
import { readable, weighted } from './weights.ts'

/** The op. @param RELU  1 where relu comes next, and takes a view of what is stored: relu's values */
const mapOp = (name: string, RELU: 0 | 1): Op =>
  defineOp({
    name,
    as: 'linear',
    inputs: ['x', 'weight', 'bias?', 'residual?'],
    dtypes: floats,
    contiguous: ['bias', 'residual'],
    shape: ([x, weight]) => ({ shape: [...x.shape.slice(0, -1), weight.shape[0]] }),
    halves: weighted,
    autocast: 'narrow',
    launch: ([x, weight, bias, residual], [y]) => {
      // The kernel is not told where it begins.
      const whole = residual?.layout.offset ? contiguousCopy('linear', residual, residual.layout) : residual
      readable('linear', x, weight, permuteView(weight.layout, [1, 0]), (w, right) =>
        launchProduct('linear', x, w, y, right, [bias, whole], RELU),
      )
      if (whole !== residual) whole.dispose()
    },
    saves: { x: ['weight'], weight: ['x'] },
    // dx = g W, dW = gᵀ x and db = Σ g, over the rows of all matrices; what is added to them passes g on.
    vjp: {
      x: (ctx) => matmul(ctx.g, ctx.weight),
      weight: (ctx) => matmul(transpose(asMatrix(ctx.g)), asMatrix(ctx.x)),
      bias: (ctx) => sumTo(ctx.g, ctx.meta('bias').shape),
      residual: (ctx) => ctx.g,
    },
  })
const linearOp = mapOp('linear', 0)
const rectifiedOp = mapOp('linearRectified', 1)

/** Options of {@link linear}. */
export interface LinearOptions {
  /** What is added to the map's result, of its shape, in the same launch. Default: null, nothing. */
  residual?: Tensor | null
  /** relu of what that gives, in the same launch. Default: null, none. */
  activation?: 'relu' | null
}

/**
 * y = x Wᵀ + b + r, or max(x Wᵀ + b + r, 0), r the residual. Dtypes: floats.
 * @param x       [..., in]
 * @param weight  [out, in], or [in] for one output without an axis of its own
 * @param bias    [out], or null for none
 * @returns       [..., out]
 * @throws HandgradError if weight has other axes, its `in` is not x's last size, bias is not [out], the residual not
 *   [..., out], or the activation another one
 */
export function linear(x: Tensor, weight: Tensor, bias: Tensor | null = null, options?: LinearOptions): Tensor {
  if (options === undefined) return affine(x, weight, bias)
  const { residual, activation } = optionsOf('linear', options, { residual: null, activation: null })
  if (activation !== null && activation !== 'relu')
    fail('linear', `activation is ${describe(activation)}`, "give 'relu' or null")
  const map = () => affine(x, weight, bias, residual)
  return activation ? relu(beforeRelu(map)) : map()
}

/** x Wᵀ + b + r, or where relu comes next what it gives. */
function affine(x: Tensor, weight: Tensor, bias: Tensor | null, residual: Tensor | null = null): Tensor {
  const op = 'linear'
  const ahead = takeAhead()
  checkDType(op, 'x', x, stored)
  checkSameKind(op, x, 'weight', weight)
  if (weight.ndim !== 2 && weight.ndim !== 1) fail(op, `weight is ${showShape(weight.shape)}`, 'give [out, in]')
  const [features, takes] = [x.shape.at(-1), weight.shape.at(-1)]
  if (features !== takes) {
    const todo = x.ndim > 2 ? 'flatten the input first?' : `its last axis must be ${takes}`
    const [shape, has] = [showShape(x.shape), features ?? 'no']
    fail(op, `input ${shape} has ${has} features, weight ${showShape(weight.shape)} takes ${takes}`, todo)
  }
  const out = weight.shape.slice(0, -1)
  if (bias) checkAdded(x, 'bias', bias, out)
  if (residual) checkAdded(x, 'residual', residual, [...x.shape.slice(0, -1), ...out])
  // What is added to keeps its 32 bits there.
  if (residual && casting.now) return add(residual, affine(x, weight, bias))
  if (weight.ndim === 1) return [bias, residual].reduce<Tensor>((y, r) => (r ? add(y, r) : y), matmul(x, weight))
  const row = (one: Tensor | null) => (one && x.ndim === 1 ? unsqueeze(one, 0) : (one ?? undefined))
  const rows = (ahead ? rectifiedOp : linearOp)([row(x), weight, bias ?? undefined, row(residual)], {})
  const y = x.ndim === 1 ? reshape(rows, out) : rows
  return ahead ? markRectified(y) : y
}

/** Check what is added. */
function checkAdded(x: Tensor, name: string, added: Tensor, shape: Shape): void {
  checkSameKind('linear', x, name, added)
  if (!sameShape(added.shape, shape)) fail('linear', `${name} is ${showShape(added.shape)}`, `give ${showShape(shape)}`)
}
