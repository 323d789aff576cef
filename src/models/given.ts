/** @file Texts that are given to a model: as ids, in rows, while nothing is dropped out. */
import type { Device } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import type { Module } from '../nn/module.ts'
import { tensor } from '../ops/index.ts'
import type { LanguageModel } from './language.ts'

/** A text, or the ids of one. */
export type TextOrIds = string | Int32Array | readonly number[]

/** Whether it is a list of texts, and not the ids of one. */
export const isList = (x: unknown): x is readonly TextOrIds[] =>
  Array.isArray(x) && x.some((one) => typeof one !== 'number')

/** Refuse what is not an integer from 1 to `most`. */
export function checkCount(op: string, name: string, value: unknown, most = Infinity): void {
  if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most) return
  fail(op, `${name} is ${describe(value)}`, `give an integer from 1 ${most === Infinity ? 'up' : `to ${most}`}`)
}

/** Checked ids. @param what  what they are called in errors */
export function idsOf(
  op: string,
  model: Pick<LanguageModel, 'config' | 'tokenizer'>,
  what: string,
  given: unknown,
): number[] {
  let ids: readonly number[] | Int32Array
  if (typeof given === 'string') {
    if (!model.tokenizer) fail(op, 'the model has no tokenizer', 'give ids, or set model.tokenizer')
    ids = model.tokenizer.encode(given)
  } else if (Array.isArray(given) || given instanceof Int32Array) ids = given
  else fail(op, `${what} is ${describe(given)}`, 'give a text, or a list of ids')
  const size = model.config['vocab_size'] as number // every family has it
  for (let i = 0; i < ids.length; i++)
    if (!(Number.isInteger(ids[i]) && ids[i] >= 0 && ids[i] < size))
      fail(op, `id ${describe(ids[i])} at position ${i} of ${what} is outside of the vocabulary of ${size}`)
  return Array.from(ids)
}

/** What stands before a text, so that its first token has a chance too: the model's token for it, if there is one. */
export function beginOf({ config }: Pick<LanguageModel, 'config'>): number[] {
  const { bos_token_id: begin } = config
  return typeof begin === 'number' ? [begin] : []
}

/** The first `width` ids of each text as int32 [texts, width], filled up on the right. */
export function rowsOf(texts: readonly (readonly number[])[], width: number, device: Device): Tensor {
  const rows = Int32Array.from(texts.flatMap((ids) => Array.from({ length: width }, (_, t) => ids[t] ?? 0)))
  return tensor(rows, { shape: [texts.length, width], device })
}

/** Call f while no module drops anything out. */
export async function inEvaluation<T>(model: Module, f: () => Promise<T>): Promise<T> {
  const training = model.modules().filter((one) => one.training)
  model.eval()
  try {
    return await f()
  } finally {
    for (const one of training) one.training = true
  }
}
