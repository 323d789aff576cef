/** @file `handgrad check-model` on small models: what it holds against what, and what it says of each fault. */
import { createHash } from 'node:crypto'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { batchError, type Check, cacheError, checkModel, checksOf } from '../../src/cli/checkmodel.ts'
import type { Model } from '../../src/cli/fetch.ts'
import { generate } from '../../src/generate/index.ts'
import { device, randn } from '../../src/index.ts'
import { load } from '../../src/models/index.ts'
import { refusal } from '../support/refusals.ts'

const cpu = await device('cpu')
const small = fileURLToPath(new URL('../reference/models/gpt2', import.meta.url))
let [dir, folder] = ['', '']
let known: Model
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'handgrad-check-'))
  folder = join(dir, 'model')
  await cp(small, folder, { recursive: true })
  await rm(join(folder, 'expected.safetensors'))
  const files = await Promise.all(
    (await readdir(folder)).sort().map(async (name) => {
      const bytes = await readFile(join(folder, name))
      return [name, bytes.length, createHash('sha256').update(bytes).digest('hex')] as const
    }),
  )
  const gpt = await load(folder, { device: cpu })
  const prompt = [3, 17]
  const { ids } = await generate.all(gpt, prompt, { maxTokens: 6, temperature: 0 })
  known = { repository: 'a/b', revision: 'abc', files, greedy: { prompt, ids } }
})
afterAll(() => rm(dir, { recursive: true }))

async function all(model: Model | undefined): Promise<Check[]> {
  const checks: Check[] = []
  for await (const check of checksOf(folder, model, cpu)) checks.push(check)
  return checks
}

it('finds nothing wrong with the model that it is', async () => {
  const checks = await all(known)
  expect(checks.map(({ fault }) => fault)).toEqual(checks.map(() => null))
  expect(checks.map(({ what }) => what.replace(/\d+ bytes/, 'N bytes'))).toEqual([
    'config.json: N bytes, SHA-256',
    'model.safetensors: N bytes, SHA-256',
    'logits of 12 tokens through a cache and without',
    'logits of a text beside a longer one and alone',
    'the likeliest 6 tokens after 3 17',
  ])
})

it('says which file is another, and goes no further', async () => {
  const file = join(folder, 'model.safetensors')
  const bytes = await readFile(file)
  try {
    await writeFile(file, bytes.subarray(1))
    expect((await all(known)).at(-1)?.fault).toBe(`it has ${bytes.length - 1} bytes, not ${bytes.length}`)
    await writeFile(file, Uint8Array.from(bytes).fill(1, -1))
    expect((await all(known)).at(-1)?.fault).toMatch(/^it has SHA-256 [0-9a-f]{64}, not [0-9a-f]{64}$/)
    await rm(file)
    expect((await all(known)).map(({ fault }) => fault)).toEqual([null, 'it is missing'])
  } finally {
    await writeFile(file, bytes)
  }
})

it('says where the likeliest text turns', async () => {
  const greedy = { prompt: [3, 17], ids: (known.greedy?.ids ?? []).map((id, i) => (i === 4 ? (id + 1) % 40 : id)) }
  expect((await all({ ...known, greedy })).at(-1)?.fault).toMatch(/^token 5 is \d+, not \d+$/)
})

it('finds a model that computes something else with a cache, or beside others', async () => {
  const gpt = await load(folder, { device: cpu })
  const ids = [1, 2, 3, 4, 5, 6]
  expect(await cacheError(gpt, ids)).toBeLessThan(1e-5)
  expect(await batchError(gpt, ids)).toBeLessThan(1e-5)
  const { hidden } = gpt
  gpt.hidden = (x, options) => hidden.call(gpt, x, options).add(randn([1], { device: cpu }))
  expect(await cacheError(gpt, ids)).toBeGreaterThan(1e-2)
  expect(await batchError(gpt, ids)).toBeGreaterThan(1e-2)
})

it('the command prints a line for each, knows a model by its config.json, and refuses what is none', async () => {
  const lines: string[] = []
  vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(String(line)))
  await checkModel([small, '--device', 'cpu'])
  expect(lines.map((line) => line.replace(small, 'DIR'))).toEqual([
    'DIR: none that is known, so no checksums and no known text',
    'ok     logits of 12 tokens through a cache and without',
    'ok     logits of a text beside a longer one and alone',
  ])
  expect(process.exitCode).toBeUndefined()
  await checkModel([small, '--model', 'gpt2', '--device', 'cpu'])
  expect(lines.at(-1)).toBe('FAILED config.json: 665 bytes, SHA-256: it has 187 bytes, not 665')
  expect(process.exitCode).toBe(1)
  process.exitCode = undefined
  vi.restoreAllMocks()
  for (const [args, said] of [
    [[], 'check-model: which folder? (such as handgrad check-model gpt2)'],
    [[small, '--model', 'gpt3'], "check-model: --model is 'gpt3' (did you mean gpt2? it is one of gpt2)"],
    [[join(dir, 'none'), '--device', 'cpu'], /^models.load: cannot read .*none, it does not exist/],
  ] as const)
    expect(await refusal(() => checkModel(args))).toMatch(said)
})
