/**
 * @file Tokenizers from files: `tokenizer.json` of Hugging Face, and GPT-2's `vocab.json` with `merges.txt` and
 * perhaps `added_tokens.json`. What of a tokenizer.json is another kind of tokenizer, or says what ours does not do, is
 * named, never passed over.
 * @see https://huggingface.co/docs/tokenizers/components
 */
import { describe, fail, failFormat, HandgradError } from '../core/errors.ts'
import { nameOf } from '../io/given.ts'
import type { AddedToken } from './added.ts'
import { BPE, type BPEParts } from './bpe.ts'
import { bytesOf } from './bytes.ts'
import { isObject, type Json, jsonIn, textIn } from './json.ts'
import type { TokenizerFiles } from './load.ts'
import { type PatternName, patternOf, patterns } from './patterns.ts'
import { loadPeer, PeerTokenizer, type TokenizersPackage } from './peer.ts'
import type { Tokenizer } from './tokenizer.ts'

/** A byte-pair encoding of parts from a file: what is wrong with them is wrong with the file. */
function made(op: string, name: string, parts: BPEParts): BPE {
  try {
    return new BPE(parts)
  } catch (error) {
    if (!(error instanceof HandgradError)) throw error
    return failFormat(op, `${name}: ${error.message.slice('BPE: '.length)}`)
  }
}

/** The object in a file, none if there is no such file. */
function objectIn(op: string, files: TokenizerFiles, name: string): Json {
  const json = files[name] === undefined ? {} : jsonIn(op, name, files[name])
  return isObject(json) ? json : failFormat(op, `${name} is ${describe(json)}`, 'it should be an object')
}

/**
 * GPT-2's two files, and tokens that were added to them. Special are these, and those of the vocabulary that are
 * neither a byte nor made by a merge: `<|endoftext|>`.
 */
function fromVocabulary(op: string, files: TokenizerFiles): BPE {
  const vocab = objectIn(op, files, 'vocab.json')
  const more = objectIn(op, files, 'added_tokens.json')
  const lines = textIn(op, 'merges.txt', files['merges.txt']).split(/\r?\n/)
  const merges: (readonly [string, string])[] = []
  lines.forEach((line, i) => {
    if (line === '' || (i === 0 && line.startsWith('#version'))) return
    const [left, right, more] = line.split(' ')
    if (!left || !right || more !== undefined)
      failFormat(
        op,
        `merges.txt, line ${i + 1}: ${describe(line)} is not two tokens`,
        'a line is two tokens and a space',
      )
    merges.push([left, right])
  })
  const produced = new Set(merges.map((pair) => pair.join('')))
  const whole = Object.keys(vocab).filter((token) => !produced.has(token) && bytesOf(token)?.length !== 1)
  const added = [
    ...whole.filter((token) => !Object.hasOwn(more, token)).map((content) => ({ content })),
    ...Object.entries(more).map(([content, id]) => ({ content, id: id as number })), // BPE checks
  ]
  const names = ['vocab.json', 'merges.txt', 'added_tokens.json'].filter((name) => files[name] !== undefined)
  return made(op, names.join(' and '), { vocab: vocab as BPEParts['vocab'], merges, added }) // ids are checked
}

/** What a tokenizer.json has that ours does not: thrown, so that the optional package can take it. */
class OtherKind extends Error {}

const other = (what: string): never => {
  throw new OtherKind(what)
}

/** One step, or the steps of a sequence; none for null. */
function stepsOf(step: unknown, list: string): Json[] {
  if (step === null || step === undefined) return []
  if (!isObject(step)) return other(`${list}: ${describe(step)}`)
  const inner = step[list]
  return step.type === 'Sequence' && Array.isArray(inner) ? inner.flatMap((one) => stepsOf(one, list)) : [step]
}

/** Refuse a setting other than those that are the same as none. */
function plain(what: string, given: Json, values: Readonly<Record<string, readonly unknown[]>>): void {
  for (const [key, allowed] of Object.entries(values))
    if (!allowed.includes(given[key])) other(`${what} has ${key} ${describe(given[key])}`)
}

function normalizeOf(steps: readonly Json[]): 'NFC' | null {
  if (steps.length === 0) return null
  if (steps.length === 1 && steps[0].type === 'NFC') return 'NFC'
  return other(`the normalizer is ${steps.map(({ type }) => describe(type)).join(', ')}`)
}

function patternIn(steps: readonly Json[]): PatternName {
  const [first, second] = steps
  const kinds = steps.map(({ type }) => type).join(' ')
  const bytes = second ?? first
  if (kinds !== 'ByteLevel' && kinds !== 'Split ByteLevel') return other(`the pre-tokenizer is '${kinds}'`)
  plain('ByteLevel', bytes, { add_prefix_space: [false, null] })
  if (!second) {
    plain('ByteLevel', bytes, { use_regex: [true, undefined] })
    return 'gpt2'
  }
  plain('ByteLevel', bytes, { use_regex: [false] })
  plain('Split', first, { behavior: ['Isolated'], invert: [false, undefined] })
  const text = isObject(first.pattern) ? first.pattern.Regex : undefined
  return patternOf(text) ?? other(`the pattern ${describe(text)} is not one of ${Object.keys(patterns).join(', ')}`)
}

/** What a template puts before and after one text. */
function aroundOf(steps: readonly Json[]): NonNullable<BPEParts['around']> {
  const around: [string[], string[]] = [[], []]
  for (const step of steps) {
    if (step.type === 'ByteLevel') continue
    if (step.type !== 'TemplateProcessing' || !Array.isArray(step.single))
      other(`the post-processor is ${describe(step.type)}`)
    let at: 0 | 1 = 0
    for (const piece of step.single as unknown[]) {
      if (isObject(piece) && isObject(piece.Sequence)) at = 1
      else if (isObject(piece) && isObject(piece.SpecialToken)) around[at].push(String(piece.SpecialToken.id))
      else other(`a template has ${describe(piece)}`)
    }
  }
  return around
}

function addedOf(op: string, list: unknown, normalize: 'NFC' | null): AddedToken[] {
  if (list === undefined || list === null) return []
  if (!Array.isArray(list)) failFormat(op, `tokenizer.json: added_tokens is ${describe(list)}`, 'it should be a list')
  return list.map((one: unknown) => {
    if (!isObject(one)) return failFormat(op, `tokenizer.json: an added token is ${describe(one)}`)
    const { content, id, special } = one as { content: string; id: number; special: boolean } // BPE checks
    const no = [false, undefined]
    const what = `the added token ${describe(content)}`
    plain(what, one, { lstrip: no, rstrip: no, single_word: no, ...(normalize && { normalized: no }) })
    return { content, id, special: special ?? false }
  })
}

/**
 * A byte-level byte-pair encoding in a tokenizer.json.
 * @throws OtherKind if it is another kind of tokenizer; FormatError if it is damaged
 */
function fromTokenizerJson(op: string, json: Json): BPE {
  const { model } = json
  if (!isObject(model)) failFormat(op, `tokenizer.json: model is ${describe(model)}`, 'is it a tokenizer.json?')
  if (model.type !== undefined && model.type !== 'BPE') other(`its model is ${describe(model.type)}`)
  plain('its model', model, {
    ...{ byte_fallback: [false, undefined], dropout: [null, undefined, 0], unk_token: [null, undefined] },
    ...{ continuing_subword_prefix: ['', null, undefined], end_of_word_suffix: ['', null, undefined] },
  })
  const decoders = stepsOf(json.decoder, 'decoders').map(({ type }) => type)
  if (!['', 'ByteLevel'].includes(decoders.join())) other(`the decoder is ${decoders.map(describe).join(', ')}`)
  const pattern = patternIn(stepsOf(json.pre_tokenizer, 'pretokenizers'))
  const normalize = normalizeOf(stepsOf(json.normalizer, 'normalizers'))
  const around = aroundOf(stepsOf(json.post_processor, 'processors'))
  const added = addedOf(op, json.added_tokens, normalize)
  const { vocab, merges: list, ignore_merges: ignoreMerges } = model
  if (!isObject(vocab)) failFormat(op, `tokenizer.json: vocab is ${describe(vocab)}`, 'it should be an object')
  if (!Array.isArray(list)) failFormat(op, `tokenizer.json: merges is ${describe(list)}`, 'it should be a list')
  // Old files have 'Ġ t', new ones ['Ġ', 't'].
  const merges = list.map((pair: unknown) => (typeof pair === 'string' ? pair.split(' ') : pair)) as [string, string][]
  const parts = { pattern, normalize, around, added, merges, vocab: vocab as BPEParts['vocab'] }
  return made(op, 'tokenizer.json', { ...parts, ignoreMerges: ignoreMerges === true })
}

/** A tokenizer of files by name. */
export async function readTokenizer(
  op: string,
  files: TokenizerFiles,
  peer: TokenizersPackage | undefined,
): Promise<Tokenizer> {
  if (!isObject(files)) fail(op, `the files are ${describe(files)}`, 'give a folder, a URL, or files by name')
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
  const json = objectIn(op, files, 'tokenizer.json')
  const config = objectIn(op, files, 'tokenizer_config.json')
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
