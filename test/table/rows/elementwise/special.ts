/** @file Rows of elementwise ops that are functions only: special functions, pairs, bits, shrinking activations. */
import type { Tensor } from '../../../../src/core/tensor.ts'
import * as ops from '../../../../src/ops/index.ts'
import { awayFromZero, bools, type Input, ints, intValues, normal, uniform, values } from '../../inputs.ts'
import {
  also,
  binary,
  type Case,
  type Draw,
  EXACT,
  logic,
  noGradient,
  type OpName,
  type Row,
  range,
  unary,
} from '../../row.ts'

const away = (...shape: number[]): Input => awayFromZero(0.2, ...shape)

/** Relative to the larger of what cancels below 0. */
const GAMMA = { ulp: 10, abs: 2e-6 }

const polygammaOf = (n: number) => (x: Tensor) => ops.polygamma(n, x)
const called = (f: (x: Tensor) => Tensor, c: Case): Case => ({ ...c, f: c.f ?? f })
/** The cases of a row, each with the call. */
const calling = (f: (x: Tensor) => Tensor, row: Row): Row => ({
  ...row,
  operands: undefined,
  cases: [called(f, row.cases[0]), ...row.cases.slice(1).map((c) => called(f, c))],
})

/** Integers of one shape and of another that broadcast; shifts by b. */
const integers = (f: (a: Tensor | number, b: Tensor | number) => Tensor, b: Draw): Row => ({
  cases: [
    { x: [ints(-1000, 1000, 4, 5), b(5)] },
    { x: [ints(-9, 9), b()] },
    { x: [ints(-9, 9, 0), b(1)] },
    { x: [ints(-9, 9, 1), b(1)] },
    { x: [ints(-9, 9, 3, 1, 5), b(7, 1)] },
    { x: [ints(-9, 9, 2, 1, 3, 1, 2), b(2, 1, 3, 1, 2)] },
    { x: [intValues([2147483647, -2147483648, 1431655765, -1, 0], 5)], f: (a) => f(a, 3), note: 'a number' },
    { x: [b(2, 3)], f: (x) => f(-77, x), note: 'a number on the left' },
    { x: [ints(-1000, 1000, 70_001), b(70_001)], forward: true, note: 'large' },
  ],
  order: noGradient,
  bound: EXACT,
})
const shifts: Draw = (...shape) => ints(0, 32, ...shape)
const beyond: Case = {
  x: [intValues([5, -5, 5, -5, 1], 5), intValues([32, 33, -1, -2147483648, 31], 5)],
  note: 'by more than there is, and less than nothing',
}

/** Numbers that differ by 0 to a few parts in 10⁵, and those that have no difference. */
const close: Case = {
  x: [
    values([1, 1, 1, 0, Infinity, Infinity, -Infinity, NaN, NaN, 1], 10),
    values([1, 1.0000076, 1.000031, 1e-8, Infinity, -Infinity, 1, NaN, 1, Infinity], 10),
  ],
}

export const specials = {
  exp2: unary(range(-8, 8), { ulp: 2 }, 2, [
    { x: [values([0, 126, -126, -200, 200, 10, NaN], 7)], kink: true, note: 'ends of the range' },
  ]),
  erfc: unary(normal, { ulp: 8, abs: 1e-37 }, 2, [
    { x: [values([0.5, -0.5, 0.49, 4.83, 4.84, 9, -9, 30, -30, 0], 10)], kink: true, note: 'tails' },
  ]),
  erfinv: unary(range(-0.95, 0.95), { ulp: 6, abs: 1e-38 }, 2, [
    { x: [values([1, -1, 2, 0.99999994, -0.99999994, 1e-20, 0], 7)], kink: true, note: 'ends, outside, near 0' },
  ]),
  lgamma: unary(range(0.3, 8), GAMMA, 2, [
    { x: [values([1, 2, 1.001, 1.999, 2.001, 0.999], 6)], note: 'near the zeros' },
    { x: [values([-0.5, -1.3, -2.7, -7.2, -0.01, 0.01], 6)], note: 'below 0' },
    { x: [values([1e-20, 20, 1e5, 1e30, 0, -1, -5, Infinity, -Infinity, NaN], 10)], kink: true, note: 'far and near' },
  ]),
  digamma: unary(range(0.3, 8), GAMMA, 2, [
    { x: [values([1.4616321, 1.46, 1.47, 1, 2], 5)], note: 'near the zero' },
    { x: [values([-0.5, -1.3, -2.7, -7.2, -0.1, 0.1], 6)], note: 'below 0' },
    { x: [values([1e-20, 20, 1e5, 1e30, -3, Infinity, NaN], 7)], kink: true, note: 'far and near' },
  ]),
  polygamma: calling(
    polygammaOf(1),
    unary(range(0.5, 6), { ulp: 14, abs: 1e-37 }, 2, [
      { x: [uniform(0.5, 4, 3, 4)], f: polygammaOf(0), note: 'n = 0', bound: GAMMA },
      { x: [uniform(0.5, 4, 3, 4)], f: polygammaOf(2), note: 'n = 2' },
      { x: [uniform(0.5, 4, 3, 4)], f: polygammaOf(5), note: 'n = 5', bound: { ulp: 20 } },
      { x: [values([-0.5, -1.3, -2.7, -7.2, -0.1, 0.1], 6)], note: 'below 0' },
      {
        x: [values([-0.4, -1.3, -2.7, -0.1], 4)],
        f: polygammaOf(2),
        note: 'n = 2, below 0',
        bound: { ulp: 14, abs: 1e-4 },
      },
      { x: [values([1e-10, 20, 1e5, 1e30, -3, 0, Infinity, NaN], 8)], kink: true, note: 'far and near' },
    ]),
  ),

  hypot: binary(ops.hypot, away, away, { ulp: 5 }, 2, [
    {
      x: [values([0, 1e38, 1e-30, Infinity, NaN, 3], 6), values([0, 2e38, 1e-30, NaN, 1, 4], 6)],
      kink: true,
      note: 'no overflow, the origin',
    },
  ]),
  xlogy: binary(ops.xlogy, normal, range(0.2, 5), { ulp: 4, abs: 1e-7 }, 2, [
    {
      x: [values([0, 0, 0, 0, 0, 1, 1], 7), values([0, -1, Infinity, NaN, 2, 0, -1], 7)],
      kink: true,
      note: 'at 0',
    },
  ]),
  fmax: binary(ops.fmax, normal, normal, EXACT, 2, [
    { x: [values([NaN, 1, NaN, 2, 2], 5), values([1, NaN, NaN, 2, 3], 5)], kink: true, note: 'NaN, ties' },
    { x: [ints(-9, 9, 3, 4), ints(-9, 9, 4)], note: 'int32' },
  ]),
  fmin: binary(ops.fmin, normal, normal, EXACT, 2, [
    { x: [values([NaN, 1, NaN, 2, 2], 5), values([1, NaN, NaN, 2, 3], 5)], kink: true, note: 'NaN, ties' },
    { x: [ints(-9, 9, 3, 4), ints(-9, 9, 4)], note: 'int32' },
  ]),
  addcdiv: {
    cases: [
      { x: [normal(3), normal(3), away(3)] },
      { x: [normal(), normal(), away()] },
      { x: [normal(0), normal(1), away(0)] },
      { x: [normal(1), normal(1), away(1)] },
      { x: [normal(3, 5), normal(5), away(3, 1)] },
      { x: [normal(5), normal(2, 3, 1, 1, 5), away(3, 1, 1, 1)] },
      {
        x: [normal(3, 4), normal(4), away(3, 1)],
        f: (x, a, b) => ops.addcdiv(x, a, b, { value: -0.5 }),
        note: 'value',
      },
      { x: [normal(3, 4), away(4)], f: (x, b) => ops.addcdiv(x, 2, b), note: 'a number' },
      { x: [normal(3, 4)], f: (x) => ops.addcdiv(x, 2, 3, { value: 2 }), note: 'numbers' },
      { x: [normal(70_001), normal(70_001), away(70_001)], forward: true, note: 'large' },
    ],
    order: 2,
    bound: { ulp: 4, ulpOfTerms: 8 },
  },
  isclose: {
    cases: [
      close,
      { ...close, f: (a, b) => ops.isclose(a, b, { equalNan: true, rtol: 1e-4 }), note: 'options' },
      { x: [normal(3, 1), normal(4)], f: (a, b) => ops.isclose(a, b, { atol: 0.5 }), note: 'broadcast' },
      { x: [normal(), normal()] },
      { x: [normal(1), normal(1)] },
      { x: [normal(0), normal(1)] },
      { x: [normal(2, 1, 3, 1, 2), normal(2, 1, 3, 1, 2)] },
      { x: [ints(0, 4, 5, 3), ints(0, 4, 3)], f: (a, b) => ops.isclose(a, b, { atol: 1, rtol: 0 }), note: 'int32' },
      {
        x: [intValues([2147483647, -2147483648, 16777217], 3), intValues([-2147483648, 2147483647, 16777216], 3)],
        f: (a, b) => ops.isclose(a, b, { rtol: 0.5, atol: 0 }),
        note: 'int32, far apart',
      },
      { x: [normal(70_001), normal(70_001)], forward: true, note: 'large' },
    ],
    order: noGradient,
    bound: EXACT,
  },

  softshrink: unary(away, { ulp: 1 }, 2, [
    { x: [away(3, 4)], f: (x) => ops.softshrink(x, 1.25), note: 'lambd' },
    { x: [away(3, 4)], f: (x) => ops.softshrink(x, { lambd: 0 }), note: 'by name' },
    { x: [values([0.5, -0.5, 0, NaN, Infinity], 5)], kink: true, note: 'the kinks' },
  ]),
  hardshrink: unary(away, EXACT, 2, [
    { x: [away(3, 4)], f: (x) => ops.hardshrink(x, 1.25), note: 'lambd' },
    { x: [away(3, 4)], f: (x) => ops.hardshrink(x, { lambd: 0 }), note: 'by name' },
    { x: [values([0.5, -0.5, 0, NaN, Infinity], 5)], kink: true, note: 'the jumps' },
  ]),
  tanhshrink: unary(normal, { ulp: 2, abs: 4e-7 }, 2, [
    { x: [values([100, -100, 0, 1e-3, NaN], 5)], kink: true, note: 'far and near' },
  ]),
  threshold: calling((x) => ops.threshold(x, 0.1, -2), {
    ...unary(away, EXACT, 2, [
      { x: [away(3, 4)], f: (x) => ops.threshold(x, { threshold: -0.5, value: 7 }), note: 'by name' },
      { x: [values([0.5, 0.25, NaN, Infinity], 4)], f: (x) => ops.threshold(x, 0.5, 9), kink: true, note: 'the jump' },
    ]),
  }),

  bitwiseAnd: also(
    integers(ops.bitwiseAnd, (...s) => ints(-1000, 1000, ...s)),
    ...logic(ops.bitwiseAnd).cases.slice(0, 6),
  ),
  bitwiseOr: also(
    integers(ops.bitwiseOr, (...s) => ints(-1000, 1000, ...s)),
    ...logic(ops.bitwiseOr).cases.slice(0, 6),
  ),
  bitwiseXor: also(
    integers(ops.bitwiseXor, (...s) => ints(-1000, 1000, ...s)),
    ...logic(ops.bitwiseXor).cases.slice(0, 6),
  ),
  bitwiseNot: {
    cases: [
      { x: [ints(-9, 9, 3, 4)] },
      { x: [ints(-9, 9)] },
      { x: [ints(-9, 9, 1)] },
      { x: [ints(-9, 9, 0)] },
      { x: [intValues([2147483647, -2147483648, -1, 0, 16777217], 5)] },
      { x: [ints(-9, 9, 2, 3, 2, 1, 3)] },
      { x: [bools(3, 5)], note: 'bool' },
      { x: [ints(-9, 9, 70_001)], forward: true, note: 'large' },
    ],
    order: noGradient,
    bound: EXACT,
  },
  bitwiseLeftShift: also(integers(ops.bitwiseLeftShift, shifts), beyond),
  bitwiseRightShift: also(integers(ops.bitwiseRightShift, shifts), beyond),
} satisfies Partial<Record<OpName, Row>>
