/** @file Perplexity and scores against sums over full logits by hand, at every edge of windows; what is refused. */
import * as entry from 'handgrad/models'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { generate } from '../../src/generate/index.ts'
import { CpuDevice, device, memory, noGrad, tensor } from '../../src/index.ts'
import { GPT2, load, perplexity, type Score, score } from '../../src/models/index.ts'
import { CharTokenizer } from '../../src/tokens/index.ts'
import { refusal } from '../support/refusals.ts'
import { folderOf, idsOn } from './cases.ts'

const ids = [3, 17, 39, 0, 8, 8, 21, 30, 2, 5, 11, 0, 7, 7, 19, 4, 33, 12, 1, 26]
let gpt: GPT2
beforeAll(async () => {
  gpt = (await load(folderOf('gpt2'), { device: await device('cpu'), dtype: 'float64' })) as GPT2
})

/** ln p of each token that follows one of these, by the definition of softmax. */
async function logprobsOf(model: GPT2, seen: readonly number[], next: readonly number[]): Promise<number[]> {
  const z = noGrad(() => model.forward(idsOn(model.transformer.wte.weight.device, [[...seen]])).select(0, 0))
  const rows = (await z.array()) as number[][]
  return next.map((id, t) => {
    const top = Math.max(...rows[t])
    return rows[t][id] - top - Math.log(rows[t].reduce((sum, x) => sum + Math.exp(x - top), 0))
  })
}

/** The mean of −ln p over windows of so many tokens, by a walk from token to token. */
async function natsByHand(model: GPT2, all: readonly number[], length: number, stride: number): Promise<number> {
  let sum = 0
  for (let at = 1; at < all.length; at++) {
    // The first window that has the token: windows begin at multiples of the stride.
    let from = 0
    while (from + length < at) from += stride
    const seen = all.slice(from, at)
    sum -= (await logprobsOf(model, seen, [...seen.slice(1), all[at]])).at(-1) ?? Number.NaN
  }
  return sum / (all.length - 1)
}

test('they are of the entry handgrad/models', () => {
  expect([entry.perplexity, entry.score]).toEqual([perplexity, score])
})

describe('perplexity', () => {
  it.each([
    [12, 12, 'windows side by side'],
    [12, 6, 'windows by halves'],
    [12, 1, 'every token after eleven, where there are'],
    [5, 3, 'windows shorter than the model reads'],
    [1, 1, 'each token after one alone'],
    [12, 7, 'a last window of few tokens'],
    [10, 9, 'a last window of one token'],
  ])('windows of %i, %i apart: %s', async (length, stride) => {
    const want = await natsByHand(gpt, ids, length, stride)
    for (const batch of [1, 2, 8]) {
      const found = await perplexity(gpt, ids, { length, stride, batch })
      expect(found.nats).toBeCloseTo(want, 10)
      expect(found.perplexity).toBeCloseTo(Math.exp(want), 8)
      expect([found.tokens, found.bytes, found.bitsPerByte]).toEqual([19, null, null])
    }
  })

  it.each([2, 5, 12, 13])('a text of %i tokens', async (count) => {
    const own = ids.slice(0, count)
    expect((await perplexity(gpt, Int32Array.from(own))).nats).toBeCloseTo(await natsByHand(gpt, own, 12, 6), 10)
  })

  it('bits for each byte, of what is scored; the token that texts begin with stands before them', async () => {
    const cpu = await device('cpu')
    const sizes = { vocab_size: 6, n_positions: 8, n_embd: 8, n_layer: 1, n_head: 2 }
    const tokenizer = CharTokenizer.train('ab中é')
    for (const begin of [null, 5]) {
      const model = new GPT2({ ...sizes, bos_token_id: begin }, { device: cpu, dtype: 'float64' })
      model.tokenizer = tokenizer
      const text = '中a中béa'
      const all = [...(begin === null ? [] : [begin]), ...tokenizer.encode(text)]
      const found = await perplexity(model.eval(), text)
      // Three bytes of the first sign are not scored where nothing is before it.
      const [tokens, bytes] = begin === null ? [5, 8] : [6, 11]
      expect([found.tokens, found.bytes]).toEqual([tokens, bytes])
      expect(found.nats).toBeCloseTo(await natsByHand(model, all, 8, 4), 10)
      expect(found.bitsPerByte).toBeCloseTo((found.nats * tokens) / Math.LN2 / bytes, 12)
      expect(await perplexity(model, [...tokenizer.encode(text)])).toEqual(found)
    }
  })

  it('nothing is dropped out, the mode stays, and no memory is left; it says how far it is', async () => {
    const cpu = new CpuDevice()
    const model = (await load(folderOf('gpt2'), { device: cpu })) as GPT2
    const want = await perplexity(model, ids, { stride: 3 })
    model.train()
    model.transformer.ln_f.eval()
    const before = memory(cpu)
    const told: number[][] = []
    const progress = (...at: number[]) => void told.push(at)
    expect(await perplexity(model, ids, { stride: 3, batch: 2, progress })).toEqual(want)
    await score(model, ids.slice(0, 3), [[1], [2, 3]])
    expect(memory(cpu)).toEqual(before)
    expect([model.training, model.transformer.h.at(0).training, model.transformer.ln_f.training]).toEqual([
      true,
      true,
      false,
    ])
    expect(told).toEqual([
      [15, 19],
      [19, 19],
    ])
  })
})

describe('score', () => {
  it('the chance of a text after another, token by token', async () => {
    const [before, after] = [ids.slice(0, 4), ids.slice(4, 9)]
    const all = [...before, ...after]
    const want = (await logprobsOf(gpt, all.slice(0, -1), all.slice(1))).slice(3)
    const found = await score(gpt, before, after)
    found.logprobs.forEach((x, i) => {
      expect(x).toBeCloseTo(want[i], 10)
    })
    expect(found.logprobs.length).toBe(5)
    expect(found.logprob).toBeCloseTo(
      want.reduce((a, b) => a + b),
      10,
    )
  })

  it('many at once are each alone, whatever their lengths', async () => {
    const ends = [[1], [2, 3, 4, 5], [39, 0], [7, 7, 7, 7, 7, 7, 7, 7]]
    const begins = [ids.slice(0, 5), [9], ids.slice(2, 9), [0]]
    const alone: Score[] = []
    for (const [i, end] of ends.entries()) alone.push(await score(gpt, begins[i], end))
    for (const batch of [1, 3, 8]) {
      const found = await score(gpt, begins, ends, { batch })
      found.forEach((one, i) => {
        expect(one.logprob).toBeCloseTo(alone[i].logprob, 10)
        expect([one.greedy, one.logprobs.length]).toEqual([alone[i].greedy, ends[i].length])
      })
    }
    const shared = await score(gpt, ids.slice(0, 5), [[1], [2]])
    expect(shared[0].logprob).toBeCloseTo(alone[0].logprob, 10)
  })

  it('greedy is what the likeliest tokens are', async () => {
    const z = noGrad(() => gpt.forward(idsOn(gpt.transformer.wte.weight.device, [[3, 17]])).select(1, -1))
    const [best] = await z.argmax(1).data()
    const [one, other] = await score(gpt, [3, 17], [[best], [(best + 1) % 40]])
    expect([one.greedy, other.greedy]).toEqual([true, false])
    expect(one.logprob).toBeGreaterThan(other.logprob)
    // The first token is the likeliest, the second is not for both.
    const two = await score(
      gpt,
      [3, 17],
      Array.from({ length: 40 }, (_, id) => [best, id]),
    )
    expect(two.filter(({ greedy }) => greedy).length).toBe(1)
  })

  it('greedy leaves out what stands for nothing, as generate does', async () => {
    const model = new GPT2({ vocab_size: 12, n_positions: 16, n_embd: 8, n_layer: 1, n_head: 2 }).eval() as GPT2
    model.tokenizer = CharTokenizer.train('to be or not')
    const { logits } = model
    // The last one, for which there is no letter, would be the likeliest.
    const last = tensor(Array.from({ length: 12 }, (_, id) => (id === 11 ? 50 : 0)))
    model.logits = (h) => logits.call(model, h).add(last)
    const { ids } = await generate.all(model, 'to ', { maxTokens: 4, temperature: 0 })
    expect(ids).not.toContain(11)
    expect((await score(model, 'to ', ids)).greedy).toBe(true)
  })

  it('an empty prompt stands for the token that texts begin with', async () => {
    const cpu = await device('cpu')
    const sizes = { vocab_size: 6, n_positions: 8, n_embd: 8, n_layer: 1, n_head: 2, bos_token_id: 5 }
    const model = new GPT2(sizes, { device: cpu, dtype: 'float64' }).eval()
    expect(await score(model, [], [1, 2])).toEqual(await score(model, [5], [1, 2]))
  })
})

describe('refused before any work', () => {
  const cases: [what: string, call: () => Promise<unknown>][] = [
    ['perplexity: the text has no tokens (give one that has some)', () => perplexity(gpt, [])],
    ['perplexity: the text has one token, and nothing is before it (give a longer one)', () => perplexity(gpt, [3])],
    ['perplexity: the model has no tokenizer (give ids, or set model.tokenizer)', () => perplexity(gpt, 'a text')],
    ['perplexity: text is 7 (give a text, or a list of ids)', () => perplexity(gpt, 7 as never)],
    ['perplexity: id 40 at position 1 of text is outside of the vocabulary of 40', () => perplexity(gpt, [1, 40])],
    ['perplexity: id -1 at position 0 of text is outside of the vocabulary of 40', () => perplexity(gpt, [-1, 4])],
    ['perplexity: stride is 0 (give an integer from 1 to 12)', () => perplexity(gpt, ids, { stride: 0 })],
    ['perplexity: stride is 5 (give an integer from 1 to 4)', () => perplexity(gpt, ids, { stride: 5, length: 4 })],
    ['perplexity: length is 13 (give an integer from 1 to 12)', () => perplexity(gpt, ids, { length: 13 })],
    ['perplexity: batch is 0.5 (give an integer from 1 up)', () => perplexity(gpt, ids, { batch: 0.5 })],
    ['score: continuation has no tokens (give one that has some)', () => score(gpt, [1], [])],
    ['score: continuation 1 has no tokens (give one that has some)', () => score(gpt, [1], [[2], []])],
    ['score: prompt is empty, and the model has no token to begin with (give one)', () => score(gpt, [], [1])],
    [
      'score: there are 1 prompts and 2 continuations (give one for each, or one for all)',
      () => score(gpt, [[1]], [[1], [2]]),
    ],
    [
      'score: prompt and continuation have 14 tokens (the model reads 12 at most)',
      () => score(gpt, ids.slice(0, 12), [1, 2]),
    ],
    ['score: id 99 at position 0 of prompt 0 is outside of the vocabulary of 40', () => score(gpt, [99], [[1]])],
  ]
  it.each(cases)('%s', async (text, call) => {
    expect(await refusal(call)).toBe(text)
  })
})
