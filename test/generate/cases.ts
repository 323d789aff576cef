/** @file What holds of a cache on every device: what is read with it is as what is read at once. */

import { KVCache } from '../../src/generate/index.ts'
import { type Device, manualSeed, noGrad, scope, tensor } from '../../src/index.ts'
import { GPT2, type LanguageModel } from '../../src/models/index.ts'
import { error } from '../models/cases.ts'

export const config = { vocab_size: 40, n_positions: 24, n_embd: 16, n_layer: 2, n_head: 2, initializer_range: 0.3 }

/** A model whose softmax is not flat, evaluated. */
export function modelOn(device: Device, more: object = {}, dtype: 'float32' | 'float64' = 'float32'): GPT2 {
  manualSeed(4)
  const model = new GPT2({ ...config, ...more }, { device, dtype })
  model.eval()
  return model
}

/** So many ids of a row. */
export const row = (seed: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (seed * 7 + i * i * 3 + i) % config.vocab_size)

/** Rows of tokens as [rows, the most tokens of one]; what is filled up is an id as good as others. */
export function idsOf(rows: readonly (readonly number[])[], device: Device) {
  const most = Math.max(...rows.map(({ length }) => length))
  const flat = rows.flatMap((ids) => [...ids, ...row(9, most - ids.length)])
  return tensor(Int32Array.from(flat), { shape: [rows.length, most], device })
}

/** Logits of each row's tokens, read in one go or behind those that a cache has. */
export async function logitsOf(model: LanguageModel, rows: readonly (readonly number[])[], cache?: KVCache) {
  const device = cacheDevice(model)
  const lengths = rows.map(({ length }) => length)
  const most = Math.max(...lengths)
  const logits = scope(() => noGrad(() => model.forward(idsOf(rows, device), cache ? { cache, lengths } : { lengths })))
  const all = await logits.data()
  logits.dispose()
  return rows.map((ids, b) => all.slice(b * most * config.vocab_size, (b * most + ids.length) * config.vocab_size))
}
const cacheDevice = (model: LanguageModel): Device => model.parameters()[0].device

/** As {@link cacheError} of a few tokens, up to the end of a row's room, for devices that take long. */
export async function fewError(device: Device): Promise<number> {
  const model = modelOn(device, { n_layer: 1, n_embd: 4 })
  const texts = [row(1, 6), row(2, 5)]
  const want = await logitsOf(model, texts)
  using cache = new KVCache(model, { batch: 2, length: 6 })
  await logitsOf(model, [texts[0].slice(0, 5), texts[1].slice(0, 2)], cache)
  const got = await logitsOf(model, [texts[0].slice(5), texts[1].slice(2)], cache)
  return Math.max(...got.map((x, b) => error(x, want[b].slice(want[b].length - x.length))))
}

/** The largest error of logits with a cache: row by row alone, all at every length, in parts, and after `rewind`. */
export async function cacheError(device: Device, dtype: 'float32' | 'float64' = 'float32'): Promise<number> {
  const model = modelOn(device, {}, dtype)
  const texts = [row(1, 24), row(2, 15), row(3, 1), row(5, 22)]
  const alone: Float32Array[] = []
  for (const text of texts) alone.push((await logitsOf(model, [text]))[0] as Float32Array)
  let worst = 0
  const compare = (b: number, from: number, got: ArrayLike<number>) => {
    const at = from * config.vocab_size
    if (got.length > 0) worst = Math.max(worst, error(got, alone[b].slice(at, at + got.length)))
  }
  // A token at a time.
  using single = new KVCache(model)
  for (let t = 0; t < 24; t++) compare(0, t, (await logitsOf(model, [texts[0].slice(t, t + 1)], single))[0])
  // Together, in parts of any length: rows that have ended are given none, up to the last token that fits.
  using batch = new KVCache(model, { batch: 4 })
  const read = async (parts: readonly (readonly number[])[]) => {
    const before = [...batch.lengths]
    for (const [b, got] of (await logitsOf(model, parts, batch)).entries()) compare(b, before[b], got)
  }
  const next = (count: (b: number) => number) =>
    texts.map((text, b) => text.slice(batch.lengths[b], batch.lengths[b] + count(b)))
  for (const counts of [
    [5, 3, 1, 1],
    [1, 1, 0, 1],
    [0, 7, 0, 2],
    [18, 1, 0, 4],
    [0, 3, 0, 14],
  ])
    await read(next((b) => counts[b]))
  batch.rewind(9)
  for (let i = 0; i < 15; i++) await read(next(() => 1))
  batch.rewind([3, 14, 0, 21])
  await read(next(() => 24))
  return worst
}
