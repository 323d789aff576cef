/**
 * @file The op table: for every public op its cases, its order of differentiation, and how far float32 may be from float64.
 * Exhaustive by type: an op of src/ops/index.ts without a row here does not compile. run.ts puts each row through everything.
 */
import * as ops from '../../src/ops/index.ts'
import type { Tensor } from '../../src/tensor.ts'
import {
  awayFromZero,
  bools,
  constant,
  distinct,
  type Input,
  ints,
  intValues,
  normal,
  uniform,
  values,
} from './inputs.ts'

export type OpName = keyof typeof ops

/** One call of an op. */
export interface Case {
  readonly x: readonly Input[]
  /** Default: the op on the inputs. */
  readonly f?: (...x: Tensor[]) => Tensor | readonly Tensor[]
  readonly note?: string
  /** Values at a kink or a pole: forward and float32 gradients are compared, differences are not taken. */
  readonly kink?: boolean
}

/**
 * Accepted distance from the float64 result: units in the last place of the element, of the largest element, of the sum of absolute
 * terms (for sums and products: cancellation is no error), plus an absolute part.
 */
export interface Bound {
  readonly ulp?: number
  readonly ulpOfMax?: number
  readonly ulpOfTerms?: number
  readonly abs?: number
}

export interface Row {
  readonly cases: readonly [Case, ...Case[]]
  /** 2: twice differentiable and checked so. Else why not. */
  readonly order: 2 | { readonly upTo: 0 | 1; readonly reason: string }
  readonly bound: Bound
}

const EXACT: Bound = {}
const noGradient = { upTo: 0, reason: 'the result is bool or integer' } as const

type Draw = (...shape: number[]) => Input
const range =
  (low: number, high: number): Draw =>
  (...shape) =>
    uniform(low, high, ...shape)

/** The shapes every one-input elementwise op is tried at; layouts (transposed, offset, expanded) are run.ts's. */
function unary(draw: Draw, bound: Bound, order: Row['order'] = 2, extra: readonly Case[] = []): Row {
  const shapes = [[], [0], [1], [7], [3, 5], [2, 0, 3], [4, 1, 6], [1027], [2, 3, 2, 2, 3]]
  const cases = shapes.map((shape): Case => ({ x: [draw(...shape)] }))
  return { cases: [cases[0], ...cases.slice(1), ...extra], order, bound }
}

/** The pairs of shapes every two-input elementwise op is tried at. */
function binary(
  f: (a: Tensor | number, b: Tensor | number) => Tensor,
  a: Draw,
  b: Draw,
  bound: Bound,
  order: Row['order'] = 2,
  extra: readonly Case[] = [],
): Row {
  const pairs = [
    [[], []],
    [[0], [1]],
    [[7], [7]],
    [[3, 5], [5]],
    [
      [4, 1],
      [1, 6],
    ],
    [
      [3, 1, 5],
      [4, 1],
    ],
    [[2, 3], []],
    [[5], [2, 3, 1, 1, 5]],
    [
      [2, 1, 3, 1, 2, 1],
      [2, 1, 3, 1, 2],
    ],
  ]
  const cases = pairs.map(([s, t]): Case => ({ x: [a(...s), b(...t)] }))
  const scalars: Case[] = [
    { x: [a(3, 4)], f: (x) => f(x, 1.5), note: 'number on the right' },
    { x: [b(3, 4)], f: (x) => f(0.75, x), note: 'number on the left' },
  ]
  return { cases: [cases[0], ...cases.slice(1), ...scalars, ...extra], order, bound }
}

/** Comparisons: also integers, where they are exact. */
function comparison(f: (a: Tensor | number, b: Tensor | number) => Tensor, extra: readonly Case[] = []): Row {
  const near = range(-2, 2)
  const int: Case = { x: [ints(-3, 4, 5, 6), ints(-3, 4, 6)], f: (a, b) => f(a, b), note: 'int32' }
  const ties: Case = {
    x: [values([0, -0, 1, 1, -1, 2], 6), values([0, 0, 1, 2, -1, 1], 6)],
    note: 'ties and signed zero',
  }
  const big: Case = {
    x: [intValues([16777217, -16777217, 5], 3)],
    f: (a) => f(a, 16777217),
    note: 'integers past float32',
  }
  return binary(f, near, near, EXACT, noGradient, [int, ties, big, ...extra])
}

const logic = (f: (a: Tensor, b: Tensor) => Tensor): Row => ({
  cases: [
    { x: [bools(4, 5), bools(5)] },
    { x: [bools(), bools(3)] },
    { x: [bools(0), bools(1)] },
    { x: [bools(2, 1, 3), bools(4, 1)], f },
  ],
  order: noGradient,
  bound: EXACT,
})

const movement = (cases: readonly [Case, ...Case[]]): Row => ({ cases, order: 2, bound: EXACT })

const keepdim = { keepdim: true }
const SUM: Bound = { ulp: 2, ulpOfTerms: 8 }
/** Sums, whose error grows with the number of terms. */
function reduction(
  f: (x: Tensor, dims?: number | readonly number[] | null, options?: { keepdim?: boolean }) => Tensor,
  draw: Draw,
  bound: Bound,
  empty: boolean,
  order: Row['order'] = 2,
): Row {
  const cases: Case[] = [
    { x: [draw(3, 4)], f: (x) => f(x, 1) },
    { x: [draw()] },
    { x: [draw(1)] },
    { x: [draw(7)], f: (x) => f(x, -1, keepdim) },
    { x: [draw(3, 4, 5)] },
    { x: [draw(3, 4, 5)], f: (x) => f(x, 0) },
    { x: [draw(3, 4, 5)], f: (x) => f(x, [0, 2]) },
    { x: [draw(3, 4, 5)], f: (x) => f(x, [1], keepdim) },
    { x: [draw(2, 3, 2, 3, 2)], f: (x) => f(x, [0, 2, 4]), note: 'axes that do not merge' },
    { x: [draw(3, 700)], f: (x) => f(x, 1), note: 'long rows' },
    { x: [draw(2500)], note: 'in several passes' },
    { x: [draw(1100, 3)], f: (x) => f(x, 0), note: 'long columns' },
  ]
  if (empty)
    cases.push({ x: [draw(0)] }, { x: [draw(3, 0)], f: (x) => f(x, 1) }, { x: [draw(0, 3)], f: (x) => f(x, 1) })
  return { cases: [cases[0], ...cases.slice(1)], order, bound }
}

const pick = (f: (x: Tensor, dim: number) => { values: Tensor; indices: Tensor }, dim: number) => (x: Tensor) => {
  const { values: v, indices } = f(x, dim)
  return [v, indices]
}
const TIES = values([1, 3, 3, 2, 3, 1, 2, 2], 2, 4)
const extremeCases = (f: typeof ops.max): readonly [Case, ...Case[]] => [
  { x: [distinct(3, 4)], f: (x) => f(x) },
  { x: [distinct(3, 4)], f: pick(f, 1) },
  { x: [distinct(3, 4)], f: pick(f, 0) },
  { x: [distinct(2, 3, 4)], f: pick(f, -2) },
  { x: [distinct(1)], f: (x) => f(x) },
  { x: [distinct()], f: pick(f, 0) },
  { x: [distinct(2, 3, 2, 2, 3)], f: pick(f, 2) },
  { x: [distinct(1500)], f: (x) => f(x), note: 'in several passes' },
  { x: [distinct(2, 1300)], f: pick(f, 1), note: 'long rows' },
  { x: [TIES], f: pick(f, 1), kink: true, note: 'ties: the first' },
  { x: [TIES], f: (x) => f(x), kink: true, note: 'ties: shared' },
  { x: [ints(-9, 9, 4, 5)], f: pick(f, 1), note: 'int32' },
]
const positionCases = (f: (x: Tensor, dim?: number) => Tensor): readonly [Case, ...Case[]] => [
  { x: [distinct(3, 4)], f: (x) => f(x) },
  { x: [distinct(3, 4)], f: (x) => f(x, 1) },
  { x: [distinct(3, 4)], f: (x) => f(x, 0) },
  { x: [TIES], f: (x) => f(x, 1), note: 'ties: the first' },
  { x: [distinct(3000)], f: (x) => f(x), note: 'long' },
  { x: [ints(-9, 9, 4, 5)], f: (x) => f(x, 1), note: 'int32' },
]

const MATMUL: Bound = { ulp: 2, ulpOfTerms: 8 }
const LOSS: Bound = { ulp: 16, abs: 2e-6 }
const bce = (x: Tensor, t: Tensor) => ops.bceWithLogits(x, t)
const targets = (classes: number, ...shape: number[]): Input => ints(0, classes, ...shape)

const table: { readonly [K in OpName]: Row } = {
  // ---- elementwise, one input
  neg: unary(normal, EXACT, 2, [{ x: [ints(-9, 9, 3, 4)], note: 'int32' }]),
  abs: unary((...s) => awayFromZero(0.01, ...s), EXACT, 2, [
    { x: [values([0, -0], 2)], kink: true, note: 'the kink' },
    { x: [ints(-9, 9, 3, 4)], note: 'int32' },
  ]),
  sign: unary((...s) => awayFromZero(0.01, ...s), EXACT, 2, [
    { x: [values([0, -0], 2)], kink: true },
    { x: [ints(-3, 3, 3, 4)], note: 'int32' },
  ]),
  exp: unary(range(-8, 8), { ulp: 24 }, 2, [
    { x: [values([88, -87, 0, -200], 4)], kink: true, note: 'ends of the range' },
  ]),
  expm1: unary(range(-4, 4), { ulp: 8, abs: 1e-38 }, 2, [
    { x: [values([1e-7, -1e-7, 1e-20, 80], 4)], kink: true, note: 'near 0' },
  ]),
  log: unary(range(0.1, 8), { ulp: 4, abs: 2 ** -21 }),
  log1p: unary(range(-0.8, 8), { ulp: 8, abs: 1e-38 }, 2, [
    { x: [values([1e-7, -1e-7, 1e-20, 1e20], 4)], kink: true, note: 'near 0' },
  ]),
  sqrt: unary(range(0.1, 8), { ulp: 5 }),
  rsqrt: unary(range(0.1, 8), { ulp: 4 }),
  square: unary(normal, { ulp: 1 }),
  reciprocal: unary((...s) => awayFromZero(0.2, ...s), { ulp: 3 }),
  sin: unary(range(-10, 10), { ulp: 4, abs: 2e-7 }, 2, [
    { x: [values([0, 3.14159274, 100, -1000], 4)], note: 'range reduction' },
  ]),
  cos: unary(range(-10, 10), { ulp: 4, abs: 2e-7 }, 2, [
    { x: [values([0, 1.57079637, 100, -1000], 4)], note: 'range reduction' },
  ]),
  tanh: unary(normal, { ulp: 8, abs: 1e-38 }, 2, [
    { x: [values([1000, -1000, 88.5, 1e-6, 0], 5)], kink: true, note: 'no overflow' },
  ]),
  sigmoid: unary(normal, { ulp: 8, abs: 1e-38 }, 2, [
    { x: [values([1000, -1000, 88.5, -88.5, 0], 5)], kink: true, note: 'no overflow' },
  ]),
  softplus: unary(normal, { ulp: 8, abs: 1e-38 }, 2, [
    { x: [values([1000, -1000, 88.5, -30, 0], 5)], kink: true, note: 'no overflow' },
  ]),
  relu: unary((...s) => awayFromZero(0.01, ...s), EXACT, 2, [
    { x: [values([0, -0], 2)], kink: true, note: 'the kink' },
  ]),
  erf: unary(normal, { abs: 3e-7 }, 2, [{ x: [values([10, -10, 1e-5, 0, 3.5], 5)], kink: true, note: 'tails' }]),
  floor: unary(range(-4.9, 4.9), EXACT, 2),
  ceil: unary(range(-4.9, 4.9), EXACT, 2),
  round: unary(range(-4.9, 4.9), EXACT, 2, [
    { x: [values([0.5, 1.5, 2.5, -0.5, -1.5], 5)], kink: true, note: 'halves go to even' },
  ]),
  trunc: unary(range(-4.9, 4.9), EXACT, 2),
  logicalNot: { cases: [{ x: [bools(3, 4)] }, { x: [bools()] }, { x: [bools(0)] }], order: noGradient, bound: EXACT },

  // ---- elementwise, two inputs and more
  add: binary(ops.add, normal, normal, EXACT, 2, [
    { x: [ints(-9, 9, 3, 4), ints(-9, 9, 4)], note: 'int32' },
    { x: [ints(1, 3, 4)], f: (x) => ops.add(x, 2 ** 30), note: 'integer past float32' },
  ]),
  sub: binary(ops.sub, normal, normal, EXACT, 2, [{ x: [ints(-9, 9, 3, 4), ints(-9, 9, 4)], note: 'int32' }]),
  mul: binary(ops.mul, normal, normal, EXACT, 2, [{ x: [ints(-9, 9, 3, 4), ints(-9, 9, 4)], note: 'int32' }]),
  div: binary(ops.div, normal, (...s) => awayFromZero(0.3, ...s), { ulp: 3 }),
  pow: binary(ops.pow, range(0.3, 3), range(-2, 2), { ulp: 40 }, 2, [
    { x: [awayFromZero(0.2, 3, 4)], f: (x) => ops.pow(x, 3), note: 'negative base, odd power' },
    { x: [awayFromZero(0.2, 3, 4)], f: (x) => ops.pow(x, 2), note: 'square' },
    { x: [awayFromZero(0.2, 3, 4)], f: (x) => ops.pow(x, -1), note: 'reciprocal' },
    { x: [normal(4)], f: (x) => ops.pow(x, 0), note: 'zeroth power' },
    { x: [normal(4)], f: (x) => ops.pow(x, 1), note: 'first power' },
    { x: [values([0, 2, 0], 3), values([2, 0, 0], 3)], kink: true, note: 'zeros' },
  ]),
  maximum: binary(ops.maximum, normal, normal, EXACT, 2, [
    { x: [values([1, 2, 3], 3), values([1, 3, 2], 3)], kink: true, note: 'a tie' },
    { x: [ints(-9, 9, 3, 4), ints(-9, 9, 4)], note: 'int32' },
  ]),
  minimum: binary(ops.minimum, normal, normal, EXACT, 2, [
    { x: [values([1, 2, 3], 3), values([1, 3, 2], 3)], kink: true, note: 'a tie' },
    { x: [ints(-9, 9, 3, 4), ints(-9, 9, 4)], note: 'int32' },
  ]),
  eq: comparison(ops.eq, [{ x: [bools(3, 4), bools(4)], note: 'bool' }]),
  ne: comparison(ops.ne, [{ x: [bools(3, 4), bools(4)], note: 'bool' }]),
  lt: comparison(ops.lt),
  le: comparison(ops.le),
  gt: comparison(ops.gt),
  ge: comparison(ops.ge),
  logicalAnd: logic(ops.logicalAnd),
  logicalOr: logic(ops.logicalOr),
  logicalXor: logic(ops.logicalXor),
  where: movement([
    { x: [bools(3, 4), normal(3, 4), normal(3, 4)] },
    { x: [bools(4), normal(3, 1), normal()], note: 'broadcast' },
    { x: [bools(3, 1, 2), normal(5, 1), normal(3, 5, 2)] },
    { x: [bools(3, 4), normal(3, 4)], f: (m, x) => ops.where(m, x, 0), note: 'number on the right' },
    { x: [bools(3, 4), normal(4)], f: (m, x) => ops.where(m, -1, x), note: 'number on the left' },
    { x: [bools(3, 4)], f: (m) => ops.where(m, 1, 0), note: 'two numbers' },
    { x: [bools(3, 4), ints(0, 9, 3, 4), ints(0, 9, 4)], note: 'int32' },
    { x: [bools(3, 4), ints(0, 9, 3, 4)], f: (m, x) => ops.where(m, x, 5), note: 'int32 and a number' },
    { x: [bools(0), normal(0), normal(1)] },
  ]),
  cast: movement([
    { x: [uniform(-4.9, 4.9, 3, 4)], f: (x) => ops.cast(x, 'int32') },
    { x: [uniform(-4.9, 4.9, 3, 4)], f: (x) => ops.cast(x, 'bool') },
    { x: [ints(-9, 9, 3, 4)], f: (x) => ops.cast(x, 'float32') },
    { x: [ints(-2, 2, 3, 4)], f: (x) => ops.cast(x, 'bool') },
    { x: [bools(3, 4)], f: (x) => ops.cast(x, 'float32') },
    { x: [bools(3, 4)], f: (x) => ops.cast(x, 'int32') },
    { x: [normal(3, 4)], f: (x) => ops.cast(x, x.dtype) },
    { x: [normal(0)], f: (x) => ops.cast(x, 'int32') },
  ]),

  // ---- movement
  clone: movement([
    { x: [normal(3, 4)] },
    { x: [normal()] },
    { x: [normal(0)] },
    { x: [normal(2, 3, 2, 2, 3)] },
    { x: [ints(0, 9, 4)] },
    { x: [bools(4)] },
  ]),
  contiguous: movement([
    { x: [normal(3, 4)], f: (x) => ops.contiguous(ops.transpose(x)) },
    { x: [normal(2, 3, 2, 2, 3)], f: (x) => ops.contiguous(ops.permute(x, [4, 2, 0, 3, 1])) },
  ]),
  reshape: movement([
    { x: [normal(3, 4)], f: (x) => ops.reshape(x, [2, 6]) },
    { x: [normal(3, 4)], f: (x) => ops.reshape(x, [-1]) },
    { x: [normal()], f: (x) => ops.reshape(x, [1, 1]) },
    { x: [normal(0, 3)], f: (x) => ops.reshape(x, [3, 0]) },
    { x: [normal(2, 3, 4)], f: (x) => ops.reshape(ops.transpose(x, 0, 1), [6, -1]), note: 'of a transposed view' },
    { x: [normal(4, 6)], f: (x) => ops.reshape(ops.slice(x, null, [0, 4]), [2, 2, 2, 2]), note: 'a view of a slice' },
  ]),
  flatten: movement([
    { x: [normal(2, 3, 4)], f: (x) => ops.flatten(x) },
    { x: [normal(2, 3, 4)], f: (x) => ops.flatten(x, 1) },
    { x: [normal()], f: (x) => ops.flatten(x) },
  ]),
  squeeze: movement([
    { x: [normal(1, 3, 1)], f: (x) => ops.squeeze(x) },
    { x: [normal(1, 3, 1)], f: (x) => ops.squeeze(x, 0) },
    { x: [normal(1, 3, 1)], f: (x) => ops.squeeze(x, [0, 1]) },
  ]),
  unsqueeze: movement([
    { x: [normal(3, 4)], f: (x) => ops.unsqueeze(x, 1) },
    { x: [normal(3)], f: (x) => ops.unsqueeze(x, -1) },
    { x: [normal()], f: (x) => ops.unsqueeze(x, 0) },
  ]),
  transpose: movement([
    { x: [normal(3, 4)], f: (x) => ops.transpose(x) },
    { x: [normal(2, 3, 4)], f: (x) => ops.transpose(x, 0, -1) },
    { x: [ints(0, 9, 2, 3)], f: (x) => ops.transpose(x, 0, 1) },
  ]),
  permute: movement([
    { x: [normal(2, 3, 4)], f: (x) => ops.permute(x, [2, 0, 1]) },
    { x: [normal(2, 3, 2, 2, 3)], f: (x) => ops.permute(x, [-1, 2, 0, 3, 1]) },
    { x: [normal()], f: (x) => ops.permute(x, []) },
  ]),
  expand: movement([
    { x: [normal(3, 1)], f: (x) => ops.expand(x, [3, 4]) },
    { x: [normal(4)], f: (x) => ops.expand(x, [2, 3, -1]) },
    { x: [normal()], f: (x) => ops.expand(x, [2, 2]) },
    { x: [normal(1, 3)], f: (x) => ops.expand(x, [0, 3]) },
  ]),
  slice: movement([
    { x: [normal(5, 6)], f: (x) => ops.slice(x, [1, 4]) },
    { x: [normal(5, 6)], f: (x) => ops.slice(x, null, [null, null, 2]) },
    { x: [normal(5, 6)], f: (x) => ops.slice(x, [-3, -1], [5, 1, -2]) },
    { x: [normal(5)], f: (x) => ops.slice(x, [null, null, -1]), note: 'reversed' },
    { x: [normal(5)], f: (x) => ops.slice(x, [3, 3]), note: 'empty' },
    { x: [normal(5)], f: (x) => ops.slice(x, [-99, 99]), note: 'clamped' },
    { x: [ints(0, 9, 5)], f: (x) => ops.slice(x, [2]) },
  ]),
  cat: movement([
    { x: [normal(2, 3), normal(4, 3)], f: (a, b) => ops.cat([a, b]) },
    { x: [normal(2, 3), normal(2, 1), normal(2, 2)], f: (...x) => ops.cat(x, 1) },
    { x: [normal(0, 3), normal(2, 3)], f: (...x) => ops.cat(x), note: 'an empty one' },
    { x: [normal(3)], f: (a) => ops.cat([a, a]), note: 'twice the same' },
    { x: [ints(0, 9, 2), ints(0, 9, 3)], f: (...x) => ops.cat(x) },
    {
      x: [2, 1, 3, 2, 1, 1, 2, 3, 1, 2, 1, 1].map((n) => normal(2, n)),
      f: (...x) => ops.cat(x, -1),
      note: 'more than a stage has buffers',
    },
  ]),
  stack: movement([
    { x: [normal(2, 3), normal(2, 3)], f: (...x) => ops.stack(x) },
    { x: [normal(2), normal(2), normal(2)], f: (...x) => ops.stack(x, -1) },
    { x: [normal(), normal()], f: (...x) => ops.stack(x) },
  ]),

  // ---- reductions
  sum: reduction(ops.sum, normal, SUM, true),
  mean: reduction(ops.mean, normal, SUM, false),
  amax: {
    ...reduction(ops.amax, distinct, EXACT, false),
    cases: [
      ...reduction(ops.amax, distinct, EXACT, false).cases,
      { x: [TIES], f: (x: Tensor) => ops.amax(x, 1), kink: true },
      { x: [ints(-9, 9, 4, 5)], f: (x: Tensor) => ops.amax(x, 0) },
    ],
  },
  amin: {
    ...reduction(ops.amin, distinct, EXACT, false),
    cases: [
      ...reduction(ops.amin, distinct, EXACT, false).cases,
      { x: [TIES], f: (x: Tensor) => ops.amin(x, 1), kink: true },
      { x: [ints(-9, 9, 4, 5)], f: (x: Tensor) => ops.amin(x, 0) },
    ],
  },
  max: { cases: extremeCases(ops.max), order: 2, bound: EXACT },
  min: { cases: extremeCases(ops.min), order: 2, bound: EXACT },
  argmax: { cases: positionCases(ops.argmax), order: noGradient, bound: EXACT },
  argmin: { cases: positionCases(ops.argmin), order: noGradient, bound: EXACT },

  // ---- contractions
  matmul: {
    cases: [
      { x: [normal(3, 4), normal(4, 5)] },
      { x: [normal(1, 1), normal(1, 1)] },
      { x: [normal(17, 33), normal(33, 9)], note: 'no multiple of any tile' },
      { x: [normal(64, 64), normal(64, 64)], note: 'whole tiles' },
      { x: [normal(70, 20), normal(20, 132)], note: 'more than one tile' },
      { x: [normal(4), normal(4)], note: 'dot' },
      { x: [normal(4), normal(4, 3)], note: 'row' },
      { x: [normal(3, 4), normal(4)], note: 'column' },
      { x: [normal(2, 3, 4), normal(2, 4, 5)], note: 'batch' },
      { x: [normal(2, 1, 3, 4), normal(3, 4, 2)], note: 'broadcast batch' },
      { x: [normal(5, 3, 4), normal(4)] },
      { x: [normal(2, 3, 2, 2, 3, 4), normal(2, 1, 2, 1, 4, 2)], note: 'batch axes that do not merge' },
      { x: [normal(3, 0), normal(0, 4)], note: 'k = 0' },
      { x: [normal(0, 3), normal(3, 4)], note: 'no rows' },
      { x: [normal(3, 5), normal(4, 5)], f: (a, b) => ops.matmul(a, ops.transpose(b)), note: 'NT' },
      { x: [normal(5, 3), normal(5, 4)], f: (a, b) => ops.matmul(ops.transpose(a), b), note: 'TN' },
      {
        x: [normal(2, 3, 2, 4), normal(2, 5, 2, 4)],
        f: (q, k) => ops.matmul(ops.transpose(q, 1, 2), ops.permute(k, [0, 2, 3, 1])),
        note: 'heads of attention',
      },
    ],
    order: 2,
    bound: MATMUL,
  },

  // ---- indexing
  indexSelect: movement([
    { x: [normal(5, 3), ints(0, 5, 7)], f: (x, i) => ops.indexSelect(x, 0, i), note: 'with repeats' },
    { x: [normal(3, 5), ints(0, 5, 4)], f: (x, i) => ops.indexSelect(x, 1, i) },
    { x: [normal(2, 5, 3), ints(0, 5, 4)], f: (x, i) => ops.indexSelect(x, -2, i) },
    { x: [normal(5)], f: (x) => ops.indexSelect(x, 0, [4, 0, 4]), note: 'host indices' },
    { x: [normal(5, 3), ints(0, 5, 0)], f: (x, i) => ops.indexSelect(x, 0, i), note: 'none' },
    { x: [ints(0, 9, 5, 2), ints(0, 5, 3)], f: (x, i) => ops.indexSelect(x, 0, i), note: 'int32' },
  ]),
  embedding: {
    cases: [
      { x: [normal(6, 4), ints(0, 6, 2, 5)] },
      { x: [normal(6, 4), ints(0, 6)] },
      { x: [normal(3, 70), ints(0, 3, 300)], note: 'many repeats' },
    ],
    order: 2,
    bound: EXACT,
  },
  indexAdd: {
    cases: [
      { x: [normal(5, 3), ints(0, 5, 7), normal(7, 3)], f: (x, i, s) => ops.indexAdd(x, 0, i, s) },
      { x: [normal(3, 5), ints(0, 5, 4), normal(3, 4)], f: (x, i, s) => ops.indexAdd(x, 1, i, s) },
      { x: [normal(5), normal(3)], f: (x, s) => ops.indexAdd(x, 0, [1, 1, 4], s), note: 'host indices' },
    ],
    order: 2,
    bound: { ulp: 4, ulpOfMax: 2 },
  },

  // ---- softmax and losses
  softmax: {
    cases: [
      { x: [normal(3, 5)] },
      { x: [normal(3, 5)], f: (x) => ops.softmax(x, 0) },
      { x: [normal()] },
      { x: [normal(1)] },
      { x: [normal(0, 3)] },
      { x: [normal(2, 3, 4)], f: (x) => ops.softmax(x, 1) },
      { x: [normal(2, 1000)], note: 'more columns than lanes' },
      { x: [normal(600, 3)], note: 'more rows than lanes' },
      { x: [constant(100, 1, 4)], note: 'no overflow' },
      { x: [values([-200, 0, 200, 1e30, -1e30, 0], 2, 3)], kink: true, note: 'far apart' },
    ],
    order: 2,
    bound: { ulp: 16, abs: 1e-7 },
  },
  logSoftmax: {
    cases: [
      { x: [normal(3, 5)] },
      { x: [normal(3, 5)], f: (x) => ops.logSoftmax(x, 0) },
      { x: [normal()] },
      { x: [normal(2, 3, 4)], f: (x) => ops.logSoftmax(x, 1) },
      { x: [normal(2, 1000)], note: 'more columns than lanes' },
      { x: [normal(600, 3)] },
      { x: [values([-200, 0, 200, 80, -80, 0], 2, 3)], kink: true, note: 'far apart' },
    ],
    order: 2,
    bound: { ulp: 16, abs: 1e-6 },
  },
  crossEntropy: {
    cases: [
      { x: [normal(4, 5), targets(5, 4)] },
      { x: [normal(4, 5), targets(5, 4)], f: (x, t) => ops.crossEntropy(x, t, { labelSmoothing: 0.1 }) },
      { x: [normal(4, 5), targets(5, 4)], f: (x, t) => ops.crossEntropy(x, t, { reduction: 'none' }) },
      { x: [normal(4, 5), targets(5, 4)], f: (x, t) => ops.crossEntropy(x, t, { reduction: 'sum' }) },
      {
        x: [normal(4, 5), intValues([1, -100, 0, -100], 4)],
        f: (x, t) => ops.crossEntropy(x, t, { ignoreIndex: -100, labelSmoothing: 0.2 }),
        note: 'ignored rows',
      },
      { x: [normal(5), targets(5)], note: 'one sample' },
      { x: [normal(2, 5, 3), targets(5, 2, 3)], note: 'classes on axis 1' },
      { x: [normal(3, 1000), targets(1000, 3)], note: 'more classes than lanes' },
      { x: [normal(600, 3), targets(3, 600)], note: 'more rows than lanes' },
      { x: [values([200, 0, -200, 0, 90, -90], 2, 3), intValues([2, 1], 2)], note: 'far apart' },
    ],
    order: 2,
    bound: LOSS,
  },
  mseLoss: {
    cases: [
      { x: [normal(4, 5), normal(4, 5)] },
      { x: [normal(4), normal(4)], f: (x, t) => ops.mseLoss(x, t, { reduction: 'none' }) },
      { x: [normal(4), normal(4)], f: (x, t) => ops.mseLoss(x, t, { reduction: 'sum' }) },
    ],
    order: 2,
    bound: LOSS,
  },
  bceWithLogits: {
    cases: [
      { x: [normal(4, 5), uniform(0, 1, 4, 5)], f: bce },
      { x: [values([0, 100, -100, 20], 4), values([0, 1, 0, 0], 4)], f: bce, note: 'zero and far logits' },
      { x: [normal(4), uniform(0, 1, 4)], f: (x, t) => ops.bceWithLogits(x, t, { reduction: 'none', posWeight: 3 }) },
    ],
    order: 2,
    bound: LOSS,
  },
}

/** Ops that between them launch every kernel in its views: what depends on kernels, not on op codes, is tried on these. */
export const eachKernel: readonly OpName[] = [
  'add',
  'where',
  'clone',
  'slice',
  'cat',
  'sum',
  'amax',
  'max',
  'matmul',
  'indexSelect',
  'embedding',
  'indexAdd',
  'softmax',
  'logSoftmax',
  'crossEntropy',
]

export { ops, table }
