/** @file Models and tokenizers from behind a URL, as a page has them: the same as from their folder. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { device, manualSeed } from '../../src/index.ts'
import { GPT2, load, save } from '../../src/models/index.ts'
import { BPE, loadTokenizer, saveTokenizer } from '../../src/tokens/index.ts'
import { served } from '../support/served.ts'
import { folderOf, idsOn } from './cases.ts'

const cpu = await device('cpu')
const temporary = await mkdtemp(join(tmpdir(), 'handgrad-urls-'))
afterAll(() => rm(temporary, { recursive: true }))
const files = (folder: string) => (path: string) => {
  try {
    return readFileSync(join(folder, path))
  } catch {
    return undefined
  }
}

it.each(['gpt2', 'gpt2-bf16-shards'])('%s, one file or an index, without a tokenizer', async (name) => {
  const url = await served(files(folderOf(name)))
  const [there, here] = [await load(new URL(url), { device: cpu }), await load(folderOf(name), { device: cpu })]
  expect(await there.forward(idsOn(cpu)).data()).toEqual(await here.forward(idsOn(cpu)).data())
  expect(there.tokenizer).toBe(null)
})

it('with its tokenizer in either form, in a folder, behind a query', async () => {
  manualSeed(0)
  const model = new GPT2({ vocab_size: 280, n_positions: 8, n_embd: 8, n_layer: 1, n_head: 2 }, { device: cpu })
  model.tokenizer = BPE.train('the hen, the hut, the hat, then', { size: 262, special: ['<|endoftext|>'] })
  const ids = model.tokenizer.encode('the hen')
  await save(model, join(temporary, 'a'))
  await saveTokenizer(model.tokenizer as BPE, join(temporary, 'b'), { format: 'vocab.json' })
  const asked: string[] = []
  const read = files(temporary)
  const url = await served((path) => {
    asked.push(path)
    return read(path)
  })
  const loaded = await load(`${url}/a?key=secret`, { device: cpu })
  expect(loaded.tokenizer?.encode('the hen')).toEqual(ids)
  expect(asked).toEqual([
    '/a/config.json',
    '/a/model.safetensors.index.json',
    '/a/model.safetensors',
    '/a/tokenizer.json',
    '/a/tokenizer_config.json',
    ...asked.slice(5).fill('/a/model.safetensors'),
  ])
  expect((await loadTokenizer(`${url}/b/`)).encode('the hen')).toEqual(ids)
  await expect(loadTokenizer(`${url}/c`)).rejects.toThrow(/vocab.json, merges.txt are missing/)
  await expect(load(`${url}/b?key=secret`)).rejects.toThrow(
    `models.load: ${url}/b has no config.json (is it the folder of a model?)`,
  )
})
