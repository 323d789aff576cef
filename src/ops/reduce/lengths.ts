/** @file Lengths of vectors, for norms, deviations and distances: nothing leaves the range of the dtype on its way. */
import { floats } from '../../core/op.ts'
import type { Tensor } from '../../core/tensor.ts'
import { elementwise } from '../base/pointwise.ts'
import { detach } from '../base/views.ts'
import { abs, add, div, eq, maximum, mul, pow, sqrt, square, where } from '../elementwise/elementwise.ts'
import { unlessZero } from '../elementwise/zeros.ts'
import { amax, amin, sum } from './reduce.ts'

const keepdim = { keepdim: true }

/** 2^⌊log₂|x|⌋; 0 where x is 0, ±∞ or NaN, on WebGPU also where it is denormal. */
const magnitude = elementwise({
  name: 'magnitude',
  inputs: ['x'],
  dtypes: floats,
  codes: { f: 'MAGNITUDE' },
  rules: 'none',
})

/** |x| at its largest, or by `extreme`, over `dims`; a constant. 1 where it cannot be divided by. */
function extent(x: Tensor, dims: readonly number[], extreme: typeof amax, of = (size: Tensor) => size): Tensor {
  const size = extreme(abs(detach(x)), dims, keepdim)
  return where(eq(magnitude(size), 0), 1, of(size))
}

/** The power of 2 below the largest |x| over `dims`, by which x is divided without rounding. */
export const scaleOf = (x: Tensor, dims: readonly number[]): Tensor => extent(x, dims, amax, magnitude)

/**
 * m·f(x/m), which is f(x) where f(m·x) = m·f(x): with m near the largest |x|, powers of x/m and their derivatives are
 * within the range. m is a constant, because the result does not depend on it.
 * @param f  reduces `dims`, which stay with size 1
 * @param p  the power that f takes: for 2 m is a power of 2, so that no bit changes; where it is negative, the smallest
 *   |x| outweighs all
 */
export function homogeneous(x: Tensor, dims: readonly number[], p: number, f: (x: Tensor) => Tensor): Tensor {
  if (x.numel === 0) return f(x)
  const m = p === 2 ? scaleOf(x, dims) : extent(x, dims, p < 0 ? amin : amax)
  return mul(f(div(x, m)), m)
}

/** √(Σ x² + ε) over `dims`, which stay with size 1, as m·√(Σ (x/m)² + ε/m²) with m ≥ 1. */
export function boundedLength(x: Tensor, eps: number, dims: readonly number[]): Tensor {
  if (x.numel === 0) return sqrt(add(sum(square(x), dims, keepdim), eps))
  const m = maximum(scaleOf(x, dims), 1)
  return mul(sqrt(add(sum(square(div(x, m)), dims, keepdim), div(div(eps, m), m))), m)
}

/** (Σ |x|ᵖ)^(1/p) over `dims`, which stay with size 1; p is finite and not 0. The gradient at 0 is 0. */
export function lengths(x: Tensor, p: number, dims: readonly number[]): Tensor {
  if (p === 1) return sum(abs(x), dims, keepdim)
  return homogeneous(x, dims, p, (z) => {
    if (p === 2) return unlessZero(sum(square(z), dims, keepdim), sqrt)
    const powers = unlessZero(abs(z), (a) => pow(a, p), 0 ** p)
    return unlessZero(sum(powers, dims, keepdim), (s) => pow(s, 1 / p), 0 ** (1 / p))
  })
}
