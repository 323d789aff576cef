/** @file What `generate` is asked for, checked before anything is allocated. */
import { describe, fail } from '../core/errors.ts'
import type { LanguageModel } from '../models/index.ts'
import { defaultGenerator } from '../ops/base/generator.ts'
import { optionsOf } from '../ops/base/options.ts'
import { checkSampling, type Sampling } from '../ops/base/sampling.ts'
import type { Tokenizer } from '../tokens/index.ts'

/** Ids, as a tokenizer gives them. */
export type Ids = readonly number[] | Int32Array
/** A text to go on with, for which the model needs a tokenizer, or its ids. */
export type Prompt = string | Ids

/** Options of {@link generate}. */
export interface GenerateOptions extends Partial<Sampling> {
  /**
   * Tokens to add to each prompt. Default null: until the text ends, or the model has no position left, which is the
   * reason `context`.
   */
  maxTokens?: number | null
  /**
   * An integer from 0 to 2⁵³ − 1, or one for each prompt. A row's text depends on its own seed and prompt alone, not on
   * others, batch or device. Default null: drawn for each by the generator that `manualSeed` sets.
   */
  seed?: number | readonly number[] | null
  /** Texts that end a row where they appear; they are not given out. Default null. */
  stop?: string | readonly string[] | null
  /** Ends all rows when it is aborted. Default null. */
  signal?: AbortSignal | null
  /**
   * What to do with prompts and maxTokens for which the model has no positions: `error`, the default, or `slide`:
   * whenever they are used up, the last half of the text is read again, and what was before is forgotten.
   */
  context?: 'error' | 'slide'
}

/** A checked call. */
export interface Task {
  readonly model: LanguageModel
  readonly tokenizer: Tokenizer | null
  readonly prompts: readonly (readonly number[])[]
  /** Tokens to make for each, and how many at most were asked for. */
  readonly limits: readonly number[]
  readonly maxTokens: number
  readonly sampling: Sampling
  readonly seeds: readonly number[]
  readonly stops: readonly string[]
  readonly signal: AbortSignal | null
  /** Where texts go beyond the model's positions: the tokens that are read again. */
  readonly half: number
  readonly slides: boolean
  /** Tokens that a row has to have read before the last is drawn, at most. */
  readonly length: number
  readonly ends: ReadonlySet<number>
  /** Ids that stand for nothing. */
  readonly unused: Int32Array | null | undefined
  readonly vocabulary: number
}

const op = 'generate'
const isIds = (x: unknown): x is Ids =>
  x instanceof Int32Array || (Array.isArray(x) && x.every((id) => typeof id === 'number'))

/** One prompt alone, which an array of other things than numbers is not. */
export const isOne = (prompts: unknown): prompts is Prompt => typeof prompts === 'string' || isIds(prompts)

/** @throws HandgradError if anything of it cannot be done */
export function taskOf(model: LanguageModel, given: Prompt | readonly Prompt[], options?: GenerateOptions): Task {
  if (typeof model?.hidden !== 'function') fail(op, `the model is ${describe(model)}`, 'give a LanguageModel')
  for (const [path, { training }] of model.namedModules())
    if (training) fail(op, `${path || 'the model'} is in training, and would drop out`, 'call model.eval() first')
  const { maxTokens, seed, stop, signal, context, ...sampling } = optionsOf(op, options, {
    ...{ maxTokens: null, temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 },
    ...{ seed: null, stop: null, signal: null, context: 'error' },
  })
  const vocabulary = model.config['vocab_size'] as number // checked with the configuration
  const { tokenizer } = model
  const { positions } = model.cacheSizes
  checkSampling(op, sampling, vocabulary)
  const stops = stopsOf(stop, tokenizer)
  if (signal !== null && typeof signal?.aborted !== 'boolean')
    fail(op, `signal is ${describe(signal)}`, 'give that of an AbortController')
  if (context !== 'error' && context !== 'slide') fail(op, `context is ${describe(context)}`, "give 'error' or 'slide'")
  const slides = context === 'slide'
  if (maxTokens !== null && !(Number.isSafeInteger(maxTokens) && maxTokens >= 1))
    fail(op, `maxTokens is ${describe(maxTokens)}`, 'give an integer from 1, or null')
  if (slides && maxTokens === null) fail(op, "context is 'slide', which has no end", 'give maxTokens')
  const list = isOne(given) ? [given] : given
  if (!Array.isArray(list) || list.length === 0)
    fail(op, `the prompt is ${describe(given)}`, 'give a text, its ids, or a list of either')
  const prompts = list.map((prompt: unknown, row) => idsOf(prompt, row, model, vocabulary))
  const limits = prompts.map(({ length }, row) => {
    // The last token that is drawn needs no position.
    const fit = positions - length + 1
    if (slides) return maxTokens as number // refused above
    if (fit < 1 || (maxTokens !== null && maxTokens > fit)) {
      const more = maxTokens === null ? '' : ` and maxTokens ${maxTokens}`
      const todo = `fewer tokens, or context: 'slide'`
      fail(op, `prompt ${row} has ${length} tokens${more}, the model ${positions} positions`, todo)
    }
    return maxTokens ?? fit
  })
  const longest = Math.max(...prompts.map(({ length }, row) => length + limits[row] - 1))
  const eos = model.config['eos_token_id'] as number | readonly number[] | null
  return {
    ...{ model, tokenizer, prompts, limits, maxTokens: maxTokens ?? Infinity, sampling },
    seeds: seedsOf(seed, prompts.length),
    ...{ stops, signal, slides, vocabulary },
    half: Math.max(1, Math.floor(positions / 2)),
    length: Math.min(positions, longest),
    ends: new Set([eos ?? []].flat()),
    unused: tokenizer?.unused(vocabulary),
  }
}

function idsOf(prompt: unknown, row: number, { tokenizer, config }: LanguageModel, vocabulary: number): number[] {
  if (typeof prompt === 'string' && !tokenizer)
    fail(op, `prompt ${row} is a text, and the model has no tokenizer`, 'give ids, or set model.tokenizer')
  if (typeof prompt !== 'string' && !isIds(prompt))
    fail(op, `prompt ${row} is ${describe(prompt)}`, 'give a text or its ids')
  const ids = Array.from(
    typeof prompt === 'string' ? (tokenizer as Tokenizer).encode(prompt, { addSpecial: true }) : prompt,
  )
  ids.forEach((id, i) => {
    if (!(Number.isInteger(id) && id >= 0 && id < vocabulary))
      fail(
        op,
        `id ${describe(id)} at position ${i} of prompt ${row}`,
        `the vocabulary has ids from 0 to ${vocabulary - 1}`,
      )
  })
  if (ids.length > 0) return ids
  const bos = config['bos_token_id']
  if (typeof bos !== 'number')
    fail(op, `prompt ${row} is empty, and the model has no bos_token_id`, 'give at least one token')
  return [bos]
}

function stopsOf(stop: unknown, tokenizer: Tokenizer | null): readonly string[] {
  if (stop === null) return []
  const stops = Array.isArray(stop) ? stop : [stop]
  for (const one of stops)
    if (typeof one !== 'string' || one === '')
      fail(op, `stop has ${describe(one)}`, 'give texts of one character or more')
  if (!tokenizer) fail(op, 'stop is given, and the model has no tokenizer', 'leave it out, or set model.tokenizer')
  return stops
}

function seedsOf(seed: number | readonly number[] | null, rows: number): readonly number[] {
  if (seed === null) return Array.from({ length: rows }, () => defaultGenerator.host.word())
  const all: readonly unknown[] = Array.isArray(seed) ? seed : new Array(rows).fill(seed)
  if (all.length !== rows) fail(op, `${all.length} seeds for ${rows} prompts`, 'give a number, or one for each')
  return all.map((one) =>
    Number.isSafeInteger(one) && (one as number) >= 0
      ? (one as number)
      : fail(op, `seed is ${describe(one)}`, 'give an integer from 0 to 2^53 - 1'),
  )
}
