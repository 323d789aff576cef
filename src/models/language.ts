/** @file What every language model can do: ids to hidden states, and these to logits. */
import { isHalf } from '../core/device.ts'
import { describe } from '../core/errors.ts'
import { gradEnabled } from '../core/graph.ts'
import { showShape } from '../core/shape.ts'
import { Tensor } from '../core/tensor.ts'
import { Module } from '../nn/module.ts'
import { cast } from '../ops/index.ts'
import type { Tokenizer } from '../tokens/index.ts'
import type { Cache, Past, Text } from './attend.ts'

/** What a text is, where it is not ids alone. */
export interface ForwardOptions {
  /**
   * Tokens of each row, an int32 tensor [batch] or as many numbers; what lies behind them, on the right, has no
   * influence on what is before. Default null: all.
   */
  lengths?: Tensor | readonly number[] | null
  /** [batch, tokens, channels] in place of what the ids stand for, which are null then. Default null. */
  inputs?: Tensor | null
  /**
   * What was read before: the tokens stand behind those that it has of each row, and are in it afterwards. Under
   * `noGrad` only; `lengths` are numbers then, and are given where a batch has several tokens in a row. Default null.
   */
  cache?: Cache | null
}

/** What of a model's sizes a cache depends on. */
export interface CacheSizes {
  /** Blocks with attention. */
  readonly layers: number
  /** Heads of keys and values, and the channels of each. */
  readonly heads: number
  readonly channels: number
  /** The longest text, in tokens. */
  readonly positions: number
  /** What the model has read before each text; where it is left out, nothing. */
  readonly before?: Before
}

/** Something that stands before every text of a model: learned prompts, say. */
export interface Before {
  /** Positions that it takes, beside those of the text. */
  readonly tokens: number
  /** Read it into rows of a cache that is new, to the end of `past`. Nothing is recorded. */
  read(past: Past, batch: number): void
}

/** What is taken where nothing is said. */
export const plainForward: Required<ForwardOptions> = { lengths: null, inputs: null, cache: null }

/** A model that gives, for each token of a text, logits of the one that follows. */
export abstract class LanguageModel extends Module {
  /** What it is made of, under the names of its files. */
  abstract readonly config: Readonly<Record<string, unknown>>
  /** Text to ids, where its files had one. */
  tokenizer: Tokenizer | null = null
  /**
   * Each block keeps its input alone for backward, and computes what is inside again there, as `checkpoint` does: less
   * memory, a third more work. Nothing changes where nothing is recorded. Default false.
   */
  get gradientCheckpointing(): boolean {
    return this.#checkpoints
  }
  set gradientCheckpointing(on: boolean) {
    this.#checkpoints = on
  }
  #checkpoints = false
  /** What is kept of the tokens that it has read. */
  abstract readonly cacheSizes: CacheSizes

  /**
   * What the last block makes of each token, normalised.
   * @param ids  int32 [batch, tokens]; negative ones count from the end of the vocabulary, as embedding has it
   * @returns    [batch, tokens, channels]
   * @throws HandgradError if ids are not, there are more tokens than positions, inputs do not fit, or there is no room
   *   in the cache
   */
  abstract hidden(ids: Tensor | null, options?: ForwardOptions): Tensor

  /**
   * What tokens stand for, before anything is made of them.
   * @param ids  int32 [batch, tokens]
   * @returns    [batch, tokens, channels], in the dtype of the weights
   */
  abstract embed(ids: Tensor): Tensor

  /** Logits. @param h [..., channels], as `hidden` gives them @returns [..., vocabulary] */
  abstract logits(h: Tensor): Tensor

  /**
   * Logits of the token after each.
   * @param ids  int32 [batch, tokens]
   * @returns    [batch, tokens, vocabulary]
   * @throws HandgradError as {@link hidden}
   */
  forward(ids: Tensor): Tensor
  /** The same of texts of several lengths, or of what their tokens stand for. */
  forward(ids: Tensor | null, options?: ForwardOptions): Tensor
  forward(ids: Tensor | null, options?: ForwardOptions): Tensor {
    return this.logits(this.hidden(ids, options))
  }

  /**
   * Run the model's blocks on checked ids or inputs.
   * @param blocks  the hidden states, of [batch, tokens, channels]
   */
  protected run(
    ids: Tensor | null,
    { lengths, inputs, cache }: Required<ForwardOptions>,
    channels: number,
    blocks: (x: Tensor, text: Text) => Tensor,
  ): Tensor {
    const [batch, count] = this.given(ids, inputs, channels).shape
    const { positions } = this.cacheSizes
    if (count < 1 || count > positions)
      this.refuse(`a text of ${count} tokens`, `the model has positions for 1 to ${positions}`)
    if (!cache)
      return blocks(this.entered(ids, inputs), { lengths, past: null, checkpoints: this.gradientCheckpointing })
    if (gradEnabled() && !cache.recorded)
      this.refuse('a cache is given, and operations are recorded', 'wrap it in noGrad(() => …)')
    const past = cache.begin(this, batch, count, lengths)
    try {
      const y = blocks(this.entered(ids, inputs), { lengths: null, past, checkpoints: false })
      past.end()
      return y
    } finally {
      past.dispose()
    }
  }

  /** What checked ids stand for, or the inputs. */
  protected entered(ids: Tensor | null, inputs: Tensor | null): Tensor {
    const x = inputs ?? this.embed(ids as Tensor) // one of them was given
    // Weights may have 16 bits; what is computed from them has 32.
    return isHalf(x.dtype) ? cast(x, 'float32') : x
  }

  /** What goes into the model. @throws HandgradError if it does not fit */
  protected given(ids: Tensor | null, inputs: Tensor | null, channels: number): Tensor {
    if (inputs !== null) {
      if (ids !== null) this.refuse('ids and inputs are given', 'give null for ids, or no inputs')
      if (!(inputs instanceof Tensor) || inputs.ndim !== 3 || inputs.shape[2] !== channels) {
        const given = inputs instanceof Tensor ? showShape(inputs.shape) : describe(inputs)
        this.refuse(`inputs is ${given}`, `give [batch, tokens, ${channels}]`)
      }
      return inputs
    }
    if (!(ids instanceof Tensor)) this.refuse(`ids is ${describe(ids)}`, 'give an int32 tensor [batch, tokens]')
    if (ids.dtype !== 'int32' || ids.ndim !== 2)
      this.refuse(`ids is ${showShape(ids.shape)} of ${ids.dtype}`, 'give int32 [batch, tokens]')
    return ids
  }
}
