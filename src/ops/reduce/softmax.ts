/** @file Softmax and log-softmax over one axis: fused kernels, rules in simpler ops. */

import { launch } from '../../core/launch.ts'
import { defineOp, floats } from '../../core/op.ts'
import { normalDim } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType } from '../base/arguments.ts'
import * as kernels from '../base/kernels.generated.ts'
import { reshape, transpose, unsqueeze } from '../base/views.ts'
import { exp, mul, neg, sub } from '../elementwise/elementwise.ts'
import { sum } from './reduce.ts'

const keepdim = { keepdim: true }

function runSoftmax(label: string, LOG: number, x: Tensor, y: Tensor): void {
  const cols = x.shape[x.ndim - 1]
  launch(label, kernels.softmax, [y, x], { rows: x.numel / cols, cols, offset: x.layout.offset }, { LOG })
}

const softmaxOp = defineOp({
  name: 'softmax',
  inputs: ['x'],
  dtypes: floats,
  contiguous: ['x'],
  shape: ([x]) => ({ shape: x.shape }),
  launch: ([x], [y]) => runSoftmax('softmax', 0, x, y),
  saves: { x: ['y'] },
  // dx = y ⊙ (g − Σ g ⊙ y)
  vjp: { x: ({ g, y }) => mul(y, sub(g, sum(mul(g, y), -1, keepdim))) },
})

const logSoftmaxOp = defineOp({
  name: 'logSoftmax',
  inputs: ['x'],
  dtypes: floats,
  contiguous: ['x'],
  shape: ([x]) => ({ shape: x.shape }),
  launch: ([x], [y]) => runSoftmax('logSoftmax', 1, x, y),
  saves: { x: ['y'] },
  // dx = g − e^y ⊙ Σ g
  vjp: { x: ({ g, y }) => sub(g, mul(exp(y), sum(g, -1, keepdim))) },
})

/** Apply a last-axis op along any axis. */
function alongAxis(op: typeof softmaxOp, x: Tensor, dim: number): Tensor {
  checkDType(op.opName, 'x', x, floats)
  const at = normalDim(op.opName, dim, x.ndim)
  if (x.ndim === 0) return reshape(op([unsqueeze(x, 0)], {}), [])
  return at === x.ndim - 1 ? op([x], {}) : transpose(op([transpose(x, at, -1)], {}), at, -1)
}

/**
 * yⱼ = e^(xⱼ − m) / Σₖ e^(xₖ − m) along `dim`, m = maxₖ xₖ. Each row sums to 1; a row of −Inf only gives zeros. Dtypes:
 * floats.
 * @param dim  default: the last axis
 * @returns x's shape
 * @throws HandgradError if dim is out of range
 */
export const softmax = (x: Tensor, dim = -1): Tensor => alongAxis(softmaxOp, x, dim)

/**
 * yⱼ = xⱼ − m − ln Σₖ e^(xₖ − m) along `dim`: the logarithm of softmax, without its underflow. Dtypes: floats.
 * @param dim  default: the last axis
 * @returns x's shape
 * @throws HandgradError if dim is out of range
 */
export const logSoftmax = (x: Tensor, dim = -1): Tensor => alongAxis(logSoftmaxOp, x, dim)

/**
 * yⱼ = e^(−xⱼ) / Σₖ e^(−xₖ) along `dim`: the softmax of −x. Dtypes: floats.
 * @returns x's shape
 * @throws HandgradError if dim is out of range
 */
export function softmin(x: Tensor, dim = -1): Tensor {
  checkDType('softmin', 'x', x, floats)
  normalDim('softmin', dim, x.ndim)
  return softmax(neg(x), dim)
}
