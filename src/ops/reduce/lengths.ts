/** @file Lengths of vectors, for norms, deviations and distances: nothing leaves the range of the dtype on its way. */
import { floats } from '../../core/op.ts'
import { scope } from '../../core/scope.ts'
import type { Tensor } from '../../core/tensor.ts'
import { elementwise } from '../base/pointwise.ts'
import { detach } from '../base/views.ts'
import { abs, add, div, isfinite, maximum, mul, pow, sqrt, square, sub, where } from '../elementwise/elementwise.ts'
import { unlessZero } from '../elementwise/zeros.ts'
import { amax, amin, sum } from './reduce.ts'

const keepdim = { keepdim: true }

/** 2^⌊log₂|x|⌋ (on WebGPU at most 2¹²⁶); 1 where x is 0, ±∞ or NaN, on WebGPU also where it is denormal. */
export const magnitude = elementwise({
  name: 'magnitude',
  inputs: ['x'],
  dtypes: floats,
  codes: { f: 'MAGNITUDE' },
  rules: 'none',
})

/** |x| at its largest, or by `extreme`, over `dims`; a constant. */
const extent = (x: Tensor, dims: readonly number[], extreme = amax): Tensor => extreme(abs(detach(x)), dims, keepdim)

/** The power of 2 below the largest |x| over `dims`, by which x is divided without rounding. 1 where that is 0 or ∞. */
export const scaleOf = (x: Tensor, dims: readonly number[]): Tensor => magnitude(extent(x, dims))

/** √s with gradient 0 at 0; where nothing asks for a gradient, the root alone. */
export const rootOf = (s: Tensor): Tensor => (s.requiresGrad ? unlessZero(s, sqrt) : sqrt(s))

/**
 * x less its mean: the second mean takes back the rounding of the first, a constant near it, which needs no gradient.
 */
export function centredBy(x: Tensor, meanOf: (x: Tensor) => Tensor): Tensor {
  const near = sub(x, meanOf(detach(x)))
  return sub(near, meanOf(near))
}

/**
 * m·f(x/m), which is f(x) where f(m·x) = m·f(x): with m near the largest |x|, powers of x/m and their derivatives are
 * within the range. m is a constant, because the result does not depend on it.
 * @param f  reduces `dims`, which stay with size 1
 * @param p  the power that f takes: for 2 m is a power of 2, so that no bit changes; where it is negative, the smallest
 *   |x| outweighs all
 */
export function homogeneous(x: Tensor, dims: readonly number[], p: number, f: (x: Tensor) => Tensor): Tensor {
  if (x.numel === 0) return f(x)
  return scope(() => {
    const size = p === 2 ? scaleOf(x, dims) : extent(x, dims, p < 0 ? amin : amax)
    // What cannot be divided by: 0, ∞ and NaN.
    const m = p === 2 ? size : where(isfinite(div(size, size)), size, 1)
    return mul(f(div(x, m)), m)
  })
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
    if (p === 2) return rootOf(sum(square(z), dims, keepdim))
    const powers = unlessZero(abs(z), (a) => pow(a, p), 0 ** p)
    return unlessZero(sum(powers, dims, keepdim), (s) => pow(s, 1 / p), 0 ** (1 / p))
  })
}
