/** @file Tokenizers: training, files, special tokens, decoding id by id, batches, other families. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as huggingface from '@huggingface/tokenizers'
import { tensor } from 'handgrad'
import * as entry from 'handgrad/text'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { characterOf } from '../../src/tokens/bytes.ts'
import { Heap } from '../../src/tokens/heap.ts'
import {
  BPE,
  CharTokenizer,
  loadTokenizer,
  saveTokenizer,
  type Tokenizer,
  type TokenizersPackage,
  tokenizerFiles,
  WordTokenizer,
} from '../../src/tokens/index.ts'
import { Merges } from '../../src/tokens/merges.ts'
import { patterns } from '../../src/tokens/patterns.ts'
import { gpt2, hardTexts, jsonOf, random } from './texts.ts'

const END = '<|endoftext|>'
const FAMILY = '👩‍👩‍👧‍👦'
let real: BPE
const folder = mkdtempSync(join(tmpdir(), 'handgrad-tokens-'))

beforeAll(async () => {
  real = await gpt2()
})
afterAll(() => rmSync(folder, { recursive: true }))

test('the entry handgrad/text is these functions', () => {
  expect(entry.BPE).toBe(BPE)
  expect(entry.loadTokenizer).toBe(loadTokenizer)
})

test('GPT-2 knows the sentence of transformers’ own test', () => {
  expect(real.decode([464, 3290, 373, 1043, 287, 257, 2214, 1474, 262, 16246])).toBe(
    'The dog was found in a field near the intersection',
  )
  expect(Array.from(real.encode('The dog'))).toEqual([464, 3290])
})

/** Training as it is defined: count all pairs anew for each merge. */
function naive(text: string, merges: number): [string, string][] {
  const words = (text.match(patterns.gpt2.regex) ?? []).map((piece) =>
    Array.from(new TextEncoder().encode(piece), (byte) => characterOf[byte]),
  )
  const ids = new Map(real.merges.length ? Array.from({ length: 256 }, (_, id) => [String(real.tokenOf(id)), id]) : [])
  const found: [string, string][] = []
  const idOf = (token: string): number => Number(ids.get(token))
  while (found.length < merges) {
    const counts = new Map<string, number>()
    for (const word of words)
      for (let i = 0; i + 1 < word.length; i++)
        counts.set(`${word[i]} ${word[i + 1]}`, (counts.get(`${word[i]} ${word[i + 1]}`) ?? 0) + 1)
    const order = [...counts].map(([pair, count]) => ({ pair: pair.split(' ') as [string, string], count }))
    order.sort((a, b) => b.count - a.count || idOf(a.pair[0]) - idOf(b.pair[0]) || idOf(a.pair[1]) - idOf(b.pair[1]))
    if (!order[0] || order[0].count < 2) break
    const { pair } = order[0]
    found.push(pair)
    const made = pair.join('')
    if (!ids.has(made)) ids.set(made, ids.size)
    for (const word of words)
      for (let i = 0; i + 1 < word.length; i++)
        if (word[i] === pair[0] && word[i + 1] === pair[1]) word.splice(i, 2, made)
  }
  return found
}

test('training finds the merges that counting anew finds', () => {
  const text = `${hardTexts(150, 7).join(' ')} aaaaaaaaaa ababababab abcabc bcabc ${'aa aaa aaaa '.repeat(9)}`
  const expected = naive(text, 100)
  expect(expected.length).toBe(100)
  const merges = BPE.train(text, { size: 256 + 100 }).merges
  expect(merges).toEqual(expected)
})

test('training takes many texts as one, keeps special tokens last, and stops where no pair is left', () => {
  const bpe = BPE.train(['low low', ' lower', 'newest'], { size: 4096, special: [END, '<pad>'], minCount: 2 })
  expect(bpe.merges).toEqual(BPE.train(['low low', ' lower', 'newest'], { size: 4096 }).merges)
  expect(bpe.size).toBe(256 + bpe.merges.length + 2)
  expect([bpe.idOf(END), bpe.idOf('<pad>')]).toEqual([bpe.size - 2, bpe.size - 1])
  expect(BPE.train('abab', { size: 256 }).merges).toEqual([])
})

test('two pairs that make one token share its id', () => {
  const text = 'xabc '.repeat(9) + 'yab '.repeat(30) + 'zbc '.repeat(29) + 'wabc '.repeat(2)
  const bpe = BPE.train(text, { size: 290, minCount: 1 })
  expect(new Set(Array.from({ length: bpe.size }, (_, id) => bpe.tokenOf(id))).size).toBe(bpe.size)
  expect(bpe.decode(bpe.encode(text))).toBe(text)
  const merges = [
    ['a', 'b'],
    ['b', 'c'],
    ['ab', 'c'],
    ['a', 'bc'],
  ] as const
  const bytes = Object.fromEntries(characterOf.map((character, id) => [character, id]))
  const twice = new BPE({ vocab: { ...bytes, ab: 256, bc: 257, abc: 258 }, merges })
  expect(Array.from(twice.encode('abc'))).toEqual([258])
})

test('long pieces are merged as short ones are: a heap and a scan agree', () => {
  const next = random(3)
  const merges = new Merges()
  for (let made = 4; made < 60; made++) merges.put(next(made), next(made), made)
  for (let i = 0; i < 100; i++) {
    const ids = Array.from({ length: 129 + next(200) }, () => next(4))
    // A definition: of all pairs the one of the lowest rank, the leftmost first
    const slow = [...ids]
    const all = [...merges]
    for (;;) {
      const rank = all.findIndex(([l, r]) => slow.some((id, at) => id === l && slow[at + 1] === r))
      if (rank < 0) break
      const [l, r, made] = all[rank]
      slow.splice(
        slow.findIndex((id, at) => id === l && slow[at + 1] === r),
        2,
        made,
      )
    }
    expect(merges.apply([...ids])).toEqual(slow)
    // Up to 128 ids at once are scanned
    const short = ids.slice(0, 20 + next(100))
    const long = [...short, ...Array.from({ length: 140 }, () => 1e6)]
    expect(merges.apply(long).filter((id) => id < 1e6)).toEqual(merges.apply([...short]))
  }
})

test('a heap gives the smallest first', () => {
  const next = random(1)
  const heap = new Heap()
  const all = Array.from({ length: 500 }, () => [next(20), next(1000)])
  for (const [key, value] of all) heap.push(key, value)
  const out = all.map(() => {
    const value = heap.pop()
    return [heap.key, value]
  })
  expect(out).toEqual(all.sort((a, b) => a[0] - b[0] || a[1] - b[1]))
})

test('a text of one word 200,000 letters long takes no longer than its length', () => {
  const start = performance.now()
  const text = 'ab'.repeat(100_000)
  expect(real.decode(real.encode(text))).toBe(text)
  // Quadratic, it would take minutes
  expect(performance.now() - start).toBeLessThan(20_000)
})

test('lucebox#641: a split emoji is held back until it is whole', () => {
  const text = `中${FAMILY}文 🏳️‍🌈`
  const ids = real.encode(text)
  expect(ids.length).toBeGreaterThan([...text].length)
  const decoder = real.decoder()
  const pieces = Array.from(ids, (id) => decoder.push(id))
  expect(pieces.join('')).toBe(text)
  expect(pieces.join('')).not.toContain('\ufffd')
  expect(pieces.filter((piece) => piece === '').length).toBeGreaterThan(5)
  expect(decoder.end()).toBe('')
  // Cut within a character: nothing is shown of it until the end is told
  expect(decoder.push(real.encode('👩')[0])).toBe('')
  expect(decoder.end()).toBe('\ufffd')
  expect(decoder.push(real.encode('a')[0])).toBe('a')
  // A mark of byte order is text
  expect(real.decode(real.encode('\ufeffa'))).toBe('\ufeffa')
})

test('nanoGPT#121: a padded vocabulary: ids that only fill up are refused, and listed for a sampler', () => {
  const unused = real.unused(50_304)
  expect(Array.from(unused)).toEqual(Array.from({ length: 47 }, (_, i) => 50_257 + i))
  expect(() => real.decode([464, 50_260])).toThrow(
    'BPE.decode: id 50260 at position 1 stands for none of the 50257 tokens (a model may have more logits than tokens',
  )
  expect(() => real.decoder().push(50_260)).toThrow('BPE.decoder.push: id 50260 stands for none of')
  expect(() => real.unused(50_000)).toThrow('BPE.unused: a model of 50000 logits lacks some of the 50257 tokens')
  for (const id of [-1, 1.5, Number.NaN, 2 ** 31]) expect(() => real.decode([id])).toThrow('stands for none')
  expect(Array.from(real.unused(50_257))).toEqual([])
})

test('special tokens are read as themselves only where that is asked for', () => {
  const text = `a${END}b`
  expect(real.encode(text)).not.toContain(50_256)
  expect(real.decode(real.encode(text))).toBe(text)
  expect(Array.from(real.encode(text, { allowedSpecial: [END] }))).toEqual([64, 50_256, 65])
  expect(real.encode(text, { allowedSpecial: 'all' })).toEqual(real.encode(text, { allowedSpecial: [END] }))
  expect(real.decode([64, 50_256, 65])).toBe(text)
  expect(real.decode([64, 50_256, 65], { skipSpecial: true })).toBe('ab')
  expect([...real.special]).toEqual([[END, 50_256]])
})

test('added tokens that are not special are always found; of several the longest, from left to right', async () => {
  const { vocab, merges } = partsOf(BPE.train('a', { size: 256 }))
  const added = [
    { content: '<a>' },
    { content: 'xy', special: false },
    { content: 'xyz', special: false },
    { content: '中文', special: false, id: 300 },
  ]
  const bpe = new BPE({ vocab, merges, added })
  const [x, y, z] = ['x', 'xy', 'xyz'].map((token) => Number(bpe.idOf(token)))
  expect([x, y, z]).toEqual([87, 257, 258])
  expect(Array.from(bpe.encode('xxyxyzxy中文'))).toEqual([x, y, z, y, 300])
  expect(bpe.encode('<a>')).toHaveLength(3)
  expect(bpe.size).toBe(301)
  expect(Array.from(bpe.unused(301))).toEqual(Array.from({ length: 41 }, (_, i) => 259 + i))
  await expect(tokenizerFiles(bpe, { format: 'vocab.json' })).rejects.toThrow('added tokens that are not special')
  const again = await loadTokenizer(await tokenizerFiles(bpe))
  expect(again.encode('xxyxyzxy中文<a>', { allowedSpecial: 'all' })).toEqual(
    bpe.encode('xxyxyzxy中文<a>', { allowedSpecial: 'all' }),
  )
})

/** What a BPE is made of. */
function partsOf(bpe: BPE) {
  const vocab = Object.fromEntries(Array.from({ length: bpe.size }, (_, id) => [String(bpe.tokenOf(id)), id]))
  return { vocab, merges: bpe.merges }
}

test('what stands around a text, the normal form and ignoreMerges go through a tokenizer.json', async () => {
  const { vocab, merges } = partsOf(BPE.train('hello hello yellow', { size: 270 }))
  const parts = { vocab, merges, added: [{ content: '<bos>' }, { content: '<eos>' }], pattern: 'cl100k' } as const
  const bpe = new BPE({ ...parts, normalize: 'NFC', ignoreMerges: true, around: [['<bos>'], ['<eos>', '<eos>']] })
  const again = await loadTokenizer(await tokenizerFiles(bpe))
  const theirs = new huggingface.Tokenizer(JSON.parse(await jsonOf(bpe)), {})
  for (const text of ['hello', 'e\u0301 yellow 1234']) {
    const ids = again.encode(text, { addSpecial: true })
    expect(ids).toEqual(bpe.encode(text, { addSpecial: true }))
    expect(ids[0]).toBe(bpe.idOf('<bos>'))
    expect(Array.from(ids.slice(1, -2))).toEqual(Array.from(bpe.encode(text)))
    expect(theirs.encode(text).ids).toEqual(Array.from(ids))
  }
  expect(bpe.encode('e\u0301')).toEqual(bpe.encode('é'))
  await expect(tokenizerFiles(bpe, { format: 'vocab.json' })).rejects.toThrow(
    'vocab.json and merges.txt cannot hold the pattern cl100k, the normal form NFC, ignoreMerges, tokens around a text',
  )
  const raw = { ...vocab, zq: 400 }
  expect(Array.from(new BPE({ vocab: raw, merges, ignoreMerges: true }).encode('zq'))).toEqual([400])
  expect(new BPE({ vocab: raw, merges }).encode('zq')).toHaveLength(2)
})

test('folders: saved and loaded, in both forms', async () => {
  const bpe = BPE.train('你好，世界。你好，中国。 hello hello', { size: 300, special: [END] })
  for (const [format, names] of [
    ['tokenizer.json', ['tokenizer.json']],
    ['vocab.json', ['merges.txt', 'vocab.json']],
  ] as const) {
    const dir = join(folder, format)
    await saveTokenizer(bpe, dir, { format } satisfies entry.TokenizerSaveOptions)
    expect(readdirSync(dir).sort()).toEqual(names)
    const again = await loadTokenizer(dir)
    // What loadTokenizer gives for these files
    expect(await tokenizerFiles(again as BPE)).toEqual(await tokenizerFiles(bpe))
    expect(again.encode(`世界${END}`, { allowedSpecial: 'all' })).toEqual(
      bpe.encode(`世界${END}`, { allowedSpecial: 'all' }),
    )
  }
  expect(readFileSync(join(folder, 'vocab.json', 'merges.txt'), 'utf8')).toMatch(/^#version: 0\.2\n/)
  writeFileSync(
    join(folder, 'vocab.json', 'merges.txt'),
    `#version: 0.2\r\n${bpe.merges.map((p) => p.join(' ')).join('\r\n')}`,
  )
  expect((await loadTokenizer(join(folder, 'vocab.json'))).encode('你好')).toEqual(bpe.encode('你好'))
})

test('batches: rows filled up on the right, with mask and lengths, as tensors take them', async () => {
  const batch = real.batch(['The dog', '', 'a b c', [464]], { pad: 50_256 })
  expect(batch.shape).toEqual([4, 3])
  expect(Array.from(batch.lengths)).toEqual([2, 0, 3, 1])
  expect(await tensor(batch.ids, { shape: batch.shape }).array()).toEqual([
    [464, 3290, 50_256],
    [50_256, 50_256, 50_256],
    [64, 275, 269],
    [464, 50_256, 50_256],
  ])
  const mask = tensor(batch.mask, { shape: batch.shape, dtype: 'bool' })
  expect(await mask.array()).toEqual([
    [true, true, false],
    [false, false, false],
    [true, true, true],
    [true, false, false],
  ])
  expect(() => real.batch(['The dog was'], { length: 2 })).toThrow('BPE.batch: text 0 has 3 tokens, length is 2')
  expect(Array.from(real.batch(['The dog was'], { length: 2, truncate: true }).ids)).toEqual([464, 3290])
  expect(Array.from(real.batch(['The'], { length: 3 }).ids)).toEqual([464, 0, 0])
  // An embedding would take its last row
  for (const pad of [-1, 1.5, 2 ** 31])
    expect(() => real.batch(['The'], { pad })).toThrow(`BPE.batch: pad is ${pad} (give an integer from 0)`)
  expect(Array.from(real.batch([END], { allowedSpecial: 'all' }).ids)).toEqual([50_256])
})

test('characters: in the order of code points, Chinese and emoji too', () => {
  const letters = CharTokenizer.train(['hello', '世界👩\ue000\ud800'], { special: ['<eos>'] })
  expect(letters.tokens).toEqual([...'ehlo世界', '\ue000', '\ufffd', '👩'])
  const ids = letters.encode('世👩l')
  expect(Array.from(ids)).toEqual([5, 9, 3])
  expect(letters.decode(ids)).toBe('世👩l')
  expect(() => letters.encode('hell!')).toThrow(
    "CharTokenizer.encode: '!' after 'hell' is not in the vocabulary (train with it, or give `unknown` a token)",
  )
  const open = new CharTokenizer(letters.tokens, { unknown: '<unk>' })
  expect(open.decode(open.encode('hell!'))).toBe('hell<unk>')
  expect(open.decode(open.encode('hell!'), { skipSpecial: true })).toBe('hell')
  expect(open.encode('<unk>', { allowedSpecial: 'all' })).toEqual(Int32Array.of(0))
})

test('words: spaces belong to the word after them, a Chinese character is a word', () => {
  const text = 'The cat saw the cat. 我爱北京 2024!\n'
  const words = WordTokenizer.train(text)
  expect(words.decode(words.encode(text))).toBe(text)
  expect(words.tokens).toContain(' cat')
  expect(words.tokens).toContain('爱')
  expect(words.tokens[0]).toBe(' cat')
  expect(words.decode(words.encode('The dog'))).toBe('The<unk>')
  const few = WordTokenizer.train(text, { size: 3, special: ['<pad>'] })
  expect([few.size, few.tokens]).toEqual([3, [' cat']])
  expect(new WordTokenizer(words.tokens).encode(text)).toEqual(words.encode(text))
  for (const hard of hardTexts(300, 9)) {
    const own = WordTokenizer.train([hard])
    expect(own.decode(own.encode(hard))).toBe(hard.replace(/\p{Surrogate}/gu, '\ufffd'))
  }
})

test('characters and words: what an error would say is not made for each token', () => {
  const text = 'ab cd '.repeat(1000)
  for (const one of [CharTokenizer.train(text), WordTokenizer.train(text)]) {
    const slice = vi.spyOn(String.prototype, 'slice')
    try {
      one.encode(text)
      expect(slice.mock.calls.length).toBeLessThan(100)
    } finally {
      slice.mockRestore()
    }
  }
})

test('added_tokens.json beside vocab.json and merges.txt: tokens with ids of their own', async () => {
  const bpe = BPE.train('ab ab', { size: 258, special: [END] })
  const files = await tokenizerFiles(bpe, { format: 'vocab.json' })
  const withAdded = (added: unknown) => loadTokenizer({ ...files, 'added_tokens.json': JSON.stringify(added) })
  const again = await withAdded({ [END]: 257, '<|im_start|>': 300, '  ': 258 })
  expect([...again.special]).toEqual([
    [END, 257],
    ['<|im_start|>', 300],
    ['  ', 258],
  ])
  expect(Array.from(again.encode('<|im_start|>ab', { allowedSpecial: 'all' }))).toEqual([300, 256])
  expect(again.encode('<|im_start|>ab')).toEqual(bpe.encode('<|im_start|>ab'))
  const dir = join(folder, 'added')
  await saveTokenizer(bpe, dir, { format: 'vocab.json' })
  writeFileSync(join(dir, 'added_tokens.json'), '{"<x>":258}')
  expect((await loadTokenizer(dir)).idOf('<x>')).toBe(258)
  await expect(withAdded([])).rejects.toThrow('added_tokens.json is')
  const who = 'loadTokenizer: vocab.json and merges.txt and added_tokens.json: '
  for (const [added, fault] of [
    [{ '<x>': 256 }, "id 256 is that of 'ab' and of '<x>'"],
    [{ ab: 300 }, "'ab' is added as id 300, and the vocabulary has it as 256"],
    [{ '<x>': null }, "the id of '<x>' is null"],
  ] as const)
    await expect(withAdded(added)).rejects.toThrow(who + fault)
})

/** A tokenizer.json of another family: words looked up from the left, longest first. */
const wordPiece = {
  version: '1.0',
  added_tokens: [
    { id: 0, content: '[UNK]', special: true, single_word: false, lstrip: false, rstrip: false, normalized: false },
    { id: 1, content: '[SEP]', special: true, single_word: false, lstrip: false, rstrip: false, normalized: false },
  ],
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: null,
  decoder: { type: 'WordPiece', prefix: '##', cleanup: false },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: { '[UNK]': 0, '[SEP]': 1, play: 2, '##ing': 3, 中: 4, 文: 5, '[': 6, ']': 7, sep: 8 },
  },
}
const asFiles = (json: object) => ({ 'tokenizer.json': JSON.stringify(json) })

test('other families are read by @huggingface/tokenizers, behind the same interface', async () => {
  const peer: TokenizersPackage = huggingface
  for (const tokenizer of [
    await loadTokenizer(asFiles(wordPiece)),
    await loadTokenizer(asFiles(wordPiece), { peer } satisfies entry.TokenizerLoadOptions),
  ]) {
    expect(tokenizer).not.toBeInstanceOf(BPE)
    const ids = tokenizer.encode('Playing 中文')
    expect(Array.from(ids)).toEqual([2, 3, 4, 5])
    expect(tokenizer.decode(ids)).toBe('playing 中 文')
    const decoder = tokenizer.decoder()
    expect(Array.from(ids, (id) => decoder.push(id)).join('') + decoder.end()).toBe('playing 中 文')
    expect(Array.from(tokenizer.encode('[SEP]'))).toEqual([6, 8, 7])
    expect(Array.from(tokenizer.encode('[SEP]', { allowedSpecial: 'all' }))).toEqual([1])
    expect(Array.from(tokenizer.unused(10))).toEqual([9])
    expect(() => tokenizer.decode([9])).toThrow('Tokenizer.decode: id 9 at position 0 stands for none of the 9 tokens')
    expect(tokenizer.idOf('play')).toBe(2)
  }
})

test('other families: what stands around a text, and parts of characters, which wait', async () => {
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)
  const names = ['<unk>', ...bytes, '▁', 'a', 'b', '▁a']
  const json = {
    version: '1.0',
    added_tokens: [
      { id: 0, content: '<unk>', special: true, single_word: false, lstrip: false, rstrip: false, normalized: false },
      { id: 300, content: '<bos>', special: true, single_word: false, lstrip: false, rstrip: false, normalized: false },
    ],
    normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    pre_tokenizer: null,
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '<bos>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [],
      special_tokens: { '<bos>': { id: '<bos>', ids: [300], tokens: ['<bos>'] } },
    },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
      ],
    },
    model: {
      ...{ type: 'BPE', unk_token: '<unk>', byte_fallback: true, fuse_unk: true },
      vocab: Object.fromEntries(names.map((name, id) => [name, id])),
      merges: ['▁ a'],
    },
  }
  const tokenizer = await loadTokenizer(asFiles(json))
  const text = 'b a中b'
  const ids = tokenizer.encode(text)
  expect(ids).toHaveLength(6)
  expect(Array.from(tokenizer.encode(text, { addSpecial: true }))).toEqual([300, ...ids])
  const decoder = tokenizer.decoder()
  expect(Array.from(ids, (id) => decoder.push(id))).toEqual(['b', ' a', '', '', '中', 'b'])
  expect(decoder.end()).toBe('')
  expect(tokenizer.decode([300, ...ids], { skipSpecial: true })).toBe(text)
  // Longer than what the decoder looks back on
  const long = tokenizer.encode(text.repeat(9))
  expect(Array.from(long, (id) => decoder.push(id)).join('') + decoder.end()).toBe(text.repeat(9))
  expect(decoder.push(ids[2]) + decoder.end()).toBe('\ufffd')
  // Bytes that never become a character do not wait for ever, nor do they harm those after them
  const bad = [...Array<number>(20).fill(1 + 0x80), ...tokenizer.encode('a中😀b')]
  const pieces = bad.map((id) => decoder.push(id))
  expect(pieces.slice(0, 5)).toEqual(['', '', '', '\ufffd', '\ufffd'])
  expect(pieces.join('') + decoder.end()).toBe(`${'\ufffd'.repeat(20)}a中😀b`)
})

/** A byte-level tokenizer.json with one thing changed. */
async function changed(change: (json: Record<string, Record<string, unknown>>) => void): Promise<Tokenizer> {
  const json = JSON.parse(await jsonOf(BPE.train('ab ab', { size: 258, special: ['<x>'] })))
  change(json)
  const refuse = {
    Tokenizer: class {
      constructor() {
        throw new Error('the peer was asked')
      }
    },
  }
  // Of the package's many types a refusal needs none.
  return loadTokenizer(asFiles(json), { peer: refuse as unknown as TokenizersPackage })
}

test.each<[string, (json: Record<string, Record<string, unknown>>) => void]>([
  ['another pattern', (json) => Object.assign(json.pre_tokenizer, { type: 'Split', pattern: { Regex: '(a+)+$' } })],
  ['a space put before', (json) => Object.assign(json.pre_tokenizer, { add_prefix_space: true })],
  ['a fallback to bytes', (json) => Object.assign(json.model, { byte_fallback: true })],
  ['an unknown token', (json) => Object.assign(json.model, { unk_token: '<unk>' })],
  ['dropout', (json) => Object.assign(json.model, { dropout: 0.1 })],
  ['a normalizer', (json) => Object.assign(json, { normalizer: { type: 'Lowercase' } })],
  ['a post-processor', (json) => Object.assign(json, { post_processor: { type: 'BertProcessing' } })],
  ['an added token that eats spaces', (json) => Object.assign(Object(json.added_tokens[0]), { lstrip: true })],
  [
    'an added token that is normalised',
    (json) => {
      Object.assign(json, { normalizer: { type: 'NFC' } })
      Object.assign(Object(json.added_tokens[0]), { normalized: true })
    },
  ],
  ['a decoder', (json) => Object.assign(json, { decoder: { type: 'Metaspace', replacement: '▁' } })],
  [
    'a decoder of several steps',
    (json) => Object.assign(json, { decoder: { type: 'Sequence', decoders: [json.decoder, { type: 'Strip' }] } }),
  ],
  ['another model', (json) => Object.assign(json.model, { type: 'Unigram' })],
])('%s is not ours: the package is asked, nothing is compiled', async (_, change) => {
  await expect(changed(change)).rejects.toThrow(
    'loadTokenizer: tokenizer.json: @huggingface/tokenizers refuses it: the peer was asked',
  )
})

test('a tokenizer.json as Hugging Face writes it today, with pairs as lists, is ours', async () => {
  const tokenizer = await changed((json) => {
    json.model.merges = (json.model.merges as string[]).map((pair) => pair.split(' ')) // as we wrote them
    delete json.model.ignore_merges
    json.pre_tokenizer.trim_offsets = false
    Object.assign(json, { decoder: { type: 'Sequence', decoders: [json.decoder] } })
  })
  expect(tokenizer).toBeInstanceOf(BPE)
})
