/**
 * @file What a float expression may be: the value that real numbers would have, and how far an implementation may be
 * from it. Source: WGSL, sections "Floating Point Accuracy" and "Reassociation and Fusion".
 */

/** A result: every value from x - error to x + error is allowed. */
export interface Ball {
  readonly x: number
  readonly error: number
  /** What the interpreter has, where each operation is rounded to the nearest f32; of functions not known. */
  readonly rounded: number | undefined
}

/**
 * A value in a sum of products. Sums may be reordered, products distributed, both fused, so what is rounded on the way
 * is bounded by the sum of all terms without their signs, not by what the sum is in the end.
 */
export interface Real {
  readonly x: number
  /** All terms without their signs. */
  readonly size: number
  /** Of what it is made of. */
  readonly error: number
  /** How often something is rounded. */
  readonly roundings: number
  /** See Ball. */
  readonly rounded: number | undefined
}

/** Correctly rounded is up or down: at most one unit in the last place, which is at most so much of a number. */
const UNIT = 2 ** -23

/** Beyond this, results are not compared: they could be flushed, overflow, or say nothing. */
const [LEAST, MOST] = [2 ** -40, 2 ** 40]

export const exact = (x: number): Real => ({ x, size: Math.abs(x), error: 0, roundings: 0, rounded: x })
/** A number of the text, which has no f32 of its own. */
const near = (x: number): Real => ({ ...closed(x, Math.abs(x) * UNIT), size: Math.abs(x) })

/** With the subnormals that may be 0 anywhere. */
const errorOf = ({ size, error, roundings }: Real): number => 1.001 * (error + roundings * UNIT * size) + 2 ** -120
export const ballOf = (a: Real): Ball => ({ x: a.x, error: errorOf(a), rounded: a.rounded })

/** A value that is as it is, wherever it came from. */
const closed = (x: number, error: number, rounded?: number): Real => ({
  x,
  size: Math.abs(x) + error,
  error,
  roundings: 0,
  rounded,
})

/** The nearest f32 of an operation, whose operands have float64 to spare. */
function nearest(f: (x: number, y: number) => number, a: Real, b: Real): number | undefined {
  return a.rounded === undefined || b.rounded === undefined ? undefined : Math.fround(f(a.rounded, b.rounded))
}
/** Nobody says in which steps the interpreter computes it. */
const anyhow = (a: Real): Real => ({ ...a, rounded: undefined })

/** Something that is not defined there, or not worth comparing. */
export class Outside extends Error {}

function inside(a: Real): Real {
  const error = errorOf(a)
  const small = a.x !== 0 && Math.abs(a.x) < LEAST
  if (!(a.size < MOST) || small || !(error <= 0.02 * Math.max(Math.abs(a.x), 0.1))) throw new Outside()
  return a
}

// ---- operators

export const neg = (a: Real): Real => ({ ...a, x: -a.x, rounded: a.rounded && -a.rounded })

export const add = (a: Real, b: Real): Real =>
  inside({
    x: a.x + b.x,
    size: a.size + b.size,
    error: a.error + b.error,
    roundings: a.roundings + b.roundings + 1,
    rounded: nearest((x, y) => x + y, a, b),
  })
export const sub = (a: Real, b: Real): Real => add(a, neg(b))

export const mul = (a: Real, b: Real): Real =>
  inside({
    x: a.x * b.x,
    size: a.size * b.size,
    error: a.error * b.size + a.size * b.error + a.error * b.error,
    roundings: a.roundings + b.roundings + 1,
    rounded: nearest((x, y) => x * y, a, b),
  })

/** 2.5 ULP. */
export function div(a: Real, b: Real): Real {
  const error = errorOf(b)
  const least = Math.abs(b.x) - error
  if (least < LEAST) throw new Outside()
  return inside({
    x: a.x / b.x,
    size: a.size / least,
    error: a.error / least + (a.size * error) / least ** 2,
    roundings: a.roundings + 3,
    rounded: nearest((x, y) => x / y, a, b),
  })
}

export const sum = (all: readonly Real[]): Real => all.reduce(add)
export const dot = (a: readonly Real[], b: readonly Real[]): Real => sum(a.map((x, i) => mul(x, b[i])))

// ---- functions

/** The distance of the f32 around x. */
const ulp = (x: number): number => 2 ** (Math.floor(Math.log2(Math.max(Math.abs(x), 2 ** -126))) - 23)

/** A function that rises or falls all over the ball, in a domain, with an error of its own. */
const monotone =
  (f: (x: number) => number, own: (y: number, x: number) => number, low = -Infinity, high = Infinity) =>
  (a: Real): Real => {
    const error = errorOf(a)
    const [from, to] = [a.x - error, a.x + error]
    if (from < low || to > high) throw new Outside()
    const y = f(a.x)
    const spread = Math.max(Math.abs(f(from) - y), Math.abs(f(to) - y))
    return inside(closed(y, spread + own(Math.abs(y) + spread, Math.abs(a.x) + error)))
  }

const ulps = (n: number) => (y: number) => n * ulp(y)
const exponential = (y: number, x: number): number => (3 + 2 * x) * ulp(y)
/** 3 ULP; from ½ to 2, where it is near 0, an absolute error. */
const logarithmic = (y: number, x: number): number =>
  x >= 0.49 && x <= 2.1 ? Math.max(2 ** -21, 3 * ulp(y)) : 3 * ulp(y)

export const exp = monotone(Math.exp, exponential, -20, 20)
export const exp2 = monotone((x) => 2 ** x, exponential, -30, 30)
export const log = monotone(Math.log, logarithmic, 2 ** -30)
export const log2 = monotone(Math.log2, logarithmic, 2 ** -30)
export const inverseSqrt = monotone((x) => 1 / Math.sqrt(x), ulps(2), 2 ** -30)
/** Inherited from 1 / inverseSqrt(x): 2 ULP and 2.5 ULP. */
const root = monotone(Math.sqrt, (y) => 5 * UNIT * y, 2 ** -30)
export const sqrt = (a: Real): Real => ({ ...root(a), rounded: a.rounded && Math.fround(Math.sqrt(a.rounded)) })
export const atan = monotone(Math.atan, ulps(4096))

/** sin and cos: an absolute error in the range of theirs. */
const wave =
  (f: (x: number) => number) =>
  (a: Real): Real => {
    const error = errorOf(a)
    if (Math.abs(a.x) + error > 3.14) throw new Outside()
    return inside(closed(f(a.x), error + 2 ** -11))
  }
export const sin = wave(Math.sin)
export const cos = wave(Math.cos)

const HALF = exact(0.5)
const ONE = exact(1)

export const sinh = (a: Real): Real => mul(sub(exp(a), exp(neg(a))), HALF)
export const cosh = (a: Real): Real => mul(add(exp(a), exp(neg(a))), HALF)
export const tan = (a: Real): Real => div(sin(a), cos(a))
export const asinh = (a: Real): Real => log(add(a, sqrt(add(mul(a, a), ONE))))
export const acosh = (a: Real): Real => log(add(a, sqrt(sub(mul(a, a), ONE))))
export const atanh = (a: Real): Real => mul(log(div(add(ONE, a), sub(ONE, a))), HALF)
export const pow = (a: Real, b: Real): Real => exp2(mul(b, log2(a)))

/** The worse of an absolute error and what an expression has. */
const worse = (a: Real, x: number, absolute: number, inherited: Real): Real =>
  inside(closed(x, Math.max(absolute + errorOf(a), errorOf(inherited) + Math.abs(inherited.x - x))))

export const tanh = (a: Real): Real => worse(a, Math.tanh(a.x), 1e-5, div(sinh(a), cosh(a)))

export function atan2(y: Real, x: Real): Real {
  const [ey, ex] = [errorOf(y), errorOf(x)]
  // Neither near the jump at negative x, nor near 0.
  if (Math.abs(y.x) - ey < 2 ** -20 || Math.abs(x.x) - ex < 2 ** -20) throw new Outside()
  const size = Math.hypot(Math.abs(y.x) - ey, Math.abs(x.x) - ex)
  const angle = Math.atan2(y.x, x.x)
  return inside(closed(angle, (ey + ex) / size + 4096 * ulp(angle)))
}
/** x² away from 1, where the angle's slope has no end. */
const leg = (a: Real): Real => {
  if (Math.abs(a.x) > 0.9 || Math.abs(a.x) < 0.01) throw new Outside()
  return sqrt(sub(ONE, mul(a, a)))
}
export const acos = (a: Real): Real => worse(mul(a, exact(3)), Math.acos(a.x), 6.77e-5, atan2(leg(a), a))
export const asin = (a: Real): Real => worse(mul(a, exact(3)), Math.asin(a.x), 6.81e-5, atan2(a, leg(a)))

// ---- parts of numbers

/** Of a step only the inside of one of its sides. */
const steps =
  (f: (x: number) => number) =>
  (a: Real): Real => {
    const error = errorOf(a)
    if (f(a.x - error) !== f(a.x + error)) throw new Outside()
    return exact(f(a.x))
  }
export const floor = steps(Math.floor)
export const ceil = steps(Math.ceil)
export const trunc = steps(Math.trunc)
/** Halves go to the even number. */
export const round = steps((x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)))
export const sign = steps(Math.sign)
export const fract = (a: Real): Real => sub(a, floor(a))
export const remainder = (a: Real, b: Real): Real => sub(a, mul(b, trunc(div(a, b))))

export const abs = (a: Real): Real => ({ ...a, x: Math.abs(a.x), rounded: a.rounded && Math.abs(a.rounded) })
export const min = (a: Real, b: Real): Real =>
  closed(Math.min(a.x, b.x), Math.max(errorOf(a), errorOf(b)), nearest(Math.min, a, b))
export const max = (a: Real, b: Real): Real => neg(min(neg(a), neg(b)))
/** The ends in order: else some take the middle of the three. */
export function clamp(a: Real, low: Real, high: Real): Real {
  if (low.x + errorOf(low) >= high.x - errorOf(high)) throw new Outside()
  return min(max(a, low), high)
}
export const saturate = (a: Real): Real => clamp(a, exact(0), ONE)
export const step = (edge: Real, a: Real): Real => exact(sign(sub(a, edge)).x < 0 ? 0 : 1)
/** A number of 8 or 16 bits as a part of the whole: 3 ULP. */
export const normed = (x: number): Real => closed(x, 3 * ulp(x))
/** 10 bits after the first. */
export const quantizeToF16 = monotone(
  (x) => x,
  (y) => Math.max(y * 2 ** -10, 2 ** -24),
  -60000,
  60000,
)

export const fma = (a: Real, b: Real, c: Real): Real => anyhow(add(mul(a, b), c))
export const mix = (a: Real, b: Real, t: Real): Real => anyhow(add(mul(a, sub(ONE, t)), mul(b, t)))
export function smoothstep(low: Real, high: Real, a: Real): Real {
  const t = saturate(div(sub(a, low), sub(high, low)))
  return anyhow(mul(mul(t, t), sub(exact(3), mul(exact(2), t))))
}
export const degrees = (a: Real): Real => mul(a, near(180 / Math.PI))
export const radians = (a: Real): Real => mul(a, near(Math.PI / 180))
