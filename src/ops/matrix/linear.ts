/** @file The map that every network is made of, as one launch: a product with the bias added where it is stored. */

import { fail } from '../../core/errors.ts'
import { defineOp, floats } from '../../core/op.ts'
import { permuteView, sameShape, showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkSameKind } from '../base/arguments.ts'
import { sumTo } from '../base/sum.ts'
import { reshape, transpose, unsqueeze } from '../base/views.ts'
import { add } from '../elementwise/elementwise.ts'
import { asMatrix, launchProduct, matmul } from './matmul.ts'

const linearOp = defineOp({
  name: 'linear',
  inputs: ['x', 'weight', 'bias?'],
  dtypes: floats,
  contiguous: ['bias'],
  shape: ([x, weight]) => ({ shape: [...x.shape.slice(0, -1), weight.shape[0]] }),
  launch: ([x, weight, bias], [y]) => launchProduct('linear', x, weight, y, permuteView(weight.layout, [1, 0]), bias),
  saves: { x: ['weight'], weight: ['x'] },
  // dx = g W, dW = gᵀ x and db = Σ g, over the rows of all matrices.
  vjp: {
    x: (ctx) => matmul(ctx.g, ctx.weight),
    weight: (ctx) => matmul(transpose(asMatrix(ctx.g)), asMatrix(ctx.x)),
    bias: (ctx) => sumTo(ctx.g, ctx.meta('bias').shape),
  },
})

/**
 * y = x Wᵀ + b. Dtypes: floats.
 * @param x       [..., in]
 * @param weight  [out, in], or [in] for one output without an axis of its own
 * @param bias    [out], or null for none
 * @returns       [..., out]
 * @throws HandgradError if weight has other axes, its `in` is not x's last size, or bias is not [out]
 */
export function linear(x: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  const op = 'linear'
  checkDType(op, 'x', x, floats)
  checkSameKind(op, x, 'weight', weight)
  if (weight.ndim !== 2 && weight.ndim !== 1) fail(op, `weight is ${showShape(weight.shape)}`, 'give [out, in]')
  const [features, takes] = [x.shape.at(-1), weight.shape.at(-1)]
  if (features !== takes) {
    const todo = x.ndim > 2 ? 'flatten the input first?' : `its last axis must be ${takes}`
    fail(
      op,
      `input ${showShape(x.shape)} has ${features ?? 'no'} features, weight ${showShape(weight.shape)} takes ${takes}`,
      todo,
    )
  }
  if (bias) {
    checkSameKind(op, x, 'bias', bias)
    const out = weight.shape.slice(0, -1)
    if (!sameShape(bias.shape, out)) fail(op, `bias is ${showShape(bias.shape)}`, `give ${showShape(out)}`)
  }
  if (weight.ndim === 1) {
    const y = matmul(x, weight)
    return bias ? add(y, bias) : y
  }
  const y = linearOp([x.ndim === 1 ? unsqueeze(x, 0) : x, weight, bias ?? undefined], {})
  return x.ndim === 1 ? reshape(y, [weight.shape[0]]) : y
}
