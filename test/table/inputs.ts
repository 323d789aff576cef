/**
 * @file Inputs of the op table: host arrays from a seed, described so that every device and dtype gets the same values.
 */
import type { Philox } from '../../src/core/philox.ts'
import { type Shape, sizeOf } from '../../src/core/shape.ts'

/** One input of a case: values in float64 (exact in float32), and what kind of tensor they make. */
export interface Input {
  readonly shape: Shape
  /** 'float': float32 or float64 by device; gradients are checked for these. */
  readonly kind: 'float' | 'int32' | 'bool'
  draw(random: Philox): Float64Array
}

const floats = (shape: Shape, value: (random: Philox) => number): Input => ({
  shape,
  kind: 'float',
  // Rounded to float32, so that all precisions compute on the same numbers.
  draw: (random) => Float64Array.from({ length: sizeOf(shape) }, () => Math.fround(value(random))),
})

/** Standard normal values. */
export const normal = (...shape: number[]): Input => floats(shape, (r) => r.normal())
/** Mean 1000, σ 0.01, the test of two passes: float32 holds these numbers to 6e-5, so that few digits can be right. */
export const high = (...shape: number[]): Input => floats(shape, (r) => 1000 + 0.01 * r.normal())
/** Uniform values between two bounds. */
export const uniform = (low: number, high: number, ...shape: number[]): Input =>
  floats(shape, (r) => low + (high - low) * r.uniform())
/** Values at least `gap` away from zero: for ops with a kink or a pole there. */
export const awayFromZero = (gap: number, ...shape: number[]): Input =>
  floats(shape, (r) => (r.uniform() < 0.5 ? -1 : 1) * (gap + Math.abs(r.normal())))
/** All different, at least 0.01 apart, in random order: for extremes, whose ties are kinks. */
export const distinct = (...shape: number[]): Input => ({
  shape,
  kind: 'float',
  draw: (random) => {
    const n = sizeOf(shape)
    return Float64Array.from(random.permutation(n), (i) => Math.fround(i * 0.01 - n * 0.004))
  },
})
/** The same value everywhere. */
export const constant = (value: number, ...shape: number[]): Input => floats(shape, () => value)
/** Given values. */
export const values = (data: number[], ...shape: number[]): Input => ({
  shape,
  kind: 'float',
  draw: () => Float64Array.from(data, Math.fround),
})
/** Integers in [low, high). */
export const ints = (low: number, high: number, ...shape: number[]): Input => ({
  shape,
  kind: 'int32',
  draw: (random) => Float64Array.from({ length: sizeOf(shape) }, () => low + random.int(high - low)),
})
/** Given integers. */
export const intValues = (data: number[], ...shape: number[]): Input => ({
  shape,
  kind: 'int32',
  draw: () => Float64Array.from(data),
})
/** Coin flips. */
export const bools = (...shape: number[]): Input => ({
  shape,
  kind: 'bool',
  draw: (random) => Float64Array.from({ length: sizeOf(shape) }, () => random.int(2)),
})
