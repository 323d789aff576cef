/**
 * @file Recurrent networks over sequences: layers, both directions, dropout between layers, sequences of different
 * lengths. The cells are in cells.ts; the products with the input are one matmul for all steps.
 */

import { describe, fail } from '../../core/errors.ts'
import { floats } from '../../core/op.ts'
import { sameShape, showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkSameKind } from '../base/arguments.ts'
import { cat, stack } from '../base/joining.ts'
import { type Filled, optionsOf } from '../base/options.ts'
import { squeeze, transpose, unsqueeze } from '../base/views.ts'
import { tensor, zeros } from '../creation/create.ts'
import { where } from '../elementwise/elementwise.ts'
import { linear } from '../matrix/linear.ts'
import { select } from '../movement/rearrange.ts'
import { unbind } from '../movement/split.ts'
import { dropout as dropoutOf } from '../random/dropout.ts'
import { checkProbability } from '../random/mask.ts'
import * as cells from './cells.ts'
import {
  type Cell,
  checkNonlinearity,
  checkWeight,
  type LstmStates,
  lstmPair,
  type Nonlinearity,
  type States,
  stateNames,
} from './cells.ts'

/** Options of {@link rnn}, {@link lstm} and {@link gru}. */
export interface RecurrentOptions {
  /** Layers, each on the output of the one below. Default: 1. */
  numLayers?: number
  /** Each layer also runs from the end to the beginning; outputs stand side by side. Default: false. */
  bidirectional?: boolean
  /** Probability with which an element of the output of each layer but the last is dropped, in training. Default: 0. */
  dropout?: number
  /** Whether dropout is at work. Default: true. */
  training?: boolean
  /** x and output are [batch, steps, …] instead of [steps, batch, …]. Default: false. */
  batchFirst?: boolean
  /**
   * Steps that each sequence has, from 1 to x's. Behind its end, a sequence has output 0 and its state stays. Default:
   * x's.
   */
  lengths?: readonly number[] | null
}

/** Output of the last layer at every step, and the states after the last step, one for each layer and direction. */
export interface RecurrentResult {
  /** [steps, batch, directions·hidden], or batch first or without one as x. */
  readonly output: Tensor
  /** [layers·directions, batch, hidden], without the batch if x has none. */
  readonly hn: Tensor
}

/** What {@link lstm} gives: also the cell states. */
export interface LstmResult extends RecurrentResult {
  /** [layers·directions, batch, hidden]. */
  readonly cn: Tensor
}

/** The weights of one layer and direction. */
type Weights = readonly [wIh: Tensor, wHh: Tensor, bIh: Tensor | null, bHh: Tensor | null]

/** Of {@link RecurrentOptions}. */
const defaults = {
  numLayers: 1,
  bidirectional: false,
  dropout: 0,
  training: true,
  batchFirst: false,
  lengths: undefined,
} as const
type Given = Filled<RecurrentOptions, typeof defaults>

/** The arguments, checked. */
interface Network {
  readonly steps: number
  readonly batch: number
  readonly layers: number
  readonly directions: 1 | 2
  readonly hidden: number
  readonly weights: readonly Weights[]
}

function networkOf(op: string, cell: Cell, x: Tensor, weights: readonly Tensor[], options: Given): Network {
  const { numLayers, bidirectional, dropout, batchFirst, lengths } = options
  checkDType(op, 'x', x, floats)
  if (x.ndim !== 3 && x.ndim !== 2) {
    const todo = `give [${batchFirst ? 'batch, steps' : 'steps, batch'}, features] or [steps, features]`
    fail(op, `x is ${showShape(x.shape)}`, todo)
  }
  const [steps, batch] = x.ndim === 2 ? [x.shape[0], 1] : batchFirst ? [x.shape[1], x.shape[0]] : x.shape
  if (steps === 0) fail(op, `x ${showShape(x.shape)} has no steps`)
  if (!Number.isSafeInteger(numLayers) || numLayers < 1)
    fail(op, `numLayers is ${describe(numLayers)}`, 'give an integer from 1 up')
  checkProbability(op, 'dropout', dropout)
  if (!Array.isArray(weights)) fail(op, `weights is ${describe(weights)}`, 'give a list: [weightIh, weightHh, …]')
  const directions = bidirectional ? 2 : 1
  const count = numLayers * directions
  const [each, rest] = [Math.floor(weights.length / count), weights.length % count]
  if (rest !== 0 || (each !== 2 && each !== 4)) {
    const what = `${weights.length} weights for ${count} layers and directions`
    fail(op, what, 'give weightIh and weightHh for each, or these and biasIh and biasHh')
  }
  checkSameKind(op, x, 'weightHh', weights[1])
  const hidden = weights[1].shape.at(-1) ?? 0
  const rows = cell.gates * hidden
  const list = Array.from({ length: count }, (_, i): Weights => {
    const [wIh, wHh, bIh = null, bHh = null] = weights.slice(i * each, (i + 1) * each)
    const features = i < directions ? x.shape[x.ndim - 1] : directions * hidden
    const at = `l${Math.floor(i / directions)}${i % directions ? '_reverse' : ''}`
    checkWeight(op, x, `weight_ih_${at}`, wIh, [rows, features])
    checkWeight(op, x, `weight_hh_${at}`, wHh, [rows, hidden])
    if (bIh) checkWeight(op, x, `bias_ih_${at}`, bIh, [rows])
    if (bHh) checkWeight(op, x, `bias_hh_${at}`, bHh, [rows])
    return [wIh, wHh, bIh, bHh]
  })
  if (lengths != null) {
    const wrong = !Array.isArray(lengths) || lengths.length !== batch
    if (wrong) fail(op, `lengths is ${describe(lengths)}`, `give ${batch} integers, one for each sequence`)
    for (const n of lengths)
      if (!Number.isInteger(n) || n < 1 || n > steps) fail(op, `a length is ${n}`, `give integers from 1 to ${steps}`)
  }
  return { steps, batch, layers: numLayers, directions, hidden, weights: list }
}

/** Which sequences are still going at each step, as [batch, 1]; null where all are. */
function goingAt(x: Tensor, steps: number, lengths: readonly number[] | null | undefined): (Tensor | null)[] {
  if (!lengths || lengths.length === 0) return new Array<null>(steps).fill(null)
  const shortest = Math.min(...lengths)
  return Array.from({ length: steps }, (_, t) =>
    t < shortest
      ? null
      : tensor(
          Uint8Array.from(lengths, (n) => (t < n ? 1 : 0)),
          {
            shape: [lengths.length, 1],
            dtype: 'bool',
            device: x.device,
          },
        ),
  )
}

/** One layer in one direction. @returns the output of each step and the last states */
function direction(
  cell: Cell,
  x: Tensor,
  first: States,
  weights: Weights,
  going: readonly (Tensor | null)[],
  reverse: boolean,
) {
  const [wIh, wHh, bIh, bHh] = weights
  // One product for all steps; one node of the graph cuts it in steps.
  const inputs = unbind(linear(x, wIh, bIh), 0)
  const outputs = new Array<Tensor>(inputs.length)
  let states = first
  for (let i = 0; i < inputs.length; i++) {
    const t = reverse ? inputs.length - 1 - i : i
    const next = cell.step(inputs[t], linear(states[0], wHh, bHh), states)
    const mask = going[t]
    outputs[t] = mask ? where(mask, next[0], 0) : next[0]
    states = mask ? next.map((s, k) => where(mask, s, states[k])) : next
  }
  return { output: stack(outputs), states }
}

/** All layers. @returns the output, and h (and c) of all layers and directions after their last step */
function recurrent(
  op: string,
  cell: Cell,
  x: Tensor,
  first: readonly (Tensor | null)[],
  weights: readonly Tensor[],
  options: Given,
): Tensor[] {
  const { dropout, training, batchFirst, lengths } = options
  const plan = networkOf(op, cell, x, weights, options)
  // A sequence alone is a batch of one.
  const alone = x.ndim === 2
  const shape = [plan.weights.length, plan.batch, plan.hidden]
  const wanted = shape.filter((_, i) => !alone || i !== 1)
  const starts = Array.from({ length: cell.states }, (_, k) => {
    const name = `${stateNames[k]}0`
    const given = first[k]
    if (!given) return zeros(shape, { dtype: x.dtype, device: x.device })
    checkSameKind(op, x, name, given)
    if (!sameShape(given.shape, wanted)) {
      const todo = `[layers·directions, ${alone ? '' : 'batch, '}hidden]`
      fail(op, `${name} is ${showShape(given.shape)}, not ${showShape(wanted)}`, todo)
    }
    return alone ? unsqueeze(given, 1) : given
  })
  const going = goingAt(x, plan.steps, lengths)
  let layer = alone ? unsqueeze(x, 1) : batchFirst ? transpose(x, 0, 1) : x
  const last: States[] = []
  for (let l = 0; l < plan.layers; l++) {
    if (l > 0) layer = dropoutOf(layer, { p: dropout, training })
    const sides = Array.from({ length: plan.directions }, (_, d) => {
      const i = l * plan.directions + d
      const states = starts.map((s) => select(s, 0, i))
      return direction(cell, layer, states, plan.weights[i], going, d === 1)
    })
    last.push(...sides.map(({ states }) => states))
    layer =
      plan.directions === 1
        ? sides[0].output
        : cat(
            sides.map(({ output }) => output),
            2,
          )
  }
  const finals = starts.map((_, k) => stack(last.map((states) => states[k])))
  if (alone) return [layer, ...finals].map((y) => squeeze(y, 1))
  return [batchFirst ? transpose(layer, 0, 1) : layer, ...finals]
}

/**
 * A plain recurrent network over sequences (Elman 1990): hₜ = f(xₜ W_ihᵀ + b_ih + hₜ₋₁ W_hhᵀ + b_hh). Dtypes: floats.
 * @param x [steps, batch, features], or [batch, steps, features] with `batchFirst`; one sequence alone [steps,
 *   features]
 * @param h0       [layers·directions, batch, hidden], without batch as x, or null for zeros
 * @param weights for each layer and direction, as PyTorch orders them: weightIh, weightHh, and biasIh, biasHh if there
 *   are biases
 * @throws HandgradError if x has not three or two axes or no steps, weights are not two or four for each layer and
 *   direction, numLayers is not an integer from 1 up, dropout is not in [0, 1], there is not one length per sequence,
 *   from 1 to x's steps, or nonlinearity is neither 'tanh' nor 'relu'
 */
export function rnn(
  x: Tensor,
  h0: Tensor | null,
  weights: readonly Tensor[],
  options?: RecurrentOptions & { nonlinearity?: Nonlinearity },
): RecurrentResult {
  const op = 'rnn'
  const { nonlinearity, ...given } = optionsOf(op, options, { ...defaults, nonlinearity: 'tanh' })
  checkNonlinearity(op, nonlinearity)
  const [output, hn] = recurrent(op, cells.elman(nonlinearity), x, [h0], weights, given)
  return { output, hn }
}

/**
 * An LSTM over sequences (Hochreiter & Schmidhuber 1997): {@link lstmCell} at every step. Dtypes: floats.
 * @param x [steps, batch, features], or [batch, steps, features] with `batchFirst`; one sequence alone [steps,
 *   features]
 * @param state { h0, c0 }, [h0, c0] or the result of an earlier call, [layers·directions, batch, hidden] each, or null
 *   for zeros
 * @param weights for each layer and direction, as PyTorch orders them: weightIh [4·hidden, features], weightHh
 *   [4·hidden, hidden], and biasIh, biasHh [4·hidden] if there are biases
 * @throws HandgradError if x has not three or two axes or no steps, weights are not two or four for each layer and
 *   direction, numLayers is not an integer from 1 up, dropout is not in [0, 1], or there is not one length per
 *   sequence, from 1 to x's steps
 */
export function lstm(x: Tensor, state: LstmStates, weights: readonly Tensor[], options?: RecurrentOptions): LstmResult {
  const op = 'lstm'
  const given = optionsOf(op, options, defaults)
  const first = lstmPair(op, state, 'give { h0, c0 }, [h0, c0], what lstm gave, or null')
  const [output, hn, cn] = recurrent(op, cells.lstm, x, first, weights, given)
  return { output, hn, cn }
}

/**
 * A GRU over sequences (Cho et al. 2014): {@link gruCell} at every step. Dtypes: floats.
 * @param x [steps, batch, features], or [batch, steps, features] with `batchFirst`; one sequence alone [steps,
 *   features]
 * @param h0       [layers·directions, batch, hidden], without batch as x, or null for zeros
 * @param weights  as in {@link lstm}, with 3·hidden rows
 * @throws HandgradError if x has not three or two axes or no steps, weights are not two or four for each layer and
 *   direction, numLayers is not an integer from 1 up, dropout is not in [0, 1], or there is not one length per
 *   sequence, from 1 to x's steps
 */
export function gru(
  x: Tensor,
  h0: Tensor | null,
  weights: readonly Tensor[],
  options?: RecurrentOptions,
): RecurrentResult {
  const given = optionsOf('gru', options, defaults)
  const [output, hn] = recurrent('gru', cells.gru, x, [h0], weights, given)
  return { output, hn }
}
