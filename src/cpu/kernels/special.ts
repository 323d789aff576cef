/**
 * @file Special functions in float64: the CPU side of shaders/lib/special.wgsl. What Math has is used from there.
 */

/** σ(x) = 1 / (1 + e⁻ˣ), by the side on which exp does not overflow. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x))
  const e = Math.exp(x)
  return e / (1 + e)
}

/** log(1 + eˣ) = max(x, 0) + log1p(e^−|x|). */
export const softplus = (x: number): number =>
  Number.isNaN(x) ? x : Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))

/**
 * erf(x) = 2/√π ∫₀ˣ e^(−t²) dt, to 1e-15: Kummer's series of positive terms, e^(−x²)·2x/√π · Σ (2x²)ⁿ/(2n+1)!!, below 3,
 * Lentz's continued fraction of erfc above (Abramowitz & Stegun 7.1.6 and 7.1.14).
 */
export function erf(x: number): number {
  const a = Math.abs(x)
  if (Number.isNaN(x)) return x
  if (a > 6) return Math.sign(x)
  if (a < 3) {
    let term = 1
    let sum = 1
    for (let n = 1; term > sum * 1e-17; n++) {
      term *= (2 * x * x) / (2 * n + 1)
      sum += term
    }
    return (2 / Math.sqrt(Math.PI)) * x * Math.exp(-x * x) * sum
  }
  let fraction = 0
  for (let n = 60; n > 0; n--) fraction = n / 2 / (a + fraction)
  return Math.sign(x) * (1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * (a + fraction)))
}

/** Round half to even, as WGSL and NumPy do. */
export function roundEven(x: number): number {
  const r = Math.round(x)
  return Math.abs(x % 1) === 0.5 && r % 2 !== 0 ? r - 1 : r
}
