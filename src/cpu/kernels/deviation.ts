/** @file Deviations of rows whose squares leave the range, as shaders/lib/deviation.wgsl has them, in float64. */

/** By what a row is multiplied. @param v  its variance + ε, found without */
export function unitFor(v: number, m: number): number {
  if (!(v <= 2 ** 900)) return 2 ** -600
  return v < 2 ** -800 && Math.abs(m) < 1 ? 2 ** 600 : 1
}

/** 1/√(v + ε) of a row times `unit`, which has the variance v. */
export function inverseDeviation(v: number, eps: number, unit: number): number {
  const sum = v + eps * unit * unit
  return 1 / Math.sqrt(sum < 2 ** -1022 && eps > 0 ? 2 ** -1022 : sum)
}
