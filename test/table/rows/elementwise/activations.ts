/** @file Rows of activations that are functions only. */
import * as ops from '../../../../src/ops/index.ts'
import { awayFromZero, type Input, normal, uniform, values } from '../../inputs.ts'
import { type Case, EXACT, type OpName, type Row, range, unary } from '../../row.ts'

/** Ours from sigmoid, tanh, exp: 8 ulp; below x = −87 their e^x is denormal, and may be flushed. */
const OWN = { ulp: 8, abs: 1e-36 }
/** What erf of a float32 leaves of a small tail. */
const TAIL = { ulp: 8, abs: 3e-7 }
const far: Case = { x: [values([1000, -1000, 88.5, -88.5, 1e38, 0, 1e-6], 7)], kink: true, note: 'no overflow' }
const away = (...shape: number[]): Input => awayFromZero(0.01, ...shape)
const atKink: Case = { x: [values([0, -0, 1, -1], 4)], kink: true, note: 'the kink' }
const nan: Case = { x: [values([NaN, 1], 2)], kink: true, note: 'NaN stays' }

export const activations = {
  silu: unary(normal, OWN, 2, [far, nan]),
  mish: unary(normal, OWN, 2, [far, nan]),
  gelu: unary(normal, TAIL, 2, [
    far,
    nan,
    { x: [normal(3, 4)], f: (x) => ops.gelu(x, { approximate: 'tanh' }), note: 'tanh' },
    { x: [normal(70_001)], f: (x) => ops.gelu(x, { approximate: 'tanh' }), forward: true, note: 'tanh, large' },
    { ...far, f: (x) => ops.gelu(x, { approximate: 'tanh' }), note: 'tanh, no overflow' },
  ]),
  logSigmoid: unary(normal, { ulp: 5, abs: 1e-38 }, 2, [far, nan]),
  leakyRelu: unary(away, { ulp: 1 }, 2, [
    atKink,
    nan,
    { x: [away(3, 4)], f: (x) => ops.leakyRelu(x, 0.2), note: 'another slope' },
    { x: [away(3, 4)], f: (x) => ops.leakyRelu(x, -1), note: 'a negative slope' },
  ]),
  prelu: {
    cases: [
      { x: [away(2, 3), normal(3)], note: 'a slope per channel' },
      { x: [away(2, 3, 4), normal(3)], note: 'rank 3' },
      { x: [away(2, 3, 2, 2, 2), normal(3)], note: 'rank 5' },
      { x: [away(5), normal(1)], note: 'one slope' },
      { x: [away(2, 5), normal()], note: 'one slope, 0-d' },
      { x: [away(), normal(1)], note: '0-d' },
      { x: [away(1, 1), normal(1)], note: 'size 1' },
      { x: [away(0, 3), normal(3)], note: 'size 0' },
      { x: [away(3, 7, 11), normal(7)], note: 'odd' },
      { x: [values([0, -0, 1, -1], 2, 2), values([0.25, 0.5], 2)], kink: true, note: 'the kink' },
      { x: [away(7, 10_001), normal(10_001)], forward: true, note: 'large' },
    ],
    order: 2,
    bound: { ulp: 1, ulpOfTerms: 4 },
  },
  elu: unary(away, OWN, 2, [atKink, far, nan, { x: [away(3, 4)], f: (x) => ops.elu(x, 1.7), note: 'alpha' }]),
  selu: unary(away, OWN, 2, [atKink, far, nan]),
  celu: unary(away, OWN, 2, [
    atKink,
    far,
    nan,
    { x: [away(3, 4)], f: (x) => ops.celu(x, 0.6), note: 'alpha' },
    { x: [values([-1000, 1000, -50], 3)], f: (x) => ops.celu(x, 0.1), kink: true, note: 'a small alpha' },
  ]),
  relu6: unary((...s) => uniform(0.1, 5.9, ...s), EXACT, 2, [
    { x: [values([-3, -1, 7, 9, 2], 5)], note: 'outside' },
    { x: [values([0, 6, NaN, Infinity, -Infinity], 5)], kink: true, note: 'the kinks' },
  ]),
  hardtanh: unary(range(-0.9, 0.9), EXACT, 2, [
    { x: [values([-3, -2, 0.5, 1.5], 4)], note: 'outside' },
    { x: [normal(3, 4)], f: (x) => ops.hardtanh(x, -0.55, 2.05), note: 'bounds' },
    { x: [values([-1, 1, NaN], 3)], kink: true, note: 'the kinks' },
  ]),
  hardsigmoid: unary(range(-2.9, 2.9), { ulp: 4, abs: 2e-7 }, 2, [
    { x: [values([-9, -4, 4, 9], 4)], note: 'outside' },
    { x: [values([-3, 3, NaN, 1e38], 4)], kink: true, note: 'the kinks' },
  ]),
  hardswish: unary(range(-2.9, 2.9), { ulp: 4, abs: 5e-7 }, 2, [
    { x: [values([-9, -4, 4, 9], 4)], note: 'outside' },
    { x: [values([-3, 3, NaN, 1e38], 4)], kink: true, note: 'the kinks' },
  ]),
  softsign: unary(away, { ulp: 4 }, 2, [{ x: [values([0, 1e30, -1e30, 1e-30], 4)], kink: true, note: 'far and near' }]),
  glu: {
    cases: [
      { x: [normal(3, 6)] },
      { x: [normal(4, 3)], f: (x) => ops.glu(x, 0), note: 'dim 0' },
      { x: [normal(2, 4, 3)], f: (x) => ops.glu(x, 1), note: 'dim 1' },
      { x: [normal(2, 4, 3)], f: (x) => ops.glu(x, -2), note: 'dim −2' },
      { x: [normal(2)], note: 'one each' },
      { x: [normal(0)], note: 'size 0' },
      { x: [normal(3, 0)], note: 'halves of size 0' },
      { x: [normal(0, 4)], note: 'no rows' },
      { x: [normal(1, 1, 2, 1, 3, 2)], note: 'rank 6' },
      { x: [normal(7, 22)], note: 'odd halves' },
      { x: [normal(5, 30_002)], forward: true, note: 'large' },
    ],
    order: 2,
    bound: { ulp: 8, ulpOfTerms: 2 },
  },
} satisfies Partial<Record<OpName, Row>>
