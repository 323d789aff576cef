/** @file Softmax and log-softmax over one axis: fused kernels, rules in simpler ops. */

import type { DType } from '../../core/device.ts'
import { launch } from '../../core/launch.ts'
import { defineOp, floats } from '../../core/op.ts'
import { normalDim } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkTensor } from '../base/arguments.ts'
import { stored, widen } from '../base/halves.ts'
import * as kernels from '../base/kernels.generated.ts'
import { parametersOf } from '../base/options.ts'
import { reshape, transpose, unsqueeze } from '../base/views.ts'
import { exp, mul, neg, sub } from '../elementwise/elementwise.ts'
import { inDType } from './attributes.ts'
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
  halves: widen,
  autocast: 'wide',
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
  halves: widen,
  autocast: 'wide',
  launch: ([x], [y]) => runSoftmax('logSoftmax', 1, x, y),
  saves: { x: ['y'] },
  // dx = g − e^y ⊙ Σ g
  vjp: { x: ({ g, y }) => sub(g, mul(exp(y), sum(g, -1, keepdim))) },
})

/** Options of softmax, logSoftmax and softmin. */
export interface SoftmaxOptions {
  /** Default: the last axis. */
  dim?: number
  /** Cast x to this float dtype first. Default: x's. */
  dtype?: DType | null
}

/** Apply a last-axis op along any axis. */
function alongAxis(op: typeof softmaxOp, name: string, given: readonly unknown[], x: Tensor): Tensor {
  const { dim, dtype } = parametersOf(name, given, { dim: -1, dtype: null as DType | null })
  checkTensor(name, 'x', x)
  const at = normalDim(name, dim, x.ndim)
  const y = inDType(name, x, dtype, stored)
  const from = name === 'softmin' ? neg(y) : y
  if (y.ndim === 0) return reshape(op([unsqueeze(from, 0)], {}), [])
  return at === y.ndim - 1 ? op([from], {}) : transpose(op([transpose(from, at, -1)], {}), at, -1)
}

/**
 * yⱼ = e^(xⱼ − m) / Σₖ e^(xₖ − m) along `dim`, m = maxₖ xₖ. Each row sums to 1; a row of −Inf only gives zeros. Dtypes:
 * floats.
 * @param dim  default: the last axis
 * @returns x's shape
 * @throws HandgradError if dim is out of range
 */
export function softmax(x: Tensor, dim?: number, options?: Pick<SoftmaxOptions, 'dtype'>): Tensor
/** The same by name: `softmax(x, { dim: 0 })`. */
export function softmax(x: Tensor, options?: SoftmaxOptions): Tensor
export function softmax(x: Tensor, ...given: unknown[]): Tensor {
  return alongAxis(softmaxOp, 'softmax', given, x)
}

/**
 * yⱼ = xⱼ − m − ln Σₖ e^(xₖ − m) along `dim`: the logarithm of softmax, without its underflow. Dtypes: floats.
 * @param dim  default: the last axis
 * @returns x's shape
 * @throws HandgradError if dim is out of range
 */
export function logSoftmax(x: Tensor, dim?: number, options?: Pick<SoftmaxOptions, 'dtype'>): Tensor
/** The same by name: `logSoftmax(x, { dim: 0 })`. */
export function logSoftmax(x: Tensor, options?: SoftmaxOptions): Tensor
export function logSoftmax(x: Tensor, ...given: unknown[]): Tensor {
  return alongAxis(logSoftmaxOp, 'logSoftmax', given, x)
}

/**
 * yⱼ = e^(−xⱼ) / Σₖ e^(−xₖ) along `dim`: the softmax of −x. Dtypes: floats.
 * @returns x's shape
 * @throws HandgradError if dim is out of range
 */
export function softmin(x: Tensor, dim?: number, options?: Pick<SoftmaxOptions, 'dtype'>): Tensor
/** The same by name: `softmin(x, { dim: 0 })`. */
export function softmin(x: Tensor, options?: SoftmaxOptions): Tensor
export function softmin(x: Tensor, ...given: unknown[]): Tensor {
  return alongAxis(softmaxOp, 'softmin', given, x)
}
