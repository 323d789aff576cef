/** @file Byte-pair encodings equal those of tiktoken and of Hugging Face on texts that are hard to cut. */
import { createHash } from 'node:crypto'
import * as huggingface from '@huggingface/tokenizers'
import { Tiktoken } from 'tiktoken/lite'
import { beforeAll, expect, test } from 'vitest'
import { bytesOf } from '../../src/tokens/bytes.ts'
import { BPE, loadTokenizer, type PatternName, tokenizerFiles } from '../../src/tokens/index.ts'
import { patterns } from '../../src/tokens/patterns.ts'
import { gpt2, gpt2Files, hardTexts, jsonOf } from './texts.ts'

const END = '<|endoftext|>'
const texts = hardTexts(3100, 15)
/** In a text without it, special tokens on or off are the same work. */
const withEnd = texts.filter((text) => text.includes(END))
let ours: BPE
/** Ranks as tiktoken takes them: each token's bytes, in the order of their ids. */
let ranks: string

beforeAll(async () => {
  ours = await gpt2()
  const ordinary = Array.from({ length: ours.size - 1 }, (_, id) => bytesOf(String(ours.tokenOf(id))) ?? [])
  ranks = `! 0 ${ordinary.map((bytes) => Buffer.from(bytes).toString('base64')).join(' ')}`
})

/** Our ids of a text must be theirs; the first difference is shown. */
function compare(bpe: BPE, theirs: (text: string) => ArrayLike<number>, all: string[], allowedSpecial?: 'all'): void {
  for (const text of all) {
    const [a, b] = [bpe.encode(text, { allowedSpecial }), Int32Array.from(theirs(text))]
    if (a.join() !== b.join()) expect(a, JSON.stringify(text)).toEqual(b)
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

test('the data are GPT-2’s, by their checksums', () => {
  const { 'vocab.json': vocab, 'merges.txt': merges } = gpt2Files()
  expect(sha256(vocab)).toBe('196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783')
  expect(sha256(merges)).toBe('1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5')
})

test('there are at least 3,000 texts, all different enough to matter', () => {
  expect(new Set(texts).size).toBeGreaterThanOrEqual(3000)
  expect(withEnd.length).toBeGreaterThanOrEqual(100)
  const all = texts.join('')
  for (const kind of [/\p{Script=Han}/u, /\p{Script=Hebrew}/u, /\p{Surrogate}/u, /\u200d/, /\p{M}/u, /\p{Cc}/u, /'LL/])
    expect(all).toMatch(kind)
})

/** What a BPE is made of. */
function partsOf(bpe: BPE) {
  const vocab = Object.fromEntries(Array.from({ length: bpe.size }, (_, id) => [String(bpe.tokenOf(id)), id]))
  return { vocab, merges: bpe.merges, added: bpe.added }
}

/**
 * U+FEFF and U+0085: for the package, which is JavaScript, the first is white space and the second is not; for tiktoken
 * and Hugging Face's own tokenizers, as for Unicode, it is the other way round.
 */
const disputed = /[\ufeff\x85]/g

test.each(Object.keys(patterns) as PatternName[])(
  '%s: equal to tiktoken, special tokens off and on, and to Hugging Face’s package, which reads what we write',
  async (pattern) => {
    const bpe = pattern === ours.pattern ? ours : new BPE({ ...partsOf(ours), pattern })
    const tiktoken = new Tiktoken(ranks, { [END]: 50256 }, patterns[pattern].text)
    try {
      compare(bpe, (text) => tiktoken.encode_ordinary(text), texts)
      compare(bpe, (text) => tiktoken.encode(text, 'all'), withEnd, 'all')
    } finally {
      tiktoken.free()
    }
    const peer = new huggingface.Tokenizer(JSON.parse(await jsonOf(bpe)), {})
    const undisputed = texts.map((text) => text.replace(disputed, ''))
    compare(bpe, (text) => peer.encode(text, { add_special_tokens: false }).ids, undisputed, 'all')
  },
)

test('decode gives the text back, halves of surrogate pairs as U+FFFD; so does the decoder, id by id', () => {
  for (const text of texts) {
    const ids = ours.encode(text)
    const whole = text.replace(/\p{Surrogate}/gu, '\ufffd')
    const decoder = ours.decoder()
    const pieces = Array.from(ids, (id) => decoder.push(id)).join('') + decoder.end()
    if (pieces !== whole || ours.decode(ids) !== whole) expect([ours.decode(ids), pieces]).toEqual([whole, whole])
  }
  expect(texts.length).toBeGreaterThanOrEqual(3000)
})

test('what is written is what was read: OpenAI’s two files, and a tokenizer.json that is read back the same', async () => {
  const [given, written] = [gpt2Files(), await tokenizerFiles(ours, { format: 'vocab.json' })]
  const sorted = (vocab: string) => Object.entries(JSON.parse(vocab)).sort(([, a], [, b]) => Number(a) - Number(b))
  expect(written['merges.txt']).toBe(given['merges.txt'])
  expect(written['vocab.json']).toBe(JSON.stringify(Object.fromEntries(sorted(given['vocab.json']))))
  const json = await tokenizerFiles(ours)
  const again = await loadTokenizer(json)
  expect(again).toBeInstanceOf(BPE)
  for (const text of texts.slice(0, 300)) expect(again.encode(text)).toEqual(ours.encode(text))
  expect(sha256(await jsonOf(again as BPE))).toBe(sha256(json['tokenizer.json'])) // by the line above
})
