/** @file Text from a model: as PyTorch's, alone and in a batch; ends, stop texts, memory, and what is refused. */
import * as entry from 'handgrad/generate'
import { describe, expect, it, test } from 'vitest'
import { type GenerateOptions, generate, KVCache } from '../../src/generate/index.ts'
import { CpuDevice, device, manualSeed, memory, noGrad, type Tensor, tap, tensor } from '../../src/index.ts'
import { GPT2, Llama } from '../../src/models/index.ts'
import { BPE, CharTokenizer, loadTokenizer } from '../../src/tokens/index.ts'
import { collect } from '../support/gc.ts'
import {
  asItGrows,
  config,
  idsOf,
  leaking,
  leftBy,
  logitsOf,
  modelOn,
  row,
  seedsApart,
  unlikePyTorch,
} from './cases.ts'

const cpu = await device('cpu')
const greedy = { temperature: 0 } as const

test('the entry handgrad/generate is these', () => {
  expect(entry.generate).toBe(generate)
  expect(entry.KVCache).toBe(KVCache)
})

/** A model that gives these tokens, whatever it reads. */
class Scripted extends GPT2 {
  at = 0
  readonly script: readonly number[]
  constructor(script: readonly number[]) {
    super({ ...config, vocab_size: 300, n_layer: 1, eos_token_id: END }, { device: cpu })
    this.tokenizer = bytes
    this.script = script
    this.eval()
  }
  override logits(h: Tensor): Tensor {
    const next = new Float32Array(h.shape[0] * 300)
    for (let i = 0; i < h.shape[0]; i++) next[300 * i + this.script[this.at]] = 9
    this.at++
    return tensor(next, { shape: [h.shape[0], 300], device: cpu })
  }
}
const bytes = BPE.train('a', { size: 257, special: ['<|endoftext|>'] })
const END = bytes.idOf('<|endoftext|>') as number
/** A model that says a text, byte by byte, and ends. */
const saying = (text: string) => new Scripted([...bytes.encode(text), END])
const pieces = async (model: GPT2, options: GenerateOptions) => {
  const found: string[] = []
  let last: unknown
  for await (const { text, reason } of generate(model, 'a', { ...greedy, ...options })) {
    found.push(text)
    last = reason
  }
  return [found, last]
}

describe('is what the model says', () => {
  it.each(['gpt2-long', 'gpt2-head-of-its-own'])('%s: 40 greedy tokens equal PyTorch, slid or not', async (name) => {
    expect(await unlikePyTorch(name, cpu)).toEqual([])
  })

  it('of prompts in parts, in rows of other lengths', async () => {
    const model = modelOn(cpu, { n_positions: 600, n_layer: 1 })
    const prompts = [row(1, 530), row(2, 3), row(3, 256), row(4, 257)]
    const found = await generate.all(model, prompts, { ...greedy, maxTokens: 2 })
    for (const [i, { ids, logprobs }] of found.entries()) {
      const [logits] = await logitsOf(model, [[...prompts[i], ids[0]]])
      const last = (end: number) => logits.slice((end - 1) * 40, end * 40)
      const n = prompts[i].length
      expect(ids).toEqual([n, n + 1].map((end) => last(end).indexOf(Math.max(...last(end)))))
      const sum = Array.from(last(n), Math.exp).reduce((a, b) => a + b)
      expect(logprobs[0]).toBeCloseTo(last(n)[ids[0]] - Math.log(sum), 4)
    }
  })

  it('by one seed the same, alone and in any batch', async () => {
    expect(await seedsApart(cpu)).toEqual([])
  })

  it('by another seed another, and by manualSeed where there is none', async () => {
    const model = modelOn(cpu)
    const ids = async (options: GenerateOptions) => (await generate.all(model, row(1, 3), options)).ids
    const [one, other] = [await ids({ seed: 1 }), await ids({ seed: 2 })]
    expect(one).not.toEqual(other)
    expect(await ids({ seed: 1 })).toEqual(one)
    manualSeed(3)
    const drawn = await ids({})
    expect(await ids({})).not.toEqual(drawn)
    manualSeed(3)
    expect(await ids({})).toEqual(drawn)
    expect(await ids({ topK: 1 })).toEqual(await ids(greedy))
  })

  it('where no seed is given, another for each of equal prompts', async () => {
    manualSeed(3)
    const texts = await generate.all(modelOn(cpu), [row(1, 3), row(1, 3), row(1, 3)], { maxTokens: 8 })
    expect(new Set(texts.map(({ ids }) => ids.join())).size).toBe(3)
  })

  it('nanoGPT#121: ids that stand for nothing are not drawn', async () => {
    const model = modelOn(cpu)
    model.tokenizer = new CharTokenizer(['a', 'b', 'c'])
    const { ids, text } = await generate.all(model, 'ab', { seed: 1, temperature: 5 })
    expect(Math.max(...ids)).toBeLessThan(3)
    expect(text).toHaveLength(ids.length)
  })

  it('to the last position, with memory that grows as the text does', async () => {
    const { wrong, first, last } = await asItGrows(new CpuDevice())
    expect(wrong).toBe(0)
    // 2 blocks × 2 × 2 heads × (tokens + 1) × 8 channels × 4 bytes, and the ids of a step
    expect(first).toBeLessThan(256 * 260 + 4096)
    expect(last).toBeGreaterThan(256 * 700)
  })

  it('transformers#2302: a penalty counts what is in the prompt, and is of no use to negative logits', async () => {
    const model = modelOn(cpu)
    const { ids } = await generate.all(model, row(1, 3), { ...greedy, repetitionPenalty: 1e6, maxTokens: 21 })
    expect(new Set([...row(1, 3), ...ids]).size).toBe(new Set(row(1, 3)).size + 21)
  })
})

describe('ends', () => {
  it('after maxTokens, at the last position, at the end of the text', async () => {
    const model = modelOn(cpu)
    const result = (options: GenerateOptions) => generate.all(model, row(1, 20), options)
    expect(await result({ ...greedy, maxTokens: 5 })).toMatchObject({ reason: 'length', ids: { length: 5 } })
    expect(await result(greedy)).toMatchObject({ reason: 'context', ids: { length: 5 } })
    const slid = await result({ ...greedy, maxTokens: 50, context: 'slide' })
    expect(slid).toMatchObject({ reason: 'length', ids: { length: 50 } })
    // The sixth token is the first that needs a position more.
    const [logits] = await logitsOf(model, [[...row(1, 20), ...slid.ids.slice(0, 5)].slice(-12)])
    const last = logits.slice(-40)
    expect(slid.ids[5]).toBe(last.indexOf(Math.max(...last)))
    const ending = modelOn(cpu, { eos_token_id: [39, slid.ids[2]] })
    expect(await generate.all(ending, row(1, 20), greedy)).toMatchObject({ reason: 'eos', ids: slid.ids.slice(0, 3) })
  })

  it('row by row: a row that has ended says nothing more, and others go on', async () => {
    const plain = await generate.all(modelOn(cpu), [row(1, 3), row(2, 20)], greedy)
    const model = modelOn(cpu, { eos_token_id: plain[0].ids[1] })
    const rows: number[] = []
    for await (const { row: own, reason } of generate(model, [row(1, 3), row(2, 20)], greedy)) {
      rows.push(own)
      if (reason) expect(reason).toBe(own === 0 ? 'eos' : 'context')
    }
    expect(rows).toEqual([0, 1, 0, 1, 1, 1, 1])
  })

  it('where it is aborted, with what there was', async () => {
    const abort = new AbortController()
    const model = saying('hello world')
    let calls = 0
    model.transformer.registerForwardHook(() => {
      if (++calls === 5) abort.abort()
    })
    const found = await generate.all(model, 'a', { ...greedy, signal: abort.signal, stop: 'lo w' })
    expect(found).toMatchObject({ text: 'hell', reason: 'aborted' })
    expect(await generate.all(model, 'a', { signal: AbortSignal.abort() })).toEqual({
      ...{ text: '', ids: [], logprobs: [], reason: 'aborted' },
    })
  })
})
/** A tokenizer as Llama 2 has it, which leaves out the space that a text begins with. */
async function stripping() {
  const words = ['<unk>', '▁', 't', 'h', 'e', '▁t', 'he', '▁the']
  const merges = ['▁ t', 'h e', '▁t he']
  const replace = (from: string, to: string) => ({ type: 'Replace', pattern: { String: from }, content: to })
  const none = { version: '1.0', added_tokens: [], pre_tokenizer: null, post_processor: null }
  const json = {
    normalizer: { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, replace(' ', '▁')] },
    decoder: {
      type: 'Sequence',
      decoders: [replace('▁', ' '), { type: 'Fuse' }, { type: 'Strip', content: ' ', start: 1, stop: 0 }],
    },
    model: {
      type: 'BPE',
      unk_token: '<unk>',
      fuse_unk: true,
      vocab: Object.fromEntries(words.map((w, i) => [w, i])),
      merges,
    },
  }
  return loadTokenizer({ 'tokenizer.json': JSON.stringify({ ...none, ...json }) })
}

describe('text', () => {
  it('goes on with its space where a tokenizer leaves out the first of a text', async () => {
    const model = new Scripted([7, 4, 7])
    model.tokenizer = await stripping()
    const { text } = await generate.all(model, 'the', { ...greedy, maxTokens: 3 })
    expect(text).toBe(' thee the')
  })

  it('lucebox#641: a split emoji comes whole, with its last byte', async () => {
    const [found, reason] = await pieces(saying('a🎉b天'), { maxTokens: 9 })
    expect(found).toEqual(['a', '', '', '', '🎉', 'b', '', '', '天'])
    expect(reason).toBe('length')
    expect((await pieces(saying('a🎉'), { maxTokens: 3 }))[0]).toEqual(['a', '', '\ufffd'])
    expect(await pieces(saying('é'), {})).toEqual([['', 'é', ''], 'eos'])
  })

  it('that could begin a stop text is held back, and comes where it does not', async () => {
    expect(await pieces(saying('ababc.'), { stop: 'abc' })).toEqual([['', '', 'ab', '', ''], 'stop'])
    expect(await pieces(saying('aab'), { stop: ['abc', 'xx'] })).toEqual([['', 'a', '', 'ab'], 'eos'])
    expect(await pieces(saying('ab!'), { stop: ['b!', 'ab?'] })).toEqual([['', '', 'a'], 'stop'])
    expect(await pieces(saying('abab'), { stop: 'abc', maxTokens: 4 })).toEqual([['', '', 'ab', 'ab'], 'length'])
    expect(await pieces(saying('a🎉'), { stop: '\ufffd', maxTokens: 3 })).toEqual([['a', '', ''], 'stop'])
  })

  it('of all', async () => {
    const found = await generate.all(saying('to be. Or'), 'a', { ...greedy, stop: '.' })
    expect(found).toMatchObject({ text: 'to be', reason: 'stop', ids: [...bytes.encode('to be.')] })
    expect(await generate.all(saying('x'), ['a', 'ab'], greedy)).toMatchObject([
      { text: 'x', reason: 'eos', ids: [...bytes.encode('x'), END] },
      { text: 'x', reason: 'eos' },
    ])
  })

  it('an empty prompt is where texts begin', async () => {
    const model = modelOn(cpu, { bos_token_id: 5 })
    const want = await generate.all(model, [5], greedy)
    expect(await generate.all(model, [], greedy)).toEqual(want)
    expect(await generate.all(model, [new Int32Array(0), [5]], greedy)).toEqual([want, want])
  })
})

describe('memory', () => {
  it('transformers.js#1734: after 200 generations as after the second', async () => {
    // Tensors are counted over all devices: garbage of tests before is not to go meanwhile.
    await collect()
    expect(await leaking(new CpuDevice(), 200)).toEqual({})
  })

  it('is free again however one leaves', async () => {
    expect(await leftBy(new CpuDevice())).toEqual({})
  })
})

const llamaOn = (device: CpuDevice, layers: number) => {
  const sizes = { vocab_size: 40, hidden_size: 8, intermediate_size: 12, num_hidden_layers: layers }
  const heads = { num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 24 }
  return new Llama({ ...sizes, ...heads }, { device }).eval()
}
test.each([
  ['GPT-2', 9, 6, (own: CpuDevice, n_layer: number) => modelOn(own, { n_layer })],
  ['Llama', 15, 4, llamaOn],
] as const)('a token of %s takes %i launches a layer and %i', async (_, each, others, make) => {
  for (const layers of [1, 3]) {
    const own = new CpuDevice()
    const model = make(own, layers)
    const steps: string[][] = []
    let labels: string[] = []
    const end = tap(own, {
      run: (next, launch) => {
        labels.push(launch.label)
        next(launch)
      },
    })
    for await (const _ of generate(model, [row(1, 3), row(2, 5)], { seed: 1, maxTokens: 4, repetitionPenalty: 1.1 })) {
      if (labels.length > 0) steps.push(labels)
      labels = []
    }
    end()
    for (const step of steps.slice(1)) expect(step.length, step.join(' ')).toBe(each * layers + others)
    expect(steps).toHaveLength(4)
  }
})

describe('refuses', () => {
  const model = modelOn(cpu)
  const texts = saying('a')
  it.each<[unknown, object, string]>([
    ['a', {}, 'prompt 0 is a text, and the model has no tokenizer (give ids, or set model.tokenizer)'],
    [[], {}, 'prompt 0 is empty, and the model has no bos_token_id (give at least one token)'],
    [[[1], []], {}, 'prompt 1 is empty, and the model has no bos_token_id (give at least one token)'],
    [null, {}, 'the prompt is null (give a text, its ids, or a list of either)'],
    [[[1], null], {}, 'prompt 1 is null (give a text or its ids)'],
    [[3, 40], {}, 'id 40 at position 1 of prompt 0 (the vocabulary has ids from 0 to 39)'],
    [[[3], [-1]], {}, 'id -1 at position 0 of prompt 1 (the vocabulary has ids from 0 to 39)'],
    [[1.5], {}, 'id 1.5 at position 0 of prompt 0 (the vocabulary has ids from 0 to 39)'],
    [row(1, 25), {}, "prompt 0 has 25 tokens, the model 24 positions (fewer tokens, or context: 'slide')"],
    [
      [[1], row(1, 20)],
      { maxTokens: 6 },
      "prompt 1 has 20 tokens and maxTokens 6, the model 24 positions (fewer tokens, or context: 'slide')",
    ],
    [[1], { maxTokens: 0 }, 'maxTokens is 0 (give an integer from 1, or null)'],
    [[1], { context: 'slide' }, "context is 'slide', which has no end (give maxTokens)"],
    [[1], { context: 'more' }, "context is 'more' (give 'error' or 'slide')"],
    [[1], { temperature: -1 }, 'temperature is -1 (give a number from 0 up; 0 takes the greatest logit)'],
    [[1], { topP: 0 }, 'topP is 0 (give a number above 0, up to 1 for all)'],
    [[1], { topK: 41 }, 'topK is 41, the vocabulary 40 (give an integer from 1 to 40, or 0 for all)'],
    [[1], { minP: 2 }, 'minP is 2 (give a number from 0, for all, to 1)'],
    [[1], { repetitionPenalty: 0 }, 'repetitionPenalty is 0 (give a number from 1e-6 to 1e6; 1 is none)'],
    [[1], { seed: -1 }, 'seed is -1 (give an integer from 0 to 2^53 - 1)'],
    [[[1], [2]], { seed: [1] }, '1 seeds for 2 prompts (give a number, or one for each)'],
    [[1], { stop: 'x' }, 'stop is given, and the model has no tokenizer (leave it out, or set model.tokenizer)'],
    [[1], { signal: 3 }, 'signal is 3 (give that of an AbortController)'],
    [[1], { top_k: 3 }, 'there is no option top_k (did you mean topK?'],
  ])('%j with %j', (prompts, options, text) => {
    const { storages } = memory(cpu)
    expect(() => generate(model, prompts as number[], options)).toThrow(`generate: ${text}`)
    expect(memory(cpu).storages).toBe(storages)
  })

  it('empty stop texts, models in training, what is none, tokenizers of others', async () => {
    expect(() => generate(texts, 'a', { stop: ['x', ''] })).toThrow(
      "generate: stop has '' (give texts of one character or more)",
    )
    await expect(generate.all(texts, 'a', { stop: '' })).rejects.toThrow("generate: stop has ''")
    const training = modelOn(cpu)
    training.train()
    expect(() => generate(training, [1])).toThrow(
      'generate: the model is in training, and would drop out (call model.eval() first)',
    )
    const partly = modelOn(cpu)
    partly.transformer.h.at(0).attn.train()
    expect(() => generate(partly, [1])).toThrow('transformer.h.0.attn is in training, and would drop out')
    // A number in place of a model, which the compiler would refuse.
    expect(() => generate(3 as unknown as GPT2, [1])).toThrow('generate: the model is 3 (give a LanguageModel)')
    const small = modelOn(cpu)
    small.tokenizer = bytes
    expect(() => generate(small, [1])).toThrow('a model of 40 logits lacks some of the 257 tokens')
  })

  it('nothing of it changes the cache of a user', async () => {
    using cache = new KVCache(model)
    noGrad(() => model.forward(idsOf([row(1, 3)], cpu), { cache }))
    await generate.all(model, [1], { maxTokens: 2 })
    expect(cache.lengths).toEqual([3])
  })
})
