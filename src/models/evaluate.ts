/**
 * @file How well a model tells text: perplexity over windows that overlap, and the chance of a text after another. Both
 * run hidden states for rows of tokens, and the head on some of them at a time, so that logits stay small.
 */
import { fail } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { scope } from '../core/scope.ts'
import type { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import { argmax, cat, crossEntropy, eq, maskedFill, select, slice, tensor } from '../ops/index.ts'
import { beginOf, checkCount, idsOf, inEvaluation, isList, rowsOf, type TextOrIds } from './given.ts'
import type { LanguageModel } from './language.ts'

/** How {@link perplexity} goes over a text. */
export interface PerplexityOptions {
  /**
   * Tokens from the beginning of a window to that of the next, from 1 to `length`; the fewer, the more each token sees
   * of what is before it, and the longer it takes. Default: half of `length`.
   */
  stride?: number
  /** Tokens of a window; default: as many as the model has positions, and no more than 2048. */
  length?: number
  /** Windows at once; default 8. */
  batch?: number
  /** Told after each batch of tokens that are scored, and of all; default: nobody. */
  progress?: ((done: number, total: number) => void) | null
}

/** How well a text was told. */
export interface Perplexity {
  /** e^nats. */
  readonly perplexity: number
  /** Mean of −ln of the tokens' chances. */
  readonly nats: number
  /** −log₂ of the chance of all tokens, for each byte; null where there is no tokenizer to tell bytes by. */
  readonly bitsPerByte: number | null
  /** Tokens that were scored. */
  readonly tokens: number
  /** Bytes that they are, in UTF-8; null likewise. */
  readonly bytes: number | null
}

/** How {@link score} runs. */
export interface ScoreOptions {
  /** Pairs at once; default 8. */
  batch?: number
}

/** The chance of a continuation. */
export interface Score {
  /** ln of the chance of all of its tokens after what is before them. */
  readonly logprob: number
  /** The same of each token. */
  readonly logprobs: readonly number[]
  /** Whether each of them is the likeliest there: what greedy generation would give. */
  readonly greedy: boolean
}

/** Rows whose logits exist at once. */
const ROWS = 512

const byteLength = (text: string): number => new TextEncoder().encode(text).length

/** Tokens of a window where nothing is said: some models have positions for far more than is read at once. */
const LONGEST = 2048

/** A text to be run: ids, of which those behind `first` are told from those before them. */
interface Told {
  readonly ids: readonly number[]
  /** From 1 up. */
  readonly first: number
}

/** Which logits stand for nothing, and are never the likeliest: bool [vocabulary], null where there are none. */
function unusedOf(model: LanguageModel): Tensor | null {
  const size = model.config['vocab_size'] as number // checked with the configuration
  const ids = model.tokenizer?.unused(size) ?? []
  if (ids.length === 0) return null
  const marks = new Uint8Array(size)
  for (const id of ids) marks[id] = 1
  return tensor(marks, { shape: [size], dtype: 'bool', device: model.parameters()[0].device })
}

/**
 * −ln of the chance of each token behind `first` of each text, one after the other, and whether it was the likeliest.
 * Rows are filled up on the right, where nothing sees what is behind it.
 */
async function tell(model: LanguageModel, texts: readonly Told[]): Promise<{ nats: Float64Array; hits: boolean[] }> {
  const { device } = model.parameters()[0]
  const width = Math.max(...texts.map(({ ids }) => ids.length - 1))
  const rows = texts.map(({ ids }) => ids)
  const targets = Int32Array.from(texts.flatMap(({ ids, first }) => ids.slice(first)))
  const found = scope(() =>
    noGrad(() => {
      const h = model.hidden(rowsOf(rows, width, device))
      const parts = texts.map(({ ids, first }, b) => slice(select(h, 0, b), [first - 1, ids.length - 1]))
      const all = cat(parts, 0)
      const [nats, hits]: Tensor[][] = [[], []]
      const unused = unusedOf(model)
      for (let from = 0; from < targets.length; from += ROWS) {
        const own = tensor(targets.subarray(from, from + ROWS), { device })
        // The logits of each chunk go before those of the next come.
        const pair = scope(() => {
          const z = model.logits(slice(all, [from, from + own.numel]))
          const drawn = unused ? maskedFill(z, unused, -Infinity) : z
          return [crossEntropy(z, own, { reduction: 'none', ignoreIndex: -1 }), eq(argmax(drawn, 1), own)]
        })
        nats.push(pair[0])
        hits.push(pair[1])
      }
      return [cat(nats, 0), cat(hits, 0)]
    }),
  )
  try {
    const [nats, hits] = await Promise.all(found.map((x) => x.data()))
    return { nats: Float64Array.from(nats), hits: Array.from(hits, Boolean) }
  } finally {
    for (const x of found) x.dispose()
  }
}

/**
 * The perplexity of a text, e^(−1/N Σ ln p(token | those before it)). A text longer than a window is read by windows,
 * `stride` tokens apart, and each token is scored once, in the first window that has it; so in all but the first it has
 * at least `length − stride` tokens before it. Where the model has a token that texts begin with, the text stands
 * behind it; else nothing is before the first token, which is not scored.
 *
 *     const { perplexity, bitsPerByte } = await models.perplexity(gpt, text, { stride: 512 })
 *
 * Nothing is dropped out, whatever mode the model is in; it is in the same afterwards.
 * @param text  a text, or its ids
 * @throws HandgradError if the text has nothing to score, an id is outside of the vocabulary, there is no tokenizer, or
 *   stride, length or batch is out of its range: before any work
 */
export async function perplexity(
  model: LanguageModel,
  text: TextOrIds,
  options?: PerplexityOptions,
): Promise<Perplexity> {
  const op = 'perplexity'
  const given = optionsOf(op, options, { stride: undefined, length: undefined, batch: 8, progress: null })
  const { positions } = model.cacheSizes
  const { length = Math.min(positions, LONGEST), batch, progress } = given
  checkCount(op, 'length', length, positions)
  const stride = given.stride ?? Math.ceil(length / 2)
  checkCount(op, 'stride', stride, length)
  checkCount(op, 'batch', batch)
  const own = idsOf(op, model, 'text', text)
  if (own.length === 0) fail(op, 'the text has no tokens', 'give one that has some')
  const begin = beginOf(model)
  const ids = [...begin, ...own]
  const total = ids.length - 1
  if (total === 0) fail(op, 'the text has one token, and nothing is before it', 'give a longer one')
  // Window k reads the tokens from k·stride on, and tells the one after each; the first `length − stride` were told.
  let [from, told, sum, tokens] = [0, 0, 0, 0]
  await inEvaluation(model, async () => {
    while (told < total) {
      const windows: Told[] = []
      for (; told < total && windows.length < batch; from += stride) {
        const to = Math.min(from + length, total)
        windows.push({ ids: ids.slice(from, to + 1), first: told - from + 1 })
        told = to
      }
      const { nats } = await tell(model, windows)
      for (const x of nats) sum += x
      tokens += nats.length
      progress?.(tokens, total)
    }
  })
  const { tokenizer } = model
  const whole = typeof text === 'string' ? text : tokenizer?.decode(own)
  // What is not scored is not counted.
  const before = begin.length > 0 ? '' : tokenizer?.decode(own.slice(0, 1))
  const bytes = whole === undefined || before === undefined ? null : byteLength(whole) - byteLength(before)
  const bitsPerByte = bytes ? sum / Math.LN2 / bytes : null
  return { perplexity: Math.exp(sum / tokens), nats: sum / tokens, bitsPerByte, tokens, bytes }
}

/**
 * ln of the chance of a text after another: Σ ln p(token | the prompt and the tokens before it). Each of the two is
 * encoded by itself, so the continuation begins with the space that parts it from the prompt. An empty prompt stands
 * for the token that texts begin with.
 *
 *     const { logprob, greedy } = await models.score(gpt, 'The sky is', ' blue')
 *     const all = await models.score(gpt, 'The sky is', [' blue', ' green'])     // the likelier one has more
 *
 * @throws HandgradError if a continuation is empty, a prompt is and the model has no such token, both together are
 *   longer than the model's positions, an id is outside of the vocabulary, or there is no tokenizer: before any work
 */
export async function score(
  model: LanguageModel,
  prompt: TextOrIds,
  continuation: TextOrIds,
  options?: ScoreOptions,
): Promise<Score>
/** The same of many continuations, of one prompt or of one each. */
export async function score(
  model: LanguageModel,
  prompt: TextOrIds | readonly TextOrIds[],
  continuations: readonly TextOrIds[],
  options?: ScoreOptions,
): Promise<Score[]>
export async function score(
  model: LanguageModel,
  prompt: TextOrIds | readonly TextOrIds[],
  continuation: TextOrIds | readonly TextOrIds[],
  options?: ScoreOptions,
): Promise<Score | Score[]> {
  const op = 'score'
  const { batch } = optionsOf(op, options, { batch: 8 })
  checkCount(op, 'batch', batch)
  const many = isList(continuation)
  const ends = many ? continuation : [continuation]
  const begins = isList(prompt) ? prompt : ends.map(() => prompt)
  if (begins.length !== ends.length)
    fail(op, `there are ${begins.length} prompts and ${ends.length} continuations`, 'give one for each, or one for all')
  const { positions } = model.cacheSizes
  const texts = ends.map((end, i): Told => {
    const which = many ? ` ${i}` : ''
    const [before, after] = [
      idsOf(op, model, `prompt${which}`, begins[i]),
      idsOf(op, model, `continuation${which}`, end),
    ]
    if (after.length === 0) fail(op, `continuation${which} has no tokens`, 'give one that has some')
    const start = before.length > 0 ? before : beginOf(model)
    if (start.length === 0) fail(op, `prompt${which} is empty, and the model has no token to begin with`, 'give one')
    const ids = [...start, ...after]
    if (ids.length - 1 > positions)
      fail(op, `prompt and continuation${which} have ${ids.length} tokens`, `the model reads ${positions} at most`)
    return { ids, first: start.length }
  })
  const scores: Score[] = []
  await inEvaluation(model, async () => {
    for (let k = 0; k < texts.length; k += batch) {
      const some = texts.slice(k, k + batch)
      const { nats, hits } = await tell(model, some)
      let at = 0
      for (const { ids, first } of some) {
        const to = at + ids.length - first
        const logprobs = Array.from(nats.subarray(at, to), (x) => -x)
        const logprob = logprobs.reduce((sum, x) => sum + x, 0)
        scores.push({ logprob, logprobs, greedy: hits.slice(at, to).every(Boolean) })
        at = to
      }
    }
  })
  return many ? scores : scores[0]
}
