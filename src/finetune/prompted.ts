/** @file A frozen model that has something learned before each text. */
import { isHalf } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { scope } from '../core/scope.ts'
import type { Tensor } from '../core/tensor.ts'
import { type CacheSizes, type ForwardOptions, LanguageModel, type Past } from '../models/index.ts'
import { Tanh } from '../nn/activations.ts'
import { Sequential } from '../nn/containers.ts'
import { Linear } from '../nn/linear.ts'
import { Module, parameter } from '../nn/module.ts'
import { defaultGenerator } from '../ops/base/generator.ts'
import { optionsOf } from '../ops/base/options.ts'
import { cast, tensor } from '../ops/index.ts'

/** What is learned begins as: tokens drawn from the vocabulary, or those of a text, which is repeated as needed. */
export type PromptInit = 'random' | { readonly text: string } | { readonly ids: readonly number[] | Int32Array }

/** What is learned, under PEFT's name, and what it goes through first, if anything. */
export class Learned extends Module {
  /** [tokens, …] */
  prompt_embeddings: Tensor
  transform: Sequential | null
  /** Channels of the tanh layer, if there is one. */
  readonly hidden: number | null

  /** @param hidden  where the table is of `width` and goes through tanh: of how many channels; null: it does not */
  constructor(table: Tensor, hidden: number | null, width: number) {
    super()
    const { device, shape } = table
    const where = { device, dtype: table.dtype as 'float32' } // of floats, as all that is learned
    this.prompt_embeddings = parameter(table)
    this.hidden = hidden
    this.transform =
      hidden === null
        ? null
        : new Sequential(new Linear(shape[1], hidden, where), new Tanh(), new Linear(hidden, width, where))
  }

  forward(): Tensor {
    return this.transform ? this.transform.forward(this.prompt_embeddings) : this.prompt_embeddings
  }
}

/**
 * A language model with `tokens` positions before each text. `generate`, `score`, `perplexity` and `KVCache` take it as
 * they take the model that it stands on, whose weights it shares. A cache has what is learned as it was when the cache
 * was made.
 */
export abstract class PromptedModel extends LanguageModel {
  /** The model that it stands on. */
  readonly base: LanguageModel
  readonly learned: Learned
  /** Positions before each text. */
  readonly tokens: number

  constructor(base: LanguageModel, learned: Learned) {
    super()
    this.base = base
    this.learned = learned
    this.tokens = learned.prompt_embeddings.shape[0]
    this.tokenizer = base.tokenizer
    this.training = base.training
    learned.train(base.training)
  }

  /** Read what is learned into a cache, to the end of `past`. */
  protected abstract read(past: Past, batch: number): void
  /** Hidden states of the text's tokens, where there is no cache. */
  protected abstract behind(ids: Tensor | null, options: Required<ForwardOptions>): Tensor

  get config(): LanguageModel['config'] {
    return this.base.config
  }

  /** The base's, whose blocks they are. */
  override get gradientCheckpointing(): boolean {
    return this.base.gradientCheckpointing
  }
  override set gradientCheckpointing(on: boolean) {
    this.base.gradientCheckpointing = on
  }

  get cacheSizes(): CacheSizes {
    const { tokens } = this
    const { positions, ...sizes } = this.base.cacheSizes
    const before = { tokens, read: (past: Past, batch: number) => this.read(past, batch) }
    return { ...sizes, positions: positions - tokens, before }
  }

  embed(ids: Tensor): Tensor {
    return this.base.embed(ids)
  }

  logits(h: Tensor): Tensor {
    return this.base.logits(h)
  }

  hidden(ids: Tensor | null, options?: ForwardOptions): Tensor {
    const given = optionsOf(`${this.constructor.name}.hidden`, options, { lengths: null, inputs: null, cache: null })
    const { cache } = given
    if (!cache) return this.behind(ids, given)
    // The cache is this model's, and has what is learned already.
    return this.base.hidden(ids, { ...given, cache: { begin: (_, ...rest) => cache.begin(this, ...rest) } })
  }

  /** Refuse a text that is too long. */
  protected checkLength(count: number): void {
    const { positions } = this.cacheSizes
    if (count < 1 || count > positions)
      this.refuse(
        `a text of ${count} tokens behind ${this.tokens} that are learned`,
        `the model has positions for 1 to ${positions}`,
      )
  }

  protected override sizes(): string {
    return `${this.tokens} before each text`
  }
}

/** Refuse what nothing can be learned before. */
export function checkModel(op: string, base: LanguageModel): void {
  if (!(base instanceof LanguageModel)) fail(op, `the model is ${describe(base)}`, 'give one of handgrad/models')
  if (base instanceof PromptedModel) fail(op, 'the model has prompts of its own', 'give its base')
}

/** Refuse it, or as many positions. */
export function checkBase(op: string, base: LanguageModel, tokens: number): void {
  checkModel(op, base)
  const { positions } = base.cacheSizes
  if (!(Number.isInteger(tokens) && tokens >= 1 && tokens < positions))
    fail(op, `tokens is ${describe(tokens)}`, `give an integer from 1 to ${positions - 1}, below the model's positions`)
}

/** The ids that are asked for. @throws HandgradError if they are none, or outside of the vocabulary */
function idsOf(op: string, base: LanguageModel, tokens: number, init: PromptInit): ArrayLike<number> {
  const size = base.config['vocab_size'] as number // every family has it
  if (init === 'random') return Int32Array.from({ length: tokens }, () => defaultGenerator.host.int(size))
  const { text, ids } = (init ?? {}) as { text?: unknown; ids?: unknown } // whatever it is, it may have these
  if (typeof text === 'string' && !base.tokenizer)
    fail(op, 'init is a text, and the model has no tokenizer', 'give { ids }, or set model.tokenizer')
  const found = typeof text === 'string' ? base.tokenizer?.encode(text) : ids
  if (!(Array.isArray(found) || found instanceof Int32Array))
    fail(op, `init is ${describe(init)}`, "give 'random', { text } or { ids }")
  if (found.length === 0) fail(op, 'init has no tokens', "give some, or 'random'")
  for (const id of found)
    if (!(Number.isInteger(id) && id >= 0 && id < size))
      fail(op, `id ${describe(id)} of init`, `the vocabulary has ids from 0 to ${size - 1}`)
  return found
}

/** The first values of what is learned, made of tokens [1, tokens]: 32 bits beside weights of 16. */
export function firstOf(
  op: string,
  base: LanguageModel,
  tokens: number,
  init: PromptInit,
  make: (ids: Tensor) => Tensor,
): Tensor {
  const ids = idsOf(op, base, tokens, init)
  const [{ device }] = base.parameters()
  const all = Int32Array.from({ length: tokens }, (_, i) => ids[i % ids.length])
  return scope(() =>
    noGrad(() => {
      const made = make(tensor(all, { shape: [1, tokens], device }))
      return isHalf(made.dtype) ? cast(made, 'float32') : made
    }),
  )
}
