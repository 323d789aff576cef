/** @file What the parser makes of texts, what it expects where, and that no text is too deep or too long for it. */
import { expect, test } from 'vitest'
import { parse } from '../../src/wgsl/parse/index.ts'
import { WgslError } from '../../src/wgsl/source.ts'
import type { Attribute, Expression, FunctionDeclaration, Statement, Variable } from '../../src/wgsl/tree.ts'
import { LIMIT, secondsOf } from './corpus/seconds.ts'

const program = (text: string) => parse([{ file: 'a.wgsl', text }])
const statements = (text: string) => (program(`fn f() { ${text} }`).declarations[0] as FunctionDeclaration).body.body
const value = (text: string) => (program(`const a = ${text};`).declarations[0] as Variable).initializer as Expression

/** An expression with all its parentheses. */
function show(x: Expression): string {
  switch (x.kind) {
    case 'literal':
      return x.text
    case 'identifier':
      return x.template ? `${x.name}<${x.template.map(show).join(', ')}>` : x.name
    case 'unary':
      return `(${x.operator}${show(x.operand)})`
    case 'binary':
      return `(${show(x.left)} ${x.operator} ${show(x.right)})`
    case 'call':
      return `${show(x.callee)}(${x.args.map(show).join(', ')})`
    case 'index':
      return `${show(x.of)}[${show(x.index)}]`
    case 'member':
      return `${show(x.of)}.${x.name}`
  }
}
const attribute = ({ name, args }: Attribute) => `@${name}(${args.map(show).join(', ')})`
const body = (list: readonly Statement[]): string => `{${list.map(outline).join(' ')}}`

const after = (sign: string, x: Expression | undefined) => (x ? `${sign}${show(x)}` : '')

/** A statement in short. */
function outline(s: Statement): string {
  switch (s.kind) {
    case 'block':
      return `${s.attributes.map(attribute).join('')}${body(s.body)}`
    case 'variable':
      return `${s.form} ${s.name}${after(': ', s.written)}${after(' = ', s.initializer)};`
    case 'assign':
      return `${s.target ? show(s.target) : '_'} ${s.operator ?? ''}= ${show(s.value)};`
    case 'step':
      return `${show(s.target)}${s.by > 0 ? '++' : '--'};`
    case 'call-statement':
      return `${show(s.call)};`
    case 'if':
      return `if ${show(s.condition)} ${outline(s.then)}${s.else ? ` else ${outline(s.else)}` : ''}`
    case 'switch':
      return `switch ${show(s.on)} {${s.cases
        .map((c) => `${c.selectors.map((it) => (it === 'default' ? it : show(it))).join(', ')}: ${outline(c.body)}`)
        .join(' ')}}`
    case 'loop': {
      const { continuing } = s
      const last = continuing && ` continuing ${outline(continuing.body)}${after(' break if ', continuing.breakIf)}`
      return `loop ${outline(s.body)}${last ?? ''}`
    }
    case 'for': {
      const updates = [s.first, s.next].map((it) => (it ? outline(it) : '-')).join(' ')
      return `for (${updates} ${after('', s.condition) || '-'}) ${outline(s.body)}`
    }
    case 'while':
      return `while ${show(s.condition)} ${outline(s.body)}`
    case 'return':
      return `return${after(' ', s.value)};`
    case 'const-assert':
      return `const_assert ${show(s.condition)};`
    default:
      return `${s.kind};`
  }
}

test.each([
  ['a + b * c - d', '((a + (b * c)) - d)'],
  ['a - b - c', '((a - b) - c)'],
  ['a * b / c % d', '(((a * b) / c) % d)'],
  ['a--b', '(a - (-b))'],
  ['a - -b', '(a - (-b))'],
  ['--a---b', '((-(-a)) - (-(-b)))'],
  ['-a.b[c]', '(-a.b[c])'],
  ['!~-a', '(!(~(-a)))'],
  ['&*a', '(&(*a))'],
  ['a & b & c', '((a & b) & c)'],
  ['a | b | c', '((a | b) | c)'],
  ['a ^ -b', '(a ^ (-b))'],
  ['(a & b) | c', '((a & b) | c)'],
  ['a << b == c + d', '((a << b) == (c + d))'],
  ['a < b && c >= d && e', '(((a < b) && (c >= d)) && e)'],
  ['a || b != c || d', '((a || (b != c)) || d)'],
  ['a && (b || c)', '(a && (b || c))'],
  ['a&&&b', '(a && (&b))'],
  ['(a < b) < c', '((a < b) < c)'],
  ['f()', 'f()'],
  ['f(a, b + c,).x[1][2].y', 'f(a, (b + c)).x[1][2].y'],
  ['vec4<f32>(1, 2.5f)', 'vec4<f32>(1, 2.5f)'],
  ['array<vec2<u32>, N * 2,>()', 'array<vec2<u32>, (N * 2)>()'],
  ['array<i32, (a < b)>', 'array<i32, (a < b)>'],
  ['select(a<b, c, d)', 'select((a < b), c, d)'],
  ['(((a)))', 'a'],
])('the expression %s', (text, expected) => {
  expect(show(value(text))).toBe(expected)
})

test('literals have type and value', () => {
  expect(['true', '1u', '2', '0x1p4h'].map(value)).toMatchObject([
    { type: { name: 'bool' }, value: true, stage: 'const' },
    { type: { name: 'u32' }, value: 1 },
    { type: { name: 'abstract-int' }, value: 2n },
    { type: { name: 'f16' }, value: 16 },
  ])
})

test.each([
  [
    'var a: i32; let b = 1; const c: u32 = 2u; var<function> d = 3;',
    'var a: i32; let b = 1; const c: u32 = 2u; var d = 3;',
  ],
  [
    'a = b; a.b[c] += d; *p = 1; (*p).x <<= 2u; &*a = 1; &&a = 1; _ = f();',
    'a = b; a.b[c] += d; (*p) = 1; (*p).x <<= 2u; (&(*a)) = 1; (&(&a)) = 1; _ = f();',
  ],
  ['a++; (a)[1]--; *p++;', 'a++; a[1]--; (*p)++;'],
  ['f(1); f<i32>(2,);', 'f(1); f<i32>(2);'],
  ['if a {} else if b {} else {}', 'if a {} else if b {} else {}'],
  ['if (a) { if b {} } else { }', 'if a {if b {}} else {}'],
  [
    'switch a { case 1, 2, : {} default {} case 3, default, { break; } case b + 1 {} }',
    'switch a {1, 2: {} default: {} 3, default: {break;} (b + 1): {}}',
  ],
  ['loop { break; continuing { a = b; break if c; } }', 'loop {break;} continuing {a = b;} break if c'],
  ['loop { continue; continuing { } }', 'loop {continue;} continuing {}'],
  ['loop { if a { break; } }', 'loop {if a {break;}}'],
  ['for (var i = 0; i < n; i++) { }', 'for (var i = 0; i++; (i < n)) {}'],
  ['for (;;) { } for (f();; a += 1) {}', 'for (- - -) {} for (f(); a += 1; -) {}'],
  ['while a < b { }', 'while (a < b) {}'],
  ['return; return a; const_assert a == b; discard;', 'return; return a; const_assert (a == b); discard;'],
  [';; {;} ;', '{}'],
  ['@diagnostic(off, a.b) { }', '@diagnostic(off, a.b){}'],
])('the statements %s', (text, expected) => {
  expect(statements(text).map(outline).join(' ')).toBe(expected)
})

test('attributes stand before statements and their blocks', () => {
  const text =
    '@a if b @c {} else @d {} @e switch f @g { case 1: @h {} } @i loop @j { continuing @k { } } @l for (;;) @m {}'
  const names = JSON.stringify(statements(text), (_, x) => (typeof x === 'bigint' ? Number(x) : x)).matchAll(
    /"name":"(\w)","args"/g,
  )
  expect(
    [...names]
      .map((it) => it[1])
      .sort()
      .join(''),
  ).toBe('acdeghijklm')
})

test('directives and declarations', () => {
  const { directives, declarations } = program(`
    enable f16, subgroups,; requires a; diagnostic(off, chromium.b,);
    ;
    struct S { @align(16) a: vec4<f32>, b: array<u32> }
    alias A = vec2<f32>;
    @group(0) @binding(1 + 1) var<storage, read_write> x: S;
    @id(3) override o: u32 = 1;
    override n: u32;
    const_assert true;
    @compute @workgroup_size(8, o,)
    fn f(@builtin(local_invocation_id) a: vec3u, b: A,) -> @location(0) @c A { return b; }
    fn g() {};`)
  expect(directives).toMatchObject([
    { kind: 'enable', names: ['f16', 'subgroups'] },
    { kind: 'requires', names: ['a'] },
    { kind: 'diagnostic', names: ['off', 'chromium.b'] },
  ])
  const [s, a, x, o, n, check, f, g] = declarations
  expect(s).toMatchObject({
    kind: 'struct',
    name: 'S',
    members: [{ name: 'a', attributes: [{ name: 'align' }] }, { name: 'b' }],
  })
  expect(a).toMatchObject({ kind: 'alias', name: 'A', written: { name: 'vec2' } })
  expect(x).toMatchObject({
    form: 'var',
    template: [{ name: 'storage' }, { name: 'read_write' }],
    initializer: undefined,
  })
  expect((x as Variable).attributes.map(attribute)).toEqual(['@group(0)', '@binding((1 + 1))'])
  expect([o, n]).toMatchObject([{ form: 'override', initializer: { text: '1' } }, { initializer: undefined }])
  expect(check).toMatchObject({ kind: 'const-assert' })
  expect(f).toMatchObject({
    kind: 'function',
    params: [{ name: 'a' }, { name: 'b', written: { name: 'A' } }],
    written: { name: 'A' },
  })
  const { attributes, params, resultAttributes } = f as FunctionDeclaration
  expect([attributes, params[0].attributes, resultAttributes].map((it) => it.map(attribute).join(' '))).toEqual([
    '@compute() @workgroup_size(8, o)',
    '@builtin(local_invocation_id)',
    '@location(0) @c()',
  ])
  expect(g).toMatchObject({ written: undefined, body: { body: [] } })
})

test('places: of nodes, of operators, across files', () => {
  const text = 'const a = bb + c.d;'
  const { initializer, nameAt } = program(text).declarations[0] as Variable
  expect([nameAt, initializer]).toMatchObject([6, { at: 10, operatorAt: 13, right: { at: 15, nameAt: 17 } }])
  const files = ['const a = 1;\n', '\nconst b = ;'].map((text, i) => ({ file: `${i}.wgsl`, text }))
  expect(() => parse(files)).toThrow("1.wgsl:2: an expression expected after '=', found ';'")
})

test.each([
  ['fn f() {\n let x = 1\n}', "a.wgsl:3: ';' expected after the value of let x, found '}'"],
  ['fn f() { let x; }', "a.wgsl:1: '=' expected after let x, found ';'"],
  ['const a = b < c < d;', "a.wgsl:1: '<' cannot follow '<' without parentheses (combine two comparisons with &&)"],
  ['const a = a & b | c;', "'|' cannot follow '&' without parentheses (put parentheses around what belongs together)"],
  ['const a = a << b << c;', "'<<' cannot follow '<<'"],
  ['const a = a + b << c;', "'<<' cannot follow '+'"],
  ['const a = a << b + c;', "'+' cannot follow '<<'"],
  ['const a = a && b || c;', "'||' cannot follow '&&'"],
  ['const a = a == b == c;', "'==' cannot follow '=='"],
  ['const a = a + b & c;', "'&' cannot follow '+'"],
  ['const a = a & b + c;', "'+' cannot follow '&'"],
  ['const a = a && b & c;', "'&' cannot follow '&&'"],
  ['const a = ++b;', "an expression expected after '=', found '++'"],
  ['const a = b ++ c;', "';' expected after the declaration of a, found '++'"],
  [
    'const a = f(a < b, c > d);',
    "',' or ')' expected in the arguments of f, found 'd' (what stands between < and > was",
  ],
  ['const a: array<> = 1;', "an expression expected after 'array<', found '>'"],
  ['var<private x: i32;', "a name expected after 'var', found '<' (the '>' that ends its list is missing)"],
  ['const a = f(b c);', "',' or ')' expected in the arguments of f, found 'c'"],
  ['const a = (b;', "')' expected after an expression in parentheses, found ';'"],
  ['const a = b[1;', "']' expected after an index, found ';'"],
  ['const a = b.if;', "a name expected after '.', found 'if' ('if' is a keyword)"],
  ['const a = 4294967296u;', 'a.wgsl:1: 4294967296u does not fit in u32'],
  ['const a = b @ c; enum', "';' expected after the declaration of a, found '@'"],
  ['let x = 1;', "'let' stands only in functions (write const, or var<private>)"],
  ['x = 1;', "a declaration expected here, found 'x' (statements stand in functions)"],
  ['const a = 1; enable f16;', 'directives stand before all declarations'],
  ['; enable f16;', 'directives stand before all declarations'],
  ['enable f16 subgroups;', "';' expected after enable f16, found 'subgroups'"],
  ['struct S {}', 'struct S has no members'],
  ['struct S { a: i32; b: i32 }', "',' or '}' expected after member a, found ';'"],
  ['@align(1) struct S { a: i32 }', "@align cannot stand before 'struct'"],
  ['@a const b = 1;', "@a cannot stand before 'const'"],
  ['@compute() fn f() {}', '@compute() has nothing in its parentheses (leave them out)'],
  ['@a', '@a cannot stand before the end of the text'],
  ['@diagnostic(off, 1 + 1) fn f() {}', "a rule expected after ',', found '1'"],
  ['fn f(a) {}', "':' expected after parameter a, found ')'"],
  ['fn f() -> {}', "a type expected after '->', found '{'"],
  ['fn f() {\n\n', "a.wgsl:3: '}' expected at the end of the block of line 1, found the end of the text"],
  ['fn f() { @a x = 1; }', "@a cannot stand before 'x'"],
  ['fn f() { if x {} else x = 1; }', "'{' expected after 'else', found 'x'"],
  ['fn f() { if x = 1 {} }', "'{' expected after the condition of if, found '='"],
  ['fn f() { break if x; }', "'break if' stands only at the end of the block of continuing"],
  ['fn f() { loop { continuing { break if a; b = c; } } }', "'}' expected after 'break if', found 'b'"],
  ['fn f() { loop { continuing {} x = 1; } }', "'}' expected after the block of continuing, found 'x'"],
  ['fn f() { { continuing {} } }', "'continuing' stands at the end of the body of a loop"],
  ['fn f() { x: i32 = 1; }', 'x is declared without a word before it (write var x)'],
  ['fn f() { x + 1; }', "'=' expected after what is assigned to, found '+'"],
  ['fn f() { ++x; }', "a statement expected here, found '++'"],
  ['fn f() { vec2<f32> = 1; }', "'(' expected after vec2, found '='"],
  ['fn f() { override x = 1; }', "'override' stands outside of functions"],
  ['fn f() { case 1: {} }', "'case' stands in the body of a switch"],
  ['fn f() { switch x { x = 1; } }', "'case', 'default' or '}' expected in the body of switch, found 'x'"],
  ['fn f() { for (return; a; b) {} }', "a statement expected here, found 'return'"],
  ['fn f() { for (let a = 1, a < b;) {} }', "';' expected after the value of let a, found ','"],
  ['fn f() { _ += 1; }', "'=' expected after '_', found '+='"],
])('%j: %s', (text, message) => {
  expect(() => program(text)).toThrow(message)
})

const NESTED = 'more than 127 parentheses, operators or lists are nested'
const STATEMENTS = 'more than 127 statements are nested'
const OPERATORS = 'more than 512 operators'
const times = (count: number, before: string, middle: string, after = '') =>
  before.repeat(count) + middle + after.repeat(count)

test('so much may be nested, and no more', () => {
  expect(() => value(times(127, '(', 'a', ')'))).not.toThrow()
  expect(() => value(times(128, '(', 'a', ')'))).toThrow(NESTED)
  expect(() => statements(`a = ${times(126, '(', 'a', ')')};`)).not.toThrow()
  expect(() => statements(`a = ${times(127, '(', 'a', ')')};`)).toThrow(NESTED)
  expect(() => statements(times(126, '{', '', '}'))).not.toThrow()
  expect(() => statements(times(127, '{', '', '}'))).toThrow(STATEMENTS)
  expect(() => value(`a${'+a'.repeat(512)}`)).not.toThrow()
  expect(() => value(`a${'+a'.repeat(513)}`)).toThrow(OPERATORS)
  expect(() => statements(times(42, 'switch a { default {', '', '} }'))).not.toThrow()
  expect(() => statements(times(43, 'switch a { default {', '', '} }'))).toThrow(STATEMENTS)
  // the height of a tree is that of its highest part
  expect(() => value(`a${'+a'.repeat(300)} + (a${'*a'.repeat(300)})`)).not.toThrow()
  expect(() => value(`(a${'+a'.repeat(300)})${'*a'.repeat(300)}`)).toThrow(OPERATORS)
})

test.each([
  ['(', times(10_000, '(', 'a', ')'), NESTED],
  ['f(', times(10_000, 'f(', 'a', ')'), NESTED],
  ['a[', times(10_000, 'a[', 'a', ']'), NESTED],
  ['a<', times(10_000, 'a<', 'a', '>'), NESTED],
  ...['!', '~', '-', '- ', '*', '& '].map((sign) => [sign, times(10_000, sign, 'a'), NESTED]),
  ...['+', '-', '--', '*', '&', '&&'].map((sign) => [sign, `a${`${sign}a`.repeat(100_000)}`, OPERATORS]),
  ['.a', `a${'.a'.repeat(100_000)}`, OPERATORS],
  ['[a]', `a${'[a]'.repeat(100_000)}`, OPERATORS],
])('very many %s in an expression are refused', (_, text, message) => {
  expect(() => value(text)).toThrow(message)
})

test.each([
  ['{', times(10_000, '{', '', '}'), STATEMENTS],
  ['else if', `if a {}${' else if a {}'.repeat(100_000)}`, STATEMENTS],
  ['if {', times(10_000, 'if a {', '', '}'), STATEMENTS],
  ['loop', times(10_000, 'loop { continuing {', '', '} }'), STATEMENTS],
  ['switch', times(10_000, 'switch a { default {', '', '} }'), STATEMENTS],
  ['*', `${'*'.repeat(10_000)}a = 1;`, NESTED],
  ['&&', `${'&&'.repeat(10_000)}a = 1;`, NESTED],
  ['(', `${times(10_000, '(', 'a', ')')} = 1;`, NESTED],
])('very many %s in statements are refused', (_, text, message) => {
  expect(() => statements(text)).toThrow(message)
})

test.each([
  ['comments', `${times(250_000, '/*', '', '*/')}`],
  ['semicolons', ';'.repeat(1_000_000)],
  ['digits', `const a = 0x.${'0'.repeat(1_000_000)}1p4000000;`],
  ['attributes', `${'@a '.repeat(300_000)} fn f() {}`],
  ['functions', 'fn f(a: vec4<f32>) -> f32 { return dot(a, a) * 0.5; }\n'.repeat(18_500)],
])('a megabyte of %s is parsed in no time', (_, text) => {
  expect(secondsOf(() => program(text))).toBeLessThan(LIMIT)
})

test('a program that is cut or mixed up ends in a tree or a WgslError', () => {
  const text = `enable f16; @group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>, N>; struct S { a: i32, }
    override n = 1u; const_assert a < b; fn f(@builtin(a) b: ptr<function, i32>,) -> @c u32 { for (var i = 0; i < n;
    i++) { loop { if a >> 1 == b { break; } else if !c { continue; }
    continuing { *b = f(x[i].yz, -1.5) & 0xff; break if d; } }
    switch i { case 1, default: { _ = a--b; } } } while (true) { let e = a; discard; } return (x)[0]; }`
  const words = text.match(/[\w.]+|[-<>=&+]+|\S/g) as string[]
  expect(program(words.join(' ')).declarations).toHaveLength(5)
  let seed = 1
  const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below
  const count = 1000
  let trees = 0
  for (let i = 0; i < count; i++) {
    const mixed = [...words]
    for (let n = random(3) + 1; n > 0; n--) mixed.splice(random(mixed.length), random(3), words[random(words.length)])
    try {
      program(mixed.slice(0, random(10) ? undefined : random(mixed.length)).join(' '))
      trees++
    } catch (error) {
      expect(error).toBeInstanceOf(WgslError)
    }
  }
  expect(trees).toBeGreaterThan(0)
  expect(trees).toBeLessThan(count / 2)
})
