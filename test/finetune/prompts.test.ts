/** @file Prompts and prefixes: equal to PyTorch, the same as a text in front, in files, and what they refuse. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as entry from 'handgrad/finetune'
import { afterAll, describe, expect, it, test } from 'vitest'
import * as finetune from '../../src/finetune/index.ts'
import type { PromptModel } from '../../src/finetune/prompt.ts'
import { generate, KVCache } from '../../src/generate/index.ts'
import { CpuDevice, device, io, manualSeed, memory, noGrad, optim, scope, tensor } from '../../src/index.ts'
import { GPT2, type LanguageModel, load, perplexity, score } from '../../src/models/index.ts'
import { BPE } from '../../src/tokens/index.ts'
import { folderOf, idsOn, lossOf, texts } from '../models/cases.ts'
import { error } from '../support/difference.ts'
import { refusal } from '../support/refusals.ts'
import { adapterIn, adapters, errorsOf, tunedOf } from './promptcases.ts'

const cpu = await device('cpu')
const dir = await mkdtemp(join(tmpdir(), 'handgrad-prompts-'))
afterAll(() => rm(dir, { recursive: true }))
let folders = 0
const fresh = () => join(dir, String(folders++))
const base = (name = 'gpt2', on = cpu) => load(folderOf(name), { device: on })
const small = { vocab_size: 40, n_positions: 12, n_embd: 16, n_layer: 2, n_head: 2 }
const kinds = {
  promptTuning: [finetune.promptTuning, finetune.loadPromptTuning],
  prefixTuning: [finetune.prefixTuning, finetune.loadPrefixTuning],
} as const
const named = Object.keys(kinds) as (keyof typeof kinds)[]

test('the entry handgrad/finetune is these functions', () => {
  expect(entry.promptTuning).toBe(finetune.promptTuning)
  expect(entry.loadPrefixTuning).toBe(finetune.loadPrefixTuning)
})

it.each(adapters)('%s equals PyTorch: logits, loss, gradient', async (name) => {
  for (const [dtype, bound] of [
    ['float64', 1e-10],
    ['float32', 5e-6],
  ] as const)
    for (const [what, found] of Object.entries(await errorsOf(name, cpu, dtype)))
      expect(found, `${what}, ${dtype}`).toBeLessThan(bound)
})

describe.each(named)('%s', (kind) => {
  const [make, read] = kinds[kind]
  const before = [3, 1, 4]

  it.each(['gpt2', 'llama'])('begun with a text is %s behind that text', async (name) => {
    const model = await base(name)
    const want = model
      .forward(
        idsOn(
          cpu,
          texts.map((row) => [...before, ...row]),
        ),
      )
      .slice(null, [3, 10])
    const task = make(model, { tokens: 3, init: { ids: before } })
    expect(error(await task.forward(idsOn(cpu)).data(), await want.contiguous().data())).toBeLessThan(2e-6)
  })

  it('trains what it learned, and nothing else', async () => {
    manualSeed(3)
    const model = await base()
    const was = await Promise.all(model.parameters().map((x) => x.data()))
    const task = make(model, { tokens: 4 })
    expect(model.parameters().every((x) => !x.requiresGrad)).toBe(true)
    expect(task.share).toBe(task.parameters[0].numel / task.model.parameters().reduce((n, x) => n + x.numel, 0))
    const optimizer = new optim.AdamW([...task.parameters], { lr: 0.05 })
    const losses: number[] = []
    for (let step = 0; step < 30; step++) {
      optimizer.zeroGrad()
      const loss = lossOf(task.model, cpu)
      loss.backward()
      optimizer.step()
      losses.push(await loss.item())
    }
    expect(losses[29]).toBeLessThan(0.85 * losses[0])
    const is = await Promise.all(model.parameters().map((x) => x.data()))
    expect(is).toEqual(was)
  })

  it('is in a cache what it is without', async () => {
    manualSeed(5)
    const task = make(await base('llama'), { tokens: 4 })
    const whole = await noGrad(() => task.forward(idsOn(cpu))).data()
    const cache = new KVCache(task.model, { batch: 2, length: 7 })
    expect([cache.length, cache.lengths]).toEqual([7, [0, 0]])
    for (const turn of [0, 1]) {
      if (turn) cache.rewind(0)
      const parts = [
        [0, 4],
        [4, 5],
        [5, 7],
      ].map(([from, to]) => {
        const ids = idsOn(
          cpu,
          texts.map((row) => row.slice(from, to)),
        )
        return noGrad(() => task.forward(ids, { cache, lengths: [to - from, to - from] }))
      })
      const got = await Promise.all(parts.map((x) => x.data()))
      const rows = [0, 1].flatMap((b) =>
        got.flatMap((part) => [...part.slice((b * part.length) / 2, ((b + 1) * part.length) / 2)]),
      )
      expect(error(rows, whole)).toBeLessThan(2e-6)
    }
    cache.dispose()
  })

  it('goes on with texts, scores them and tells them as the base does behind the same text', async () => {
    const plain = await base('gpt2-long')
    const behind = (ids: readonly number[]) => [...before, ...ids]
    const all = texts.map((row) => row.slice(0, 4))
    const greedy = { temperature: 0, maxTokens: 12 }
    const want = await generate.all(plain, all.map(behind), greedy)
    const score1 = await score(plain, behind([7]), [5, 9])
    const { model } = make(await base('gpt2-long'), { tokens: 3, init: { ids: before } })
    const got = await generate.all(model, all, greedy)
    expect(got.map(({ ids }) => ids)).toEqual(want.map(({ ids }) => ids))
    const score2 = await score(model, [7], [5, 9])
    expect(score2.logprob).toBeCloseTo(score1.logprob, 4)
    expect((await perplexity(model, texts[0], { length: 4 })).tokens).toBe(6)
    await expect(async () => generate.all(model, [texts[0]], { maxTokens: 56 })).rejects.toThrow(
      'the model 61 positions',
    )
    const slid = await generate.all(model, [texts[0]], { maxTokens: 70, context: 'slide', temperature: 0 })
    expect(slid[0].ids.length).toBe(70)
  })

  it('comes back from its files', async () => {
    manualSeed(7)
    const task = make(await base(), { tokens: 4 })
    const folder = fresh()
    await task.save(folder, { baseModel: 'models/gpt2' })
    const again = await read(await base(), folder)
    expect(await again.forward(idsOn(cpu)).data()).toEqual(await task.forward(idsOn(cpu)).data())
    expect(again.parameters.every((x) => !x.requiresGrad)).toBe(true)
    const further = await read(await base(), folder, { trainable: true })
    expect(further.parameters.every((x) => x.requiresGrad)).toBe(true)
    const twice = fresh()
    await again.save(twice)
    for (const file of ['adapter_config.json', 'adapter_model.safetensors'])
      expect(await readFile(join(twice, file))).toEqual(await readFile(join(folder, file)))
  })

  it('has an adapter_config.json of the keys that PEFT writes', async () => {
    const name = kind === 'promptTuning' ? 'llama-prompt' : 'llama-prefix'
    const task = make(await base('llama'), { tokens: 4 })
    const folder = fresh()
    await task.save(folder, { baseModel: 'models/llama' })
    const [ours, theirs] = await Promise.all(
      [folder, adapterIn(name)].map(async (from) =>
        JSON.parse(await readFile(join(from, 'adapter_config.json'), 'utf8')),
      ),
    )
    const { peft_version: _, ...known } = theirs
    if (kind === 'prefixTuning') known.encoder_hidden_size = null
    expect(ours).toEqual(known)
    // What a file said is kept.
    const read1 = await tunedOf(name, cpu)
    const kept = fresh()
    await read1.save(kept)
    expect(JSON.parse(await readFile(join(kept, 'adapter_config.json'), 'utf8'))).toEqual(theirs)
  })

  it('goes on from a checkpoint bit for bit', async () => {
    const run = async (file: string | null) => {
      manualSeed(11)
      const make1 = async () => {
        // Dropout, as in training.
        const task = make((await base()).train(), { tokens: 3, init: { ids: before } })
        return { task, optimizer: new optim.AdamW([...task.parameters], { lr: 0.02 }) }
      }
      let { task, optimizer } = await make1()
      for (let step = 0; step < 100; step++) {
        if (step === 50 && file) {
          await io.saveCheckpoint(file, { task, optimizer }, { step })
          ;({ task, optimizer } = await make1())
          manualSeed(99)
          await io.loadCheckpoint(file, { task, optimizer })
        }
        scope(() => {
          optimizer.zeroGrad()
          lossOf(task.model, cpu).backward()
          optimizer.step()
        })
      }
      return task.parameters[0].data()
    }
    expect(await run(`${fresh()}.safetensors`)).toEqual(await run(null))
  })

  it('leaves memory as after the second step', async () => {
    const own = new CpuDevice()
    const task = make(await base('gpt2', own), { tokens: 4 })
    const optimizer = new optim.AdamW([...task.parameters], { lr: 0.02 })
    const held = () => {
      const { storages, bytes, live } = memory(own)
      return { storages, bytes, live }
    }
    let after2: unknown
    for (let step = 1; step <= 60; step++) {
      scope(() => {
        optimizer.zeroGrad()
        lossOf(task.model, own).backward()
        optimizer.step()
      })
      if (step % 20 === 0) {
        await generate.all(task.model, [texts[0].slice(0, 3)], { maxTokens: 3, seed: 1 })
        await task.save(fresh())
      }
      if (step === 2) after2 = held()
    }
    expect(held()).toEqual(after2)
    task.drop()
    expect(await refusal(() => task.forward(idsOn(own)))).toBe(
      'Tuning.forward: what was learned was dropped (make another one)',
    )
    expect(memory(own).bytes).toBeLessThan((after2 as { bytes: number }).bytes)
  })

  it('stands before weights of 16 bits in 32', async () => {
    const model = await load(folderOf('gpt2-bf16-shards'), { device: cpu, dtype: 'bfloat16' })
    const task = make(model, { tokens: 3, init: { ids: before } })
    expect(task.parameters[0].dtype).toBe('float32')
    lossOf(task.model, cpu).backward()
    expect((await task.parameters[0].grad?.data())?.some((x) => x !== 0)).toBe(true)
    expect((await generate.all(task.model, [texts[0].slice(0, 3)], { maxTokens: 2 }))[0].ids.length).toBe(2)
  })

  it('refuses what cannot be', async () => {
    const model = await base()
    const task = make(model, { tokens: 8 })
    const bare = new GPT2(small, { device: cpu })
    const positions = 'give an integer from 1 to 11, below the model’s positions'.replace('’', "'")
    const name = kind === 'promptTuning' ? 'PromptModel' : 'PrefixModel'
    const cases: [call: () => unknown, text: string | RegExp][] = [
      [() => make({} as LanguageModel), `${kind}: the model is an object (give one of handgrad/models)`],
      [() => make(task.model), `${kind}: the model has prompts of its own (give its base)`],
      [() => make(model, { tokens: 0 }), `${kind}: tokens is 0 (${positions})`],
      [() => make(model, { tokens: 12 }), `${kind}: tokens is 12 (${positions})`],
      [() => make(model, { init: 'text' as 'random' }), `${kind}: init is 'text' (give 'random', { text } or { ids })`],
      [() => make(model, { init: { ids: [] } }), `${kind}: init has no tokens (give some, or 'random')`],
      [() => make(model, { init: { ids: [40] } }), `${kind}: id 40 of init (the vocabulary has ids from 0 to 39)`],
      [
        () => make(bare, { init: { text: 'sea' } }),
        `${kind}: init is a text, and the model has no tokenizer (give { ids }, or set model.tokenizer)`,
      ],
      [
        () => make(model, { token: 3 } as never),
        new RegExp(`^${kind}: there is no option token \\(did you mean tokens\\?`),
      ],
      [
        () => task.forward(idsOn(cpu)),
        `${name}(8 before each text): a text of 7 tokens behind 8 that are learned (the model has positions for 1 to 4)`,
      ],
      [() => task.save(fresh(), { baseModel: 3 as never }), 'Tuning.save: baseModel is 3 (give a name or a path)'],
    ]
    for (const [call, text] of cases) {
      const told = await refusal(call)
      if (typeof text === 'string') expect(told).toBe(text)
      else expect(told).toMatch(text)
    }
    expect(bare.parameters().every((x) => x.requiresGrad)).toBe(true)
  })

  it('refuses files of something else, by name', async () => {
    const own = kind === 'promptTuning' ? 'gpt2-prompt' : 'gpt2-prefix'
    const other = kind === 'promptTuning' ? 'gpt2-prefix' : 'gpt2-prompt'
    const with1 = async (more: Record<string, unknown>) => {
      const folder = fresh()
      await cp(adapterIn(own), folder, { recursive: true })
      const path = join(folder, 'adapter_config.json')
      await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...more }))
      return folder
    }
    const model = await base()
    const load1 = `load${kind[0].toUpperCase()}${kind.slice(1)}`
    const cases: [folder: string, text: string | RegExp][] = [
      [adapterIn(other), /adapter_config\.json has peft_type 'P.*_TUNING' \(it should be 'P/],
      [await with1({ task_type: 'SEQ_CLS' }), `${load1}: task_type is "SEQ_CLS" (adapters of this kind are not read)`],
      [await with1({ use_new: true }), `${load1}: use_new is true (adapters of this kind are not read)`],
      [await with1({ num_transformer_submodules: 2 }), /num_transformer_submodules is 2/],
      [await with1({ num_layers: 3 }), `${load1}: num_layers is 3, not 2 (is the adapter of this base?)`],
      [
        await with1({ token_dim: 8, num_attention_heads: 4 }),
        /num_attention_heads is 4, not 2, token_dim is 8, not 16/,
      ],
      [await with1({ num_virtual_tokens: 12 }), `${load1}: num_virtual_tokens is 12 (it is an integer from 1 to 11)`],
      [
        await with1({ num_virtual_tokens: 3 }),
        /prompt_embeddings is \[4, \d+\], not \[3, \d+\] \(is the adapter of this base\?\)$/,
      ],
      [dir, /has no adapter_config\.json/],
    ]
    for (const [folder, text] of cases) {
      const told = await refusal(() => read(model, folder))
      if (typeof text === 'string') expect(told).toBe(text)
      else expect(told).toMatch(text)
    }
  })
})

it('prefixTuning has a projection, which is folded in by save', async () => {
  manualSeed(1)
  const task = finetune.prefixTuning(await base(), { tokens: 3, projection: 6 })
  expect(Object.entries(task.stateDict()).map(([name, x]) => [name, x.shape])).toEqual([
    ['prompt_embeddings', [3, 16]],
    ['transform.0.weight', [6, 16]],
    ['transform.0.bias', [6]],
    ['transform.2.weight', [64, 6]],
    ['transform.2.bias', [64]],
  ])
  lossOf(task.model, cpu).backward()
  for (const x of task.parameters) expect((await x.grad?.data())?.some((v) => v !== 0)).toBe(true)
  const folder = fresh()
  await task.save(folder)
  expect(JSON.parse(await readFile(join(folder, 'adapter_config.json'), 'utf8'))).toMatchObject({
    prefix_projection: true,
    encoder_hidden_size: 6,
  })
  const again = await finetune.loadPrefixTuning(await base(), folder)
  expect(await again.forward(idsOn(cpu)).data()).toEqual(await task.forward(idsOn(cpu)).data())
  const model = await base()
  for (const [options, text] of [
    [{ projection: 0 }, 'prefixTuning: projection is 0 (give channels, an integer from 1, or null)'],
    [
      { projection: 4, init: { ids: [1] } },
      'prefixTuning: init and projection are given (what a projection makes of a table is not chosen: leave one out)',
    ],
  ] as const)
    expect(await refusal(() => finetune.prefixTuning(model, options))).toBe(text)
})

describe('gradientCheckpointing', () => {
  it('of a prompt is the base’s: the same gradients of less memory', async () => {
    const held: number[] = []
    const gradients: ArrayLike<number>[] = []
    for (const on of [false, true]) {
      manualSeed(2)
      const own = new CpuDevice()
      const task = finetune.promptTuning(new GPT2(small, { device: own }).eval(), { tokens: 3, init: { ids: [3] } })
      task.model.gradientCheckpointing = on
      expect([task.model.gradientCheckpointing, (task.model as PromptModel).base.gradientCheckpointing]).toEqual([
        on,
        on,
      ])
      const before = memory(own).liveBytes
      const loss = scope(() => lossOf(task.model, own))
      held.push(memory(own).liveBytes - before)
      loss.backward()
      gradients.push((await task.parameters[0].grad?.data()) ?? [])
    }
    expect(held[1]).toBeLessThan(held[0] / 2)
    expect(error(gradients[1], gradients[0])).toBeLessThan(1e-6)
  })

  it('of a prefix is refused, and false', async () => {
    const { model } = finetune.prefixTuning(await base(), { tokens: 3 })
    expect(() => {
      model.gradientCheckpointing = true
    }).toThrow(
      'PrefixModel(3 before each text): blocks behind a prefix are not checkpointed (take promptTuning, or fewer texts at once)',
    )
    model.gradientCheckpointing = false
    expect(model.gradientCheckpointing).toBe(false)
  })
})

it('prefixTuning keeps nothing for gradients of frozen weights, nor of c_attn more than the queries', () => {
  const [tokens, count] = [3, 8]
  const { n_embd: width } = small
  const kept = (layers: number, freezes: boolean): number => {
    const own = new CpuDevice()
    const gpt = new GPT2({ ...small, n_layer: layers }, { device: own }).eval()
    const { model } = finetune.prefixTuning(gpt, { tokens })
    if (!freezes) gpt.unfreeze(/transformer/)
    const ids = tensor([Array.from({ length: count }, (_, i) => i)], { dtype: 'int32', device: own })
    const before = memory(own).liveBytes
    const h = scope(() => model.hidden(ids))
    const held = memory(own).liveBytes - before
    h.dispose()
    return held
  }
  const perLayer = (freezes: boolean) => (kept(3, freezes) - kept(2, freezes)) / 4
  // x of two normalisations, q, y of attention, what gelu takes; keys and values behind the prefix; and a few numbers
  // of each row: four of normalisations, two of each head.
  const wanted = count * (2 + 1 + 1 + 4) * width + 2 * (tokens + count) * width + count * (4 + 4 + 2 * small.n_head)
  expect(perLayer(true)).toBe(wanted)
  // And what c_attn, c_fc and the c_proj behind it took; that of attention's is y.
  expect(perLayer(false)).toBeGreaterThanOrEqual(wanted + count * (1 + 1 + 4) * width)
})

it('takes a text to begin with, by the tokenizer of the model', async () => {
  const model = new GPT2({ ...small, vocab_size: 300 }, { device: cpu })
  model.tokenizer = BPE.train('the sea, the sky, the land', { size: 270 })
  const ids = model.tokenizer.encode('the sea')
  const task = finetune.promptTuning(model, { tokens: 6, init: { text: 'the sea' } })
  const rows = Array.from({ length: 6 }, (_, i) => ids[i % ids.length])
  const want = model.transformer.wte.forward(idsOn(cpu, [rows]))
  expect(await task.parameters[0].data()).toEqual(await want.data())
  expect(task.model.tokenizer).toBe(model.tokenizer)
})
