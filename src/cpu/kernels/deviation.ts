/** @file Deviations of rows whose squares leave the range, as shaders/lib/deviation.wgsl has them, in float64. */
import type { TypedArray } from '../../core/kernel.ts'

/** Where squares are lost, by what power of two a row is multiplied then, and the least normal number. */
interface Range {
  readonly high: number
  readonly low: number
  readonly power: number
  readonly least: number
}

const SINGLE: Range = { high: 2 ** 100, low: 2 ** -80, power: 80, least: 2 ** -126 }
const DOUBLE: Range = { high: 2 ** 900, low: 2 ** -800, power: 600, least: 2 ** -1022 }

/** Of the dtype of what is stored, which what is computed must fit. */
export const rangeOf = (x: TypedArray): Range => (x instanceof Float64Array ? DOUBLE : SINGLE)

/** The sign of the power of two by which a row is multiplied. @param v  its variance + ε, found without */
export function signFor(v: number, m: number, { high, low }: Range): -1 | 0 | 1 {
  if (!(v <= high)) return -1
  return v < low && Math.abs(m) < 1 ? 1 : 0
}

/** 1/√(v + ε) of a row times `unit`, which has the variance v. */
export function inverseDeviation(v: number, eps: number, unit: number, { least }: Range): number {
  const sum = v + eps * unit * unit
  return 1 / Math.sqrt(sum < least && eps > 0 ? least : sum)
}
