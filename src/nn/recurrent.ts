/** @file Recurrent networks over sequences, RNN, LSTM and GRU, and one step of each: their cells. */
import { showShape } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import {
  gru,
  gruCell,
  type LstmStates,
  lstm,
  lstmCell,
  type Nonlinearity,
  type RecurrentOptions,
  rnn,
  rnnCell,
  zeros,
} from '../ops/index.ts'
import { checkProbability } from '../ops/random/mask.ts'
import { checkNonlinearity } from '../ops/sequence/cells.ts'
import { uniform_ } from './init.ts'
import { inSnakeCase, type LayerOptions, nowhere, settings, size } from './layer.ts'
import { Module, parameter } from './module.ts'

/** Options of {@link LSTM} and {@link GRU}. */
export interface RecurrentLayerOptions extends LayerOptions {
  /** Layers, each on the output of the one below. Default: 1. */
  numLayers?: number
  /** Default: true. */
  bias?: boolean
  /** x and output are [batch, steps, …] instead of [steps, batch, …]. Default: false. */
  batchFirst?: boolean
  /** Probability with which an element of the output of each layer but the last is dropped, in training. Default: 0. */
  dropout?: number
  /** Each layer also runs from the end to the beginning; outputs stand side by side. Default: false. */
  bidirectional?: boolean
}

/** Options of {@link RNN}. */
export interface RNNLayerOptions extends RecurrentLayerOptions {
  /** What follows the sum. Default: 'tanh'. */
  nonlinearity?: Nonlinearity
}

/** What a recurrent layer may be given with x. */
export interface SequenceOptions<State> extends Pick<RecurrentOptions, 'lengths'> {
  /** The states before the first step: what an earlier call gave. Default, or null: zeros. */
  state?: State | null
}

const defaults = {
  ...nowhere,
  numLayers: 1,
  bias: true,
  batchFirst: false,
  dropout: 0,
  bidirectional: false,
} as const
const rnnDefaults = { ...defaults, nonlinearity: 'tanh' } as const
const alone = { state: undefined, lengths: undefined }

const names = ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'] as const

/** New weights of one layer and direction, in the order of `names`; first values U(−1/√hidden, 1/√hidden). */
function drawn(
  gates: number,
  features: number,
  hidden: number,
  { device, dtype, bias }: LayerOptions & { bias: boolean },
): [weightIh: Tensor, weightHh: Tensor, biasIh?: Tensor, biasHh?: Tensor] {
  const bound = 1 / Math.sqrt(hidden)
  const first = (...shape: number[]) => parameter(uniform_(zeros(shape, { device, dtype }), -bound, bound))
  const rows = gates * hidden
  const matrices = [first(rows, features), first(rows, hidden)] as const
  return bias ? [...matrices, first(rows), first(rows)] : [...matrices]
}

/** Sizes, weights and checks of all three. */
abstract class Recurrent extends Module {
  readonly inputSize: number
  readonly hiddenSize: number
  readonly numLayers: number
  readonly batchFirst: boolean
  readonly dropout: number
  readonly bidirectional: boolean
  /** Under PyTorch's names: weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, weight_ih_l0_reverse, … */
  readonly weights: ReadonlyMap<string, Tensor>
  private readonly text: string

  constructor(
    gates: number,
    inputSize: number,
    hiddenSize: number,
    { device, dtype, ...options }: LayerOptions & Required<Omit<RecurrentLayerOptions, keyof LayerOptions>>,
    defaults: object,
  ) {
    super()
    const op = new.target.name
    this.inputSize = size(op, 'inputSize', inputSize)
    this.hiddenSize = size(op, 'hiddenSize', hiddenSize)
    this.numLayers = size(op, 'numLayers', options.numLayers)
    this.batchFirst = options.batchFirst
    this.dropout = options.dropout
    this.bidirectional = options.bidirectional
    checkProbability(op, 'dropout', this.dropout)
    const sides = this.bidirectional ? ['', '_reverse'] : ['']
    const weights = new Map<string, Tensor>()
    for (let l = 0; l < this.numLayers; l++)
      for (const side of sides) {
        const features = l === 0 ? inputSize : sides.length * hiddenSize
        const all = drawn(gates, features, hiddenSize, { device, dtype, bias: options.bias })
        all.forEach((x, i) => x && weights.set(`${names[i]}_l${l}${side}`, x))
      }
    this.weights = weights
    this.text = settings([inputSize, hiddenSize], options, defaults)
  }

  /** Refuse x of other axes or features. */
  protected check(x: Tensor): void {
    const shape = x?.shape
    if (!shape) return
    const { inputSize, batchFirst } = this
    const forms = `[${batchFirst ? 'batch, steps' : 'steps, batch'}, ${inputSize}] or [steps, ${inputSize}]`
    if (shape.length !== 2 && shape.length !== 3) this.refuse(`x is ${showShape(shape)}`, `give ${forms}`)
    const last = shape[shape.length - 1]
    if (last !== inputSize)
      this.refuse(`x is ${showShape(shape)}, its last axis ${last}, not ${inputSize}`, `give ${forms}`)
  }

  /** For the function of ops. */
  protected options(lengths: RecurrentOptions['lengths']): RecurrentOptions {
    const { numLayers, batchFirst, dropout, bidirectional, training } = this
    return { numLayers, batchFirst, dropout, bidirectional, training, lengths }
  }

  protected override fields(): Iterable<[string, unknown]> {
    return Object.entries(this).flatMap((field) => (field[0] === 'weights' ? [...this.weights] : [field]))
  }

  protected override sizes(): string {
    return this.text
  }
}

/**
 * A plain recurrent network: hₜ = f(xₜ W_ihᵀ + b_ih + hₜ₋₁ W_hhᵀ + b_hh), f tanh or relu. First values are
 * U(−1/√hidden, 1/√hidden), as PyTorch's. @see Elman 1990
 */
export class RNN extends Recurrent {
  readonly nonlinearity: Nonlinearity

  /** @throws HandgradError if a size is not an integer from 1 up, dropout not in [0, 1], or there is no such option */
  constructor(inputSize: number, hiddenSize: number, options?: RNNLayerOptions) {
    const given = optionsOf('RNN', options, rnnDefaults)
    checkNonlinearity('RNN', given.nonlinearity)
    super(1, inputSize, hiddenSize, given, rnnDefaults)
    this.nonlinearity = given.nonlinearity
  }

  /**
   * @param x                [steps, batch, input], [batch, steps, input] with batchFirst, or one sequence alone [steps,
   *   input]
   * @param options.state    [layers·directions, batch, hidden], without batch as x; default zeros
   * @param options.lengths  steps of each sequence, in the place of PyTorch's PackedSequence: behind its end, a
   *   sequence has output 0 and its state stays
   * @returns the output of the last layer at every step, [steps, batch, directions·hidden], and the last states
   * @throws HandgradError if x, the state or lengths do not fit
   */
  forward(x: Tensor, options?: SequenceOptions<Tensor>): [output: Tensor, state: Tensor] {
    const { state = null, lengths } = optionsOf('RNN', options, alone)
    this.check(x)
    const { nonlinearity } = this
    const { output, hn } = rnn(x, state, [...this.weights.values()], { ...this.options(lengths), nonlinearity })
    return [output, hn]
  }
}

/**
 * i, f, g, o = parts of xₜ W_ihᵀ + b_ih + hₜ₋₁ W_hhᵀ + b_hh; cₜ = σ(f)⊙cₜ₋₁ + σ(i)⊙tanh(g), hₜ = σ(o)⊙tanh(cₜ). First
 * values are U(−1/√hidden, 1/√hidden), as PyTorch's. @see Hochreiter and Schmidhuber 1997
 */
export class LSTM extends Recurrent {
  /** @throws HandgradError if a size is not an integer from 1 up, dropout not in [0, 1], or there is no such option */
  constructor(inputSize: number, hiddenSize: number, options?: RecurrentLayerOptions) {
    super(4, inputSize, hiddenSize, optionsOf('LSTM', options, defaults), defaults)
  }

  /**
   * As {@link RNN.forward}, with two states.
   * @param x              [steps, batch, input], [batch, steps, input] with batchFirst, or [steps, input]
   * @param options.state  [h0, c0], [layers·directions, batch, hidden] each; default zeros
   * @returns the output and [hn, cn]
   * @throws HandgradError if x, the state or lengths do not fit
   */
  forward(x: Tensor, options?: SequenceOptions<LstmStates>): [output: Tensor, state: [hn: Tensor, cn: Tensor]] {
    const { state = null, lengths } = optionsOf('LSTM', options, alone)
    this.check(x)
    const { output, hn, cn } = lstm(x, state, [...this.weights.values()], this.options(lengths))
    return [output, [hn, cn]]
  }
}

/**
 * r = σ(a_r + b_r), z = σ(a_z + b_z), n = tanh(a_n + r⊙b_n), hₜ = (1 − z)⊙n + z⊙hₜ₋₁, with a = xₜ W_ihᵀ + b_ih and
 * b = hₜ₋₁ W_hhᵀ + b_hh. First values are U(−1/√hidden, 1/√hidden), as PyTorch's. @see Cho et al. 2014
 */
export class GRU extends Recurrent {
  /** @throws HandgradError if a size is not an integer from 1 up, dropout not in [0, 1], or there is no such option */
  constructor(inputSize: number, hiddenSize: number, options?: RecurrentLayerOptions) {
    super(3, inputSize, hiddenSize, optionsOf('GRU', options, defaults), defaults)
  }

  /**
   * As {@link RNN.forward}.
   * @param x              [steps, batch, input], [batch, steps, input] with batchFirst, or [steps, input]
   * @param options.state  [layers·directions, batch, hidden]; default zeros
   * @returns the output and the last states
   * @throws HandgradError if x, the state or lengths do not fit
   */
  forward(x: Tensor, options?: SequenceOptions<Tensor>): [output: Tensor, state: Tensor] {
    const { state = null, lengths } = optionsOf('GRU', options, alone)
    this.check(x)
    const { output, hn } = gru(x, state, [...this.weights.values()], this.options(lengths))
    return [output, hn]
  }
}

/** Sizes, weights and checks of one step. Saved as weight_ih, weight_hh, bias_ih, bias_hh. */
abstract class StepCell extends Module {
  readonly inputSize: number
  readonly hiddenSize: number
  /** [gates·hidden, input] */
  weightIh: Tensor
  /** [gates·hidden, hidden] */
  weightHh: Tensor
  /** [gates·hidden] */
  biasIh: Tensor | null
  /** [gates·hidden] */
  biasHh: Tensor | null
  private readonly text: string

  constructor(
    gates: number,
    inputSize: number,
    hiddenSize: number,
    { device, dtype, ...options }: LayerOptions & { bias: boolean },
    defaults: object,
  ) {
    super()
    const op = new.target.name
    this.inputSize = size(op, 'inputSize', inputSize)
    this.hiddenSize = size(op, 'hiddenSize', hiddenSize)
    const { bias } = options
    const [weightIh, weightHh, biasIh = null, biasHh = null] = drawn(gates, inputSize, hiddenSize, {
      device,
      dtype,
      bias,
    })
    this.weightIh = weightIh
    this.weightHh = weightHh
    this.biasIh = biasIh
    this.biasHh = biasHh
    this.text = settings([inputSize, hiddenSize], options, defaults)
  }

  /** Refuse x of other axes or features. @returns the weights, in the order of the functions */
  protected weights(x: Tensor): [Tensor, Tensor, Tensor | null, Tensor | null] {
    const shape = x?.shape
    const { inputSize, weightIh, weightHh, biasIh, biasHh } = this
    const forms = `give [batch, ${inputSize}] or [${inputSize}]`
    if (shape && shape.length !== 1 && shape.length !== 2) this.refuse(`x is ${showShape(shape)}`, forms)
    const last = shape?.at(-1)
    if (shape && last !== inputSize)
      this.refuse(`x is ${showShape(shape)}, its last axis ${last}, not ${inputSize}`, forms)
    return [weightIh, weightHh, biasIh, biasHh]
  }

  protected override fields(): Iterable<[string, unknown]> {
    return inSnakeCase(this)
  }

  protected override sizes(): string {
    return this.text
  }
}

const cellDefaults = { ...nowhere, bias: true }

/** One step of an {@link RNN} of one layer. */
export class RNNCell extends StepCell {
  readonly nonlinearity: Nonlinearity

  /** @throws HandgradError if a size is not an integer from 1 up, or nonlinearity neither 'tanh' nor 'relu' */
  constructor(
    inputSize: number,
    hiddenSize: number,
    options?: LayerOptions & { bias?: boolean; nonlinearity?: Nonlinearity },
  ) {
    const defaults = { ...cellDefaults, nonlinearity: 'tanh' } as const
    const given = optionsOf('RNNCell', options, defaults)
    checkNonlinearity('RNNCell', given.nonlinearity)
    super(1, inputSize, hiddenSize, given, defaults)
    this.nonlinearity = given.nonlinearity
  }

  /** @param x [batch, input] or [input] @param state [batch, hidden] or [hidden]; default zeros @returns the new state */
  forward(x: Tensor, state: Tensor | null = null): Tensor {
    return rnnCell(x, state, ...this.weights(x), { nonlinearity: this.nonlinearity })
  }
}

/** One step of an {@link LSTM} of one layer. */
export class LSTMCell extends StepCell {
  /** @throws HandgradError if a size is not an integer from 1 up */
  constructor(inputSize: number, hiddenSize: number, options?: LayerOptions & { bias?: boolean }) {
    super(4, inputSize, hiddenSize, optionsOf('LSTMCell', options, cellDefaults), cellDefaults)
  }

  /** @param x [batch, input] or [input] @param state [h, c]; default zeros @returns the new [h, c] */
  forward(x: Tensor, state: LstmStates = null): [h: Tensor, c: Tensor] {
    const { h, c } = lstmCell(x, state, ...this.weights(x))
    return [h, c]
  }
}

/** One step of a {@link GRU} of one layer. */
export class GRUCell extends StepCell {
  /** @throws HandgradError if a size is not an integer from 1 up */
  constructor(inputSize: number, hiddenSize: number, options?: LayerOptions & { bias?: boolean }) {
    super(3, inputSize, hiddenSize, optionsOf('GRUCell', options, cellDefaults), cellDefaults)
  }

  /** @param x [batch, input] or [input] @param state [batch, hidden] or [hidden]; default zeros @returns the new state */
  forward(x: Tensor, state: Tensor | null = null): Tensor {
    return gruCell(x, state, ...this.weights(x))
  }
}
