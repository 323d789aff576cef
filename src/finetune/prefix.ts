/** @file Prefixes that are learned: keys and values of every block, before those of each text. */
import { isHalf } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import type { ForwardOptions, LanguageModel, Past } from '../models/index.ts'
import { optionsOf } from '../ops/base/options.ts'
import { cat, contiguous, expand, permute, randn, reshape, select, stack, tensor } from '../ops/index.ts'
import { rowOf } from './promptconfig.ts'
import { checkBase, firstOf, Learned, PromptedModel, type PromptInit } from './prompted.ts'
import { Tuning } from './tuning.ts'

/** Options of {@link prefixTuning}. */
export interface PrefixTuningOptions {
  /** Keys and values before each text, in every block; default 8. */
  tokens?: number
  /**
   * What they are at first: those that the model makes of tokens which are drawn from the vocabulary (`random`, the
   * default), or of a text, which is repeated where it is too short, and else cut. With a projection: random numbers.
   */
  init?: PromptInit
  /**
   * Channels of a tanh layer that keys and values come out of, as a smaller table goes in: Li and Liang found it to
   * train better. It is folded into the table by `save`. Default null: the table is what is learned.
   */
  projection?: number | null
}

/** Keys and values before those of the tokens. */
export class PrefixModel extends PromptedModel {
  /** Blocks behind a prefix are not computed again: they keep what is inside, whatever the base does without one. */
  override get gradientCheckpointing(): boolean {
    return false
  }
  override set gradientCheckpointing(on: boolean) {
    if (on) this.refuse('blocks behind a prefix are not checkpointed', 'take promptTuning, or fewer texts at once')
  }

  protected behind(ids: Tensor | null, { lengths, inputs }: Required<ForwardOptions>): Tensor {
    return this.base.hidden(ids, {
      lengths,
      inputs,
      cache: { recorded: true, begin: (_, batch, count) => this.begin(batch, count) },
    })
  }

  protected read(past: Past, batch: number): void {
    try {
      for (const [k, v] of this.pairs(batch)) past.extend(contiguous(k), contiguous(v))
      past.end()
    } finally {
      past.dispose()
    }
  }

  /** Keys and values of each block, [batch, heads, tokens, channels]. */
  private pairs(batch: number): [k: Tensor, v: Tensor][] {
    const { layers, heads, channels } = this.cacheSizes
    const all = permute(reshape(this.learned.forward(), [this.tokens, 2 * layers, heads, channels]), [1, 2, 0, 3])
    const one = (i: number) => expand(select(all, 0, i), [batch, heads, this.tokens, channels])
    return Array.from({ length: layers }, (_, i) => [one(2 * i), one(2 * i + 1)])
  }

  /** A reading with nothing but the prefix before it, through which gradients go. */
  private begin(batch: number, count: number): Past {
    this.checkLength(count)
    const { tokens, base } = this
    const places = Int32Array.from({ length: batch * count }, (_, i) => tokens + (i % count))
    const positions = tensor(places, { shape: [batch, count], device: base.parameters()[0].device })
    const pairs = this.pairs(batch)
    let next = 0
    return {
      positions,
      extend: (k, v) => {
        const [beforeK, beforeV] = pairs[next++]
        // What is behind a row's end is seen by nothing before it.
        return { k: cat([beforeK, k], 2), v: cat([beforeV, v], 2), sees: { causalFromLast: true } }
      },
      end: () => {},
      dispose: () => positions.dispose(),
    }
  }
}

/** Keys and values that a model makes of tokens, as a row each has them. */
function madeOf(base: LanguageModel, ids: Tensor): Tensor {
  const { layers, heads, channels } = base.cacheSizes
  const tokens = ids.shape[1]
  const made: Tensor[] = []
  const past: Past = {
    positions: tensor(
      Int32Array.from({ length: tokens }, (_, i) => i),
      { shape: [1, tokens], device: ids.device },
    ),
    extend: (k, v) => {
      made.push(k, v)
      return { k, v, sees: { isCausal: true } }
    },
    end: () => {},
    dispose: () => {},
  }
  const training = base.modules().filter((one) => one.training)
  base.eval()
  try {
    base.hidden(ids, { cache: { begin: () => past } })
  } finally {
    for (const one of training) one.training = true
  }
  // [2·layers, 1, heads, tokens, channels] to a row for each token
  return reshape(permute(stack(made), [3, 0, 1, 2, 4]), [tokens, 2 * layers * heads * channels])
}

/**
 * Learn keys and values that stand before those of every text, in each block, and nothing else: the base is frozen.
 *
 *     const task = finetune.prefixTuning(gpt, { tokens: 8 })
 *     const optimizer = new optim.AdamW([...task.parameters], { lr: 0.01 })
 *
 * They take the positions 0 to tokens − 1, those of the text follow, and no block computes anything for them.
 * Everything else is as in {@link promptTuning}.
 * @param gpt  of `handgrad/models`
 * @throws HandgradError as {@link promptTuning}, or if projection is none, or given with init
 * @see Li and Liang 2021, "Prefix-Tuning: Optimizing Continuous Prompts for Generation"
 */
export function prefixTuning(gpt: LanguageModel, options?: PrefixTuningOptions): Tuning {
  const op = 'prefixTuning'
  const defaults = { tokens: 8, init: 'random' as PromptInit, projection: null as number | null }
  const { tokens, init, projection } = optionsOf(op, options, defaults)
  checkBase(op, gpt, tokens)
  if (projection !== null && !(Number.isInteger(projection) && projection >= 1))
    fail(op, `projection is ${describe(projection)}`, 'give channels, an integer from 1, or null')
  if (projection !== null && init !== 'random')
    fail(op, 'init and projection are given', 'what a projection makes of a table is not chosen: leave one out')
  const { heads, channels } = gpt.cacheSizes
  const [{ device, dtype }] = gpt.parameters()
  // Weights are of float32 or float64, where they have more than 16 bits.
  const where = { device, dtype: (isHalf(dtype) ? 'float32' : dtype) as 'float32' }
  const table =
    projection === null
      ? firstOf(op, gpt, tokens, init, (ids) => madeOf(gpt, ids))
      : randn([tokens, heads * channels], where)
  return new Tuning(new PrefixModel(gpt, new Learned(table, projection, rowOf('PREFIX_TUNING', gpt))), 'PREFIX_TUNING')
}
