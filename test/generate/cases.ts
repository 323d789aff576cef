/** @file What holds of a cache on every device: what is read with it is as what is read at once. */

import { readFile } from 'node:fs/promises'
import { type Generated, generate, KVCache } from '../../src/generate/index.ts'
import { CpuDevice, type Device, type Memory, memory } from '../../src/index.ts'
import { type LanguageModel, load } from '../../src/models/index.ts'
import { folderOf } from '../models/cases.ts'
import { error } from '../support/difference.ts'
import { config, logitsOf, modelOn, row } from './few.ts'

export { config, idsOf, llamaOn, logitsOf, modelOn, row } from './few.ts'

/**
 * The largest error of logits with a cache: row by row alone, all at every length, in parts, after `rewind`, and as it
 * grows.
 */
export async function cacheError(model: LanguageModel): Promise<number> {
  const texts = [row(1, 24), row(2, 15), row(3, 1), row(5, 22)]
  const alone: Float32Array[] = []
  for (const text of texts) alone.push((await logitsOf(model, [text]))[0] as Float32Array)
  let worst = 0
  const compare = (b: number, from: number, got: ArrayLike<number>) => {
    const at = from * config.vocab_size
    if (got.length > 0) worst = Math.max(worst, error(got, alone[b].slice(at, at + got.length)))
  }
  // A token at a time.
  using single = new KVCache(model, { length: 1 })
  for (let t = 0; t < 24; t++) {
    if (t === single.length) single.grow(Math.min(2 * t, 24))
    compare(0, t, (await logitsOf(model, [texts[0].slice(t, t + 1)], single))[0])
  }
  // Together, in parts of any length: rows that have ended are given none, up to the last token that fits.
  using batch = new KVCache(model, { batch: 4, length: 9 })
  const read = async (parts: readonly (readonly number[])[]) => {
    const before = [...batch.lengths]
    for (const [b, got] of (await logitsOf(model, parts, batch)).entries()) compare(b, before[b], got)
  }
  const next = (count: (b: number) => number) =>
    texts.map((text, b) => text.slice(batch.lengths[b], batch.lengths[b] + count(b)))
  for (const counts of [
    [5, 3, 1, 1],
    [1, 1, 0, 1],
    [0, 5, 0, 2],
    [18, 3, 0, 4],
    [0, 3, 0, 14],
  ]) {
    if (counts[0] === 18) batch.grow(24)
    await read(next((b) => counts[b]))
  }
  batch.rewind(9)
  for (let i = 0; i < 15; i++) await read(next(() => 1))
  batch.rewind([3, 14, 0, 21])
  await read(next(() => 24))
  return worst
}

/** What PyTorch in float64 makes of prompts, as tools/reference_models.py says. */
interface Greedy {
  readonly prompt: readonly number[]
  readonly ids: readonly number[]
}
const read = (name: string) => readFile(new URL(`../reference/models/${name}`, import.meta.url), 'utf8')

/** Prompts of a model from files whose greedy texts are other than PyTorch's, alone or together. */
export async function unlikePyTorch(name: string, device: Device): Promise<readonly unknown[]> {
  const model = await load(folderOf(name), { device })
  const known = (JSON.parse(await read('greedy.json')) as Record<string, readonly Greedy[]>)[name]
  const options = { temperature: 0, maxTokens: 40, context: 'slide' } as const
  const prompts = known.map(({ prompt }) => prompt)
  const alone: Generated[] = []
  for (const prompt of prompts) alone.push(await generate.all(model, prompt, options))
  const together = await generate.all(model, prompts, options)
  return known.filter(({ ids }, i) => `${alone[i].ids}` !== `${ids}` || `${together[i].ids}` !== `${ids}`)
}

/**
 * A text to the last of 700 positions, from a cache that begins with room for the first 256 and grows twice.
 * @returns the tokens that are not the most probable ones when all is read at once, and the numbers that the cache held
 *   at first and at last
 */
export async function asItGrows(device: Device): Promise<{ wrong: number; first: number; last: number }> {
  const model = modelOn(device, { n_positions: 700 })
  const before = memory(device).bytes
  const held: number[] = []
  const ids = row(1, 3)
  for await (const { id } of generate(model, ids.slice(), { temperature: 0 })) {
    ids.push(id)
    held.push(memory(device).bytes - before)
  }
  const [logits] = await logitsOf(model, [ids.slice(0, -1)])
  const best = (t: number) => {
    const own = logits.slice(t * config.vocab_size, (t + 1) * config.vocab_size)
    return own.indexOf(Math.max(...own))
  }
  const wrong = ids.filter((id, t) => t > 2 && id !== best(t - 1)).length
  if (ids.length !== 701) throw new Error(`${ids.length} tokens`)
  return { wrong, first: held[0], last: held[held.length - 1] }
}

/** Ways to leave a generation, early or not. */
export const leavings: Readonly<Record<string, (model: LanguageModel) => Promise<unknown>>> = {
  all: (model) => generate.all(model, [row(1, 3), row(2, 5)], { maxTokens: 4, seed: 3, repetitionPenalty: 1.5 }),
  break: async (model) => {
    for await (const { id } of generate(model, row(1, 3), { temperature: 0 })) if (id >= 0) break
  },
  'an exception': async (model) => {
    const run = async () => {
      for await (const { id } of generate(model, row(1, 3), { maxTokens: 9 })) throw new Error(`${id}`)
    }
    await run().catch(() => {})
  },
  abort: async (model) => {
    const abort = new AbortController()
    for await (const _ of generate(model, row(1, 3), { signal: abort.signal, context: 'slide', maxTokens: 99 }))
      abort.abort()
  },
  'not begun': async (model) => void generate(model, row(1, 3)),
}

/** A model whose memory is the same until `dispose`, whatever the collector does meanwhile. */
async function steady(device: Device) {
  // First values are drawn elsewhere: of what they took, the device's pool would have some left for a while.
  const model = modelOn(new CpuDevice(), { n_layer: 1, n_embd: 8 })
  await model.to(device)
  const dispose = () => {
    for (const parameter of model.parameters()) parameter.dispose()
  }
  return { model, [Symbol.dispose]: dispose }
}

/** What of a device's memory is other after so many generations than after the second. */
export async function leaking(device: Device, count: number): Promise<Record<string, number>> {
  using made = await steady(device)
  const { model } = made
  for (let i = 0; i < 2; i++) await leavings['all'](model)
  const before = memory(device)
  for (let i = 2; i < count; i++) await leavings['all'](model)
  const after = memory(device)
  const keys = Object.keys(before) as (keyof Memory)[]
  return Object.fromEntries(
    keys.filter((key) => after[key] !== before[key]).map((key) => [key, after[key] - before[key]]),
  )
}

/** Ways of leaving after which something is left. */
export async function leftBy(device: Device): Promise<Record<string, number>> {
  using made = await steady(device)
  const { model } = made
  const { storages, bytes, live } = memory(device)
  const left: Record<string, number> = {}
  for (const [name, way] of Object.entries(leavings)) {
    await way(model)
    const now = memory(device)
    if (now.storages !== storages || now.bytes !== bytes || now.live !== live) left[name] = now.bytes - bytes
  }
  return left
}

/** Texts of seeds: what differs between a row alone and in a batch. */
export async function seedsApart(device: Device): Promise<readonly unknown[]> {
  const model = modelOn(device)
  const options = { temperature: 0.9, topK: 20, topP: 0.95, minP: 0.01, repetitionPenalty: 1.2, maxTokens: 12 }
  const prompts = [row(1, 3), row(2, 9), row(2, 9), row(4, 1)]
  const seeds = [7, 7, 8, 2 ** 40]
  const together = await generate.all(model, prompts, { ...options, seed: seeds })
  const apart: unknown[] = []
  for (const [i, prompt] of prompts.entries()) {
    const { ids } = await generate.all(model, prompt, { ...options, seed: seeds[i] })
    if (`${ids}` !== `${together[i].ids}`) apart.push([ids, together[i].ids])
  }
  return apart
}
