/** @file Tokenizers from and to files: a folder in Node, texts or bytes anywhere. */
import { describe, fail, failFormat } from '../core/errors.ts'
import { makeFolderOf, nodeFiles, readWhole, writeBytes } from '../io/files.ts'
import { checkPath, nameOf } from '../io/given.ts'
import { optionsOf } from '../ops/base/options.ts'
import { BPE } from './bpe.ts'
import {
  fromTokenizerJson,
  fromVocabulary,
  OtherKind,
  type TokenizerFiles,
  toTokenizerJson,
  toVocabulary,
} from './files.ts'
import { isObject, MOST_BYTES, parseJson, textIn } from './json.ts'
import { loadPeer, PeerTokenizer, type TokenizersPackage } from './peer.ts'
import type { Tokenizer } from './tokenizer.ts'

/** How {@link loadTokenizer} reads. */
export interface LoadOptions {
  /** The package `@huggingface/tokenizers`, for tokenizers that are not ours; default: imported where it is needed. */
  peer?: TokenizersPackage
}

/** How {@link saveTokenizer} writes. */
export interface SaveOptions {
  /** `'tokenizer.json'`, the default, or `'vocab.json'`, with merges.txt beside it. */
  format?: 'tokenizer.json' | 'vocab.json'
}

const NAMES = ['tokenizer.json', 'tokenizer_config.json', 'vocab.json', 'merges.txt']

/** Those files of a folder that there are. */
async function filesOf(op: string, folder: string): Promise<TokenizerFiles> {
  checkPath(op, folder)
  const { fs, path } = nodeFiles(op)
  const there = await fs
    .readdir(folder)
    .catch(() => fail(op, `cannot read the folder ${nameOf(folder)}`, 'does it exist?'))
  const files: Record<string, Uint8Array> = {}
  for (const name of NAMES)
    if (there.includes(name)) files[name] = await readWhole(op, path.join(folder, name), MOST_BYTES)
  return files
}

/**
 * A tokenizer from its files: `tokenizer.json`, else `vocab.json` and `merges.txt`. A byte-level BPE with a pattern that
 * is known is a {@link BPE}; every other tokenizer.json is read by the optional package `@huggingface/tokenizers`.
 *
 *     const tokenizer = await loadTokenizer('models/gpt2')
 *     const tokenizer = await loadTokenizer({ 'tokenizer.json': await (await fetch(url)).text() })
 *
 * @param from  a folder (Node), or the files' texts or bytes by name
 * @throws FormatError if a file is damaged, has more than 64 MiB or is more than 64 deep; HandgradError if there is
 *   none, or the package is needed and not installed: it says `npm i @huggingface/tokenizers`
 */
export async function loadTokenizer(from: string | TokenizerFiles, options?: LoadOptions): Promise<Tokenizer> {
  const op = 'loadTokenizer'
  const { peer } = optionsOf(op, options, { peer: undefined })
  if (typeof from !== 'string' && !isObject(from))
    fail(op, `the files are ${describe(from)}`, 'give a folder, or files by name')
  const files = typeof from === 'string' ? await filesOf(op, from) : from
  for (const [name, file] of Object.entries(files))
    if (typeof file !== 'string' && !(file instanceof Uint8Array))
      fail(op, `${nameOf(name)} is ${describe(file)}`, 'give its text or its bytes')
  const given = files['tokenizer.json']
  if (given === undefined) {
    const lacking = ['vocab.json', 'merges.txt'].filter((name) => files[name] === undefined)
    if (lacking.length > 0)
      fail(op, `${lacking.join(', ')} ${lacking.length > 1 ? 'are' : 'is'} missing, and there is no tokenizer.json`)
    return fromVocabulary(op, files)
  }
  const objectIn = (name: string) => {
    const json = parseJson(op, name, textIn(op, name, files[name]))
    return isObject(json) ? json : failFormat(op, `${name} is ${describe(json)}`, 'it should be an object')
  }
  const json = objectIn('tokenizer.json')
  const config = files['tokenizer_config.json'] === undefined ? {} : objectIn('tokenizer_config.json')
  try {
    return fromTokenizerJson(op, json)
  } catch (error) {
    if (!(error instanceof OtherKind)) throw error
    const found = peer ?? (await loadPeer(op, error.message))
    try {
      return new PeerTokenizer(found, json, config)
    } catch (fault) {
      return failFormat(op, `tokenizer.json: @huggingface/tokenizers refuses it: ${(fault as Error).message}`)
    }
  }
}

/**
 * The files of a tokenizer, as {@link loadTokenizer} takes them.
 * @returns texts by name: `tokenizer.json`, or `vocab.json` and `merges.txt`
 * @throws HandgradError if the two cannot hold what the tokenizer does
 */
export function tokenizerFiles(tokenizer: BPE, options?: SaveOptions): Record<string, string> {
  const op = 'tokenizerFiles'
  const { format } = optionsOf(op, options, { format: 'tokenizer.json' })
  if (!(tokenizer instanceof BPE)) fail(op, `the tokenizer is ${describe(tokenizer)}`, 'give a BPE')
  if (format === 'vocab.json') return toVocabulary(op, tokenizer)
  if (format !== 'tokenizer.json') fail(op, `format is ${describe(format)}`, "give 'tokenizer.json' or 'vocab.json'")
  return { 'tokenizer.json': toTokenizerJson(tokenizer) }
}

/**
 * Writes a tokenizer into a folder, which is made if it is not there (Node). Each file is written in one step: after a
 * crash it is the old one or the new one.
 * @throws HandgradError as {@link tokenizerFiles}, or if a file cannot be written
 */
export async function saveTokenizer(tokenizer: BPE, folder: string, options?: SaveOptions): Promise<void> {
  const op = 'saveTokenizer'
  checkPath(op, folder)
  const files = tokenizerFiles(tokenizer, options)
  const { path } = nodeFiles(op)
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name)
    await makeFolderOf(op, file)
    await writeBytes(op, file, new TextEncoder().encode(text))
  }
}
