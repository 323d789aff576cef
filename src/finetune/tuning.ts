/** @file What `promptTuning` and `prefixTuning` give: a model, what trains of it, and its files. */
import { describe, fail } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { openScope } from '../core/scope.ts'
import type { Tensor } from '../core/tensor.ts'
import type { ForwardOptions, LanguageModel } from '../models/index.ts'
import type { LoadResult, StateDict } from '../nn/module.ts'
import { optionsOf } from '../ops/base/options.ts'
import { writeAdapter } from './adapterfiles.ts'
import { type PromptKind, writtenPrompts } from './promptconfig.ts'
import type { PromptedModel } from './prompted.ts'

/** Something that is learned before each text of a frozen model. */
export class Tuning {
  /** The base with what is learned before each text: for `generate`, `score`, `perplexity` and `KVCache`. */
  readonly model: LanguageModel
  /** What is learned. */
  readonly parameters: readonly Tensor[]
  /** The part of all numbers that is learned. */
  readonly share: number
  readonly #own: PromptedModel
  readonly #kind: PromptKind
  readonly #more: Readonly<Record<string, unknown>>
  #dropped = false

  /** @internal */
  constructor(model: PromptedModel, kind: PromptKind, more: Readonly<Record<string, unknown>> = {}) {
    model.base.freeze()
    this.model = model
    this.#own = model
    this.#kind = kind
    this.#more = more
    this.parameters = model.learned.parameters()
    const count = (list: readonly Tensor[]) => list.reduce((sum, { numel }) => sum + numel, 0)
    this.share = count(this.parameters) / count(model.parameters())
  }

  /**
   * Logits of the text's tokens, as of any model.
   * @param ids  int32 [batch, tokens]
   * @returns    [batch, tokens, vocabulary]
   * @throws HandgradError as the model's forward does
   */
  forward(ids: Tensor | null, options?: ForwardOptions): Tensor {
    this.#check('forward')
    return this.model.forward(ids, options)
  }

  /** What is learned, by name: a checkpoint of it alone. */
  stateDict(): StateDict {
    this.#check('stateDict')
    return this.#own.learned.stateDict()
  }

  /** Copy values into what is learned, as a module does. @throws HandgradError if they do not fit */
  loadStateDict(dict: Readonly<Record<string, Tensor>>, options?: { strict?: boolean }): LoadResult {
    this.#check('loadStateDict')
    return this.#own.learned.loadStateDict(dict, options)
  }

  /**
   * Write `adapter_model.safetensors` and `adapter_config.json` as PEFT reads them: the table that stands before each
   * text, with a projection folded in. Both appear whole.
   * @param folder             made if it is not there
   * @param options.baseModel  the name or path of the base, which PEFT looks up; default: what the files said that it
   *   was loaded from, or none
   * @throws HandgradError if it was dropped, or a file cannot be written
   */
  async save(folder: string, options?: { baseModel?: string }): Promise<void> {
    const op = 'Tuning.save'
    this.#check('save')
    const { baseModel } = optionsOf(op, options, { baseModel: undefined })
    if (baseModel !== undefined && typeof baseModel !== 'string')
      fail(op, `baseModel is ${describe(baseModel)}`, 'give a name or a path')
    const { base, learned, tokens } = this.#own
    const more = { ...this.#more, ...(baseModel !== undefined && { base_model_name_or_path: baseModel }) }
    using own = openScope()
    const prompt_embeddings = own.run(() => noGrad(() => learned.forward()))
    await writeAdapter(op, folder, { prompt_embeddings }, writtenPrompts(this.#kind, base, tokens, learned, more))
  }

  /** Free what was learned. The base stays as it is, frozen: `unfreeze()` it to train it. */
  drop(): void {
    this.#dropped = true
    for (const x of this.parameters) x.dispose()
  }

  #check(op: string): void {
    if (this.#dropped) fail(`Tuning.${op}`, 'what was learned was dropped', 'make another one')
  }
}
