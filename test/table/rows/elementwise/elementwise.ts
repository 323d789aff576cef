/** @file Rows of elementwise ops. */

import type { Tensor } from '../../../../src/core/tensor.ts'
import * as ops from '../../../../src/ops/index.ts'
import { awayFromZero, bools, ints, intValues, normal, uniform, values } from '../../inputs.ts'
import {
  binary,
  type Case,
  comparison,
  EXACT,
  logic,
  movement,
  noGradient,
  type OpName,
  type Row,
  range,
  unary,
} from '../../row.ts'

/** What NaN and infinities are told from. */
const tests: readonly [Case, ...Case[]] = [
  { x: [values([NaN, Infinity, -Infinity, 0, 1e-40, -3e38], 6)], kink: true, note: 'what they tell apart' },
  ...[[], [0], [1], [3, 5], [4, 1, 6], [1027], [2, 3, 2, 2, 3]].map((shape): Case => ({ x: [normal(...shape)] })),
  { x: [values([NaN, 1, Infinity, 2, 3, -Infinity], 2, 3)], note: 'rank 2' },
  { x: [normal(70_001)], forward: true, note: 'large' },
  { x: [ints(-3, 4, 3, 4)], note: 'int32' },
]

/** Rounding leaves integers as they are. */
const whole: Case = { x: [intValues([7, -3, 0, 2147483647, -2147483648, 16777217], 2, 3)], note: 'int32' }

const bounds = (x: Tensor, min: Tensor, max: Tensor) => ops.clamp(x, { min, max })

/** Of remainder and fmod; away from multiples, where they jump. */
const modulo: readonly Case[] = [
  {
    x: [
      values([-7, 7, -7, 7, 6, -6, 0, 5, -5, 1e30, 1], 11),
      values([3, 3, -3, -3, 3, 3, 3, 0, Infinity, 3, 1e-30], 11),
    ],
    kink: true,
    note: 'signs, zero, far quotients',
  },
  { x: [intValues([-7, 7, -7, 7, 6, 5], 6), intValues([3, 3, -3, -3, 3, 0], 6)], note: 'int32' },
  { x: [values([-2.5, 2.25, -0.25], 3), values([0.6, -0.7, 1], 3)], note: 'signs' },
]

/** Shapes of three inputs that broadcast. */
const ternaryShapes = [
  [[], [], []],
  [[0], [1], [0]],
  [[1], [1], [1]],
  [[7], [7], [7]],
  [[3, 5], [5], [3, 1]],
  [[4, 1], [1, 6], []],
  [[5], [2, 3, 1, 1, 5], [3, 1, 1, 1]],
  [[2, 1, 3, 1, 2, 1], [2, 1, 3, 1, 2], [1]],
  [[1027], [1], [1027]],
]

export const elementwise = {
  neg: unary(normal, EXACT, 2, [{ x: [ints(-9, 9, 3, 4)], note: 'int32' }]),
  abs: unary((...s) => awayFromZero(0.01, ...s), EXACT, 2, [
    { x: [values([0, -0], 2)], kink: true, note: 'the kink' },
    { x: [ints(-9, 9, 3, 4)], note: 'int32' },
  ]),
  sign: unary((...s) => awayFromZero(0.01, ...s), EXACT, 2, [
    { x: [values([0, -0], 2)], kink: true },
    { x: [ints(-3, 3, 3, 4)], note: 'int32' },
  ]),
  exp: unary(range(-8, 8), { ulp: 2 }, 2, [
    { x: [values([88, -87, 0, -200], 4)], kink: true, note: 'ends of the range' },
  ]),
  expm1: unary(range(-4, 4), { ulp: 4, abs: 1e-38 }, 2, [
    { x: [values([1e-7, -1e-7, 1e-20, 80], 4)], kink: true, note: 'near 0' },
  ]),
  log: unary(range(0.1, 8), { ulp: 2 }),
  log1p: unary(range(-0.8, 8), { ulp: 3, abs: 1e-38 }, 2, [
    { x: [values([1e-7, -1e-7, 1e-20, 1e20], 4)], kink: true, note: 'near 0' },
  ]),
  sqrt: unary(range(0.1, 8), { ulp: 5 }),
  rsqrt: unary(range(0.1, 8), { ulp: 4 }),
  square: unary(normal, { ulp: 1 }, 2, [{ x: [ints(-9, 9, 3, 4)], note: 'int32' }]),
  reciprocal: unary((...s) => awayFromZero(0.2, ...s), { ulp: 3 }),
  sin: unary(range(-10, 10), { ulp: 2, abs: 1e-7 }, 2, [
    { x: [values([0, 3.14159274, 100, -1000], 4)], note: 'range reduction' },
  ]),
  cos: unary(range(-10, 10), { ulp: 2, abs: 1e-7 }, 2, [
    { x: [values([0, 1.57079637, 100, -1000], 4)], note: 'range reduction' },
  ]),
  tanh: unary(normal, { ulp: 5, abs: 1e-38 }, 2, [
    { x: [values([1000, -1000, 88.5, 1e-6, 0], 5)], kink: true, note: 'no overflow' },
  ]),
  sigmoid: unary(normal, { ulp: 4, abs: 1e-38 }, 2, [
    { x: [values([1000, -1000, 88.5, -88.5, 0], 5)], kink: true, note: 'no overflow' },
  ]),
  softplus: unary(normal, { ulp: 4, abs: 1e-38 }, 2, [
    { x: [values([1000, -1000, 88.5, -30, 0], 5)], kink: true, note: 'no overflow' },
    { x: [normal(3, 4)], f: (x) => ops.softplus(x, { beta: 2.5 }), note: 'beta' },
    { x: [normal(3, 4)], f: (x) => ops.softplus(x, { beta: -2, threshold: 40 }), note: 'negative beta, threshold' },
    { x: [values([1, 4], 2)], f: (x) => ops.softplus(x, { threshold: 2 }), note: 'above and below a threshold' },
  ]),
  relu: unary((...s) => awayFromZero(0.01, ...s), EXACT, 2, [
    { x: [values([0, -0], 2)], kink: true, note: 'the kink' },
    { x: [ints(-9, 9, 3, 4)], note: 'int32' },
  ]),
  erf: unary(normal, { ulp: 3 }, 2, [{ x: [values([10, -10, 1e-5, 0, 3.5], 5)], kink: true, note: 'tails' }]),
  floor: unary(range(-4.9, 4.9), EXACT, 2, [whole]),
  ceil: unary(range(-4.9, 4.9), EXACT, 2, [whole]),
  round: unary(range(-4.9, 4.9), { ulp: 3 }, 2, [
    { x: [values([0.5, 1.5, 2.5, -0.5, -1.5], 5)], kink: true, note: 'halves go to even' },
    { x: [values([1.23456, -7.777], 2)], f: (x) => ops.round(x, { decimals: 2 }), note: 'decimals' },
    { x: [values([1234.56, -777.7], 2)], f: (x) => ops.round(x, { decimals: -2 }), note: 'negative decimals' },
    whole,
  ]),
  trunc: unary(range(-4.9, 4.9), EXACT, 2, [whole]),
  log2: unary(range(0.1, 8), { ulp: 3, abs: 1e-38 }, 2, [
    { x: [values([1, 2, 1024, 2 ** -30, 1 + 2 ** -20, 0], 6)], kink: true, note: 'powers of 2, near 1, 0' },
  ]),
  log10: unary(range(0.1, 8), { ulp: 3, abs: 1e-38 }, 2, [
    { x: [values([1, 1000, 1e-30, 1 + 2 ** -20, 0], 5)], kink: true, note: 'powers of 10, near 1, 0' },
  ]),
  tan: unary(range(-1.2, 1.2), { ulp: 5, abs: 1e-38 }, 2, [
    { x: [values([0, 3, 6, -10], 4)], note: 'range reduction' },
    { x: [values([1.57079637, -1.57079637, 1e-30, 1000, 1e6], 5)], kink: true, note: 'nearly a pole, far out' },
  ]),
  asin: unary(range(-0.95, 0.95), { ulp: 4, abs: 1e-38 }, 2, [
    { x: [values([1, -1, 0, 0.5, -0.5, 1e-20, 2], 7)], kink: true, note: 'ends, and outside' },
  ]),
  acos: unary(range(-0.95, 0.95), { ulp: 4 }, 2, [
    { x: [values([1, -1, 0, 0.5, -0.5, 1e-20, 2], 7)], kink: true, note: 'ends, and outside' },
  ]),
  atan: unary(normal, { ulp: 3, abs: 1e-38 }, 2, [
    { x: [values([1e30, -1e30, 2.4142137, 0.41421357, 0, 1e-20], 6)], kink: true, note: 'far and near' },
  ]),
  sinh: unary(range(-4, 4), { ulp: 4, abs: 1e-38 }, 2, [
    { x: [values([89, -89, 1e-20, 0, 200], 5)], kink: true, note: 'near 0, ends of the range' },
  ]),
  cosh: unary(range(-4, 4), { ulp: 3 }, 2, [
    { x: [values([89, -89, 1e-20, 0, 200], 5)], kink: true, note: 'ends of the range' },
  ]),
  asinh: unary(normal, { ulp: 4, abs: 1e-38 }, 2, [
    { x: [values([1e-20, 3e38, -3e38, 16384, 20000], 5)], kink: true, note: 'near 0, no overflow' },
  ]),
  acosh: unary(range(1.2, 8), { ulp: 4 }, 2, [
    { x: [values([1, 1.0000001, 3e38, 20000, 0.5], 5)], kink: true, note: 'near 1, no overflow, outside' },
  ]),
  atanh: unary(range(-0.9, 0.9), { ulp: 4, abs: 1e-38 }, 2, [
    { x: [values([1, -1, 1e-20, 0, 2], 5)], kink: true, note: 'near 0, ends, outside' },
  ]),
  logit: unary(range(0.05, 0.95), { ulp: 4, abs: 1e-38 }, 2, [
    { x: [values([0, 1, 0.5, 1e-30, 0.99999994, 2], 6)], kink: true, note: 'ends, and outside' },
    { x: [range(0.2, 0.8)(3, 4)], f: (x) => ops.logit(x, 0.1), note: 'eps, inside' },
    { x: [values([-1, 0, 0.1, 0.9, 1], 5)], f: (x) => ops.logit(x, 0.1), kink: true, note: 'eps, outside' },
  ]),
  frac: unary((...s) => uniform(0.1, 0.9, ...s), EXACT, 2, [
    { x: [values([-1.5, 3, -0.25, 0, 1e30], 5)], kink: true, note: 'signs and integers' },
  ]),
  isnan: { cases: tests, order: noGradient, bound: EXACT },
  isinf: { cases: tests, order: noGradient, bound: EXACT },
  isfinite: { cases: tests, order: noGradient, bound: EXACT },
  nanToNum: unary(normal, EXACT, 2, [
    {
      x: [values([NaN, Infinity, -Infinity, 2], 2, 2)],
      f: (x) => ops.nanToNum(x, { nan: 1, posinf: 5, neginf: -6 }),
      kink: true,
      note: 'options',
    },
    whole,
  ]),
  clamp: {
    cases: [
      { x: [normal(3, 5)], f: (x) => ops.clamp(x, { min: -0.55, max: 0.45 }) },
      ...[[], [0], [1], [7], [4, 1, 6], [1027], [2, 3, 2, 2, 3]].map(
        (shape): Case => ({ x: [normal(...shape)], f: (x) => ops.clamp(x, { min: -0.55, max: 0.45 }) }),
      ),
      { x: [normal(3, 4)], f: (x) => ops.clamp(x, { min: 0.15 }), note: 'min alone' },
      { x: [normal(3, 4)], f: (x) => ops.clamp(x, { max: 0.15 }), note: 'max alone' },
      { x: [normal(3, 4), uniform(0, 1, 4)], f: (x, max) => ops.clamp(x, -0.55, max), note: 'one after the other' },
      { x: [normal(3, 4), uniform(-2, -1, 4), uniform(0, 1, 3, 1)], f: bounds, note: 'tensors, broadcast' },
      { x: [normal(4), uniform(-2, -1, 2, 3, 4)], f: (x, min) => ops.clamp(x, { min }), note: 'a larger bound' },
      { x: [normal(3, 4), uniform(1, 2, 4), uniform(0, 1, 3, 1)], f: bounds, note: 'min above max' },
      { x: [values([-1, 0, 1, 2, NaN], 5)], f: (x) => ops.clamp(x, { min: 0, max: 1 }), kink: true, note: 'bounds' },
      { x: [ints(-9, 9, 3, 4)], f: (x) => ops.clamp(x, { min: -3, max: 4 }), note: 'int32' },
      { x: [ints(-9, 9, 3, 4), ints(0, 4, 4)], f: (x, max) => ops.clamp(x, { max }), note: 'int32 tensor' },
      { x: [normal(70_001)], f: (x) => ops.clamp(x, { min: 0, max: 1 }), forward: true, note: 'large' },
    ],
    order: 2,
    bound: EXACT,
  },
  logicalNot: {
    cases: [
      { x: [bools(3, 4)] },
      { x: [bools()] },
      { x: [bools(0)] },
      { x: [bools(1)] },
      { x: [bools(3, 5)] },
      { x: [bools(2, 1, 3, 1, 2)] },
      { x: [bools(70_001)], forward: true, note: 'large' },
      { x: [values([NaN, 0, -0, 2], 2, 2)], kink: true, note: 'floats' },
    ],
    order: noGradient,
    bound: EXACT,
  },

  add: binary(ops.add, normal, normal, EXACT, 2, [
    { x: [ints(-9, 9, 3, 4), ints(-9, 9, 4)], note: 'int32' },
    { x: [ints(1, 3, 4)], f: (x) => ops.add(x, 2 ** 30), note: 'integer past float32' },
    { x: [normal(3, 4), normal(4)], f: (a, b) => ops.add(a, b, { alpha: -0.5 }), note: 'alpha' },
    { x: [normal(3, 4)], f: (b) => ops.add(1.5, b, { alpha: 2 }), note: 'alpha, a number' },
    { x: [ints(-9, 9, 3, 4), ints(-9, 9, 4)], f: (a, b) => ops.add(a, b, { alpha: 3 }), note: 'alpha, int32' },
  ]),
  sub: binary(ops.sub, normal, normal, EXACT, 2, [
    { x: [ints(-9, 9, 3, 4), ints(-9, 9, 4)], note: 'int32' },
    { x: [normal(3, 4), normal(4)], f: (a, b) => ops.sub(a, b, { alpha: 0.25 }), note: 'alpha' },
  ]),
  mul: binary(ops.mul, normal, normal, EXACT, 2, [{ x: [ints(-9, 9, 3, 4), ints(-9, 9, 4)], note: 'int32' }]),
  div: binary(ops.div, normal, (...s) => awayFromZero(0.3, ...s), { ulp: 3 }, 2, [
    { x: [uniform(1, 9, 3, 4)], f: (x) => ops.div(x, 1.1, { roundingMode: 'floor' }), note: 'rounded down' },
    { x: [uniform(-9, -1, 3, 4)], f: (x) => ops.div(-20.5, x, { roundingMode: 'trunc' }), note: 'towards zero' },
    {
      x: [values([6, -6, 7, -7, 7, -7, 0, 1, -1, 1], 10), values([3, 3, 2, 2, -2, -2, 5, 0, 0, 0.1], 10)],
      f: (a, b) => ops.div(a, b, { roundingMode: 'floor' }),
      kink: true,
      note: 'signs, integers, zero',
    },
    ...(['floor', 'trunc'] as const).map(
      (roundingMode): Case => ({
        x: [intValues([7, -7, 7, -7, 5, 2147483647, -2147483648], 7), intValues([2, 2, -2, -2, 0, 2, -1], 7)],
        f: (a, b) => ops.div(a, b, { roundingMode }),
        note: `int32, ${roundingMode}`,
      }),
    ),
    {
      x: [intValues([6, -6, 1, -1, 0, 4], 6), intValues([-2, 2, -2, 2, -3, -4], 6)],
      f: (a, b) => ops.div(a, b, { roundingMode: 'floor' }),
      note: 'int32, without a rest, and a rest of 1',
    },
  ]),
  remainder: binary(ops.remainder, (...s) => uniform(2.1, 2.9, ...s), range(0.55, 0.65), EXACT, 2, [...modulo]),
  fmod: binary(ops.fmod, (...s) => uniform(2.1, 2.9, ...s), range(0.55, 0.65), EXACT, 2, [...modulo]),
  atan2: binary(
    ops.atan2,
    (...s) => awayFromZero(0.2, ...s),
    (...s) => awayFromZero(0.2, ...s),
    { ulp: 4 },
    2,
    [
      {
        x: [values([0, 0, 1, -1, 0, 1e-30, 3e38], 7), values([1, -1, 0, 0, 0, 1e-30, 3e38], 7)],
        kink: true,
        note: 'axes',
      },
    ],
  ),
  logaddexp: binary(ops.logaddexp, normal, normal, { ulp: 4, abs: 1e-7 }, 2, [
    {
      x: [values([100, -100, 1000, -Infinity, -Infinity], 5), values([0, 0, 1000, 1, -Infinity], 5)],
      kink: true,
      note: 'far apart, infinite',
    },
    { x: [values([2, 2], 2), values([2, 2.5], 2)], note: 'a tie' },
  ]),
  pow: binary(ops.pow, range(0.3, 3), range(-2, 2), { ulp: 20 }, 2, [
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
    { x: [bools(2, 1, 3, 1, 2), normal(3, 2, 2), normal(1, 1, 1, 1, 1)] },
    { x: [bools(70_001), normal(70_001), normal(70_001)], forward: true, note: 'large' },
  ]),
  maskedFill: movement([
    { x: [normal(3, 4), bools(3, 4)], f: (x, m) => ops.maskedFill(x, m, 2) },
    { x: [normal(3, 4), bools(4)], f: (x, m) => ops.maskedFill(x, m, -Infinity), kink: true, note: 'broadcast, −Inf' },
    { x: [normal(2, 3, 4), bools(3, 1), normal()], f: ops.maskedFill, note: 'a tensor' },
    { x: [normal(4), bools(3, 1)], f: (x, m) => ops.maskedFill(x, m, 1), note: 'a wider mask' },
    { x: [normal(), bools()], f: (x, m) => ops.maskedFill(x, m, 0), note: '0-d' },
    { x: [normal(0, 3), bools(3)], f: (x, m) => ops.maskedFill(x, m, 0), note: 'size 0' },
    { x: [normal(1), bools(1)], f: (x, m) => ops.maskedFill(x, m, 0), note: 'size 1' },
    { x: [normal(1027), bools(1027)], f: (x, m) => ops.maskedFill(x, m, 1e9), note: 'odd' },
    { x: [normal(2, 3, 2, 2, 3), bools(3, 1, 1, 3)], f: (x, m) => ops.maskedFill(x, m, 1), note: 'rank 5' },
    { x: [ints(-9, 9, 3, 4), bools(4)], f: (x, m) => ops.maskedFill(x, m, 7), note: 'int32' },
    { x: [bools(3, 4), bools(4)], f: (x, m) => ops.maskedFill(x, m, 1), note: 'bool' },
    { x: [normal(70_001), bools(70_001)], f: (x, m) => ops.maskedFill(x, m, 0), forward: true, note: 'large' },
  ]),
  lerp: {
    cases: [
      { x: [normal(3), normal(3), normal(3)] },
      ...ternaryShapes.map((shapes): Case => ({ x: shapes.map((shape) => normal(...shape)) })),
      { x: [normal(3, 4), normal(4)], f: (a, b) => ops.lerp(a, b, 0.3), note: 'a number as weight' },
      { x: [normal(3, 4), normal(4)], f: (b, w) => ops.lerp(0.5, b, w), note: 'a number as start' },
      { x: [normal(3, 4), normal(4)], f: (a, w) => ops.lerp(a, 0.5, w), note: 'a number as end' },
      { x: [normal(4)], f: (w) => ops.lerp(1, 2, w), note: 'two numbers' },
      { x: [values([2, 3], 2), values([7, 8], 2), values([0, 1], 2)], kink: true, note: 'ends' },
      { x: [normal(70_001), normal(70_001)], f: (a, b) => ops.lerp(a, b, 0.9), forward: true, note: 'large' },
    ],
    order: 2,
    bound: { ulp: 2, ulpOfTerms: 3, ulpOfMax: 1 },
  },
  addcmul: {
    cases: [
      { x: [normal(3), normal(3), normal(3)] },
      ...ternaryShapes.map((shapes): Case => ({ x: shapes.map((shape) => normal(...shape)) })),
      {
        x: [normal(3, 4), normal(4), normal(3, 1)],
        f: (x, a, b) => ops.addcmul(x, a, b, { value: -0.5 }),
        note: 'value',
      },
      { x: [normal(3, 4), normal(4)], f: (x, a) => ops.addcmul(x, a, 2), note: 'a number' },
      {
        x: [values([Infinity, -Infinity, 1], 3), values([1e30, 1e30, 2], 3), values([-1e30, 1e30, 3], 3)],
        kink: true,
        note: 'a product that overflows next to an infinity',
      },
      { x: [ints(-9, 9, 3, 4), ints(-9, 9, 4), ints(-9, 9, 4)], note: 'int32' },
      { x: [normal(70_001), normal(70_001), normal(70_001)], forward: true, note: 'large' },
    ],
    order: 2,
    bound: { ulp: 1, ulpOfTerms: 2 },
  },
  cast: movement([
    { x: [uniform(-4.9, 4.9, 3, 4)], f: (x) => ops.cast(x, 'int32') },
    { x: [uniform(-4.9, 4.9, 3, 4)], f: (x) => ops.cast(x, 'bool') },
    { x: [ints(-9, 9, 3, 4)], f: (x) => ops.cast(x, 'float32') },
    { x: [ints(-2, 2, 3, 4)], f: (x) => ops.cast(x, 'bool') },
    { x: [bools(3, 4)], f: (x) => ops.cast(x, 'float32') },
    { x: [bools(3, 4)], f: (x) => ops.cast(x, 'int32') },
    { x: [normal(3, 4)], f: (x) => ops.cast(x, x.dtype) },
    { x: [normal(0)], f: (x) => ops.cast(x, 'int32') },
    { x: [normal()], f: (x) => ops.cast(x, 'bool') },
    { x: [uniform(-4.9, 4.9, 1)], f: (x) => ops.cast(x, 'int32') },
    { x: [ints(-9, 9, 3, 5)], f: (x) => ops.cast(x, 'float32') },
    { x: [bools(2, 1, 3, 1, 2)], f: (x) => ops.cast(x, 'int32') },
    { x: [uniform(-99, 99, 70_001)], f: (x) => ops.cast(x, 'int32'), forward: true, note: 'large' },
  ]),
} satisfies Partial<Record<OpName, Row>>
