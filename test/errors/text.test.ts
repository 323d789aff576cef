/** @file What tokenizers refuse, word for word. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { FormatError } from '../../src/index.ts'
import {
  BPE,
  CharTokenizer,
  loadTokenizer,
  saveTokenizer,
  type TokenizerFiles,
  tokenizerFiles,
  WordTokenizer,
} from '../../src/tokens/index.ts'

const small = BPE.train('ab ab', { size: 258, special: ['<x>'] })
const vocab = Object.fromEntries(Array.from({ length: 257 }, (_, id) => [String(small.tokenOf(id)), id]))
const { merges } = small
// Wrong on purpose, from JavaScript
const wrong = (x: unknown): never => x as never

test.each<[string, () => unknown]>([
  [
    'BPE: the options are null (it takes { vocab, merges, pattern, added, normalize, ignoreMerges, around })',
    () => new BPE(wrong(null)),
  ],
  ['BPE: vocab is an array (give an object of ids by token)', () => new BPE(wrong({ vocab: [], merges }))],
  ['BPE: merges is undefined (give a list of pairs of tokens)', () => new BPE(wrong({ vocab }))],
  [
    "BPE: pattern is 'toString' (there are gpt2, cl100k, qwen2)",
    () => new BPE(wrong({ vocab, merges, pattern: 'toString' })),
  ],
  ["BPE: normalize is 'NFKC' (give 'NFC' or null)", () => new BPE(wrong({ vocab, merges, normalize: 'NFKC' }))],
  [
    "BPE: the id of 'ab' is 1.5 (ids are integers from 0 to 2097151)",
    () => new BPE({ vocab: { ...vocab, ab: 1.5 }, merges }),
  ],
  ["BPE: id 3 is that of '$' and of 'zz'", () => new BPE({ vocab: { ...vocab, zz: 3 }, merges })],
  [
    "BPE: the token '中' is not written in the byte alphabet (is it one of `added`?)",
    () => new BPE({ vocab: { ...vocab, 中: 300 }, merges }),
  ],
  [
    "BPE: the vocabulary lacks byte 97, 'a' (each of the 256 is a token)",
    () => new BPE({ vocab: Object.fromEntries(Object.entries(vocab).filter(([t]) => t !== 'a')), merges }),
  ],
  [
    "BPE: merge 1, of 'a' and 'q', needs the unknown token 'aq'",
    () => new BPE({ vocab, merges: [...merges, ['a', 'q']] }),
  ],
  ["BPE: merge 0, of 'zz' and 'a', needs the unknown token 'zz'", () => new BPE({ vocab, merges: [['zz', 'a']] })],
  ["BPE: merge 1, of 'a' and 'b', stands twice", () => new BPE({ vocab, merges: [...merges, ...merges] })],
  ["BPE: merge 0 is 'a b' (give pairs of tokens)", () => new BPE({ vocab, merges: [wrong('a b')] })],
  ["BPE: '<s>' in around is not a special token", () => new BPE({ vocab, merges, around: [['<s>'], []] })],
  ["BPE: the text of an added token is ''", () => new BPE({ vocab, merges, added: [{ content: '' }] })],
  [
    "BPE: the token '__proto__' is refused (JSON could not hold it safely)",
    () => new BPE({ vocab, merges, added: [{ content: '__proto__' }] }),
  ],
  ["BPE: 'xx' is added twice", () => new BPE({ vocab, merges, added: [{ content: 'xx' }, { content: 'xx' }] })],
  [
    "BPE: 'ab' is added as id 5, and the vocabulary has it as 256",
    () => new BPE({ vocab, merges, added: [{ content: 'ab', id: 5 }] }),
  ],
  [
    'BPE.train: size is 200 (give an integer from 257, the bytes and special tokens)',
    () => BPE.train('a', { size: 200, special: ['<x>'] }),
  ],
  ['BPE.train: the texts are empty (give some to learn from)', () => BPE.train([])],
  ['BPE.train: texts is 7 (give a text or a list of texts)', () => BPE.train(wrong(7))],
  ['BPE.train: a text is 7 (give strings)', () => BPE.train(wrong(['a', 7]))],
  ['BPE.train: minCount is 0 (give an integer from 1)', () => BPE.train('a', { minCount: 0 })],
  ['BPE.train: there is no option vocabSize', () => BPE.train('a', wrong({ vocabSize: 300 }))],
  ['BPE.encode: text is 7 (give a string)', () => small.encode(wrong(7))],
  [
    "BPE.encode: '<y>' in allowedSpecial is not a special token (there are '<x>')",
    () => small.encode('a', { allowedSpecial: ['<y>'] }),
  ],
  [
    "BPE.encode: allowedSpecial is 'none' (give 'all' or a list of special tokens)",
    () => small.encode('a', wrong({ allowedSpecial: 'none' })),
  ],
  ["BPE.decode: ids is 'abc' (give a list of ids, or the data of a tensor)", () => small.decode(wrong('abc'))],
  ["BPE.decode: the id at position 0 is '1' (give a number)", () => small.decode(wrong(['1']))],
  ['BPE.batch: texts is an array (give a list of texts)', () => small.batch([])],
  ['BPE.batch: text 0 is 7 (give a string or a list of ids)', () => small.batch(wrong([7]))],
  ['BPE.batch: length is 0 (give an integer from 1)', () => small.batch(['a'], { length: 0 })],
  ['BPE.batch: id 999 in row 0 stands for none of the 258 tokens', () => small.batch([[999]])],
  ['BPE.unused: logits is 0 (give an integer from 1 to 2097152)', () => small.unused(0)],
  ["CharTokenizer: 'ab' is not one token (give what train found)", () => new CharTokenizer(['ab'])],
  ["CharTokenizer: the token 'a' is there twice", () => new CharTokenizer(['a', 'a'])],
  [
    'WordTokenizer.train: size is 1 (give an integer above 1, the special tokens)',
    () => WordTokenizer.train('a', { size: 1 }),
  ],
])('%s', (text, call) => {
  expect(call).toThrow(text)
})

const written = (await tokenizerFiles(small))['tokenizer.json']
const json = (change: (whole: Record<string, Record<string, unknown>>) => void): TokenizerFiles => {
  const whole = JSON.parse(written)
  change(whole)
  return { 'tokenizer.json': JSON.stringify(whole) }
}
const pair = (vocabulary: string, lines = '#version: 0.2\na b\n'): TokenizerFiles => ({
  'vocab.json': vocabulary,
  'merges.txt': lines,
})

test.each<[string, TokenizerFiles]>([
  ['tokenizer.json: it is not JSON', { 'tokenizer.json': '{"model":' }],
  ['tokenizer.json is an array (it should be an object)', { 'tokenizer.json': '[]' }],
  ['tokenizer.json is not UTF-8', { 'tokenizer.json': Uint8Array.of(0x7b, 0xff) }],
  ['tokenizer.json: it is nested more than 64 deep', { 'tokenizer.json': `{"a":${'['.repeat(64)}${']'.repeat(64)}}` }],
  [
    'tokenizer.json: it has the key "__proto__", which is refused',
    { 'tokenizer.json': '{"model":{"__proto__":{"type":"BPE"}}}' },
  ],
  [
    'tokenizer.json: it has the key "__proto__", which is refused',
    { 'tokenizer.json': '{"model":{"\\u005f_proto__":1}}' },
  ],
  ['tokenizer.json: model is undefined (is it a tokenizer.json?)', { 'tokenizer.json': '{}' }],
  ['tokenizer.json: vocab is an array', json(({ model }) => Object.assign(model, { vocab: [] }))],
  ['tokenizer.json: merges is null', json(({ model }) => Object.assign(model, { merges: null }))],
  [
    "tokenizer.json: merge 0, of 'a' and 'zz', needs the unknown token 'zz'",
    json(({ model }) => Object.assign(model, { merges: ['a zz'] })),
  ],
  [
    'tokenizer.json: merge 0 is an array (give pairs of tokens)',
    json(({ model }) => Object.assign(model, { merges: ['a b c'] })),
  ],
  ['tokenizer.json: merge 0 is 7', json(({ model }) => Object.assign(model, { merges: [7] }))],
  ["tokenizer.json: the id of 'ab' is '256'", json(({ model }) => Object.assign(Object(model.vocab), { ab: '256' }))],
  ['tokenizer.json: added_tokens is an object', json((whole) => Object.assign(whole, { added_tokens: {} }))],
  ['tokenizer.json: an added token is null', json((whole) => Object.assign(whole, { added_tokens: [null] }))],
  [
    "tokenizer.json: '<x>' is added as id 3, and the vocabulary has it as 257",
    json((whole) => Object.assign(Object(whole.added_tokens[0]), { id: 3 })),
  ],
  ['vocab.json is an array', pair('[]')],
  ["merges.txt, line 2: 'a' is not two tokens", pair(JSON.stringify(vocab), '#version: 0.2\na\n')],
  ["merges.txt, line 1: 'a b c' is not two tokens", pair(JSON.stringify(vocab), 'a b c')],
  [
    "vocab.json and merges.txt: merge 0, of 'a' and 'c', needs the unknown token 'ac'",
    pair(JSON.stringify(vocab), 'a c'),
  ],
])('%s', async (text, files) => {
  const loading = loadTokenizer(files)
  await expect(loading).rejects.toThrow(FormatError)
  await expect(loading).rejects.toThrow(`loadTokenizer: ${text}`)
})

test('depth and size are at their bounds', async () => {
  const deep = (n: number) => ({ 'tokenizer.json': `{"more":${'['.repeat(n)}${']'.repeat(n)}}` })
  await expect(loadTokenizer(deep(63))).rejects.toThrow('model is undefined')
  await expect(loadTokenizer(deep(64))).rejects.toThrow('more than 64')
  // Brackets in strings are text
  await expect(loadTokenizer({ 'tokenizer.json': `{"more":"\\"${'['.repeat(99)}"}` })).rejects.toThrow(
    'model is undefined',
  )
  const long = new Uint8Array(2 ** 26 + 1)
  await expect(loadTokenizer({ 'tokenizer.json': long })).rejects.toThrow(
    'loadTokenizer: tokenizer.json has 67108865 bytes (at most 67108864 are read)',
  )
  expect(Object.prototype).not.toHaveProperty('type')
})

test('folders that hold no tokenizer, and what cannot be read', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'handgrad-none-'))
  await expect(loadTokenizer(empty)).rejects.toThrow(
    'loadTokenizer: vocab.json, merges.txt are missing, and there is no tokenizer.json',
  )
  rmSync(empty, { recursive: true })
  await expect(loadTokenizer(empty)).rejects.toThrow(
    /^loadTokenizer: cannot read .*handgrad-none-\w+, it does not exist/,
  )
  await expect(loadTokenizer(wrong(7))).rejects.toThrow(
    'loadTokenizer: the files are 7 (give a folder, a URL, or files by name)',
  )
  await expect(loadTokenizer(wrong({ 'vocab.json': 7 }))).rejects.toThrow(
    'loadTokenizer: vocab.json is 7 (give its text or its bytes)',
  )
  await expect(tokenizerFiles(wrong(new CharTokenizer(['a'])))).rejects.toThrow(
    'tokenizerFiles: the tokenizer is a CharTokenizer (give a BPE)',
  )
  await expect(tokenizerFiles(small, wrong({ format: 'txt' }))).rejects.toThrow(
    "tokenizerFiles: format is 'txt' (give 'tokenizer.json' or 'vocab.json')",
  )
  await expect(saveTokenizer(small, '')).rejects.toThrow("saveTokenizer: the path is ''")
})

test('without the optional package the error says how to get it', async () => {
  vi.doMock('@huggingface/tokenizers', () => {
    throw Object.assign(new Error('missing'), { code: 'ERR_MODULE_NOT_FOUND' })
  })
  const files = json(({ model }) => Object.assign(model, { type: 'Unigram' }))
  await expect(loadTokenizer(files)).rejects.toThrow(
    /^loadTokenizer: tokenizer.json is of another family than byte-level BPE: its model is 'Unigram'.* \(npm i @hugg/,
  )
  vi.doUnmock('@huggingface/tokenizers')
})
