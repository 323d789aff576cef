/** @file What varies together: covariances and correlations of the rows of a matrix, of which each is a variable. */
import { fail } from '../../core/errors.ts'
import { floats } from '../../core/op.ts'
import { showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkNumbers } from '../base/arguments.ts'
import { optionsOf } from '../base/options.ts'
import { reshape, transpose } from '../base/views.ts'
import { cast } from '../elementwise/cast.ts'
import { clamp, div, maximum, mul, sqrt, square, sub } from '../elementwise/elementwise.ts'
import { centredBy, scaleOf } from '../reduce/lengths.ts'
import { mean, sum } from '../reduce/reduce.ts'
import { matmul } from './matmul.ts'

function checkVariables(op: string, x: Tensor): void {
  checkDType(op, 'x', x, floats)
  if (x.ndim > 2) fail(op, `x is ${showShape(x.shape)}`, 'give [variables, observations], or one variable')
}

/** Variables by observations; a vector is one variable. */
const variables = (x: Tensor): Tensor => (x.ndim === 2 ? x : reshape(x, [1, x.numel]))

const meanOf = (x: Tensor): Tensor => mean(x, 1, { keepdim: true })

/** Options of cov. */
export interface CovOptions {
  /** Subtracted from the number of observations. Default: 1. */
  correction?: number
  /** How often each observation counts: [observations], int32, from 0 up. */
  fweights?: Tensor | null
  /** How much each observation weighs: [observations], of x's dtype, from 0 up. */
  aweights?: Tensor | null
}

/**
 * y[i, j] = Σ w (xᵢ − mean xᵢ)(xⱼ − mean xⱼ) / (n − correction): the covariances of variables, n = Σ w. With `aweights`
 * a the correction is multiplied by Σ wa / Σ w, w = fweights·a. Dtypes: floats.
 * @param x  [variables, observations], or one variable
 * @returns [variables, variables]; 0-d for one variable without an axis
 * @throws HandgradError if x has more than two axes, or weights have another dtype or size
 */
export function cov(x: Tensor, options?: CovOptions): Tensor {
  const op = 'cov'
  checkVariables(op, x)
  const { correction, fweights, aweights } = optionsOf(op, options, { correction: 1, fweights: null, aweights: null })
  checkNumbers(op, { correction })
  const n = x.shape.at(-1) ?? 1
  for (const [name, each, dtype] of [
    ['fweights', fweights, 'int32'],
    ['aweights', aweights, x.dtype],
  ] as const) {
    if (each == null) continue
    checkDType(op, name, each, [dtype])
    if (each.ndim !== 1 || each.numel !== n) fail(op, `${name} are ${showShape(each.shape)}`, `give [${n}]`)
  }
  const rows = variables(x)
  const often = fweights && cast(fweights, x.dtype)
  // Only their proportions count: squares and cubes of small or large ones would leave the range.
  const weights = aweights && n > 0 ? div(aweights, scaleOf(aweights, [0])) : aweights
  const w = often && weights ? mul(often, weights) : (often ?? weights)
  const total = w ? sum(w) : n
  const centred = centredBy(rows, (z) => (w ? div(sum(mul(z, w), 1, { keepdim: true }), total) : meanOf(z)))
  const lost = w && weights ? div(mul(sum(mul(w, weights)), correction), total) : correction
  const free = typeof total === 'number' ? Math.max(0, total - correction) : maximum(sub(total, lost), 0)
  const y = div(matmul(w ? mul(centred, w) : centred, transpose(centred)), free)
  return x.ndim < 2 ? reshape(y, []) : y
}

/**
 * y[i, j] = the correlation of variables i and j, Σ (xᵢ − mean xᵢ)(xⱼ − mean xⱼ) over the product of both lengths,
 * within [−1, 1]; NaN of a variable that does not vary. Dtypes: floats.
 * @param x  [variables, observations], or one variable
 * @returns [variables, variables]; 0-d for one variable without an axis
 * @throws HandgradError if x has more than two axes
 */
export function corrcoef(x: Tensor): Tensor {
  checkVariables('corrcoef', x)
  const rows = variables(x)
  const centred = centredBy(rows, meanOf)
  // In units of a power of 2, so that no square leaves the range.
  const z = centred.numel > 0 ? div(centred, scaleOf(centred, [1])) : centred
  const unit = div(z, sqrt(sum(square(z), 1, { keepdim: true })))
  const y = clamp(matmul(unit, transpose(unit)), -1, 1)
  return x.ndim < 2 ? reshape(y, []) : y
}
