/** @file A small model, its texts, and a short test of a cache: what the interpreter and `handgrad verify` run too. */
import { KVCache } from '../../src/generate/index.ts'
import { type Device, manualSeed, noGrad, scope, tensor } from '../../src/index.ts'
import { GPT2, type LanguageModel, Llama } from '../../src/models/index.ts'
import { error } from '../support/difference.ts'

export const config = { vocab_size: 40, n_positions: 24, n_embd: 16, n_layer: 2, n_head: 2, initializer_range: 0.3 }

/** A model whose softmax is not flat, evaluated. */
export function modelOn(device: Device, more: object = {}, dtype: 'float32' | 'float64' = 'float32'): GPT2 {
  manualSeed(4)
  const model = new GPT2({ ...config, ...more }, { device, dtype })
  model.eval()
  return model
}

/** As it, of another family: two heads of queries share one of keys, and positions are turns. */
export function llamaOn(device: Device): Llama {
  manualSeed(4)
  const sizes = { vocab_size: 40, hidden_size: 16, intermediate_size: 24, num_hidden_layers: 2 }
  const heads = { num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 24 }
  const model = new Llama({ ...sizes, ...heads, initializer_range: 0.3 }, { device })
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

/** The largest error of a few tokens, up to the end of a row's room, for devices that take long. */
export async function fewError(device: Device): Promise<number> {
  const model = modelOn(device, { n_layer: 1, n_embd: 4 })
  const texts = [row(1, 6), row(2, 5)]
  const want = await logitsOf(model, texts)
  using cache = new KVCache(model, { batch: 2, length: 6 })
  await logitsOf(model, [texts[0].slice(0, 5), texts[1].slice(0, 2)], cache)
  const got = await logitsOf(model, [texts[0].slice(5), texts[1].slice(2)], cache)
  return Math.max(...got.map((x, b) => error(x, want[b].slice(want[b].length - x.length))))
}
