/** @file Byte-pair encodings to files, as read.ts takes them. */
import { describe, fail } from '../core/errors.ts'
import { makeFolderOf, nodeFiles, writeBytes } from '../io/files.ts'
import { optionsOf } from '../ops/base/options.ts'
import { BPE } from './bpe.ts'
import type { Json } from './json.ts'
import type { TokenizerSaveOptions } from './load.ts'
import { patterns } from './patterns.ts'

const VERSION = '#version: 0.2'

/** All tokens by id. */
function vocabOf(bpe: BPE): Record<string, number> {
  const vocab: Record<string, number> = {}
  for (let id = 0; id < bpe.size; id++) {
    const token = bpe.tokenOf(id)
    if (token !== undefined) vocab[token] = id
  }
  return vocab
}

const special = (token: string) => ({ SpecialToken: { id: token, type_id: 0 } })

/** What stands around a text, as tokenizer.json says it. */
function template(bpe: BPE, sides: readonly (readonly string[])[]): Json {
  const [before, after] = sides.map((names) => names.map(special))
  const one = (id: string) => [...before, { Sequence: { id, type_id: 0 } }, ...after]
  const names = [...new Set(sides.flat())]
  const tokens = names.map((id) => [id, { id, ids: [bpe.idOf(id)], tokens: [id] }])
  return {
    type: 'TemplateProcessing',
    single: one('A'),
    pair: [...one('A'), ...one('B')],
    special_tokens: Object.fromEntries(tokens),
  }
}

/** The text of a tokenizer.json. */
function toTokenizerJson(bpe: BPE): string {
  const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true }
  const split = { type: 'Split', pattern: { Regex: patterns[bpe.pattern].text }, behavior: 'Isolated', invert: false }
  const cut = { type: 'Sequence', pretokenizers: [split, { ...bytes, use_regex: false }] }
  const sides = bpe.around.map((ids) => ids.map((id) => String(bpe.tokenOf(id))))
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: bpe.added.map(({ id, content, special }) => ({
      ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special },
    })),
    normalizer: bpe.normalize && { type: bpe.normalize },
    pre_tokenizer: bpe.pattern === 'gpt2' ? { ...bytes, use_regex: true } : cut,
    post_processor: sides.flat().length > 0 ? template(bpe, sides) : { ...bytes, use_regex: true },
    decoder: { ...bytes, use_regex: true },
    model: {
      ...{ type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null },
      ...{ fuse_unk: false, byte_fallback: false, ignore_merges: bpe.ignoreMerges },
      vocab: vocabOf(bpe),
      merges: bpe.merges.map((pair) => pair.join(' ')),
    },
  }
  return `${JSON.stringify(json, undefined, 2)}\n`
}

/** GPT-2's two files. @throws HandgradError if they cannot say what the tokenizer does */
function toVocabulary(op: string, bpe: BPE): { 'vocab.json': string; 'merges.txt': string } {
  const more = [
    bpe.pattern !== 'gpt2' && `the pattern ${bpe.pattern}`,
    bpe.normalize !== null && `the normal form ${bpe.normalize}`,
    bpe.ignoreMerges && 'ignoreMerges',
    bpe.around.flat().length > 0 && 'tokens around a text',
    bpe.added.some((one) => !one.special) && 'added tokens that are not special',
  ].filter((one) => one !== false)
  if (more.length > 0) fail(op, `vocab.json and merges.txt cannot hold ${more.join(', ')}`, 'save a tokenizer.json')
  const lines = [VERSION, ...bpe.merges.map((pair) => pair.join(' '))]
  return { 'vocab.json': JSON.stringify(vocabOf(bpe)), 'merges.txt': `${lines.join('\n')}\n` }
}

/** The files of a tokenizer by name. */
export function filesOf(op: string, tokenizer: BPE, options?: TokenizerSaveOptions): Record<string, string> {
  const { format } = optionsOf(op, options, { format: 'tokenizer.json' })
  if (!(tokenizer instanceof BPE)) fail(op, `the tokenizer is ${describe(tokenizer)}`, 'give a BPE')
  if (format === 'vocab.json') return toVocabulary(op, tokenizer)
  if (format !== 'tokenizer.json') fail(op, `format is ${describe(format)}`, "give 'tokenizer.json' or 'vocab.json'")
  return { 'tokenizer.json': toTokenizerJson(tokenizer) }
}

/** Write files into a folder, each in one step. */
export async function writeFiles(op: string, folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  const { path } = nodeFiles(op)
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name)
    await makeFolderOf(op, file)
    await writeBytes(op, file, new TextEncoder().encode(text))
  }
}
