/**
 * @file CPU twin of shaders/functions.wgsl, to about 1e-14 of the result: where the gamma family crosses 0 below 0, of
 * the terms that cancel there. The same formulas with more terms.
 */
import * as shaders from '../../core/contracts.generated.ts'
import type { Twin } from '../../core/kernel.ts'
import { erf } from './special.ts'

const { EXP2, ERFC, ERFINV, LGAMMA, DIGAMMA, POLYGAMMA } = shaders.functions.consts

/** Σ cₖxᵏ. */
const polynomial = (c: readonly number[], x: number): number => c.reduceRight((sum, one) => sum * x + one, 0)

/** x less the nearest integer. */
const fromInteger = (x: number): number => x - Math.round(x)

/** 1 − erf x, by the trapezoid rule with step ½ from x = ½ on. */
function erfc(x: number): number {
  const a = Math.abs(x)
  if (!(a >= 0.5)) return 1 - erf(x)
  // Less than any float64 is left.
  if (a > 28) return x < 0 ? 2 : 0
  let sum = 0.5 / (a * a)
  for (let n = 1; n <= 12; n++) sum += Math.exp(-0.25 * n * n) / (a * a + 0.25 * n * n)
  // The square of a float32 is exact in float64.
  const short = Math.fround(a)
  const e = Math.exp(-short * short) * Math.exp(-(a - short) * (a + short))
  const pole = a < 2 * Math.PI ? 2 / Math.expm1(4 * Math.PI * a) : 0
  const y = (a / Math.PI) * e * sum - pole
  return x < 0 ? 2 - y : y
}

const ROOT_PI = Math.sqrt(Math.PI)

/** The x with erf x = y: Halley's steps from Winitzki's formula, by erfc where that is smaller. */
function erfinv(y: number): number {
  const a = Math.abs(y)
  if (!(a < 1)) return a === 1 ? y * Infinity : NaN
  if (a === 0) return y
  const l = Math.log1p(-a) + Math.log1p(a)
  const b = 2 / (Math.PI * 0.147) + l / 2
  let x = a < 0.5 ? (ROOT_PI / 2) * a * (1 + (Math.PI / 12) * a * a) : Math.sqrt(Math.sqrt(b * b - l / 0.147) - b)
  for (let i = 0; i < 3; i++) {
    const off = a < 0.5 ? erf(x) - a : 1 - a - erfc(x)
    const step = off * (ROOT_PI / 2) * Math.exp(x * x)
    x -= step / (1 + x * step)
  }
  return y < 0 ? -x : x
}

/** (−1)ᵏ(ζ(k) − 1)/k from k = 2 on, after 1 − γ. */
const AROUND_2 = [
  0.42278433509846713, 0.3224670334241132, -0.0673523010531981, 0.020580808427784546, -0.007385551028673986,
  0.0028905103307415234, -0.001192753911703261, 0.0005096695247430425, -0.00022315475845357939, 9.945751278180853e-5,
  -4.492623673813314e-5, 2.050721277567069e-5, -9.439488275268397e-6, 4.374866789907488e-6, -2.039215753801366e-6,
  9.55141213040742e-7, -4.492469198764566e-7, 2.1207184805554665e-7, -1.0043224823968099e-7, 4.7698101693639804e-8,
  -2.2711094608943164e-8, 1.0838659214896955e-8, -5.183475041970047e-9, 2.4836745438024785e-9, -1.1921401405860912e-9,
]
/** Bernoulli's numbers B₂ to B₁₈, each divided by 2j(2j − 1), by 2j, and by (2j)!. */
const STIRLING = [
  1 / 12,
  -1 / 360,
  1 / 1260,
  -1 / 1680,
  0.0008417508417508417,
  -0.0019175269175269176,
  0.00641025641025641,
  -0.029550653594771242,
  0.17964437236883057,
]
const ASYMPTOTIC = STIRLING.map((b, i) => b * (2 * i + 1))
const MACLAURIN = [
  0.08333333333333333, -0.001388888888888889, 3.306878306878307e-5, -8.267195767195768e-7, 2.08767569878681e-8,
  -5.284190138687493e-10, 1.3382536530684679e-11, -3.3896802963225827e-13, 8.586062056277845e-15,
]

const lgammaSmall = (z: number): number => z * polynomial(AROUND_2, z)

/** ln |Γ(x)|. */
function lgamma(x: number): number {
  const r = fromInteger(x)
  if (Math.abs(x) === Infinity || (x <= 0 && r === 0)) return Infinity
  if (x < 0) return Math.log(Math.PI / Math.sin(Math.PI * Math.abs(r))) - lgamma(1 - x)
  if (x >= 10) {
    const tail = polynomial(STIRLING, 1 / (x * x)) / x
    return (x - 0.5) * (Math.log(x) - 1) + (0.4189385332046727 + tail)
  }
  if (x < 0.5) return lgammaSmall(x) - Math.log1p(x) - Math.log(x)
  if (x < 1.5) return lgammaSmall(x - 1) - Math.log1p(x - 1)
  let z = x
  let product = 1
  while (z >= 2.5) product *= --z
  return lgammaSmall(z - 2) + Math.log(product)
}

/** ψ(x) = Γ′(x)/Γ(x). */
function digamma(x: number): number {
  if (x === 0) return -1 / x
  const r = fromInteger(x)
  if (x < 0) return r === 0 || x === -Infinity ? NaN : digamma(1 - x) - Math.PI / Math.tan(Math.PI * r)
  if (!(x < Infinity)) return x
  if (x >= 10) return Math.log(x) - 0.5 / x - polynomial(ASYMPTOTIC, 1 / (x * x)) / (x * x)
  let z = x < 1 ? x : x - 1
  let sum = x < 1 ? -1 / x : 0
  while (z > 1) sum += 1 / z--
  // The root less 1, in two parts.
  return (
    (z - 0.46163214496836236 + 1.5522348162858677e-17) *
      (0.9955816268920898 + polynomial(ABOVE, z) / polynomial(UNDER, z)) +
    sum
  )
}
const ABOVE = [
  0.25479851061131553, -0.3255503118680449, -0.6503185377089651, -0.28919126444774784, -0.04525132144873906,
  -0.002071332116774595,
]
const UNDER = [
  1, 2.076711702373047, 1.4606242909763516, 0.43593529692665967, 0.054151797245674226, 0.0021284987017821146,
  -5.578984132167551e-7,
]

/** Π j/w for j from 1 to n, over w. */
function fallen(n: number, w: number): number {
  let term = 1 / w
  for (let j = 1; j <= n; j++) term *= j / w
  return term
}

/** n!·ζ(n + 1, x) for x > 0. */
function hurwitz(n: number, x: number): number {
  let sum = 0
  let w = x
  for (let k = 1; w < 12 + n; k++) {
    sum += fallen(n, w)
    w = x + k
  }
  let rising = (n + 1) / w
  let tail = 0.5
  MACLAURIN.forEach((b, i) => {
    tail += b * rising
    rising *= ((n + 2 * i + 2) * (n + 2 * i + 3)) / (w * w)
  })
  return sum + fallen(n - 1, w) * (1 + (n / w) * tail)
}

/** The n-th derivative of ψ, n ≥ 1. */
function polygamma(n: number, x: number): number {
  if (Number.isNaN(x) || x === -Infinity) return NaN
  const sign = n % 2 === 0 ? -1 : 1
  const r = fromInteger(x)
  if (x <= 0 && r === 0) return sign * Infinity
  if (x > 0) return sign * hurwitz(n, x)
  const [f, rest] = r < 0 ? [1 + r, -r] : [r, 1 - r]
  return sign * (hurwitz(n, f) + sign * (hurwitz(n, rest) - hurwitz(n, 1 - x)))
}

const byCode: ((x: number, n: number) => number)[] = []
byCode[EXP2] = (x) => 2 ** x
byCode[ERFC] = erfc
byCode[ERFINV] = erfinv
byCode[LGAMMA] = lgamma
byCode[DIGAMMA] = digamma
byCode[POLYGAMMA] = (x, n) => polygamma(n, x)

export const functions: Twin = ([y, x], { size, offset, n }, { OP }) => {
  const f = byCode[OP]
  for (let i = 0; i < size; i++) y[i] = f(x[offset + i], n)
}
