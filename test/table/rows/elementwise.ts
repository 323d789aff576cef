/** @file Rows of elementwise ops. */
import * as ops from '../../../src/ops/index.ts'
import { awayFromZero, bools, ints, normal, uniform, values } from '../inputs.ts'
import { binary, comparison, EXACT, logic, movement, noGradient, type OpName, type Row, range, unary } from '../row.ts'

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
} satisfies Partial<Record<OpName, Row>>
