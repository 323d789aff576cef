/** @file `handgrad finetune`: what it learns, prints and writes, and what it refuses. */
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { finetune } from '../../src/cli/finetune.ts'
import { loadLoRA } from '../../src/finetune/index.ts'
import { device, manualSeed, nn, onCall, tensor } from '../../src/index.ts'
import { GPT2, load, save, score } from '../../src/models/index.ts'
import { BPE } from '../../src/tokens/index.ts'
import { refusal } from '../support/refusals.ts'

const cpu = await device('cpu')
let [dir, model, written] = ['', '', '']
const at = (name: string) => join(dir, name)
const lines = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).join('\n')
const pairs = Array.from({ length: 20 }, (_, i) => ({ prompt: `the ${i % 2 ? 'sky' : 'sea'} is`, completion: ' blue' }))

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'handgrad-finetune-'))
  model = at('model')
  manualSeed(0)
  const sizes = { vocab_size: 290, n_positions: 16, n_embd: 16, n_layer: 1, n_head: 2 }
  const gpt = new GPT2(sizes, { device: cpu })
  gpt.tokenizer = BPE.train('the sea is blue, the sky is blue. '.repeat(20), { size: 270 })
  await save(gpt, model)
  gpt.tokenizer = null
  await save(gpt, at('plain'))
  await writeFile(at('pairs.jsonl'), lines(pairs))
  await writeFile(
    at('texts.jsonl'),
    lines(Array.from({ length: 4 }, () => ({ text: 'the sea is blue, and the sky. '.repeat(3) }))),
  )
  await writeFile(at('few.jsonl'), lines([{ text: 'the sea' }, { text: 'the sky' }, { text: 'is blue' }]))
  await writeFile(at('broken.jsonl'), '{"text":"the sea"}\n\n{"text": the}\n')
  await writeFile(at('other.jsonl'), '{"text":"the sea"}\n\n{"texts":"the sky"}\n')
  await writeFile(at('hollow.jsonl'), '{"prompt":"the sea","completion":""}\n')
  await writeFile(at('long.jsonl'), lines([{ prompt: 'the sea is red, '.repeat(9), completion: ' blue' }]))
  await writeFile(at('empty.jsonl'), '\n')
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

const onCpu = (...args: readonly string[]) => finetune([...args, '--device', 'cpu'])
/** Nats before and after, as they were printed. */
const nats = () =>
  (/([\d.]+) nats per token before, ([\d.]+) after/.exec(written) as RegExpExecArray).slice(1).map(Number)

it('learns completions by an adapter, and writes it', async () => {
  const to = at('adapter')
  await onCpu(
    model,
    '--data',
    at('pairs.jsonl'),
    '--lora',
    '4',
    '--steps',
    '25',
    '--lr',
    '0.03',
    '--batch',
    '4',
    '--to',
    to,
  )
  expect((await readdir(to)).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors'])
  const [before, after] = nats()
  expect(after).toBeLessThan(before - 0.1)
  expect(written).toMatch(/GPT2\(1 × 16, 2 heads, vocabulary 290\) on cpu: [\d,]+ numbers train, [\d.]+ % of all/)
  expect(written).toContain('18 texts, 2 to measure on; 25 steps')
  expect(written).toContain(`adapter: ${to}`)
  expect(written).toContain('\nthe sea is')
  const base = await load(model, { device: cpu })
  const told = async () => (await score(base, 'the sea is', ' blue')).logprob
  const was = await told()
  await loadLoRA(base, to)
  expect(await told()).toBeGreaterThan(was)
})

it('learns whole texts by all weights, measures on a file, and writes a model', async () => {
  const to = at('tuned')
  const args = ['--eval', at('pairs.jsonl'), '--epochs', '8', '--lr', '0.01', '--length', '8', '--to', to]
  await onCpu(model, '--data', at('texts.jsonl'), ...args)
  const [before, after] = nats()
  expect(after).toBeLessThan(before)
  expect(written).toContain(`model: ${to}`)
  expect(written).toContain('20 to measure on')
  expect((await load(to, { device: cpu })).tokenizer?.size).toBe(270)
})

it('adapts weights of 16 bits, and only the layers that are named', async () => {
  const to = at('half')
  const args = [
    '--lora',
    '2',
    '--targets',
    'c_attn,c_fc',
    '--alpha',
    '8',
    '--dtype',
    'bfloat16',
    '--steps',
    '2',
    '--to',
    to,
  ]
  await onCpu(model, '--data', at('few.jsonl'), ...args)
  expect(written).toContain('3 texts, the same to measure on; 2 steps')
  const { config } = await loadLoRA(await load(model, { device: cpu }), to)
  expect([config.r, config.alpha, config.targets]).toEqual([2, 8, ['c_attn', 'c_fc']])
})

it('has the same loss as whole logits, and makes none of them', async () => {
  const ops = new Set<string>()
  const end = onCall(({ op }) => ops.add(op.name))
  await onCpu(model, '--data', at('few.jsonl'), '--lora', '2', '--steps', '1', '--to', at('lean'))
  end()
  expect(ops).toContain('linearCrossEntropy')
  expect(ops).not.toContain('crossEntropy')
  const [before] = nats()
  const base = await load(model, { device: cpu })
  const ids = ['the sea', 'the sky', 'is blue'].map((text) => [...(base.tokenizer?.encode(text) ?? [])])
  let [sum, count] = [0, 0]
  for (const one of ids) {
    const z = base.forward(tensor([one], { dtype: 'int32', device: cpu })).at(0, [null, -1])
    sum += await nn.functional
      .crossEntropy(z, tensor(one.slice(1), { dtype: 'int32', device: cpu }), { reduction: 'sum' })
      .item()
    count += one.length - 1
  }
  expect(before).toBeCloseTo(sum / count, 3)
})

it('writes into a folder that a link leads to', async () => {
  await mkdir(at('place'))
  await symlink(at('place'), at('link'), 'dir')
  await onCpu(model, '--data', at('few.jsonl'), '--lora', '2', '--steps', '1', '--to', at('link'))
  expect((await readdir(at('place'))).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors'])
})

it('takes all-linear as what it is by default', async () => {
  const args = ['--lora', '2', '--targets', 'all-linear', '--steps', '1', '--to', at('all')]
  await onCpu(model, '--data', at('few.jsonl'), ...args)
  const { parameters } = await loadLoRA(await load(model, { device: cpu }), at('all'))
  expect(parameters).toHaveLength(8)
})

it('gives the same for the same seed', async () => {
  const run = async (seed: string) => {
    written = ''
    await onCpu(model, '--data', at('pairs.jsonl'), '--lora', '--steps', '3', '--seed', seed, '--to', at(`seed${seed}`))
    return nats()[1]
  }
  const first = await run('1')
  expect(await run('1')).toBe(first)
  expect(await run('2')).not.toBe(first)
})

it('keeps what was learned when it is interrupted', async () => {
  const to = at('interrupted')
  // After the listener is there, and before the last step.
  const begun = vi.spyOn(process, 'on')
  const wait = setInterval(() => {
    const listener = begun.mock.calls.find(([name]) => name === 'SIGINT')?.[1]
    if (!listener) return
    clearInterval(wait)
    listener('SIGINT')
  })
  await onCpu(model, '--data', at('pairs.jsonl'), '--lora', '2', '--steps', '5000', '--to', to)
  begun.mockRestore()
  expect(written).toMatch(/interrupted: what \d+ of 5,000 steps have learned is kept/)
  expect(await readdir(to)).toContain('adapter_model.safetensors')
})

describe('refuses', () => {
  const data = () => ['--data', at('pairs.jsonl')]
  const cases: [text: string | RegExp, args: () => readonly string[]][] = [
    ['finetune: which model? (give its folder first: handgrad finetune gpt2 --data FILE)', () => []],
    [/^finetune: which texts\? \(handgrad finetune .*model.* --data FILE\)$/, () => [model]],
    [/^finetune: --to is '.*', the model itself \(give another folder\)$/, () => [model, ...data(), '--to', model]],
    ["finetune: --lora is '0' (give a whole number from 1 up)", () => [model, ...data(), '--lora', '0']],
    ['finetune: --alpha is given without --lora (give --lora 8)', () => [model, ...data(), '--alpha', '8']],
    [
      'finetune: --steps and --epochs are given (leave one of them out)',
      () => [model, ...data(), '--steps', '1', '--epochs', '1'],
    ],
    [/^finetune: --dtype bfloat16 without --lora/, () => [model, ...data(), '--dtype', 'bfloat16']],
    [/^finetune: --dtype is 'float16'/, () => [model, ...data(), '--dtype', 'float16', '--lora', '2']],
    ["finetune: --lr is '-1' (give a number above 0)", () => [model, ...data(), '--lr=-1']],
    ['finetune: --length is 17 (the model has 16 positions)', () => [model, ...data(), '--length', '17']],
    ['finetune: unknown option --dat (did you mean --data?)', () => [model, '--dat', 'x']],
    [/^models\.load: .*none/, () => [at('none'), ...data()]],
    ['finetune: the model has no tokenizer (give the folder of one that has)', () => [at('plain'), ...data()]],
    [/broken\.jsonl'?, line 3, column 10: it is not JSON/, () => [model, '--data', at('broken.jsonl')]],
    [
      /^finetune: .*other\.jsonl'?, line 3 is .*texts.* \(each line is \{ "text": "…" \} or/,
      () => [model, '--data', at('other.jsonl')],
    ],
    [/^finetune: .*hollow\.jsonl'?, line 1 has an empty completion/, () => [model, '--data', at('hollow.jsonl')]],
    [
      /^finetune: .*long\.jsonl'?, line 1 has \d+ tokens \(shorten it, or give --length, 16 now\)$/,
      () => [model, '--data', at('long.jsonl')],
    ],
    [/^finetune: .*empty\.jsonl'? has no texts of two tokens or more$/, () => [model, '--data', at('empty.jsonl')]],
    [/r is 20, and .* \(give at most the smaller of the two\)$/, () => [model, ...data(), '--lora', '20']],
    [/no layer|c_atn/, () => [model, ...data(), '--lora', '2', '--targets', 'c_atn']],
  ]
  it('files that cannot be written, before anything is learned, and leaves no folder behind', async () => {
    await writeFile(at('file'), '')
    for (const lora of [[], ['--lora', '2']]) {
      const told = await refusal(() => onCpu(model, ...data(), ...lora, '--to', at('file')))
      expect(told).toMatch(/^finetune: cannot make the folder .*file.*, .* \(give another one with --to\)$/)
      const named = await refusal(() => onCpu(model, ...data(), ...lora, '--to', at('m.safetensors')))
      expect(named).toMatch(/^finetune: --to is '.*m\.safetensors', the name of a file \(give a folder\)$/)
    }
    await refusal(() => onCpu(model, ...data(), '--lora', '2', '--targets', 'c_atn', '--to', at('nothing')))
    expect(await readdir(dir)).not.toContain('nothing')
    expect(written).not.toContain('nats')
  })

  it('the model itself, however it is called', async () => {
    await symlink(model, at('same'), 'dir')
    for (const to of [at('same'), `${model}/`, join(dir, '.', 'x', '..') + '/./model', relative('.', model)])
      expect(await refusal(() => onCpu(model, ...data(), '--to', to))).toMatch(
        /the model itself \(give another folder\)$/,
      )
  })

  it.each(cases)('%s', async (want, args) => {
    const told = await refusal(() => onCpu(...args()))
    if (typeof want === 'string') expect(told).toBe(want)
    else expect(told).toMatch(want)
  })
})
