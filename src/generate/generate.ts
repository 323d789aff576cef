/** @file Text that goes on from prompts: token by token, or all at once. */
import type { LanguageModel } from '../models/index.ts'
import { type GenerateOptions, isOne, type Prompt, type Task, taskOf } from './options.ts'
import { stepsOf } from './steps.ts'
import { RowText } from './text.ts'

/**
 * Why a row ended: maxTokens were made, a stop text or the end of the text came, the signal was aborted, or no position
 * was left.
 */
export type Reason = 'length' | 'stop' | 'eos' | 'aborted' | 'context'

/** A token of {@link generate}. */
export interface GeneratedToken {
  /**
   * What is certain by now and was not given out before, '' where nothing is: halves of characters and what could begin
   * a stop text wait for the next token. All together are the text.
   */
  readonly text: string
  readonly id: number
  /** The logarithm of its probability among all tokens that stand for something, before any option. */
  readonly logprob: number
  /** Number of the prompt. */
  readonly row: number
  /** Why the row ended, where this is its last token; else null. */
  readonly reason: Reason | null
}

/** What {@link generate.all} gives of a prompt. */
export interface Generated {
  /** Without the prompt, the stop text and special tokens. */
  readonly text: string
  /** All tokens that were drawn, the one that ended it too. */
  readonly ids: readonly number[]
  readonly logprobs: readonly number[]
  readonly reason: Reason
}

/** Tokens of a prompt that its text is decoded behind. */
const BEFORE = 16

class Row {
  readonly tokens: number[]
  readonly ids: number[] = []
  readonly logprobs: number[] = []
  text = ''
  reason: Reason | null = null
  private readonly task: Task
  private readonly limit: number
  private readonly row: number
  private readonly own: RowText

  constructor(task: Task, row: number) {
    this.task = task
    this.row = row
    this.tokens = [...task.prompts[row]]
    this.limit = task.limits[row]
    const decoder = task.tokenizer?.decoder({ skipSpecial: true }) ?? null
    this.own = new RowText(decoder, task.stops, this.tokens.slice(-BEFORE))
  }

  get done(): boolean {
    return this.reason !== null
  }

  push(id: number, logprob: number): GeneratedToken {
    const { own, task, ids, limit } = this
    this.tokens.push(id)
    ids.push(id)
    this.logprobs.push(logprob)
    const ended = task.ends.has(id)
    let text = ended ? '' : own.push(id)
    if (ended) this.reason = 'eos'
    else if (!own.stopped && ids.length === limit) this.reason = limit === task.maxTokens ? 'length' : 'context'
    if (this.reason) text += own.end()
    // What was held back may be one, too.
    if (own.stopped) this.reason = 'stop'
    this.text += text
    return { text, id, logprob, row: this.row, reason: this.reason }
  }

  result(): Generated {
    const { reason, ids, logprobs, own } = this
    return { text: reason ? this.text : this.text + own.end(), ids, logprobs, reason: reason ?? 'aborted' }
  }
}

const rowsOf = (task: Task): Row[] => task.prompts.map((_, row) => new Row(task, row))

async function* tokensOf(task: Task, rows: readonly Row[]): AsyncGenerator<GeneratedToken, void> {
  if (task.signal?.aborted) return
  for await (const { ids, logprobs } of stepsOf(task, rows))
    for (const [i, row] of rows.entries()) {
      if (task.signal?.aborted) return
      if (!row.done) yield row.push(ids[i], logprobs[i])
    }
}

/**
 * Go on with a text, token by token:
 *
 *     for await (const { text } of generate(gpt, 'The dog', { maxTokens: 40, topK: 50 })) process.stdout.write(text)
 *
 * Each token is drawn from softmax of the model's logits, by `sample` and in its order: repetitionPenalty, temperature,
 * topK, topP, minP. Many prompts go on together, each as it would alone. Leaving the loop frees all that it holds;
 * after an abort it ends.
 * @param gpt      a model in evaluation
 * @param prompts  one, or a list; an empty one is the model's bos_token_id
 * @throws HandgradError at once if the model is in training, an option is out of range, a prompt has ids outside of the
 *   vocabulary, is empty and the model has no bos_token_id, or it and maxTokens are more than the model has positions
 */
export function generate(
  gpt: LanguageModel,
  prompts: Prompt | readonly Prompt[],
  options?: GenerateOptions,
): AsyncGenerator<GeneratedToken, void> {
  const task = taskOf(gpt, prompts, options)
  return tokensOf(task, rowsOf(task))
}

/** All of it at once: text, ids and why it ended, of one prompt. @throws HandgradError as {@link generate} */
async function all(gpt: LanguageModel, prompt: Prompt, options?: GenerateOptions): Promise<Generated>
/** The same of many prompts. */
async function all(gpt: LanguageModel, prompts: readonly Prompt[], options?: GenerateOptions): Promise<Generated[]>
async function all(
  gpt: LanguageModel,
  prompts: Prompt | readonly Prompt[],
  options?: GenerateOptions,
): Promise<Generated | Generated[]> {
  const task = taskOf(gpt, prompts, options)
  const rows = rowsOf(task)
  for await (const _ of tokensOf(task, rows));
  const results = rows.map((row) => row.result())
  return isOne(prompts) ? results[0] : results
}
/** All of it at once, of one prompt or of many. */
generate.all = all
