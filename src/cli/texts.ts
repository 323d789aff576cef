/** @file Texts to fine-tune on, from JSON Lines: `{ "text" }`, or `{ "prompt", "completion" }`. */
import { fail, shown } from '../core/errors.ts'
import { readJsonLines, readLines } from '../data/index.ts'
import { nameOf } from '../io/given.ts'
import type { LanguageModel } from '../models/index.ts'

/** Tokens of a text, of which those from `first` on are to be told. */
export interface Lesson {
  readonly ids: readonly number[]
  /** From 1. */
  readonly first: number
}

/** What a file gives. */
export interface Lessons {
  readonly lessons: readonly Lesson[]
  /** What a sample is to go on with: the first prompt, or the first words. */
  readonly prompt: string
}

/** The text or texts of a line. */
type Line = { readonly text: string } | { readonly prompt: string; readonly completion: string }

const KINDS = [['text'], ['prompt', 'completion']] as const

function lineOf(command: string, where: string, value: unknown): Line {
  const record = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const kind = KINDS.find((names) => names.every((name) => typeof record[name] === 'string'))
  const todo = 'each line is { "text": "…" } or { "prompt": "…", "completion": "…" }'
  if (!kind) return fail(command, `${where} is ${shown(JSON.stringify(value))}`, todo)
  if (record[kind[kind.length - 1]] === '') fail(command, `${where} has an empty ${kind[kind.length - 1]}`, todo)
  return record as Line // it has these keys
}

/**
 * The texts of a file as tokens, with the model's end behind each. A `text` that is longer than `length` becomes
 * several; of a `prompt` with its `completion` the latter is to be told.
 * @throws HandgradError or FormatError naming the line that is none, or has more tokens than fit
 */
export async function lessonsOf(command: string, file: string, model: LanguageModel, length: number): Promise<Lessons> {
  const { tokenizer } = model
  if (!tokenizer) return fail(command, 'the model has no tokenizer', 'give the folder of one that has')
  const { bos_token_id: bos, eos_token_id: eos } = model.config
  const [begin, end] = [bos, Array.isArray(eos) ? eos[0] : eos].map((id) => (typeof id === 'number' ? [id] : []))
  const numbers: number[] = []
  let line = 0
  for await (const text of readLines(file)) {
    line++
    if (text.trim() !== '') numbers.push(line)
  }
  const lessons: Lesson[] = []
  let [prompt, next] = ['', 0]
  for await (const value of readJsonLines(file)) {
    const where = `${nameOf(file)}, line ${numbers[next++]}`
    const given = lineOf(command, where, value)
    const isText = 'text' in given
    const before = isText ? [] : [...tokenizer.encode(given.prompt)]
    const ids = [...begin, ...before, ...tokenizer.encode(isText ? given.text : given.completion), ...end]
    if (!isText && ids.length > length + 1)
      fail(command, `${where} has ${ids.length} tokens`, `shorten it, or give --length, ${length} now`)
    const first = Math.max(1, begin.length + before.length)
    // The last token of a piece is the first of the next, where it is read and no longer told.
    for (let at = 0; at + first < ids.length; at += length)
      lessons.push({ ids: ids.slice(at, at + length + 1), first: at === 0 ? first : 1 })
    if (prompt === '') prompt = isText ? given.text.split(/\s+/).slice(0, 3).join(' ') : given.prompt
  }
  if (lessons.length === 0) fail(command, `${nameOf(file)} has no texts of two tokens or more`)
  return { lessons, prompt }
}
