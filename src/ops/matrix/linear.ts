/**
 * @file The map that every network is made of, as one launch: a product with the bias added where it is stored, and
 * relu of both, where relu comes next.
 */

import { describe, fail } from '../../core/errors.ts'
import { defineOp, floats, type Op } from '../../core/op.ts'
import { permuteView, sameShape, showShape } from '../../core/shape.ts'
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

const launchMap = (inputs: readonly Tensor[], y: Tensor, RELU: 0 | 1): void => {
  const [x, weight, bias] = inputs
  readable('linear', x, weight, permuteView(weight.layout, [1, 0]), (w, right) =>
    launchProduct('linear', x, w, y, right, bias, RELU),
  )
}

const linearOp = defineOp({
  name: 'linear',
  inputs: ['x', 'weight', 'bias?'],
  dtypes: floats,
  contiguous: ['bias'],
  shape: ([x, weight]) => ({ shape: [...x.shape.slice(0, -1), weight.shape[0]] }),
  halves: weighted,
  autocast: 'narrow',
  launch: (inputs, [y]) => launchMap(inputs, y, 0),
  saves: { x: ['weight'], weight: ['x'] },
  // dx = g W, dW = gᵀ x and db = Σ g, over the rows of all matrices.
  vjp: {
    x: (ctx) => matmul(ctx.g, ctx.weight),
    weight: (ctx) => matmul(transpose(asMatrix(ctx.g)), asMatrix(ctx.x)),
    bias: (ctx) => sumTo(ctx.g, ctx.meta('bias').shape),
  },
})

/** The same where relu comes next, and takes a view of what is stored: relu's values. */
const rectifiedOp: Op = defineOp({
  ...linearOp.spec,
  name: 'linearRectified',
  as: 'linear',
  launch: (inputs, [y]) => launchMap(inputs, y, 1),
})

/** Options of {@link linear}. */
export interface LinearOptions {
  /** relu of what the map gives, in the same launch. Default: null, none. */
  activation?: 'relu' | null
}

/**
 * y = x Wᵀ + b, or max(x Wᵀ + b, 0). Dtypes: floats.
 * @param x       [..., in]
 * @param weight  [out, in], or [in] for one output without an axis of its own
 * @param bias    [out], or null for none
 * @returns       [..., out]
 * @throws HandgradError if weight has other axes, its `in` is not x's last size, bias is not [out], or the activation
 *   another one
 */
export function linear(x: Tensor, weight: Tensor, bias: Tensor | null = null, options?: LinearOptions): Tensor {
  if (options === undefined) return affine(x, weight, bias)
  const { activation } = optionsOf('linear', options, { activation: null })
  if (activation !== null && activation !== 'relu')
    fail('linear', `activation is ${describe(activation)}`, "give 'relu' or null")
  return activation ? relu(beforeRelu(() => affine(x, weight, bias))) : affine(x, weight, bias)
}

/** x Wᵀ + b, or where relu comes next what it gives. */
function affine(x: Tensor, weight: Tensor, bias: Tensor | null): Tensor {
  const op = 'linear'
  const ahead = takeAhead()
  checkDType(op, 'x', x, stored)
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
  const map = ahead ? rectifiedOp : linearOp
  const rows = map([x.ndim === 1 ? unsqueeze(x, 0) : x, weight, bias ?? undefined], {})
  const y = x.ndim === 1 ? reshape(rows, [weight.shape[0]]) : rows
  return ahead ? markRectified(y) : y
}
