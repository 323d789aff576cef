/**
 * @file Special functions in float64: the CPU side of shaders/lib/special.wgsl and elementary.wgsl. What Math has is
 * used from there.
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
 * erf(x) = 2/√π ∫₀ˣ e^(−t²) dt, to 1e-15: Kummer's series of positive terms, e^(−x²)·2x/√π · Σ (2x²)ⁿ/(2n+1)!!, below
 * 3, Lentz's continued fraction of erfc above (Abramowitz & Stegun 7.1.6 and 7.1.14).
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

/** x mod y with the sign of y; JavaScript's % has that of x. */
export function remainder(x: number, y: number): number {
  const m = x % y
  return m !== 0 && m < 0 !== y < 0 ? m + y : m
}

/** x/(x² + y²), by the larger side so that no square overflows; 0 at the origin and far out. */
export function polar(x: number, y: number): number {
  const m = Math.max(Math.abs(x), Math.abs(y))
  if (m === 0 || m === Infinity) return 0
  return x / m / ((x / m) ** 2 + (y / m) ** 2) / m
}

/** x within ±bound: slopes of activations have long arrived at 0 and 1 there, and 0·∞ does not arise. */
export const within = (x: number, bound: number): number => Math.max(-bound, Math.min(bound, x))

/** 2^⌊log₂|x|⌋, 1 where x is 0, ±∞ or NaN. The logarithm of the greatest number is rounded up to 1024. */
export function magnitude(x: number): number {
  const a = Math.abs(x)
  return a > 0 && a < Infinity ? 2 ** Math.min(1023, Math.floor(Math.log2(a))) : 1
}

/** min(max(x, 0), 6) */
export const relu6 = (x: number): number => Math.max(0, Math.min(6, x))

// Derivatives of activations.
/** Of x·σ(x): σ(1 + x(1 − σ)). */
export const siluSlope = (x: number): number => sigmoid(x) * (1 + x * sigmoid(-x))

/** Of x·t with t = tanh(softplus x): t + xσ(1 − t²). */
export function mishSlope(x: number): number {
  const t = Math.tanh(softplus(x))
  return t + x * sigmoid(x) * (1 - t * t)
}

/** Of x·Φ(x): Φ + xφ with the normal distribution's Φ and φ. */
export const geluSlope = (x: number): number =>
  0.5 * (1 + erf(x * Math.SQRT1_2)) + (x * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI)

/** v = 2√(2/π)(x + 0.044715x³), of which σ(v) approximates Φ(x). */
export const geluAngle = (x: number): number => Math.sqrt(8 / Math.PI) * x * (1 + 0.044715 * x * x)

/** Of x·σ(v): σ + xσ(1 − σ)v′. */
export function geluTanhSlope(x: number): number {
  const v = geluAngle(x)
  const s = sigmoid(v)
  return s + x * s * sigmoid(-v) * Math.sqrt(8 / Math.PI) * (1 + 3 * 0.044715 * x * x)
}
