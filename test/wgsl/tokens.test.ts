/** @file Tokens, template lists and numbers: what is read of a text before its grammar. */
import { expect, test } from 'vitest'
import { numberOf } from '../../src/wgsl/numbers.ts'
import { Source } from '../../src/wgsl/source.ts'
import { markTemplates } from '../../src/wgsl/templates.ts'
import { tokenize } from '../../src/wgsl/tokens.ts'

const tokens = (text: string) => tokenize(new Source([{ file: 'a.wgsl', text }]))
const kinds = (text: string) => tokens(text).map(({ kind, text }) => `${kind} ${text}`.trim())
const wrong = (text: string) => tokens(text).at(-1)?.error?.message
/** The text with a space between all tokens, `‹` and `›` around template lists. */
const marked = (text: string) =>
  markTemplates(tokens(text))
    .map(({ text }) => text)
    .join(' ')
    .trim()

test('names are of letters of all scripts; keywords and _ are none', () => {
  expect(kinds('iff if _ _a Δέλτα 朝焼け 𐰓𐰏𐰇 é_1')).toEqual([
    'name iff',
    'word if',
    'symbol _',
    'name _a',
    'name Δέλτα',
    'name 朝焼け',
    'name 𐰓𐰏𐰇',
    'name é_1',
    'end',
  ])
})

test('the longest symbol is taken, and a number ends where it must', () => {
  expect(kinds('a>>=b--c->d').filter((kind) => kind.startsWith('symbol'))).toEqual([
    'symbol >>=',
    'symbol --',
    'symbol ->',
  ])
  expect(kinds('1-2 .5+1e-3 0x1p-2f-0xe+1 a.x 1.')).toEqual([
    ...['number 1', 'symbol -', 'number 2', 'number .5', 'symbol +', 'number 1e-3', 'number 0x1p-2f', 'symbol -'],
    ...['number 0xe', 'symbol +', 'number 1', 'name a', 'symbol .', 'name x', 'number 1.', 'end'],
  ])
})

test.each(['\n', '\v', '\f', '\r', '\r\n', '\u0085', '\u2028', '\u2029'])('%j ends a comment and a line', (end) => {
  const source = new Source([{ file: 'a.wgsl', text: `// x${end}a` }])
  const [token] = tokenize(source)
  expect([token.text, source.place(token.at)]).toEqual(['a', { file: 'a.wgsl', line: 2, column: 1 }])
})

test('blankspace is more than spaces; block comments nest', () => {
  expect(kinds('a\t\u200e\u200fb')).toEqual(['name a', 'name b', 'end'])
  expect(kinds('a/* /* */ // */b /**/ /*/ */c')).toEqual(['name a', 'name b', 'name c', 'end'])
})

test('what is not a token is told with its line, after what stands before it', () => {
  expect(wrong('a\n/* /* */')).toBe("a.wgsl:2: '/*' begins a comment that does not end (write '*/' where it ends)")
  expect(wrong('a\n"b"')).toBe(`a.wgsl:2: '"' (U+0022) has no place in a program`)
  expect(wrong('\ufeffa')).toBe('a.wgsl:1: the character U+FEFF has no place in a program')
  expect(wrong('\ud800')).toBe('a.wgsl:1: the character U+D800 has no place in a program')
  expect(wrong('// \0')).toBe('a.wgsl:1: a program has no null characters (remove it)')
  expect(wrong('enum')).toBe("a.wgsl:1: 'enum' is a reserved word (choose another name)")
  expect(wrong('__a')).toBe("a.wgsl:1: '__a' begins with two underscores (choose another name)")
  expect(kinds('a $ b')).toEqual(['name a', 'wrong'])
})

test.each([
  // the specification's examples
  ['array<vec4<f32>>', 'array ‹ vec4 ‹ f32 › ›'],
  ['A ( B < C, D > ( E ) )', 'A ( B ‹ C , D › ( E ) )'],
  ['array<i32,select(2,3,a>b)>', 'array ‹ i32 , select ( 2 , 3 , a > b ) ›'],
  ['a[b<d]>()', 'a [ b < d ] > ( )'],
  ['A<B<<C>', 'A ‹ B << C ›'],
  ['A<B<=C>', 'A ‹ B <= C ›'],
  ['A<(B>=C)>', 'A ‹ ( B >= C ) ›'],
  ['A<(B!=C)>', 'A ‹ ( B != C ) ›'],
  ['A<(B==C)>', 'A ‹ ( B == C ) ›'],
  ['a<b || c>d', 'a < b || c > d'],
  ['a < b && c > d', 'a < b && c > d'],
  // lists do not go past what ends an expression
  ['a < b; c > d', 'a < b ; c > d'],
  ['a < b { c > d', 'a < b { c > d'],
  ['a < b : c > d', 'a < b : c > d'],
  ['a < b = c > d', 'a < b = c > d'],
  ['(a < b) > c', '( a < b ) > c'],
  // and only names and var have them
  ['1 < b > c', '1 < b > c'],
  ['if < b > c', 'if < b > c'],
  ['var<private> a', 'var ‹ private › a'],
  // what stands together with the end of a list
  ['let a: vec2<f32>=b', 'let a : vec2 ‹ f32 › = b'],
  ['let a: A<B<C>>=b', 'let a : A ‹ B ‹ C › › = b'],
  ['a<b>>c', 'a ‹ b › > c'],
  ['a<b>=c', 'a ‹ b › = c'],
  ['x >>= 1', 'x >>= 1'],
])('template lists of %s', (text, expected) => {
  expect(marked(text)).toBe(expected)
})

test.each([
  ['0', 'abstract-int', 0n],
  ['9223372036854775807', 'abstract-int', 2n ** 63n - 1n],
  ['0x7fffffffffffffff', 'abstract-int', 2n ** 63n - 1n],
  ['0X1F', 'abstract-int', 31n],
  ['2147483647i', 'i32', 2147483647],
  ['4294967295u', 'u32', 4294967295],
  ['0xffffffffu', 'u32', 4294967295],
  ['0x1f', 'abstract-int', 31n],
  ['1f', 'f32', 1],
  ['0h', 'f16', 0],
  ['01.', 'abstract-float', 1],
  ['.5e+1', 'abstract-float', 5],
  ['0.1', 'abstract-float', 0.1],
  ['0.1f', 'f32', Math.fround(0.1)],
  ['1e-400', 'abstract-float', 0],
  ['0e400', 'abstract-float', 0],
  ['3.40282346e+38f', 'f32', 3.4028234663852886e38],
  ['65504h', 'f16', 65504],
  // halfway between two of f16: the even one
  ['2049.0h', 'f16', 2048],
  ['2051.0h', 'f16', 2052],
  ['0xa.fp+2', 'abstract-float', 43.75],
  ['0X.3', 'abstract-float', 0.1875],
  ['0x1P+4f', 'f32', 16],
  ['0x1p-149f', 'f32', 2 ** -149],
  ['0x1p-24h', 'f16', 2 ** -24],
  ['0x1p-1074', 'abstract-float', 2 ** -1074],
  ['0x100000p-1090', 'abstract-float', 2 ** -1070],
  ['0x0.00000000000000000000001p92', 'abstract-float', 1],
  ['0x0p99999999999', 'abstract-float', 0],
  ['0x1ffffffffffffffffp0', 'abstract-float', 2 ** 65],
])('the number %s is of type %s', (text, type, value) => {
  const found = numberOf(text)
  expect([found.type.name, found.value]).toEqual([type, value])
})

test.each([
  ['9223372036854775808', 'does not fit in abstract-int'],
  ['2147483648i', 'does not fit in i32'],
  ['4294967296u', 'does not fit in u32'],
  ['1e400', 'does not fit in abstract-float'],
  ['3.5e38f', 'does not fit in f32'],
  ['65505.0h', 'does not fit in f16'],
  ['0x1p1024', 'does not fit in abstract-float'],
  ['0x1p128f', 'does not fit in f32'],
  ['0x1p99999999999', 'does not fit in abstract-float'],
  ['0x1.00000001p0f', 'is not exactly a value of f32'],
  ['0x1p-150f', 'is not exactly a value of f32'],
  ['0x1p-99999999999f', 'is not exactly a value of f32'],
  ['0x1.002p0h', 'is not exactly a value of f16'],
  ['0x2ffffffffffffffffp0', 'has more than 16 significant digits'],
  ['012', 'begins with a 0 (leave it out)'],
  ...['0x', '1e', '1.5u', '0x1p', '0x1.fh', '0x.p1', '1_000', '1ff', '01f', '0x1u8'].map((text) => [
    text,
    'is not a number',
  ]),
])('the number %s: %s', (text, what) => {
  expect(() => numberOf(text)).toThrow(`${text} ${what}`)
})
