/** @file Functions with a pole at 0, kept out of the graph there. */
import type { Tensor } from '../../core/tensor.ts'
import { eq, where } from './elementwise.ts'

/** f(z) where z ≠ 0, else `at0` with gradient 0: the inner where keeps an infinite slope out of the graph. */
export function unlessZero(z: Tensor, f: (z: Tensor) => Tensor, at0 = 0): Tensor {
  const zero = eq(z, 0)
  return where(zero, at0, f(where(zero, 1, z)))
}
