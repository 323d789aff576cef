/**
 * @file Tokenizers from and to files: a folder in Node, texts or bytes anywhere. Programs that do neither do not load
 * read.ts and write.ts.
 */
import { checkPath } from '../io/given.ts'
import { type Place, placeOf } from '../io/place.ts'
import { optionsOf } from '../ops/base/options.ts'
import type { BPE } from './bpe.ts'
import { MOST_BYTES } from './json.ts'
import type { TokenizersPackage } from './peer.ts'
import type { Tokenizer } from './tokenizer.ts'

/** The files of a tokenizer by name: `tokenizer.json`, or `vocab.json`, `merges.txt` and `added_tokens.json`. */
export type TokenizerFiles = Readonly<Record<string, string | Uint8Array>>

/** One of these is there where there is a tokenizer. */
export const TOKENIZERS = ['tokenizer.json', 'vocab.json'] as const
/** What is read with each. */
const beside = { 'tokenizer.json': ['tokenizer_config.json'], 'vocab.json': ['merges.txt', 'added_tokens.json'] }

/** The files of the tokenizer at a place; undefined if there is none. */
export async function tokenizerAt(place: Place): Promise<TokenizerFiles | undefined> {
  for (const first of TOKENIZERS) {
    const files: Record<string, Uint8Array> = {}
    for (const name of [first, ...beside[first]]) {
      const bytes = await place.read(name, MOST_BYTES)
      if (bytes) files[name] = bytes
      else if (name === first) break
    }
    if (files[first]) return files
  }
  return undefined
}

/** How {@link loadTokenizer} reads. */
export interface TokenizerLoadOptions {
  /** The package `@huggingface/tokenizers`, for tokenizers that are not ours; default: imported where it is needed. */
  peer?: TokenizersPackage
}

/** How {@link saveTokenizer} writes. */
export interface TokenizerSaveOptions {
  /** `'tokenizer.json'`, the default, or `'vocab.json'`, with merges.txt beside it. */
  format?: 'tokenizer.json' | 'vocab.json'
}

/**
 * A tokenizer from its files: `tokenizer.json`, else `vocab.json` and `merges.txt`, and `added_tokens.json` if it is
 * there, whose tokens are special. A byte-level BPE with a known pattern is a {@link BPE}; every other tokenizer.json
 * is read by the optional package `@huggingface/tokenizers`.
 *
 *     const tokenizer = await loadTokenizer('models/gpt2')
 *     const tokenizer = await loadTokenizer({ 'tokenizer.json': await (await fetch(url)).text() })
 *
 * @param from  a folder (Node), a URL that the files lie behind, or the files' texts or bytes by name
 * @throws FormatError if a file is damaged, has more than 64 MiB or is more than 64 deep; HandgradError if there is
 *   none, or the package is needed and not installed: it says `npm i @huggingface/tokenizers`
 */
export async function loadTokenizer(
  from: string | URL | TokenizerFiles,
  options?: TokenizerLoadOptions,
): Promise<Tokenizer> {
  const op = 'loadTokenizer'
  const { peer } = optionsOf(op, options, { peer: undefined })
  const isPlace = typeof from === 'string' || from instanceof URL
  const files = isPlace ? ((await tokenizerAt(await placeOf(op, from, 'does it exist?'))) ?? {}) : from
  return (await import('./read.ts')).readTokenizer(op, files, peer)
}

/**
 * The files of a tokenizer, as {@link loadTokenizer} takes them.
 * @returns texts by name: `tokenizer.json`, or `vocab.json` and `merges.txt`
 * @throws HandgradError if the two cannot hold what the tokenizer does
 */
export async function tokenizerFiles(tokenizer: BPE, options?: TokenizerSaveOptions): Promise<Record<string, string>> {
  const op = 'tokenizerFiles'
  return (await import('./write.ts')).filesOf(op, tokenizer, options)
}

/**
 * Writes a tokenizer into a folder, which is made if it is not there (Node). Each file is written in one step: after a
 * crash it is the old one or the new one.
 * @throws HandgradError as {@link tokenizerFiles}, or if a file cannot be written
 */
export async function saveTokenizer(tokenizer: BPE, folder: string, options?: TokenizerSaveOptions): Promise<void> {
  const op = 'saveTokenizer'
  checkPath(op, folder)
  const files = await tokenizerFiles(tokenizer, options)
  const { writeFiles } = await import('./write.ts')
  await writeFiles(op, folder, files)
}
