/**
 * @file The fused cells of recurrent networks. `a` is what comes from the input, `b` what comes from the state; cells
 * add them. PyTorch's order of gates: i, f, g, o (LSTM) and r, z, n (GRU). A step with its products is in steps.ts.
 */
import { describe, fail } from '../../core/errors.ts'
import { launch } from '../../core/launch.ts'
import { defineOp, floats } from '../../core/op.ts'
import { sameShape, showShape } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkSameKind } from '../base/arguments.ts'
import * as kernels from '../base/kernels.generated.ts'
import { add, mul, relu, sigmoid, sub, tanh } from '../elementwise/elementwise.ts'
import { chunk } from '../movement/split.ts'

const offset = (x: Tensor | undefined): number => x?.layout.offset ?? 0

// ---- LSTM

const lstmInputs = ['a', 'b', 'c'] as const

const lstmOp = defineOp({
  name: 'lstmCell',
  inputs: lstmInputs,
  outputs: ['h', 'next'],
  dtypes: floats,
  contiguous: lstmInputs,
  shape: ([, , c]) => [{ shape: c.shape }, { shape: c.shape }],
  launch: ([a, b, c], [h, next]) => {
    const [rows, cols] = c.shape
    const offsets = { a_offset: offset(a), b_offset: offset(b), c_offset: offset(c) }
    launch('lstmCell', kernels.lstm_cell, [h, next, a, b, c], { rows, cols, ...offsets })
  },
  saves: { all: lstmInputs },
  vjp: {
    all: ({ a, b, c, gs: [dh, dnext] }) => {
      const [gates, dc] = lstmGradOp.all([a, b, c, dh ?? undefined, dnext ?? undefined], {})
      return { a: gates, b: gates, c: dc }
    },
  },
  reference: ([a, b, c]) => {
    const [i, f, g, o] = chunk(add(a, b), 4, 1)
    const next = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)))
    return [mul(sigmoid(o), tanh(next)), next]
  },
})

const lstmGradInputs = ['a', 'b', 'c', 'dh?', 'dn?'] as const
const lstmGradOp = defineOp({
  name: 'lstmCellGrad',
  inputs: lstmGradInputs,
  outputs: ['gates', 'dc'],
  dtypes: floats,
  contiguous: ['a', 'b', 'c', 'dh', 'dn'],
  shape: ([a, , c]) => [{ shape: a.shape }, { shape: c.shape }],
  launch: ([a, b, c, dh, dn], [gates, dc]) => {
    const [rows, cols] = c.shape
    const params = {
      rows,
      cols,
      a_offset: offset(a),
      b_offset: offset(b),
      c_offset: offset(c),
      dh_offset: offset(dh),
      dn_offset: offset(dn),
    }
    const GIVEN = (dh ? 1 : 0) | (dn ? 2 : 0)
    launch('lstmCellGrad', kernels.lstm_cell_grad, [gates, dc, a, b, c, dh ?? c, dn ?? c], params, { GIVEN })
  },
  vjp: 'once',
})

// ---- GRU

const gruInputs = ['a', 'b', 'h'] as const

const gruOp = defineOp({
  name: 'gruCell',
  inputs: gruInputs,
  dtypes: floats,
  contiguous: gruInputs,
  shape: ([, , h]) => ({ shape: h.shape }),
  launch: ([a, b, h], [y]) => {
    const [rows, cols] = h.shape
    const offsets = { a_offset: offset(a), b_offset: offset(b), h_offset: offset(h) }
    launch('gruCell', kernels.gru_cell, [y, a, b, h], { rows, cols, ...offsets })
  },
  saves: { all: gruInputs },
  vjp: {
    all: ({ a, b, h, g }) => {
      const [da, db, dh] = gruGradOp.all([a, b, h, g], {})
      return { a: da, b: db, h: dh }
    },
  },
  reference: ([a, b, h]) => {
    const [ar, az, an] = chunk(a, 3, 1)
    const [br, bz, bn] = chunk(b, 3, 1)
    const z = sigmoid(add(az, bz))
    const n = tanh(add(an, mul(sigmoid(add(ar, br)), bn)))
    return add(n, mul(z, sub(h, n)))
  },
})

const gruGradInputs = ['a', 'b', 'h', 'g'] as const
const gruGradOp = defineOp({
  name: 'gruCellGrad',
  inputs: gruGradInputs,
  outputs: ['da', 'db', 'dh'],
  dtypes: floats,
  contiguous: gruGradInputs,
  shape: ([a, b, h]) => [{ shape: a.shape }, { shape: b.shape }, { shape: h.shape }],
  launch: ([a, b, h, g], [da, db, dh]) => {
    const [rows, cols] = h.shape
    const offsets = { a_offset: offset(a), b_offset: offset(b), h_offset: offset(h), g_offset: offset(g) }
    launch('gruCellGrad', kernels.gru_cell_grad, [da, db, dh, a, b, h, g], { rows, cols, ...offsets })
  },
  vjp: 'once',
})

// ---- cells by name, for sequences

/** What a cell's states are called, in their order. */
export const stateNames = ['h', 'c'] as const

/** States of a step: h, and for an LSTM c. */
export type States = readonly Tensor[]

/** A kind of cell: how many gates it has, its states, and a step from the two sums. */
export interface Cell {
  readonly gates: number
  readonly states: 1 | 2
  step(a: Tensor, b: Tensor, states: States): States
}

export const lstm: Cell = { gates: 4, states: 2, step: (a, b, [, c]) => lstmOp.all([a, b, c], {}) }
export const gru: Cell = { gates: 3, states: 1, step: (a, b, [h]) => [gruOp([a, b, h], {})] }
/** Elman's network: h' = tanh(a + b), or relu. */
export const elman = (nonlinearity: Nonlinearity): Cell => {
  const f = nonlinearity === 'relu' ? relu : tanh
  return { gates: 1, states: 1, step: (a, b) => [f(add(a, b))] }
}

/** What follows the sum in a plain recurrent network. */
export type Nonlinearity = 'tanh' | 'relu'

export function checkNonlinearity(op: string, f: unknown): asserts f is Nonlinearity {
  if (f !== 'tanh' && f !== 'relu') fail(op, `nonlinearity is ${describe(f)}`, "'tanh' or 'relu'")
}

/** Refuse a weight of another kind or shape. */
export function checkWeight(op: string, x: Tensor, name: string, weight: unknown, shape: readonly number[]): void {
  checkSameKind(op, x, name, weight)
  if (!sameShape(weight.shape, shape))
    fail(
      op,
      `${name} is ${showShape(weight.shape)}, not ${showShape(shape)}`,
      'gates × hidden rows, one column per input',
    )
}

/** What an LSTM carries from step to step. */
export interface LstmState {
  readonly h: Tensor
  readonly c: Tensor
}

/** The two states of an LSTM, under any of the names they have; null for zeros. */
export type LstmStates =
  | LstmState
  | { readonly h0: Tensor; readonly c0: Tensor }
  | { readonly hn: Tensor; readonly cn: Tensor }
  | readonly [h: Tensor, c: Tensor]
  | null

/** What h and c are called in a pair, in a cell's states, in a sequence's first and last ones. */
const pairNames = [
  ['0', '1'],
  ['h', 'c'],
  ['h0', 'c0'],
  ['hn', 'cn'],
] as const

/** The states as a pair. */
export function lstmPair(op: string, state: LstmStates | undefined, todo: string): readonly (Tensor | null)[] {
  if (state == null) return [null, null]
  const named: Readonly<Record<string, unknown>> = { ...state }
  for (const [h, c] of pairNames) {
    if (named[h] instanceof Tensor && named[c] instanceof Tensor) return [named[h], named[c]]
  }
  fail(op, `state is ${describe(state)}`, todo)
}
