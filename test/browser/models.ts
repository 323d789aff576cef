/** @file For tests in the browser: a small GPT-2 in its files, made in Node, that a server sends by ranges. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from '../../src/generate/index.ts'
import { device, manualSeed } from '../../src/index.ts'
import { GPT2, save } from '../../src/models/index.ts'
import { BPE } from '../../src/tokens/index.ts'
import { served } from '../support/served.ts'

export interface ServedModel {
  /** Of its folder. */
  readonly url: string
  /** How Node's CPU goes on with the prompt: with the likeliest tokens, and with those that a seed draws. */
  readonly prompt: string
  readonly greedy: string
  readonly drawn: string
}

export async function servedModel(): Promise<ServedModel> {
  manualSeed(3)
  const sizes = { vocab_size: 290, n_positions: 32, n_embd: 32, n_layer: 2, n_head: 2, initializer_range: 0.3 }
  const gpt = new GPT2(sizes, { device: await device('cpu') }).eval() as GPT2
  gpt.tokenizer = BPE.train('to be, or not to be, that is the question', { size: 280, special: ['<|endoftext|>'] })
  const prompt = 'to be'
  const texts = await Promise.all(
    [{ temperature: 0 }, { seed: 7, topK: 20 }].map((how) => generate.all(gpt, prompt, { maxTokens: 12, ...how })),
  )
  const folder = mkdtempSync(join(tmpdir(), 'handgrad-served-'))
  await save(gpt, folder, { shardBytes: 2 ** 16 })
  const names = ['config.json', 'model.safetensors.index.json', 'tokenizer.json']
  const parts = Object.values(
    (JSON.parse(readFileSync(join(folder, names[1]), 'utf8')) as { weight_map: Record<string, string> }).weight_map,
  )
  const files = new Map([...names, ...new Set(parts)].map((name) => [`/${name}`, readFileSync(join(folder, name))]))
  rmSync(folder, { recursive: true })
  return { url: await served((path) => files.get(path)), prompt, greedy: texts[0].text, drawn: texts[1].text }
}
