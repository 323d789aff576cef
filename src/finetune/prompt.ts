/** @file Prompts that are learned: vectors before the tokens of each text, in front of a frozen model. */
import type { Tensor } from '../core/tensor.ts'
import type { ForwardOptions, LanguageModel, Past } from '../models/index.ts'
import { optionsOf } from '../ops/base/options.ts'
import { add, cat, contiguous, expand, reshape, slice } from '../ops/index.ts'
import { checkBase, firstOf, Learned, PromptedModel, type PromptInit } from './prompted.ts'
import { Tuning } from './tuning.ts'

/** Options of {@link promptTuning}. */
export interface PromptTuningOptions {
  /** Vectors before each text, which take as many positions; default 8. */
  tokens?: number
  /**
   * What they are at first: those of tokens that are drawn from the vocabulary (`random`, the default), or of a text,
   * which is repeated where it is too short, and else cut.
   */
  init?: PromptInit
}

/** Vectors before those of the tokens. */
export class PromptModel extends PromptedModel {
  protected behind(ids: Tensor | null, { lengths, inputs }: Required<ForwardOptions>): Tensor {
    const { tokens, base } = this
    const prompts = this.learned.forward()
    const [batch, count] = this.given(ids, inputs, prompts.shape[1]).shape
    this.checkLength(count)
    const all = cat([this.rows(prompts, batch), this.entered(ids, inputs)], 1)
    const longer = Array.isArray(lengths) ? lengths.map((n) => n + tokens) : lengths && add(lengths as Tensor, tokens)
    return slice(base.hidden(null, { inputs: all, lengths: longer }), null, [tokens, tokens + count])
  }

  protected read(past: Past, batch: number): void {
    const inputs = contiguous(this.rows(this.learned.forward(), batch))
    this.base.hidden(null, { inputs, cache: { begin: () => past } })
  }

  private rows(prompts: Tensor, batch: number): Tensor {
    return expand(prompts, [batch, ...prompts.shape])
  }
}

/**
 * Learn vectors that stand before every text, and nothing else: the base is frozen, and serves any number of tasks.
 *
 *     const task = finetune.promptTuning(gpt, { tokens: 20, init: { text: 'In the style of the sea:' } })
 *     const optimizer = new optim.AdamW([...task.parameters], { lr: 0.1 })
 *     const logits = task.forward(ids, { lengths })        // of the text's tokens alone
 *     generate(task.model, 'Once')                         // as of any model
 *
 * Logits are those of `forward(null, { inputs })` of the base, with the vectors before what the tokens stand for. They
 * are float32 also in front of weights of 16 bits.
 * @param gpt  of `handgrad/models`
 * @throws HandgradError if it is not one, tokens are not fewer than its positions, or init is none; in a call if text
 *   and vectors together are longer than the positions
 * @see Lester et al. 2021, "The Power of Scale for Parameter-Efficient Prompt Tuning"
 */
export function promptTuning(gpt: LanguageModel, options?: PromptTuningOptions): Tuning {
  const op = 'promptTuning'
  const { tokens, init } = optionsOf(op, options, { tokens: 8, init: 'random' as PromptInit })
  checkBase(op, gpt, tokens)
  const table = firstOf(op, gpt, tokens, init, (ids) => reshape(gpt.embed(ids), [tokens, -1]))
  return new Tuning(new PromptModel(gpt, new Learned(table, null, table.shape[1])), 'PROMPT_TUNING')
}
