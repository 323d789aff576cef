/**
 * @file Extreme values: what every elementwise op, and reductions, scans and losses on pairs, make of ±0, ±∞, NaN,
 * denormals, the ends of the range, ties and kinks, in all combinations. A device is compared with the CPU's float32:
 * NaN with NaN, ∞ with ∞ of the same sign, numbers within the op's bound, for values and gradients. What a device may
 * do otherwise is said once, here: it may take denormals for zeros, and zeros have no sign. docs/numerics.md repeats
 * this and the exceptions in {@link exceptions}. An elementwise op is met by them because of how its row is made;
 * others add their entries to {@link extremes}.
 */
import type { Device } from '../../src/core/device.ts'
import type { TypedArray } from '../../src/core/kernel.ts'
import { openScope } from '../../src/core/scope.ts'
import type { Tensor } from '../../src/core/tensor.ts'
import { grad } from '../../src/core/walk.ts'
import { cpu } from '../../src/devices.ts'
import { tensor } from '../../src/ops/creation/create.ts'
import '../../src/methods.ts'
import { type Bound, type OpName, ops, table } from './table.ts'

/** An op on floats of one shape; every combination of values is tried. Its bound is its row's, unless given. */
export interface Extreme {
  readonly op: OpName
  readonly f: (...x: Tensor[]) => Tensor
  readonly note?: string
  readonly bound?: Bound
}

/**
 * Ops whose rows are made by `unary`, `binary` or `comparison` of row.ts: they take as many float tensors, and no more
 * is to be said.
 */
const byOperands = (operands: 1 | 2): OpName[] => opNames.filter((op) => table[op].operands === operands)
const opNames = Object.keys(table) as OpName[]
type Call = (...x: Tensor[]) => Tensor
const callOf = (op: OpName): Call => ops[op] as unknown as Call

const reductions = ['sum', 'mean', 'prod', 'amax', 'amin', 'logsumexp', 'argmax', 'argmin', 'var', 'std'] as const

const losses = ['mseLoss', 'l1Loss', 'smoothL1Loss', 'huberLoss'] as const

/** Pairs as rows: what reductions and scans are tried on. */
const rows = (a: Tensor, b: Tensor): Tensor => ops.stack([a, b], 1)
/** One column of the result. */
const column = (y: Tensor, at: number): Tensor => y.slice(null, [at, at + 1]).reshape([-1])

/** (6 + 4·|y·log₂ x|) ulp, where |y·log₂ x| is at most 149 for what float32 can hold. */
const POW: Bound = { ulp: 600 }

export const extremes: readonly Extreme[] = [
  ...byOperands(1).map((op): Extreme => ({ op, f: (x) => callOf(op)(x) })),
  ...(['isfinite', 'isinf', 'isnan'] as const).map((op): Extreme => ({ op, f: (x) => ops[op](x) })),
  ...byOperands(2).map((op): Extreme => ({ op, f: (a, b) => callOf(op)(a, b), ...(op === 'pow' && { bound: POW }) })),
  { op: 'pow', f: (x) => ops.pow(x, 2), note: 'square' },
  { op: 'pow', f: (x) => ops.pow(x, -1), note: 'reciprocal' },
  { op: 'pow', f: (x) => ops.pow(x, 0.5), note: 'root' },
  { op: 'pow', f: (x) => ops.pow(2, x), note: 'number on the left', bound: POW },
  { op: 'mul', f: (x) => ops.mul(x, Infinity), note: 'infinite number' },
  { op: 'maximum', f: (x) => ops.maximum(x, NaN), note: 'NaN as a number' },
  { op: 'gelu', f: (x) => ops.gelu(x, { approximate: 'tanh' }), note: 'tanh' },
  { op: 'softplus', f: (x) => ops.softplus(x, { beta: 2, threshold: 20 }), note: 'threshold' },
  { op: 'elu', f: (x) => ops.elu(x, 0.5), note: 'alpha' },
  { op: 'celu', f: (x) => ops.celu(x, 0.5), note: 'alpha' },
  { op: 'leakyRelu', f: (x) => ops.leakyRelu(x, -2), note: 'negative slope' },
  { op: 'prelu', f: (x) => ops.prelu(x, tensor(0.25, { device: x.device })) },
  { op: 'logit', f: (x) => ops.logit(x, 0.25), note: 'eps' },
  { op: 'round', f: (x) => ops.round(x, { decimals: 1 }), note: 'decimals' },
  { op: 'glu', f: (x) => ops.glu(ops.stack([x, x], 1), 1).reshape([-1]) },
  { op: 'clamp', f: (x) => ops.clamp(x, { min: -1, max: 2 }) },
  { op: 'clamp', f: (x, min) => ops.clamp(x, { min }), note: 'min a tensor' },
  { op: 'clamp', f: (x, max) => ops.clamp(x, { max }), note: 'max a tensor' },
  { op: 'div', f: (a, b) => ops.div(a, b, { roundingMode: 'floor' }), note: 'floor' },
  { op: 'div', f: (a, b) => ops.div(a, b, { roundingMode: 'trunc' }), note: 'trunc' },
  { op: 'maskedFill', f: (x) => ops.maskedFill(x, ops.isnan(x), -Infinity) },
  { op: 'where', f: (a, b) => ops.where(ops.gt(a, b), a, b) },
  { op: 'polygamma', f: (x) => ops.polygamma(1, x) },
  { op: 'polygamma', f: (x) => ops.polygamma(2, x), note: 'n = 2' },
  { op: 'threshold', f: (x) => ops.threshold(x, 0.5, 2) },
  { op: 'isclose', f: (a, b) => ops.isclose(a, b) },
  { op: 'addcdiv', f: (x, a, b) => ops.addcdiv(x, a, b) },
  { op: 'lerp', f: (a, b) => ops.lerp(a, b, 0.25) },
  { op: 'lerp', f: (a, b, w) => ops.lerp(a, b, w), note: 'weight a tensor' },
  { op: 'addcmul', f: (x, a, b) => ops.addcmul(x, a, b) },
  { op: 'logicalNot', f: (a) => ops.logicalNot(ops.cast(a, 'bool')) },
  { op: 'logicalAnd', f: (a, b) => ops.logicalAnd(ops.cast(a, 'bool'), ops.cast(b, 'bool')) },
  { op: 'logicalOr', f: (a, b) => ops.logicalOr(ops.cast(a, 'bool'), ops.cast(b, 'bool')) },
  { op: 'logicalXor', f: (a, b) => ops.logicalXor(ops.cast(a, 'bool'), ops.cast(b, 'bool')) },
  { op: 'cast', f: (x) => ops.cast(x, 'int32'), note: 'int32' },
  { op: 'cast', f: (x) => ops.cast(x, 'bool'), note: 'bool' },
  ...reductions.map((op): Extreme => ({ op, f: (a, b) => ops[op](rows(a, b), 1) })),
  { op: 'norm', f: (a, b) => ops.norm(rows(a, b), 2, 1) },
  { op: 'max', f: (a, b) => ops.max(rows(a, b), 1).values },
  { op: 'min', f: (a, b) => ops.min(rows(a, b), 1).values },
  { op: 'sort', f: (a, b) => column(ops.sort(rows(a, b), 1).values, 0) },
  { op: 'countNonzero', f: (a, b) => ops.countNonzero(rows(a, b), 1) },
  { op: 'cumsum', f: (a, b) => column(ops.cumsum(rows(a, b), 1), 1) },
  { op: 'cumprod', f: (a, b) => column(ops.cumprod(rows(a, b), 1), 1) },
  { op: 'logcumsumexp', f: (a, b) => column(ops.logcumsumexp(rows(a, b), 1), 1) },
  { op: 'softmax', f: (a, b) => column(ops.softmax(rows(a, b), 1), 0) },
  { op: 'logSoftmax', f: (a, b) => column(ops.logSoftmax(rows(a, b), 1), 0) },
  { op: 'matmul', f: (a, b) => ops.matmul(a.reshape([-1, 1, 1]), b.reshape([-1, 1, 1])).reshape([-1]) },
  ...losses.map((op): Extreme => ({ op, f: (x, t) => ops[op](x, t, { reduction: 'none' }) })),
  { op: 'bceWithLogits', f: (x, t) => ops.bceWithLogits(x, ops.clamp(t, { min: 0, max: 1 }), { reduction: 'none' }) },
]

/** Ops on int32, exact on every pair. */
export const integers: readonly Extreme[] = [
  ...(['neg', 'abs', 'sign'] as const).map((op): Extreme => ({ op, f: (x) => ops[op](x) })),
  ...(
    ['add', 'sub', 'mul', 'maximum', 'minimum', 'remainder', 'fmod', 'eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const
  ).map((op): Extreme => ({ op, f: (a, b) => ops[op](a, b) })),
  { op: 'div', f: (a, b) => ops.div(a, b, { roundingMode: 'floor' }), note: 'floor' },
  { op: 'div', f: (a, b) => ops.div(a, b, { roundingMode: 'trunc' }), note: 'trunc' },
  ...(['bitwiseAnd', 'bitwiseOr', 'bitwiseXor', 'bitwiseLeftShift', 'bitwiseRightShift', 'fmax', 'fmin'] as const).map(
    (op): Extreme => ({ op, f: (a, b) => ops[op](a, b) }),
  ),
  { op: 'bitwiseNot', f: (x) => ops.bitwiseNot(x) },
  { op: 'isclose', f: (a, b) => ops.isclose(a, b) },
  { op: 'clamp', f: (x) => ops.clamp(x, { min: -5, max: 2 ** 31 - 1 }) },
  { op: 'cast', f: (x) => ops.cast(x, 'float32'), note: 'float32' },
  { op: 'cast', f: (x) => ops.cast(x, 'bool'), note: 'bool' },
]
export const INTEGERS = [
  0,
  1,
  -1,
  2,
  -3,
  7,
  65536,
  2 ** 24 + 1,
  2 ** 30,
  -(2 ** 30),
  2 ** 31 - 1,
  1 - 2 ** 31,
  -(2 ** 31),
]

const MAX = 2 ** 128 - 2 ** 104
const positive = [
  ...[0, Infinity, 1e-45, 1e-40, 1e-38, 2 ** -126, 1.5e-38, 1e-30, 1e-7],
  ...[0.25, 0.5, 1, 1.5, 2, 2.5, 3, 6, 10, 20, 25],
  ...[80, 87, 88, 89, 89.25, 90, 100, 104, 1000, 8193, 2 ** 24, 2 ** 31, 1e19, 1e30, 1e38, MAX],
]
/** For ops of one and two inputs. */
export const VALUES = [NaN, ...positive, ...positive.map((x) => -x)].map(Math.fround)
/** For ops of three. */
export const FEW = [NaN, 0, -0, Infinity, -Infinity, 1e-40, 0.5, 1, -2, 100, 1e38, -1e38].map(Math.fround)

/** Differences that stay, with the reason: docs/numerics.md lists them too. */
export interface Exception {
  readonly op: OpName
  readonly what: 'value' | 'gradient'
  /** The inputs it is about. */
  readonly at: (...x: number[]) => boolean
  readonly reason: string
}

export const exceptions: readonly Exception[] = [
  ...(['fmod', 'remainder'] as const).map(
    (op): Exception => ({
      op,
      what: 'gradient',
      at: (_, b) => isDenormal(b),
      reason:
        'by a denormal divisor the remainder is exact, but its gradient −(a − y)/b divides by b, which is 0 where the adapter flushes',
    }),
  ),
  {
    op: 'l1Loss',
    what: 'gradient',
    at: (x, t) => isDenormal(x - t),
    reason: 'the difference of two different numbers may be denormal; where it is flushed, the derivative is that at 0',
  },
  {
    op: 'std',
    what: 'gradient',
    // How far both are from their mean.
    at: (a, b) => isNearDenormal((a - b) / 2) || isDenormal((flush(a) - flush(b)) / 2),
    reason: 'deviations from the mean may be denormal; where they are flushed, nothing varies, and the derivative is 0',
  },
  {
    op: 'norm',
    what: 'gradient',
    at: (a, b) => isNearDenormal(Math.max(Math.abs(a), Math.abs(b))),
    reason: 'the gradient passes in units of the largest element; times 2⁻¹²⁶ it may be denormal, and is then flushed',
  },
  {
    op: 'xlogy',
    what: 'gradient',
    at: (x) => isNearDenormal(x),
    reason: 'the gradient for y is g·x/y, and g·x may be denormal: where it is flushed, 0, or NaN by a y that is',
  },
  ...(['value', 'gradient'] as const).flatMap((what) =>
    (['lgamma', 'digamma'] as const).map(
      (op): Exception => ({
        op,
        what,
        at: (x) => x < 0 && isNearDenormal(x),
        reason: 'below 0 by reflection, whose sine of a number this small may be denormal; where it is flushed, a pole',
      }),
    ),
  ),
]

// ---- the comparison

/** Every combination of the values, an array for each input. */
function combinations(values: readonly number[], inputs: number): number[][] {
  const count = values.length ** inputs
  return Array.from({ length: inputs }, (_, k) =>
    Array.from({ length: count }, (_, i) => values[Math.floor(i / values.length ** k) % values.length]),
  )
}

const isDenormal = (x: number): boolean => x !== 0 && Math.abs(x) < 2 ** -126
/** Below twice the smallest normal number: what is a little less than x may be denormal. */
const isNearDenormal = (x: number): boolean => x !== 0 && Math.abs(x) < 2 ** -125
const flush = (x: number): number => (isDenormal(x) ? (x < 0 ? -0 : 0) : x)

/** Value and gradients of an entry on a device, for a cotangent that is not a power of two. */
async function evaluate(
  entry: Extreme,
  data: readonly number[][],
  device: Device,
  int: boolean,
): Promise<TypedArray[]> {
  using s = openScope()
  const reads = s.run(() => {
    const xs = data.map((list) => tensor(int ? Int32Array.from(list) : Float32Array.from(list), { device }))
    if (!int) for (const x of xs) x.requiresGrad_()
    const y = entry.f(...xs)
    if (!y.edge) return [y.data()]
    const gradOutputs = [tensor(new Float32Array(y.numel).fill(0.75), { device })]
    return [y, ...grad([y], xs, { gradOutputs, allowUnused: true }).map((g) => g ?? xs[0].detach().mul(0))].map((t) =>
      t.data(),
    )
  })
  return await Promise.all(reads)
}

const ulp = (v: number): number => 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(v)))) - 23)

/** Numbers that went through something denormal on their way are off by this much at most: 2⁻¹²⁶ times a thousand. */
const FLUSHED = 1e-35

function agree(got: number, want: number, bound: Bound, gradient: boolean): boolean {
  if (Number.isNaN(want)) return Number.isNaN(got)
  if (!Number.isFinite(want) || got === want) return got === want
  const { ulp: ulps = 0, ulpOfMax = 0, ulpOfTerms = 0, abs = 0 } = bound
  const units = ulps + ulpOfMax + ulpOfTerms
  // A gradient is 1 less something in many rules: what that cancels is not an error.
  const allowed = gradient
    ? 4 * ((units + 1) * ulp(want) + abs) + 8 * ulp(Math.max(1, Math.abs(want)))
    : units * ulp(want) + abs
  return Math.abs(got - want) <= allowed + FLUSHED
}

export interface Difference {
  readonly op: OpName
  readonly note?: string
  readonly what: 'value' | 'gradient'
  readonly text: string
  readonly x: readonly number[]
}

/** Where a device differs from the CPU on an entry, and is not excepted. */
export async function differences(entry: Extreme, device: Device, int = false): Promise<Difference[]> {
  const inputs = entry.f.length
  const data = combinations(int ? INTEGERS : inputs === 3 ? FEW : VALUES, inputs)
  // The CPU on the inputs, and on the inputs with some of their denormals flushed.
  const masks = int ? [0] : Array.from({ length: 2 ** inputs }, (_, mask) => mask)
  const [got, ...wants] = await Promise.all([
    evaluate(entry, data, device, int),
    ...masks.map((mask) => {
      const flushed = data.map((list, k) => (mask & (1 << k) ? list.map(flush) : list))
      return evaluate(entry, flushed, cpu, int)
    }),
  ])
  const bound = entry.bound ?? table[entry.op].bound
  const found: Difference[] = []
  got.forEach((list, output) => {
    const what = output === 0 ? 'value' : 'gradient'
    for (let i = 0; i < list.length; i++) {
      if (wants.some((want) => agree(list[i], want[output][i], bound, output > 0))) continue
      const x = data.map((one) => one[i])
      if (exceptions.some((one) => one.op === entry.op && one.what === what && one.at(...x))) continue
      const name = `${entry.op}${entry.note ? ` (${entry.note})` : ''}(${x.map((v) => (Object.is(v, -0) ? '-0' : v)).join(', ')})`
      const text = `${name}: ${output > 0 ? `gradient ${output - 1}` : what} is ${list[i]}, the CPU has ${wants[0][output][i]}`
      found.push({ op: entry.op, note: entry.note, what, text, x })
    }
  })
  return found
}

// ---- what PyTorch answers

/** An op, its inputs, and what comes out; `grads` with a cotangent of ones. */
export interface Pinned {
  readonly op: OpName
  readonly f: (...x: Tensor[]) => Tensor
  readonly x: readonly (readonly number[])[]
  readonly y?: readonly number[]
  readonly grads?: readonly (readonly number[])[]
}

const one = (op: OpName, x: readonly number[], y?: readonly number[], dx?: readonly number[]): Pinned => ({
  op,
  f: (a) => callOf(op)(a),
  x: [x],
  y,
  grads: dx && [dx],
})
const two = (
  op: OpName,
  pairs: readonly (readonly [a: number, b: number, y: number, da?: number, db?: number])[],
): Pinned => ({
  op,
  f: (a, b) => callOf(op)(a, b),
  x: [pairs.map(([a]) => a), pairs.map(([, b]) => b)],
  y: pairs.map(([, , y]) => y),
  ...(pairs[0].length > 3 && { grads: [pairs.map((p) => p[3] as number), pairs.map((p) => p[4] as number)] }),
})
const [INF, PI] = [Infinity, Math.PI]

/** PyTorch's answers, values and gradients; where it and we differ by design is in {@link ours}. */
export const pinned: readonly Pinned[] = [
  two('pow', [
    [0, 0, 1, 0, 0],
    [0, 2, 0, 0, 0],
    [2, 3, 8, 12, 8 * Math.LN2],
    [NaN, 0, 1, 0, NaN],
    [1, 5, 1, 5, 0],
  ]),
  two('pow', [
    [1, NaN, 1],
    [NaN, 1, NaN],
    [2, NaN, NaN],
    [-2, 3, -8],
    [-2, 2, 4],
    [-8, 1 / 3, NaN],
    [0, -1, INF],
    [-1, INF, 1],
    [-1, -INF, 1],
    [2, INF, INF],
    [0.5, INF, 0],
    [-INF, 3, -INF],
    [-INF, 2, INF],
    [INF, -1, 0],
    [-INF, 0.5, INF],
    [-3, INF, INF],
  ]),
  two('atan2', [
    [0, 1, 0],
    [0, -1, PI],
    [-0, -1, -PI],
    [0, 0, 0],
    [0, -0, PI],
    [1, 0, PI / 2],
    [INF, INF, PI / 4],
    [INF, -INF, (3 * PI) / 4],
    [-INF, -INF, (-3 * PI) / 4],
    [1, INF, 0],
    [1, -INF, PI],
    [NaN, 1, NaN],
    [1, NaN, NaN],
  ]),
  two('atan2', [[1, 1, PI / 4, 0.5, -0.5]]),
  two('remainder', [
    [-7, 3, 2],
    [7, -3, -2],
    [-7, -3, -1],
    [6, 3, 0],
    [5, 0, NaN],
    [INF, 2, NaN],
    [5, INF, 5],
    [-5, INF, INF],
    [NaN, 2, NaN],
  ]),
  two('remainder', [[-7, 3, 2, 1, 3]]),
  two('fmod', [
    [-7, 3, -1],
    [7, -3, 1],
    [-7, -3, -1],
    [5, 0, NaN],
    [INF, 2, NaN],
    [5, INF, 5],
    [-5, INF, -5],
  ]),
  two('fmod', [[-7, 3, -1, 1, 2]]),
  two('maximum', [
    [NaN, 1, NaN, 1, 1],
    [1, NaN, NaN, 1, 1],
    [2, 2, 2, 0.5, 0.5],
    [INF, INF, INF, 0.5, 0.5],
    [3, 2, 3, 1, 0],
  ]),
  two('minimum', [
    [NaN, 1, NaN, 1, 1],
    [2, 2, 2, 0.5, 0.5],
    [3, 2, 2, 0, 1],
  ]),
  two('logaddexp', [
    [0, 0, Math.LN2, 0.5, 0.5],
    [INF, -INF, INF, 1, 0],
    [-INF, 1, 1, 0, 1],
    [1000, 0, 1000, 1, 0],
  ]),
  two('logaddexp', [
    [-INF, -INF, -INF],
    [INF, INF, INF],
    [NaN, 0, NaN],
  ]),
  two('eq', [
    [NaN, NaN, 0],
    [0, -0, 1],
    [INF, INF, 1],
  ]),
  two('ne', [[NaN, NaN, 1]]),
  two('lt', [
    [NaN, 1, 0],
    [-INF, INF, 1],
  ]),
  two('ge', [
    [NaN, NaN, 0],
    [1, 1, 1],
  ]),
  two('div', [
    [1, 0, INF],
    [-1, 0, -INF],
    [0, 0, NaN],
    [INF, INF, NaN],
    [1, INF, 0],
  ]),
  one('relu', [NaN, -1, 0, 2, INF], [NaN, 0, 0, 2, INF], [1, 0, 0, 1, 1]),
  one('relu6', [NaN, -1, 0, 2, 6, 7], [NaN, 0, 0, 2, 6, 6], [1, 0, 0, 1, 0, 0]),
  one('hardtanh', [NaN, -2, -1, 0, 1, INF], [NaN, -1, -1, 0, 1, 1], [1, 0, 0, 1, 0, 0]),
  one('hardsigmoid', [-4, -3, 0, 3, NaN], [0, 0, 0.5, 1, NaN], [0, 0, 1 / 6, 0, 0]),
  one('hardswish', [-4, -3, 0, 3, 5], [0, 0, 0, 3, 5], [0, 0, 0.5, 1, 1]),
  one('leakyRelu', [-2, 0, 3, -INF], [-0.02, 0, 3, -INF], [0.01, 0.01, 1, 0.01]),
  one('elu', [-INF, -200, 0, 2], [-1, -1, 0, 2], [0, 0, 1, 1]),
  one('celu', [-INF, -200, 0, 2], [-1, -1, 0, 2], [0, 0, 1, 1]),
  one('abs', [-2, 0, 3, -INF, NaN], [2, 0, 3, INF, NaN], [-1, 0, 1, -1, NaN]),
  one('sign', [-2, 0, -0, INF], [-1, 0, 0, 1], [0, 0, 0, 0]),
  one('softplus', [100, -200, 0, INF, -INF], [100, 0, Math.LN2, INF, 0], [1, 0, 0.5, 1, 0]),
  one('logSigmoid', [-200, 200, 0, -INF, INF], [-200, 0, -Math.LN2, -INF, 0], [1, 0, 0.5, 1, 0]),
  one('sigmoid', [-200, 200, INF, -INF, NaN], [0, 1, 1, 0, NaN], [0, 0, 0, 0, NaN]),
  one('tanh', [-200, 200, INF, 0], [-1, 1, 1, 0], [0, 0, 0, 1]),
  one('silu', [1000, -1000, 0, INF], [1000, 0, 0, INF]),
  one('gelu', [1000, -1000, 0, INF], [1000, 0, 0, INF]),
  one('mish', [1000, -1000, 0, INF], [1000, 0, 0, INF]),
  one('softsign', [1e30, -1e30, 0], [1, -1, 0], [0, 0, 1]),
  one('exp', [-200, INF, -INF, NaN], [0, INF, 0, NaN]),
  one('expm1', [-INF, 0, INF], [-1, 0, INF]),
  one('log', [0, -0, -1, INF, 1], [-INF, -INF, NaN, INF, 0]),
  one('log', [0, 1], undefined, [INF, 1]),
  one('log2', [8, 0, -1, 0.25], [3, -INF, NaN, -2]),
  one('log10', [1000, 0, -1], [3, -INF, NaN]),
  one('log1p', [-1, -2, 0], [-INF, NaN, 0]),
  one('sqrt', [0, 4, -1, INF], [0, 2, NaN, INF]),
  one('sqrt', [0, 4], undefined, [INF, 0.25]),
  one('rsqrt', [0, 4, -1, INF], [INF, 0.5, NaN, 0]),
  one('reciprocal', [0, -0, INF, 2], [INF, -INF, 0, 0.5]),
  one('round', [0.5, 1.5, 2.5, -0.5, INF, NaN], [0, 2, 2, 0, INF, NaN], [0, 0, 0, 0, 0, 0]),
  one('frac', [-1.5, 1.25, INF, 3], [-0.5, 0.25, NaN, 0], [1, 1, 1, 1]),
  one('sin', [INF, 0], [NaN, 0]),
  one('asin', [1, -1, 2, 0], [PI / 2, -PI / 2, NaN, 0], [INF, INF, NaN, 1]),
  one('acos', [1, -1, 2], [0, PI, NaN], [-INF, -INF, NaN]),
  one('atan', [INF, -INF, 0], [PI / 2, -PI / 2, 0], [0, 0, 1]),
  one('sinh', [INF, -INF, 0], [INF, -INF, 0]),
  one('cosh', [INF, -INF, 0], [INF, INF, 1]),
  one('asinh', [INF, -INF, 0], [INF, -INF, 0], [0, 0, 1]),
  one('acosh', [1, 0.5, INF], [0, NaN, INF], [INF, NaN, 0]),
  one('atanh', [1, -1, 2, 0], [INF, -INF, NaN, 0]),
  one('logit', [0, 1, 0.5, 2], [-INF, INF, 0, NaN], [INF, INF, 4, NaN]),
  one('erf', [INF, -INF, 0, NaN], [1, -1, 0, NaN]),
  one('exp2', [-2000, 2000, 10, -INF, INF, NaN], [0, INF, 1024, 0, INF, NaN]),
  one('erfc', [INF, -INF, 0, NaN], [0, 2, 1, NaN], [0, 0, -2 / Math.sqrt(PI), NaN]),
  one('erfinv', [1, -1, 0, 2, NaN], [INF, -INF, 0, NaN, NaN], [INF, INF, Math.sqrt(PI) / 2, NaN, NaN]),
  one('lgamma', [0, -0, -1, -INF, INF, NaN, 1, 2], [INF, INF, INF, INF, INF, NaN, 0, 0]),
  one('digamma', [0, -0, -1, -INF, INF, NaN], [-INF, INF, NaN, NaN, INF, NaN]),
  one('softshrink', [0.5, -0.5, 1, -1, INF, 0], [0, 0, 0.5, -0.5, INF, 0], [0, 0, 1, 1, 1, 0]),
  one('hardshrink', [0.5, -0.5, 1, NaN, INF, 0], [0, 0, 1, NaN, INF, 0], [0, 0, 1, 1, 1, 0]),
  {
    op: 'threshold',
    f: (x) => ops.threshold(x, 0.5, 9),
    x: [[0.5, 0.25, NaN, INF]],
    y: [9, 9, NaN, INF],
    grads: [[0, 0, 1, 1]],
  },
  ...(['fmax', 'fmin'] as const).map(
    (op): Pinned => ({
      op,
      f: (a, b) => ops[op](a, b),
      x: [
        [NaN, 1, NaN, 2],
        [1, NaN, NaN, 2],
      ],
      y: [1, 1, NaN, 2],
      grads: [
        [0, 1, 1, 1],
        [1, 0, 0, 0],
      ],
    }),
  ),
  {
    op: 'xlogy',
    f: (a, b) => ops.xlogy(a, b),
    x: [
      [0, 0, 0, 0, 1],
      [0, -1, INF, NaN, 0],
    ],
    y: [0, 0, 0, NaN, -INF],
  },
  {
    op: 'hypot',
    f: (a, b) => ops.hypot(a, b),
    x: [
      [INF, NaN, 3e30, 0],
      [NaN, -INF, 4e30, 0],
    ],
    y: [INF, INF, 5e30, 0],
  },
  one('isnan', [NaN, INF, 1], [1, 0, 0]),
  one('isinf', [NaN, INF, -INF, 1], [0, 1, 1, 0]),
  one('isfinite', [NaN, INF, -INF, 1], [0, 0, 0, 1]),
  {
    op: 'nanToNum',
    f: (x) => ops.nanToNum(x, { posinf: 7, neginf: -8 }),
    x: [[NaN, INF, -INF, 3]],
    y: [0, 7, -8, 3],
    grads: [[0, 0, 0, 1]],
  },
  {
    op: 'clamp',
    f: (x) => ops.clamp(x, { min: -1, max: 2 }),
    x: [[NaN, -INF, -1, 0, 2, 3]],
    y: [NaN, -1, -1, 0, 2, 2],
    grads: [[0, 0, 1, 1, 1, 0]],
  },
  {
    op: 'clamp',
    f: (x, min, max) => ops.clamp(x, { min, max }),
    x: [
      [0, 1, 2, 5],
      [1, 1, 1, 4],
      [3, 3, 1.5, 3],
    ],
    y: [1, 1, 1.5, 3],
    grads: [
      [0, 1, 0, 0],
      [1, 0, 0, 0],
      [0, 0, 1, 1],
    ],
  },
  {
    op: 'div',
    f: (a, b) => ops.div(a, b, { roundingMode: 'floor' }),
    x: [
      [-7, 7, 1, 1, -1, 0, INF],
      [2, -2, 0, 0.1, INF, 0, 2],
    ],
    y: [-4, -4, INF, 9, -1, NaN, NaN],
  },
  {
    op: 'div',
    f: (a, b) => ops.div(a, b, { roundingMode: 'trunc' }),
    x: [
      [-7, 7, 1, INF],
      [2, -2, 0, 2],
    ],
    y: [-3, -3, INF, INF],
  },
  {
    op: 'where',
    f: (a, b) => ops.where(ops.gt(b, 0), a, b),
    x: [
      [NaN, 1, INF],
      [-1, 1, 1],
    ],
    y: [-1, 1, INF],
    grads: [
      [0, 1, 1],
      [1, 0, 0],
    ],
  },
  {
    op: 'maskedFill',
    f: (x) => ops.maskedFill(x, ops.isnan(x), -INF),
    x: [[NaN, 1, INF]],
    y: [-INF, 1, INF],
    grads: [[0, 1, 1]],
  },
  {
    op: 'lerp',
    f: (a, b) => ops.lerp(a, b, 1),
    x: [
      [3, INF, 1],
      [5, 1, 1],
    ],
    y: [5, NaN, 1],
  },
]

/** Where we answer otherwise than PyTorch, on purpose: docs/numerics.md says why. */
export const ours: readonly Pinned[] = [
  one('sign', [NaN], [NaN]),
  { op: 'atan2', f: (a, b) => ops.atan2(a, b), x: [[0], [0]], y: [0], grads: [[0], [0]] },
  { op: 'pow', f: (a, b) => ops.pow(a, b), x: [[0], [-1]], y: [INF], grads: [[-INF], [0]] },
  {
    op: 'logaddexp',
    f: (a, b) => ops.logaddexp(a, b),
    x: [
      [-INF, INF],
      [-INF, INF],
    ],
    y: [-INF, INF],
    grads: [
      [0.5, 0.5],
      [0.5, 0.5],
    ],
  },
  {
    op: 'hypot',
    f: (a, b) => ops.hypot(a, b),
    x: [
      [0, INF],
      [0, 1],
    ],
    y: [0, INF],
    grads: [
      [0, 0],
      [0, 0],
    ],
  },
  {
    op: 'xlogy',
    f: (a, b) => ops.xlogy(a, b),
    x: [
      [0, 0],
      [0, INF],
    ],
    y: [0, 0],
    grads: [
      [0, 0],
      [0, 0],
    ],
  },
  { op: 'polygamma', f: (x) => ops.polygamma(1, x), x: [[-1, INF]], y: [INF, 0] },
  one('softshrink', [NaN], [NaN]),
  one('silu', [INF, -INF], undefined, [1, 0]),
  one('softsign', [INF, -INF, NaN], [1, -1, NaN], [0, 0, NaN]),
  one('elu', [NaN], [NaN], [NaN]),
  one('celu', [NaN], [NaN], [NaN]),
  one('selu', [NaN], [NaN], [NaN]),
  ...(['remainder', 'fmod'] as const).map((op) =>
    two(op, [
      [1, 0, NaN, 1, NaN],
      [0, 0, NaN, 1, NaN],
      [INF, 0, NaN, 1, NaN],
    ]),
  ),
  one('gelu', [INF, -INF], undefined, [1, 0]),
  one('mish', [INF, -INF], undefined, [1, 0]),
]

/** What a device answers otherwise than pinned, as texts. */
export async function answersOtherwise(
  list: readonly Pinned[],
  device: Device,
  dtype: 'float32' | 'float64',
): Promise<string[]> {
  const found: string[] = []
  using s = openScope()
  for (const { op, f, x, y, grads } of list) {
    const reads = s.run(() => {
      const xs = x.map((data) => tensor([...data], { dtype, device, requiresGrad: true }))
      const out = f(...xs)
      return [
        out,
        ...(grads
          ? grad([out], xs, {
              gradOutputs: [
                tensor(
                  x[0].map(() => 1),
                  { dtype, device },
                ),
              ],
            })
          : []),
      ].map((t) => (t as Tensor).data())
    })
    const got = await Promise.all(reads)
    ;[y, ...(grads ?? [])].forEach((want, output) => {
      want?.forEach((w, i) => {
        const g = got[output][i]
        const close = Math.abs(g - w) <= 1e-6 * Math.abs(w) + 1e-38
        if (g === w || close || (Number.isNaN(g) && Number.isNaN(w)) || Math.fround(w) === g) return
        const what = output === 0 ? '' : `gradient ${output - 1} of `
        found.push(
          `${what}${op}(${x.map((list) => (Object.is(list[i], -0) ? '-0' : list[i])).join(', ')}) is ${g}, not ${w}`,
        )
      })
    })
  }
  return found
}
