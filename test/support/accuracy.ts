/**
 * @file How exact the functions of shaders/lib/special.wgsl and elementary.wgsl must be, and the measurement of it
 * against float64.
 */

import * as shaders from '../../src/core/contracts.generated.ts'
import type { Device, DType } from '../../src/core/device.ts'
import type { TypedArray } from '../../src/core/kernel.ts'
import { erf, geluAngle, polar, remainder, sigmoid, softplus } from '../../src/cpu/kernels/special.ts'
import * as kernels from '../../src/ops/base/kernels.generated.ts'

const FLAT = [0, 0, 0, 1]

/** op(x), op(x, y) on the device, as the dtype asked for. */
export async function applyOn(
  device: Device,
  OP: number,
  x: readonly number[],
  y?: readonly number[],
  dtype: DType = 'float32',
): Promise<TypedArray> {
  const n = x.length
  const blocks = [device.alloc(dtype, n, 'y'), ...[x, ...(y ? [y] : [])].map(() => device.alloc('float32', n, 'x'))]
  device.write(blocks[1], Float32Array.from(x))
  if (y) device.write(blocks[2], Float32Array.from(y))
  const params = { size: n, d1: 1, d2: n, scalar: 0, a: FLAT, b: FLAT, c: FLAT }
  device.run({ kernel: kernels.pointwise, blocks, params, constants: { OP }, label: 'special' })
  const result = await device.read(blocks[0], 0, n)
  for (const block of blocks) device.free(block)
  return result
}

/** Both signs, from 1e-30 to the bound, dense near 1. */
export function samples(bound: number, signed = true): number[] {
  const positive = Array.from({ length: 3000 }, (_, i) => bound * (i / 3000) ** 3)
  const small = Array.from({ length: 300 }, (_, i) => 10 ** (-30 + i / 10)).filter((x) => x < bound)
  const near1 = Array.from({ length: 300 }, (_, i) => 0.85 + i / 1000).filter((x) => x < bound)
  const all = [...positive.slice(1), ...small, ...near1].map(Math.fround)
  return signed ? [...all, ...all.map((x) => -x)] : all
}

/** Spacing of float32 at |x|. */
export const ulp = (x: number): number => 2 ** (Math.max(Math.floor(Math.log2(Math.abs(x))), -126) - 23)

export interface Accuracy {
  readonly name: string
  readonly code: number
  exact(x: number, y: number): number
  readonly inputs: readonly number[]
  /** The second operands of a function of two. */
  readonly seconds?: readonly number[]
  readonly ulps: number
  /** Errors below this count as none. */
  readonly absolute?: number
}

const { EXP, EXPM1, LOG, LOG1P, SQRT, RSQRT, RECIPROCAL, SIN, COS, TANH, SIGMOID, SOFTPLUS, ERF } =
  shaders.pointwise.consts
const { LOG2, LOG10, TAN, ASIN, ACOS, ATAN, SINH, COSH, ASINH, ACOSH, ATANH, LOGIT, ATAN2, POLAR } =
  shaders.pointwise.consts
const { SILU, MISH, GELU, GELU_TANH, LOG_SIGMOID, LOGADDEXP, FMOD, REMAINDER } = shaders.pointwise.consts
/** From the smallest number on, below the smallest normal one. */
const denormals = Array.from({ length: 146 }, (_, i) => Math.fround(2 ** (-149 + i * 0.157)))
const above1 = [...samples(1, false).map((x) => Math.fround(1 + x)), ...samples(3e38, false)].filter((x) => x >= 1)
/** log(x/(1 − x)) in float64. */
const logit = (x: number): number => (x < 0.25 ? Math.log(x) - Math.log1p(-x) : Math.log1p((2 * x - 1) / (1 - x)))
/** Pairs of both signs, near to and far from each other. */
const base = [...samples(60), ...samples(1e30).filter((_, i) => i % 5 === 0)]
const pairs = {
  inputs: base.flatMap((v, i) => [v, base[(i * 13 + 5) % base.length]]),
  seconds: base.flatMap((v, i) => [base[(i * 7 + 3) % base.length], v * 1.1]).map(Math.fround),
}
const angles = [...samples(8000), ...samples(1e9), ...[1e20, -3e38].map(Math.fround)]

/** The figures that shaders/lib/special.wgsl and elementary.wgsl give. */
export const accuracies: readonly Accuracy[] = [
  { name: 'exp', code: EXP, exact: Math.exp, inputs: samples(88).filter((x) => x > -87), ulps: 2 },
  { name: 'expm1', code: EXPM1, exact: Math.expm1, inputs: samples(88), ulps: 4 },
  { name: 'log', code: LOG, exact: Math.log, inputs: samples(1e6, false), ulps: 2 },
  { name: 'log1p', code: LOG1P, exact: Math.log1p, inputs: [...samples(1e6, false), ...samples(0.999)], ulps: 3 },
  { name: 'sqrt', code: SQRT, exact: Math.sqrt, inputs: samples(1e6, false), ulps: 5 },
  { name: 'rsqrt', code: RSQRT, exact: (x) => 1 / Math.sqrt(x), inputs: samples(1e6, false), ulps: 2 },
  { name: 'reciprocal', code: RECIPROCAL, exact: (x) => 1 / x, inputs: samples(1e6), ulps: 3 },
  { name: 'sin', code: SIN, exact: Math.sin, inputs: angles, ulps: 4, absolute: 1.2e-7 },
  { name: 'cos', code: COS, exact: Math.cos, inputs: angles, ulps: 4, absolute: 1.2e-7 },
  { name: 'tanh', code: TANH, exact: Math.tanh, inputs: samples(1000), ulps: 5 },
  { name: 'sigmoid', code: SIGMOID, exact: sigmoid, inputs: samples(80), ulps: 4 },
  { name: 'softplus', code: SOFTPLUS, exact: softplus, inputs: samples(80), ulps: 4 },
  { name: 'erf', code: ERF, exact: erf, inputs: samples(10), ulps: 3 },
  { name: 'log of denormals', code: LOG, exact: Math.log, inputs: denormals, ulps: 2 },
  { name: 'log2', code: LOG2, exact: Math.log2, inputs: [...samples(1e6, false), ...denormals], ulps: 3 },
  { name: 'log10', code: LOG10, exact: Math.log10, inputs: [...samples(1e6, false), ...denormals], ulps: 3 },
  { name: 'tan', code: TAN, exact: Math.tan, inputs: angles, ulps: 5 },
  { name: 'asin', code: ASIN, exact: Math.asin, inputs: samples(1), ulps: 4 },
  { name: 'acos', code: ACOS, exact: Math.acos, inputs: samples(1), ulps: 4 },
  { name: 'atan', code: ATAN, exact: Math.atan, inputs: [...samples(10), ...samples(1e6)], ulps: 3 },
  { name: 'sinh', code: SINH, exact: Math.sinh, inputs: [...samples(3), ...samples(89.4)], ulps: 4 },
  { name: 'cosh', code: COSH, exact: Math.cosh, inputs: [...samples(3), ...samples(89.4)], ulps: 3 },
  { name: 'asinh', code: ASINH, exact: Math.asinh, inputs: [...samples(10), ...samples(3e38)], ulps: 4 },
  { name: 'acosh', code: ACOSH, exact: Math.acosh, inputs: above1, ulps: 4 },
  { name: 'atanh', code: ATANH, exact: Math.atanh, inputs: samples(1), ulps: 4 },
  { name: 'logit', code: LOGIT, exact: logit, inputs: samples(1, false), ulps: 4 },
  { name: 'logSigmoid', code: LOG_SIGMOID, exact: (x) => -softplus(-x), inputs: samples(80), ulps: 4 },
  { name: 'silu', code: SILU, exact: (x) => x * sigmoid(x), inputs: samples(80), ulps: 5 },
  { name: 'mish', code: MISH, exact: (x) => x * Math.tanh(softplus(x)), inputs: samples(80), ulps: 5 },
  {
    name: 'gelu',
    code: GELU,
    exact: (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)),
    inputs: samples(10),
    ulps: 4,
    absolute: 3e-7,
  },
  {
    name: 'gelu (tanh)',
    code: GELU_TANH,
    exact: (x) => x * sigmoid(geluAngle(x)),
    inputs: samples(10),
    ulps: 5,
    absolute: 3e-7,
  },
  { name: 'atan2', code: ATAN2, exact: Math.atan2, ...pairs, ulps: 4 },
  { name: 'polar', code: POLAR, exact: polar, ...pairs, ulps: 6 },
  {
    name: 'logaddexp',
    code: LOGADDEXP,
    exact: (x, y) => Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y))),
    ...pairs,
    ulps: 4,
    absolute: 1e-7,
  },
  { name: 'fmod', code: FMOD, exact: (x, y) => x % y, ...pairs, ulps: 0 },
  { name: 'remainder', code: REMAINDER, exact: remainder, ...pairs, ulps: 1 },
]

/** The worst error in ulp, and where. */
export async function accuracyOn(
  device: Device,
  { code, exact, inputs, seconds, absolute = 0 }: Accuracy,
): Promise<{ worst: number; at: string }> {
  const got = await applyOn(device, code, inputs, seconds)
  let worst = 0
  let at = ''
  inputs.forEach((x, i) => {
    const want = exact(x, seconds?.[i] ?? 0)
    const error = Math.abs(got[i] - want)
    // A denormal result may be flushed.
    if (error < Math.max(absolute, Math.abs(want) < 2 ** -126 ? 2 ** -126 : 0) || got[i] === Math.fround(want)) return
    const inUlps = error / ulp(want)
    if (!(inUlps <= worst)) [worst, at] = [inUlps, seconds ? `${x}, ${seconds[i]}` : String(x)]
  })
  return { worst, at }
}
