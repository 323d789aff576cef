/**
 * @file One step of a recurrent network: two matrix products, then a fused cell. `a` is what comes from the input, `b` what comes
 * from the state; cells add them. PyTorch's order of gates: i, f, g, o (LSTM) and r, z, n (GRU).
 */
import { describe, fail } from '../../core/errors.ts'
import { launch } from '../../core/launch.ts'
import { defineOp, floats } from '../../core/op.ts'
import { sameShape, showShape } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkDType, checkOptions, checkSameKind } from '../base/arguments.ts'
import * as kernels from '../base/kernels.ts'
import { reshape, unsqueeze } from '../base/views.ts'
import { zeros } from '../creation/create.ts'
import { add, mul, relu, sigmoid, sub, tanh } from '../elementwise/elementwise.ts'
import { linear } from '../matrix/products.ts'
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
      'gates × hidden rows, one column an input',
    )
}

function cellStep(
  op: string,
  cell: Cell,
  x: Tensor,
  states: readonly unknown[],
  [wIh, wHh, bIh, bHh]: readonly (Tensor | null | undefined)[],
): States {
  checkDType(op, 'x', x, floats)
  if (x.ndim !== 2 && x.ndim !== 1) fail(op, `x is ${showShape(x.shape)}`, 'give [batch, features] or [features]')
  const wide = states[0] ?? wHh
  checkSameKind(op, x, states[0] ? 'h' : 'weightHh', wide)
  const hidden = wide.shape.at(-1) ?? 0
  const shape = [...x.shape.slice(0, -1), hidden]
  states.forEach((s, i) => {
    if (s == null) return
    checkSameKind(op, x, 'hc'[i], s)
    if (!sameShape(s.shape, shape))
      fail(op, `${'hc'[i]} is ${showShape(s.shape)}, not ${showShape(shape)}`, 'one row for each of x')
  })
  checkWeight(op, x, 'weightIh', wIh, [cell.gates * hidden, x.shape[x.ndim - 1]])
  checkWeight(op, x, 'weightHh', wHh, [cell.gates * hidden, hidden])
  if (bIh) checkWeight(op, x, 'biasIh', bIh, [cell.gates * hidden])
  if (bHh) checkWeight(op, x, 'biasHh', bHh, [cell.gates * hidden])
  const rows = (s: Tensor) => (s.ndim === 1 ? unsqueeze(s, 0) : s)
  const first = states.map((s) => rows((s as Tensor | null) ?? zeros(shape, { dtype: x.dtype, device: x.device })))
  const next = cell.step(linear(rows(x), wIh as Tensor, bIh), linear(first[0], wHh as Tensor, bHh), first)
  return x.ndim === 1 ? next.map((s) => reshape(s, shape)) : next
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
const stateNames = [
  ['0', '1'],
  ['h', 'c'],
  ['h0', 'c0'],
  ['hn', 'cn'],
] as const

/** The states as a pair. */
export function lstmPair(op: string, state: LstmStates | undefined, todo: string): readonly (Tensor | null)[] {
  if (state == null) return [null, null]
  const named: Readonly<Record<string, unknown>> = { ...state }
  for (const [h, c] of stateNames) {
    if (named[h] instanceof Tensor && named[c] instanceof Tensor) return [named[h], named[c]]
  }
  fail(op, `state is ${describe(state)}`, todo)
}

/**
 * One step of an LSTM (Hochreiter & Schmidhuber 1997): i, f, g, o = parts of x W_ihᵀ + b_ih + h W_hhᵀ + b_hh;
 * c' = σ(f)⊙c + σ(i)⊙tanh(g), h' = σ(o)⊙tanh(c'). Dtypes: floats.
 * @param x         [batch, features] or [features]
 * @param state     { h, c } or [h, c], [batch, hidden] or [hidden] each, or null for zeros
 * @param weightIh  [4·hidden, features]
 * @param weightHh  [4·hidden, hidden]
 * @param biasIh,biasHh  [4·hidden], or null for none
 * @returns h' and c', [batch, hidden] or [hidden] each
 * @throws HandgradError if state is neither two tensors h and c nor null
 */
export function lstmCell(
  x: Tensor,
  state: LstmStates,
  weightIh: Tensor,
  weightHh: Tensor,
  biasIh: Tensor | null = null,
  biasHh: Tensor | null = null,
): LstmState {
  const first = lstmPair('lstmCell', state, 'give { h, c }, [h, c] or null')
  const [h, c] = cellStep('lstmCell', lstm, x, first, [weightIh, weightHh, biasIh, biasHh])
  return { h, c }
}

/**
 * One step of a GRU (Cho et al. 2014): r = σ(a_r + b_r), z = σ(a_z + b_z), n = tanh(a_n + r⊙b_n), h' = (1 − z)⊙n + z⊙h, with
 * a = x W_ihᵀ + b_ih and b = h W_hhᵀ + b_hh. Dtypes: floats.
 * @param x  [batch, features] or [features]
 * @param h  [batch, hidden] or [hidden], or null for zeros; weights and biases as in {@link lstmCell}, with 3·hidden rows
 * @returns h', [batch, hidden] or [hidden]
 */
export const gruCell = (
  x: Tensor,
  h: Tensor | null,
  weightIh: Tensor,
  weightHh: Tensor,
  biasIh: Tensor | null = null,
  biasHh: Tensor | null = null,
): Tensor => cellStep('gruCell', gru, x, [h], [weightIh, weightHh, biasIh, biasHh])[0]

/**
 * One step of a plain recurrent network (Elman 1990): h' = f(x W_ihᵀ + b_ih + h W_hhᵀ + b_hh). Dtypes: floats.
 * @param x  [batch, features] or [features]
 * @param h  [batch, hidden] or [hidden], or null for zeros; weights and biases as in {@link lstmCell}, with hidden rows
 * @param options.nonlinearity  f, tanh or relu. Default: 'tanh'
 * @returns h', [batch, hidden] or [hidden]
 * @throws HandgradError if nonlinearity is neither 'tanh' nor 'relu', or an option is unknown
 */
export function rnnCell(
  x: Tensor,
  h: Tensor | null,
  weightIh: Tensor,
  weightHh: Tensor,
  biasIh: Tensor | null = null,
  biasHh: Tensor | null = null,
  options: { nonlinearity?: Nonlinearity } = {},
): Tensor {
  checkOptions('rnnCell', options, ['nonlinearity'])
  const { nonlinearity = 'tanh' } = options
  checkNonlinearity('rnnCell', nonlinearity)
  return cellStep('rnnCell', elman(nonlinearity), x, [h], [weightIh, weightHh, biasIh, biasHh])[0]
}
