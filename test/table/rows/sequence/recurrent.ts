/** @file Rows of recurrent cells and of sequences. */

import type { Tensor } from '../../../../src/core/tensor.ts'
import { manualSeed } from '../../../../src/ops/base/generator.ts'
import * as ops from '../../../../src/ops/index.ts'
import type { RecurrentOptions } from '../../../../src/ops/sequence/recurrent.ts'
import { constant, type Input, normal, uniform, values } from '../../inputs.ts'
import type { Bound, Case, OpName, Row } from '../../row.ts'

/** A chain of products and of squashing functions, whose slopes are at most 1. */
const RECURRENT: Bound = { ulp: 16, ulpOfMax: 16, abs: 1e-6 }
/** Weights as they are initialised, so that no gate is at its end. */
const weight = (...shape: number[]): Input => uniform(-0.6, 0.6, ...shape)

type F = NonNullable<Case['f']>

// ---- cells

type CellShape = readonly [batch: number, features: number, hidden: number]
const SIZES: readonly CellShape[] = [
  [2, 3, 4],
  [1, 1, 1],
  [1, 5, 2],
  [5, 1, 3],
  [3, 7, 1],
  [4, 4, 4],
  [0, 3, 2],
  [7, 2, 5],
]

/** Inputs of a cell: x, `states` states, the two weights and the two biases. */
const cellInputs = ([batch, features, hidden]: CellShape, gates: number, states: number, biases = true): Input[] => [
  normal(batch, features),
  ...Array.from({ length: states }, () => normal(batch, hidden)),
  weight(gates * hidden, features),
  weight(gates * hidden, hidden),
  ...(biases ? [weight(gates * hidden), weight(gates * hidden)] : []),
]

function cellRow(gates: number, states: 1 | 2, f: F): Row {
  const cases = SIZES.map((size): Case => ({ x: cellInputs(size, gates, states), f }))
  // Of two outputs only one may have a gradient.
  const alone = [0, 1].slice(0, states === 2 ? 2 : 0).map((i): Case => {
    const one = (...xs: Tensor[]) => [f(...xs)].flat()[i]
    return { x: cellInputs([2, 3, 2], gates, states), f: one, note: `output ${i} only` }
  })
  return {
    cases: [
      cases[0],
      ...cases.slice(1),
      ...alone,
      { x: cellInputs([3, 2, 3], gates, states, false), f, note: 'without biases' },
      { x: cellInputs([70, 3, 32], gates, states), f, forward: true, note: 'more elements than lanes' },
      { x: cellInputs([2200, 3, 32], gates, states), f, forward: true, note: 'large' },
      {
        x: [
          values([200, -200, 90, -90, 0], 5, 1),
          ...Array.from({ length: states }, () => values([1, -1, 0.5, 0, -0.5], 5, 1)),
          constant(1, gates, 1),
          constant(0.5, gates, 1),
        ],
        f,
        kink: true,
        note: 'gates at both ends: no overflow, no 0·∞',
      },
    ],
    order: 2,
    bound: RECURRENT,
  }
}

const lstmStep: F = (x, h, c, ...weights) => {
  const next = ops.lstmCell(x, { h, c }, ...(weights as [Tensor, Tensor]))
  return [next.h, next.c]
}
const gruStep: F = (x, h, ...weights) => ops.gruCell(x, h, ...(weights as [Tensor, Tensor]))
const rnnStep: F = (x, h, ...weights) => ops.rnnCell(x, h, ...(weights as [Tensor, Tensor]))

// ---- sequences

interface Network {
  readonly x: readonly [steps: number, batch: number, features: number]
  readonly hidden: number
  readonly layers?: number
  readonly directions?: 1 | 2
  readonly biases?: boolean
  readonly options?: RecurrentOptions
  readonly note?: string
  readonly forward?: boolean
}

const NETWORKS: readonly Network[] = [
  { x: [3, 2, 2], hidden: 2 },
  { x: [1, 1, 1], hidden: 1, note: 'one step' },
  { x: [4, 1, 3], hidden: 2, biases: false, note: 'without biases' },
  { x: [2, 3, 1], hidden: 3 },
  { x: [3, 2, 2], hidden: 2, layers: 2, note: 'two layers' },
  { x: [3, 2, 2], hidden: 1, directions: 2, note: 'both directions' },
  { x: [2, 2, 2], hidden: 1, layers: 2, directions: 2, note: 'two layers, both directions' },
  { x: [2, 3, 2], hidden: 2, options: { batchFirst: true }, note: 'batch first' },
  { x: [4, 3, 1], hidden: 2, options: { lengths: [2, 4, 1] }, note: 'lengths' },
  { x: [3, 2, 1], hidden: 1, directions: 2, options: { lengths: [1, 3] }, note: 'lengths, both directions' },
  { x: [2, 2, 2], hidden: 2, layers: 2, options: { dropout: 0.5 }, note: 'dropout between layers' },
  { x: [2, 0, 3], hidden: 2, note: 'no sequences' },
  { x: [3, 800, 30], hidden: 2, note: 'large', forward: true },
]

/** The function on x, its starting states and its weights. */
type Run = (x: Tensor, states: readonly Tensor[], weights: readonly Tensor[], options: RecurrentOptions) => object

function networkRow(gates: number, states: 1 | 2, run: Run): Row {
  const cases = NETWORKS.map(
    ({ x, hidden, layers = 1, directions = 1, biases = true, options = {}, note, forward }): Case => {
      const places = layers * directions
      const weights = Array.from({ length: places }, (_, i) => {
        const features = i < directions ? x[2] : directions * hidden
        const matrices = [weight(gates * hidden, features), weight(gates * hidden, hidden)]
        return biases ? [...matrices, weight(gates * hidden), weight(gates * hidden)] : matrices
      }).flat()
      const batch = options.batchFirst ? x[0] : x[1]
      const starts = Array.from({ length: states }, () => normal(places, batch, hidden))
      const all = { numLayers: layers, bidirectional: directions === 2, ...options }
      const f: F = (first, ...rest) => {
        // The same elements are dropped at every call.
        manualSeed(7)
        return Object.values(run(first, rest.slice(0, states), rest.slice(states), all))
      }
      return { x: [normal(...x), ...starts, ...weights], f, note, forward }
    },
  )
  return { cases: [cases[0], ...cases.slice(1)], order: 2, bound: RECURRENT }
}

export const recurrent = {
  lstmCell: cellRow(4, 2, lstmStep),
  gruCell: cellRow(3, 1, gruStep),
  rnnCell: cellRow(1, 1, rnnStep),
  lstm: networkRow(4, 2, (x, [h0, c0], weights, options) => ops.lstm(x, { h0, c0 }, weights, options)),
  gru: networkRow(3, 1, (x, [h0], weights, options) => ops.gru(x, h0, weights, options)),
  rnn: networkRow(1, 1, (x, [h0], weights, options) =>
    ops.rnn(x, h0, weights, { ...options, nonlinearity: options.batchFirst ? 'relu' : 'tanh' }),
  ),
} satisfies Partial<Record<OpName, Row>>
