/** @file What a row of the op table is, and the families of rows that are alike. */

import type { Tensor } from '../../src/core/tensor.ts'
import type { RandomState } from '../../src/ops/base/generator.ts'
import type * as creation from '../../src/ops/creation/index.ts'
import type * as ops from '../../src/ops/index.ts'
import type * as gumbel from '../../src/ops/random/gumbel.ts'
import type * as random from '../../src/ops/random/random.ts'
import { bools, type Input, ints, intValues, uniform, values } from './inputs.ts'

/** Functions that make tensors have tests of their own. */
type Makers = keyof typeof creation | keyof typeof random | keyof typeof gumbel
/** `detach` records nothing. */
type Functions = Omit<typeof ops, Makers | 'detach'>
/** Those that wait for values, or give none, are not ops of the table either. */
type Gives<F, Y> = F extends (...inputs: never) => infer Result ? (Result extends Y ? true : false) : false

/** Every op: the names that the table must have a row for. */
export type OpName = {
  [K in keyof Functions]: Gives<Functions[K], Promise<unknown> | RandomState | void> extends true ? never : K
}[keyof Functions]

/** One call of an op. */
export interface Case {
  readonly x: readonly Input[]
  /** Default: the op on the inputs. */
  readonly f?: (...x: Tensor[]) => Tensor | readonly Tensor[]
  readonly note?: string
  /** Values at a kink or a pole: forward and float32 gradients are compared, differences are not taken. */
  readonly kink?: boolean
  /** Too large for gradients to say more: values only, in one layout. */
  readonly forward?: boolean
  /** In place of the row's. */
  readonly bound?: Bound
}

/**
 * Accepted distance from the float64 result: units in the last place of the element, of the largest element, of the sum
 * of absolute terms (for sums and products: cancellation is not an error), plus an absolute part.
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
  /**
   * Set by the makers of rows below: called with as many float tensors of one shape, each op meets extreme values
   * (extremes.ts).
   */
  readonly operands?: 1 | 2
}

export const EXACT: Bound = {}
export const noGradient = { upTo: 0, reason: 'the result is bool or integer' } as const

export type Draw = (...shape: number[]) => Input
export const range =
  (low: number, high: number): Draw =>
  (...shape) =>
    uniform(low, high, ...shape)

/** The shapes every one-input elementwise op is tried at; layouts (transposed, offset, expanded) are run.ts's. */
export function unary(draw: Draw, bound: Bound, order: Row['order'] = 2, extra: readonly Case[] = []): Row {
  const shapes = [[], [0], [1], [7], [3, 5], [2, 0, 3], [4, 1, 6], [1027], [2, 3, 2, 2, 3]]
  const cases = shapes.map((shape): Case => ({ x: [draw(...shape)] }))
  const large: Case = { x: [draw(70_001)], forward: true, note: 'large' }
  return { cases: [cases[0], ...cases.slice(1), large, ...extra], order, bound, operands: 1 }
}

/** The pairs of shapes every two-input elementwise op is tried at. */
export function binary(
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
  const large: Case = { x: [a(70_001), b(70_001)], f: (x, y) => f(x, y), forward: true, note: 'large' }
  return { cases: [cases[0], ...cases.slice(1), ...scalars, large, ...extra], order, bound, operands: 2 }
}

/** Comparisons: also integers, where they are exact. */
export function comparison(f: (a: Tensor | number, b: Tensor | number) => Tensor, extra: readonly Case[] = []): Row {
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

export const logic = (f: (a: Tensor, b: Tensor) => Tensor): Row => ({
  cases: [
    { x: [bools(4, 5), bools(5)] },
    { x: [bools(), bools(3)] },
    { x: [bools(0), bools(1)] },
    { x: [bools(2, 1, 3), bools(4, 1)], f },
    { x: [bools(3, 1, 5), bools(7, 1)] },
    { x: [bools(2, 1, 3, 1, 2), bools(2, 1, 3, 1, 2)] },
    { x: [bools(70_001), bools(70_001)], forward: true, note: 'large' },
    { x: [ints(-1, 2, 3, 4), values([0, -0.5, NaN, 1], 4)], kink: true, note: 'numbers' },
  ],
  order: noGradient,
  bound: EXACT,
})

export const movement = (cases: readonly [Case, ...Case[]]): Row => ({ cases, order: 2, bound: EXACT })

/** A row with more cases. */
export const also = (row: Row, ...more: readonly Case[]): Row => ({
  ...row,
  cases: [row.cases[0], ...row.cases.slice(1), ...more],
})
