/**
 * @file What the checker fills in, and how its errors read. Which programs are taken and which are not is tested in
 * corpus.test.ts.
 */
import { describe, expect, test } from 'vitest'
import { compile, type WgslError } from '../../src/wgsl/index.ts'
import type { Declaration, Expression, FunctionDeclaration, Module, Statement, Variable } from '../../src/wgsl/tree.ts'
import { nameOf, type Type } from '../../src/wgsl/types.ts'

const PRELUDE = `
struct Params { rows: u32, shift: i32, scale: vec4<f32> }
override WIDE: u32 = 4;
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(2) var<storage> seen: array<u32>;
var<workgroup> count: atomic<u32>;
`.trim()
/** The line of the body in `kernel`. */
const BODY = 8

const kernel = (body: string): Module =>
  compile([{ file: 'k.wgsl', text: `${PRELUDE}\n@compute @workgroup_size(WIDE, 2) fn main() {${body}}` }])

function errorOf(text: string): string {
  try {
    compile([{ file: 'k.wgsl', text }])
  } catch (error) {
    return (error as WgslError).message
  }
  return 'taken'
}
const errorIn = (body: string): string => errorOf(`${PRELUDE}\nfn f() {${body}}`).replace(`k.wgsl:${BODY - 1}: `, '')

const named = <T extends Declaration>(module: Module, name: string): T =>
  module.declarations.find((one) => one.kind !== 'const-assert' && one.name === name) as T

const bodyOf = (module: Module): readonly Statement[] => named<FunctionDeclaration>(module, 'main').body.body

/** The initializer of the last statement, a declaration. */
function initializerOf(body: string): Expression {
  const last = bodyOf(kernel(body)).at(-1) as Variable
  return last.initializer as Expression
}
const typeOf = (body: string): string => nameOf(initializerOf(body).type as Type)

describe('errors say what is wrong with the values and types, then what to do', () => {
  const cases: Readonly<Record<string, string>> = {
    'let x = p.rows + p.shift;': 'p.rows is u32, the other side i32 (write i32(p.rows))',
    'let x = p.scale * p.rows;': 'p.scale is vec4<f32>, the other side u32',
    'let x: f32 = p.rows;': 'p.rows is u32, x is f32 (write f32(p.rows))',
    'var x = 1; x = p.rows;': 'p.rows is u32, x holds i32 (write i32(p.rows))',
    'let x = 1; x = 2;': 'x is a let, to which nothing is assigned (write var x)',
    'seen[0] = 1;': 'seen[0] is in storage, which is only read (write var<storage, read_write>)',
    'let x = count;': 'count is an atomic (write atomicLoad(&count))',
    'count += 1;': 'count is an atomic (write atomicStore(&count, …))',
    'let x = out;': 'out is an array whose length the buffer says (load an element, or point to it: &out)',
    'if p.rows { }': 'the condition of if, p.rows, is u32, not bool (compare it)',
    'let x = p.colums;': 'Params has no member colums (it has rows, shift, scale)',
    'let x = p.scale.xq;': '.xq names no components (write up to 4 of xyzw or of rgba)',
    'let x = vec2(1, 2)[2];': 'vec2<abstract-int> has no element 2: the last is 1',
    'let x = array<u32, 4>()[p.shift]; x();': 'x is a let, which cannot be called',
    'min(1, 2);': 'nothing takes what min returns (write _ = min(…))',
    'let x = rows;': 'there is no rows here (declare rows)',
    'let x = 1h;': '1h needs the feature f16 (write enable f16;)',
    'const x = p.rows;': 'const x has to be known in the text, and p.rows is known only when a thread runs',
    'var x: array<f32, WIDE>;': 'array<f32, WIDE>: only workgroup variables may be counted by overrides',
    'switch p.shift { case 1u: { } default: { } }': '1u is u32, the switch is on i32 (write i32(1u))',
    'loop { }': 'this loop never ends (write a break, or a condition)',
    'discard;': 'discard is of fragment shaders, which are not supported here',
    'let x = &p.scale.x;': 'p.scale.x is a component of a vector, which has no address (point to p.scale)',
  }
  for (const [body, message] of Object.entries(cases)) {
    test(body, () => expect(errorIn(body)).toContain(message))
  }
})

test('errors outside of functions', () => {
  expect(errorOf('fn a() { b(); }\nfn b() { a(); }')).toBe(
    'k.wgsl:1: cyclic: a → b → a (write a loop: WGSL has no recursion)',
  )
  expect(errorOf('const a = b;\nconst b = a;')).toBe('k.wgsl:1: cyclic: a → b → a')
  expect(errorOf('var<storage> x: u32;')).toBe(
    'k.wgsl:1: x is a buffer without @group and @binding (write @group(0) @binding(N))',
  )
  expect(errorOf('var x: u32;')).toBe('k.wgsl:1: x has no address space (write var<private> x, or another space)')
  expect(errorOf('var t: texture_2d<f32>;')).toContain('textures and samplers are not supported here')
  expect(errorOf('@vertex fn f() { }')).toBe(
    'k.wgsl:1: @vertex is a stage of render pipelines, which is not supported here',
  )
  expect(errorOf('enable clip_distances;')).toContain('clip_distances is not supported here')
  expect(errorOf('fn f() { }\nfn g() { }\nvar<private> f: u32;')).toBe(
    'k.wgsl:3: f is declared twice in one scope, first in line 1 (rename one)',
  )
})

describe('abstract numbers get types', () => {
  test('of what they are used with, and of their own', () => {
    expect(typeOf('let x = 1;')).toBe('i32')
    expect(typeOf('let x = 1 + 1.5;')).toBe('f32')
    expect(typeOf('let x = p.rows + 1;')).toBe('u32')
    expect(typeOf('let x = vec3(1, 2.5, 3);')).toBe('vec3<f32>')
    expect(typeOf('let x = select(1, 2.5, p.rows > 1);')).toBe('f32')
    expect(typeOf('let x = array(1, 2)[p.rows];')).toBe('i32')
    expect(typeOf('let x = 1 << p.rows;')).toBe('i32')
  })
  test('the whole subtree has them', () => {
    const sum = initializerOf('let x = p.rows + (2 + 3);')
    if (sum.kind !== 'binary' || sum.right.kind !== 'binary') throw new Error('no sum')
    const { right } = sum
    expect([right, right.left, right.right].map(({ type, value }) => [nameOf(type as Type), value])).toEqual([
      ['u32', 5],
      ['u32', 2],
      ['u32', 3],
    ])
    expect([sum.stage, right.stage]).toEqual(['runtime', 'const'])
  })
  test('a part that its type lacks stays as it is', () => {
    const difference = initializerOf('let x: u32 = 4294967296 - 1;')
    expect(difference).toMatchObject({ value: 4294967295 })
    expect(nameOf(difference.type as Type)).toBe('u32')
  })
})

test('what decides by itself leaves the other side unevaluated, but typed', () => {
  expect(errorIn('let x = false && 1 / 0 == 0;')).toBe('taken')
  expect(errorIn('let x = true && 1 / 0 == 0;')).toContain('cannot be divided by zero')
  expect(errorIn('let x = false && 1u == 1i;')).toBe('1u is u32, the other side i32 (write i32(1u))')
})

test('functions know what they call and use, by what they call, too', () => {
  const module = compile([
    {
      file: 'a',
      text: `
        override N = 4; override UNUSED = 1;
        var<private> a: i32; var<workgroup> b: array<i32, N>;
        fn leaf() { a = 1; }
        fn node() { leaf(); b[0] = 1; }
        @compute @workgroup_size(1) fn main() { node(); }`,
    },
  ])
  const { calls, uses } = named<FunctionDeclaration>(module, 'main')
  expect([...calls!].map(({ name }) => name)).toEqual(['node'])
  expect([...uses!].map(({ name }) => name).sort()).toEqual(['N', 'a', 'b'])
})

test('variables, overrides and entry points know what the text says of them', () => {
  const module = compile([
    {
      file: 'a',
      text: `
        const FOUR = 2 * 2;
        @id(7) override N: u32;
        @group(1) @binding(FOUR) var<storage, read_write> data: array<vec4f>;
        struct Inner { @size(16) a: f32, @align(32) b: vec2u }
        @compute @workgroup_size(N, FOUR)
        fn main(@builtin(workgroup_id) id: vec3u) { let q = &data[id.x]; (*q).y = 1; }`,
    },
  ])
  expect(named<Variable>(module, 'N')).toMatchObject({ id: 7 })
  expect(named<Variable>(module, 'FOUR')).toMatchObject({ value: 4n })
  expect(named<Variable>(module, 'data')).toMatchObject({
    group: 1,
    binding: 4,
    space: 'storage',
    access: 'read_write',
  })
  const main = named<FunctionDeclaration>(module, 'main')
  expect(main.workgroupSize?.map((one) => (one === 1 ? 1 : [one.stage, one.value]))).toEqual([
    ['override', undefined],
    ['const', 4],
    1,
  ])
  expect(nameOf(main.result as Type)).toBe('no value')
  const [q, assign] = main.body.body
  expect(nameOf((q as Variable).type as Type)).toBe('ptr<storage, vec4<f32>, read_write>')
  if (assign.kind !== 'assign' || assign.target?.kind !== 'member') throw new Error('no assignment')
  expect(assign.target.indices).toEqual([1])
  expect(nameOf(assign.target.type as Type)).toBe('ref<storage, f32, read_write>')
  const inner = named(module, 'Inner') as { type?: Type }
  expect(inner.type).toMatchObject({
    members: [
      { name: 'a', size: 16 },
      { name: 'b', align: 32 },
    ],
  })
})

test('calls know what they mean', () => {
  const meaning = (body: string) => {
    const call = initializerOf(body)
    return call.kind === 'call' ? call.meaning : undefined
  }
  expect(meaning('let x = vec2f(1, 2);')).toEqual({ kind: 'constructor' })
  expect(meaning('let x = max(p.scale.x, 1);')).toMatchObject({ kind: 'builtin', name: 'max' })
  const max = meaning('let x = max(p.scale.x, 1);')
  expect(max?.kind === 'builtin' && max.params.map(nameOf)).toEqual(['f32', 'f32'])
})

test('several components are assigned at once', () => {
  expect(errorIn('var v: vec4f; v.xz = vec2f(1); v.wy += 2 * vec2f(3);')).toBe('taken')
  expect(errorIn('var v: vec4f; v.xx = vec2f(1);')).toContain('.xx has a component twice')
  expect(errorIn('let v = vec4f(); v.xy = vec2f(1);')).toContain('nothing is assigned')
})
