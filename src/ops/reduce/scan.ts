/**
 * @file Scans: running sums, products and log-sums along an axis. The gradients of the last two are in recurrence.ts.
 */

import * as shaders from '../../core/contracts.generated.ts'
import type { DType } from '../../core/device.ts'
import { defineOp, floats, numbers, type Op } from '../../core/op.ts'
import { normalDim } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkTensor } from '../base/arguments.ts'
import { parametersOf } from '../base/options.ts'
import { reshape, unsqueeze } from '../base/views.ts'
import { abs, eq, exp, mul, sub, where } from '../elementwise/elementwise.ts'
import { inDType } from './attributes.ts'
import { cumprodOp, recurrence, runScan, type ScanAttrs, shifted } from './recurrence.ts'

const { SUM, LOGSUMEXP } = shaders.scan.consts

const cumsumOp: Op<ScanAttrs> = defineOp({
  name: 'cumsum',
  inputs: ['x'],
  dtypes: numbers,
  contiguous: ['x'],
  shape: ([x], _: ScanAttrs) => ({ shape: x.shape }),
  launch: ([x], [y], attrs) => runScan('cumsum', SUM, y, x, attrs),
  vjp: { x: ({ g, attrs: { dim, reverse } }) => cumsumOp([g], { dim, reverse: !reverse }) },
})

const logcumsumexpOp = defineOp({
  name: 'logcumsumexp',
  inputs: ['x'],
  dtypes: floats,
  contiguous: ['x'],
  shape: ([x], _: ScanAttrs) => ({ shape: x.shape }),
  launch: ([x], [y], attrs) => runScan('logcumsumexp', LOGSUMEXP, y, x, attrs),
  saves: { x: ['x', 'y'] },
  // dx[j] = Σ g[t]·e^(x[j] − y[t]) over t ≥ j = e^(x[j] − y[j])·r[j] with r[j] = g[j] + e^(y[j] − y[j+1])·r[j+1]. y
  // grows, so both factors are at most 1: after the end stands ∞, which nothing exceeds. Where y is −Inf, x is too, and
  // 0 stands in for y.
  vjp: {
    x: ({ g, x, y, attrs }) => {
      const endless = eq(abs(y), Infinity)
      const next = shifted(y, { ...attrs, reverse: !attrs.reverse }, Infinity)
      const decay = where(endless, 0, exp(where(endless, 0, sub(y, next))))
      const share = exp(sub(x, where(eq(y, -Infinity), 0, y)))
      return mul(share, recurrence([g, decay], { dim: attrs.dim, reverse: !attrs.reverse, lag: false }))
    },
  },
})

/** Trailing options of cumsum and cumprod. */
export interface ScanOptions {
  /** Cast x to this dtype first. Default: x's, int32 for bools. */
  dtype?: DType | null
}

/** All that a scan is told, by name. */
export interface ScanAlong extends ScanOptions {
  dim: number
}

/** Apply a scan along an axis; a 0-d tensor is one element. */
function scanned(op: Op<ScanAttrs>, x: Tensor, given: readonly unknown[]): Tensor {
  const name = op.opName
  const allowed = op === logcumsumexpOp ? floats : numbers
  // There is no axis unless one is named, and then the check of axes says so.
  const defaults = { dim: undefined as unknown as number, dtype: null as DType | null }
  const { dim, dtype } = parametersOf(name, given, defaults)
  checkTensor(name, 'x', x)
  const at = normalDim(name, dim, x.ndim)
  const from = inDType(name, x, dtype, allowed)
  return x.ndim === 0 ? reshape(op([unsqueeze(from, 0)], { dim: 0 }), []) : op([from], { dim: at })
}

/**
 * y[t] = x[0] + … + x[t] along `dim`; of bools, counts (int32). Of terms ≥ 0 it never falls, and stays where a term is
 * 0, on every device. Dtypes: floats, int32, bool.
 */
export function cumsum(x: Tensor, dim: number | ScanAlong, options?: ScanOptions): Tensor
export function cumsum(x: Tensor, ...given: unknown[]): Tensor {
  return scanned(cumsumOp, x, given)
}

/** y[t] = x[0]·…·x[t] along `dim`; the gradient is right with zeros too. Dtypes: floats, int32, bool (as int32). */
export function cumprod(x: Tensor, dim: number | ScanAlong, options?: ScanOptions): Tensor
export function cumprod(x: Tensor, ...given: unknown[]): Tensor {
  return scanned(cumprodOp, x, given)
}

/**
 * y[t] = ln(e^x[0] + … + e^x[t]) along `dim`, without overflow; −Inf while x is −Inf only, with gradient 0. Dtypes:
 * floats.
 */
export function logcumsumexp(x: Tensor, dim: number | Pick<ScanAlong, 'dim'>): Tensor
export function logcumsumexp(x: Tensor, ...given: unknown[]): Tensor {
  return scanned(logcumsumexpOp, x, given)
}
