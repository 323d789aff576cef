/**
 * @file Whatever a text is, the front end takes it or throws a WgslError, in a moment: endless, nested without
 * end, cut off, mixed up, or small with a meaning that explodes.
 */
import { describe, expect, test } from 'vitest'
import { wgsl } from '../../src/webgpu/wgsl.generated.ts'
import { compile, WgslError } from '../../src/wgsl/index.ts'
import { LIMIT, secondsOf } from './corpus/seconds.ts'
import { kernel } from './corpus/snippet.ts'

/** 'taken', or the error's text. Any other exception, and more than a time, fail the test. */
function verdict(text: string): string {
  let said = 'taken'
  const seconds = secondsOf(() => {
    try {
      compile([{ file: 'a.wgsl', text }])
    } catch (error) {
      if (!(error instanceof WgslError)) throw error
      said = error.message
      expect(error.place.line).toBeGreaterThan(0)
    }
  })
  expect(seconds).toBeLessThan(LIMIT)
  // A message is for a terminal, whatever the text was.
  expect(said.length).toBeLessThan(500)
  return said
}

/** A megabyte of it. */
const long = (piece: string): string => piece.repeat(Math.ceil(2 ** 20 / piece.length))
const times = (count: number, piece: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => piece(i)).join('')

describe('a megabyte', () => {
  const taken = {
    spaces: ' ',
    lines: '\n',
    semicolons: ';',
    comments: '/**/',
    'line comments': '//\r\n',
    'an assertion': 'const_assert true;\n',
  }
  for (const [name, piece] of Object.entries(taken)) {
    test(`of ${name} is taken`, () => expect(verdict(long(piece))).toBe('taken'))
  }
  test('of one comment is taken', () => expect(verdict(`/*${long('*')}*/`)).toBe('taken'))
  test('of comments in each other is taken', () => {
    expect(verdict('/*'.repeat(2 ** 18) + '*/'.repeat(2 ** 18))).toBe('taken')
  })
  const refused = [
    ...[
      'a',
      '1',
      '0',
      '.',
      '_',
      '"',
      '@',
      '(',
      ')',
      '{',
      '[',
      '<',
      '>',
      '-',
      '!',
      '~',
      '&',
      '*',
      '=',
      ',',
      '#',
      '\\',
      '\0',
      '🙂',
      '\ud800',
    ],
    ...[
      'a ',
      'a<',
      'a.',
      'a,',
      'a(',
      'a[',
      '/*',
      '0x',
      '1e',
      '1.',
      '1 ',
      'fn ',
      'var<',
      '@a ',
      'if ',
      'array<',
      'enable f16',
      'struct A{',
    ],
    ...[
      'fn f() {',
      'alias A = ',
      'const a = 1',
      'vec2<vec2<',
      'const a = 1;',
      'override a = 1;',
      'fn f() {}',
      'struct A { x: i32 }',
    ],
  ]
  for (const piece of refused) {
    test(`of ${JSON.stringify(piece)} is refused`, () => expect(verdict(long(piece))).not.toBe('taken'))
  }
  const inside = [
    '{',
    'if true {',
    'if true {} else ',
    'loop {',
    'while true {',
    'for (;;) {',
    'switch 1 { default {',
    '_ = (',
    '_ = a[',
    '_ = !(',
    '@a ',
  ]
  for (const piece of inside) {
    test(`of ${JSON.stringify(piece)} in a function is refused`, () =>
      expect(verdict(`fn f() { ${long(piece)}`)).not.toBe('taken'))
  }
  const expressions = [
    '-',
    '!',
    '~',
    '*',
    '&',
    '(',
    'f(',
    'a[',
    '1+',
    '1*',
    '1<',
    'a.',
    'a&&',
    'a<a,',
    'vec2(',
    '1 <<',
    'array<',
    'a.x.',
  ]
  for (const piece of expressions) {
    test(`of ${JSON.stringify(piece)} as a value is refused`, () =>
      expect(verdict(`const a = ${long(piece)}`)).not.toBe('taken'))
  }
  test('of digits', () => {
    for (const digit of ['1', '9', '0.', '.0', '0x1', '0x.', '1e9', '0x1p'])
      verdict(`const a = ${digit}${long(digit.at(-1)!)};`)
    verdict(`const a = 0.${long('0')}1;`)
    verdict(`const a = 0x1p${long('9')};`)
    verdict(`const a = 1e-${long('9')};`)
  })
  /** Of a program that is right, each line is looked at: time in proportion. */
  const right: Record<string, string> = {
    assignments: kernel(`var x = lane; ${long('x = x * 3u + lane; ')} y[lane] = x;`),
    branches: kernel(`var x = lane; ${long('if x > 3u { x += 1u; } ')} workgroupBarrier();`),
    barriers: kernel(long('workgroupBarrier(); w[lane] += 1u; ')),
    functions: times(20_000, (i) => `fn f${i}(a: i32) -> i32 { return a + ${i}; }\n`),
    variables: kernel(times(30_000, (i) => `var v${i} = lane + ${i}u;\n`)),
  }
  for (const [name, text] of Object.entries(right)) {
    test(`of ${name} is taken`, () => expect(verdict(text)).toBe('taken'))
  }
})

describe('nested', () => {
  const around = (depth: number, open: string, middle: string, close: string): string =>
    open.repeat(depth) + middle + close.repeat(depth)
  const texts: Record<string, string> = {
    'ten thousand parentheses': `const a = ${around(10_000, '(', '1', ')')};`,
    'ten thousand blocks': `fn f() ${around(10_000, '{', '', '}')}`,
    'ten thousand branches': `fn f() { ${around(10_000, 'if true { ', '', ' }')} }`,
    'ten thousand loops': kernel(around(10_000, 'loop { if lane > 3 { break; } ', '', ' }')),
    'ten thousand arrays': `var<private> a: ${around(10_000, 'array<', 'i32', ', 1>')};`,
    'ten thousand constructors': `const a = ${around(10_000, 'array(', '1', ')')};`,
    'ten thousand calls': `const a = ${around(10_000, 'abs(', '1', ')')};`,
    'ten thousand indices': `const b = array(0); const a = ${around(10_000, 'b[', '0', ']')};`,
    'ten thousand pointers': `fn f(a: ${around(10_000, 'ptr<function, ', 'i32', '>')}) {}`,
  }
  for (const [name, text] of Object.entries(texts)) {
    test(`${name} are refused`, () => expect(verdict(text)).toMatch(/nested|more than/i))
  }
  test('long chains are taken, or refused with a limit', () => {
    const chains = [
      `const a = ${'1 + '.repeat(50_000)}1;`,
      `const a = ${'true && '.repeat(50_000)}true;`,
      `const v = vec2(1, 2); const a = v${'.xy'.repeat(50_000)};`,
      `fn f(p: ptr<function, i32>) { _ = ${'*&'.repeat(50_000)}*p; }`,
      `fn f(a: i32) { if a > 1 {} ${times(20_000, (i) => `else if a > ${i} {} `)} }`,
      times(20_000, (i) => `const a${i} = a${i + 1};\n`) + 'const a20000 = 1;',
      times(20_000, (i) => `alias A${i} = A${i + 1};\n`) + 'alias A20000 = i32;',
      times(20_000, (i) => `override a${i} = a${i + 1} + 1;\n`) + 'override a20000 = 1;',
      times(20_000, (i) => `struct A${i} { a: A${i + 1} }\n`) + 'struct A20000 { a: i32 }',
      times(20_000, (i) => `fn f${i}() { f${i + 1}(); }\n`) + 'fn f20000() { }',
    ]
    for (const text of chains) expect(verdict(text)).toMatch(/^taken$|deep|nest|depth|limit|more than/i)
  })
  test('cycles are refused however long they are', () => {
    for (const word of [
      'const a# = a%;',
      'alias a# = a%;',
      'struct a# { a: a% }',
      'fn a#() { a%(); }',
      'override a# = a%;',
    ]) {
      const text = times(10_000, (i) => word.replace('#', `${i}`).replace('%', `${(i + 1) % 10_000}`) + '\n')
      expect(verdict(text)).not.toBe('taken')
    }
  })
})

describe('small, and large in meaning', () => {
  test('constants that double', () => {
    const doubled = (last: string): string =>
      'const a0 = array(1, 2);' + times(14, (i) => `const a${i + 1} = array(${times(20, () => `a${i},`)});`) + last
    verdict(doubled(''))
    verdict(doubled('var<private> v = a14;'))
    verdict(doubled('const b: f32 = a14;'))
    verdict('const a = array<array<array<array<u32, 65535>, 65535>, 65535>, 65535>();')
    verdict('var<private> a = array<array<array<array<u32, 60000>, 60000>, 60000>, 60000>();')
    verdict('fn f() { var a = array<array<array<u32, 60000>, 60000>, 60000>(); let b = a; }')
    verdict('const a = array<array<u32, 60000>, 60000>()[1][2]; const_assert a == 0;')
  })
  test('sizes beyond all numbers', () => {
    verdict('var<workgroup> a: array<array<array<array<mat4x4f, 2147483647>, 2147483647>, 2147483647>, 2147483647>;')
    verdict('@group(0) @binding(0) var<storage> a: array<array<u32, 0xffffffffu>, 0xffffffffu>;')
    verdict(
      'struct A { @size(2147483647) a: u32, @align(1073741824) b: u32 }\n' +
        '@group(0) @binding(0) var<storage> a: array<A>;',
    )
    verdict('@compute @workgroup_size(2147483647, 2147483647, 2147483647) fn f() {}')
  })
  test('types whose names double', () => {
    verdict(
      `alias A0 = array<i32, 1>; ${times(200, (i) => `alias A${i + 1} = array<A${i}, 1>;`)} var<private> a: A200;`,
    )
  })
  test('calls that double', () => {
    const doubled = (body: string, end: string): string =>
      times(60, (i) => `fn f${i}(a: u32) -> u32 { return ${body.replaceAll('#', `f${i + 1}`)}; }\n`) +
      `fn f60(a: u32) -> u32 { ${end} return a; }` +
      kernel('y[lane] = f0(group.x);')
    expect(verdict(doubled('#(a) + #(a + 1)', 'workgroupBarrier();'))).toBe('taken')
    expect(verdict(doubled('#(#(a))', 'workgroupBarrier();'))).toBe('taken')
  })
  test('loops in loops', () => {
    const variables = times(30, (i) => `var x${i} = 0u; `)
    const body = times(
      40,
      (i) => `for (var i${i} = 0u; i${i} < x${i % 30}; i${i}++) { x${(i * 7) % 30} += x${(i * 11) % 30}; `,
    )
    expect(verdict(kernel(`${variables} ${body} workgroupBarrier(); ${'}'.repeat(40)} y[lane] = x3;`))).toBe('taken')
    expect(verdict(kernel(`${variables} ${body} x3 = lane; workgroupBarrier(); ${'}'.repeat(40)}`))).toMatch(
      /workgroupBarrier/,
    )
  })
  test('pointers through functions', () => {
    const params = (count: number): string => times(count, (i) => `p${i}: ptr<function, u32>, `)
    const args = (count: number): string => times(count, (i) => `p${i}, `)
    const text =
      times(50, (i) => `fn f${i}(${params(20)}) { f${i + 1}(${args(20)}); f${i + 1}(${args(20)}); }\n`) +
      `fn f50(${params(20)}) { *p0 = *p19; }` +
      kernel(`${times(20, (i) => `var p${i} = ${i}u; `)} f0(${times(20, (i) => `&p${i}, `)});`)
    expect(verdict(text)).toBe('taken')
  })
})

/** Numbers that are the same in every run. */
function* numbers(seed: number): Generator<number, never> {
  for (let x = seed; ; ) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0
    yield x / 2 ** 32
  }
}

describe('mixed up', () => {
  const texts = [wgsl.softmax, wgsl.sort, wgsl.random].map(([{ libs, source }]) =>
    [...libs, source].map(({ text }) => text).join('\n'),
  )
  const tokensOf = (text: string): string[] => text.match(/\s+|\w+|./g)!
  const vocabulary = [...new Set(texts.flatMap(tokensOf))]
  const random = numbers(7)
  const below = (count: number): number => Math.floor(random.next().value * count)

  test('kernels cut off', () => {
    for (const text of texts) for (let end = 0; end < text.length; end += 331) verdict(text.slice(0, end))
  })
  test('kernels with tokens left out, doubled, exchanged', () => {
    let refused = 0
    for (let round = 0; round < 300; round++) {
      const tokens = tokensOf(texts[round % texts.length])
      const at = below(tokens.length)
      tokens.splice(at, below(3), ...Array.from({ length: below(3) }, () => vocabulary[below(vocabulary.length)]))
      if (verdict(tokens.join('')) !== 'taken') refused++
    }
    expect(refused).toBeGreaterThan(100)
  })
  test('words in any order', () => {
    for (let round = 0; round < 300; round++) {
      verdict(times(1 + below(60), () => `${vocabulary[below(vocabulary.length)]} `))
      verdict(`fn f() { ${times(1 + below(20), () => `${vocabulary[below(vocabulary.length)]} `)} }`)
    }
  })
  test('bytes that are not text', () => {
    const bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => below(256))
    for (let round = 0; round < 100; round++) {
      verdict(new TextDecoder().decode(bytes(200)))
      verdict(String.fromCharCode(...Array.from({ length: 100 }, () => below(65536))))
    }
    expect(verdict(new TextDecoder('latin1').decode(bytes(2 ** 20)))).not.toBe('taken')
  })
})

test('no files, and empty ones', () => {
  expect(compile([]).declarations).toEqual([])
  expect(
    compile([
      { file: 'a', text: '' },
      { file: 'b', text: '' },
    ]).declarations,
  ).toEqual([])
})
