/**
 * @file How a text is cut into pieces before pairs are merged, never across pieces: words with the space before them,
 * numbers, punctuation, white space. The patterns that there are, each with the text by which files name it: what a
 * file says is compared, never compiled.
 *
 * Where files write \s these have \p{White_Space}, which is what \s means in the languages that the patterns come from:
 * JavaScript's holds U+FEFF too, and lacks U+0085.
 */

/** @see https://github.com/openai/gpt-2/blob/master/src/encoder.py */
const gpt2 =
  /'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu

/** (?i:'s) in Unicode holds ſ (U+017F), whose capital is S. */
const newer = (digits: string): RegExp =>
  new RegExp(
    "'(?:[sSſdDmMtT]|[lL]{2}|[vV][eE]|[rR][eE])" +
      `|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\p{White_Space}\\p{L}\\p{N}]+[\\r\\n]*` +
      '|\\p{White_Space}*[\\r\\n]+|\\p{White_Space}+(?!\\P{White_Space})|\\p{White_Space}+',
    'gu',
  )

const newerText = (digits: string): string =>
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*` +
  '|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+'

/** How a text is cut into pieces before pairs are merged: `cl100k` is GPT-4's and Llama 3's. */
export type PatternName = 'gpt2' | 'cl100k' | 'qwen2'

/** The patterns, as files write them and as we run them. */
export const patterns: Readonly<Record<PatternName, { text: string; regex: RegExp }>> = {
  gpt2: { text: "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+", regex: gpt2 },
  cl100k: { text: newerText('\\p{N}{1,3}'), regex: newer('\\p{N}{1,3}') },
  qwen2: { text: newerText('\\p{N}'), regex: newer('\\p{N}') },
}

/** The name of a pattern in a file, undefined if it is another one. */
export const patternOf = (text: unknown): PatternName | undefined =>
  Object.entries(patterns).find(([, one]) => one.text === text)?.[0] as PatternName | undefined // a key of patterns
