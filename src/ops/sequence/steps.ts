/**
 * @file One step of a recurrent network on its own: the checks, two matrix products, and the fused cell of cells.ts.
 */

import { fail } from '../../core/errors.ts'
import { floats } from '../../core/op.ts'
import { sameShape, showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkSameKind } from '../base/arguments.ts'
import { optionsOf } from '../base/options.ts'
import { reshape, unsqueeze } from '../base/views.ts'
import { zeros } from '../creation/create.ts'
import { linear } from '../matrix/linear.ts'
import {
  type Cell,
  checkNonlinearity,
  checkWeight,
  elman,
  gru,
  type LstmState,
  type LstmStates,
  lstm,
  lstmPair,
  type Nonlinearity,
  type States,
  stateNames,
} from './cells.ts'

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
    checkSameKind(op, x, stateNames[i], s)
    if (!sameShape(s.shape, shape))
      fail(op, `${stateNames[i]} is ${showShape(s.shape)}, not ${showShape(shape)}`, 'one row for each of x')
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
 * One step of a GRU (Cho et al. 2014): r = σ(a_r + b_r), z = σ(a_z + b_z), n = tanh(a_n + r⊙b_n), h' = (1 − z)⊙n + z⊙h,
 * with a = x W_ihᵀ + b_ih and b = h W_hhᵀ + b_hh. Dtypes: floats.
 * @param x  [batch, features] or [features]
 * @param h [batch, hidden] or [hidden], or null for zeros; weights and biases as in {@link lstmCell}, with 3·hidden
 *   rows
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
 * @throws HandgradError if nonlinearity is neither 'tanh' nor 'relu'
 */
export function rnnCell(
  x: Tensor,
  h: Tensor | null,
  weightIh: Tensor,
  weightHh: Tensor,
  biasIh: Tensor | null = null,
  biasHh: Tensor | null = null,
  options?: { nonlinearity?: Nonlinearity },
): Tensor {
  const op = 'rnnCell'
  const { nonlinearity } = optionsOf(op, options, { nonlinearity: 'tanh' })
  checkNonlinearity(op, nonlinearity)
  return cellStep(op, elman(nonlinearity), x, [h], [weightIh, weightHh, biasIh, biasHh])[0]
}
