/** @file `handgrad eval` on a small model: what it prints and writes, and what it refuses. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { evaluate } from '../../src/cli/evaluate.ts'
import { device, manualSeed } from '../../src/index.ts'
import { GPT2, load, perplexity, save } from '../../src/models/index.ts'
import { BPE } from '../../src/tokens/index.ts'
import { refusal } from '../support/refusals.ts'

const text = 'To be, or not to be, that is the question: 世界 🌍. '.repeat(12)
let [dir, model, file] = ['', '', '']
let written = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'handgrad-eval-'))
  ;[model, file] = [join(dir, 'model'), join(dir, 'text.txt')]
  manualSeed(0)
  const sizes = { vocab_size: 290, n_positions: 16, n_embd: 8, n_layer: 1, n_head: 2 }
  const gpt = new GPT2(sizes, { device: await device('cpu') })
  gpt.tokenizer = BPE.train(text, { size: 280 })
  await save(gpt, model)
  await writeFile(file, text)
  await writeFile(join(dir, 'empty.txt'), '')
  await writeFile(join(dir, 'latin.txt'), Uint8Array.of(0x66, 0xe9, 0x65))
  const plain = new GPT2(sizes, { device: await device('cpu') })
  await save(plain, join(dir, 'plain'))
  const keep = (line: unknown) => (written += `${String(line)}\n`).length > 0
  vi.spyOn(process.stdout, 'write').mockImplementation(keep)
  vi.spyOn(console, 'log').mockImplementation(keep)
})
afterEach(() => {
  written = ''
})
afterAll(async () => {
  vi.restoreAllMocks()
  await rm(dir, { recursive: true })
})

const onCpu = (...args: readonly string[]) => evaluate([...args, '--device', 'cpu'])

it('prints what perplexity finds, and writes it', async () => {
  const json = join(dir, 'found.json')
  await onCpu(model, '--text', file, '--stride', '4', '--batch', '3', '--json', json)
  const want = await perplexity(await load(model, { device: await device('cpu') }), text, { stride: 4 })
  const { seconds, ...found } = JSON.parse(await readFile(json, 'utf8'))
  expect(found).toEqual({ model, text: file, device: 'cpu', ...want })
  expect(seconds).toBeGreaterThan(0)
  expect(want.bytes).toBe(Buffer.byteLength(text) - 2) // nothing is before 'To'
  expect(written).toContain(`perplexity ${want.perplexity.toFixed(4)}: ${want.nats.toFixed(4)} nats per token`)
  expect(written).toContain(`${want.bitsPerByte?.toFixed(4)} bits per byte`)
  expect(written).toContain(`${want.tokens} tokens of `)
  expect(written).toMatch(/eval 100% {2}\d+ tokens {2}[\d,]+\/s {2}eta 0:00/)
})

describe('refuses', () => {
  const cases: [text: string | RegExp, args: () => readonly string[]][] = [
    ['eval: which model? (give its folder first: handgrad eval gpt2 --text FILE)', () => []],
    ['eval: which model? (give its folder first: handgrad eval gpt2 --text FILE)', () => ['--text', file]],
    [/^eval: which text\? \(handgrad eval .*model.* --text FILE\)$/, () => [model]],
    [/^eval: cannot read .*none\.txt/, () => [model, '--text', join(dir, 'none.txt')]],
    [/^eval: .*latin\.txt.* is not UTF-8 \(save it as UTF-8\)$/, () => [model, '--text', join(dir, 'latin.txt')]],
    [/^models\.load: .*none/, () => [join(dir, 'none'), '--text', file]],
    ['perplexity: the text has no tokens (give one that has some)', () => [model, '--text', join(dir, 'empty.txt')]],
    [
      'perplexity: the model has no tokenizer (give ids, or set model.tokenizer)',
      () => [join(dir, 'plain'), '--text', file],
    ],
    ["eval: --stride is '0' (give a whole number from 1 up)", () => [model, '--text', file, '--stride', '0']],
    ['perplexity: stride is 17 (give an integer from 1 to 16)', () => [model, '--text', file, '--stride', '17']],
    [/^eval: cannot write /, () => [model, '--text', file, '--json', join(dir, 'no', 'such', 'folder.json')]],
    ['eval: unknown option --strid (did you mean --stride?)', () => [model, '--text', file, '--strid', '1']],
  ]
  it.each(cases)('%s', async (want, args) => {
    const told = await refusal(() => onCpu(...args()))
    if (typeof want === 'string') expect(told).toBe(want)
    else expect(told).toMatch(want)
  })
})
