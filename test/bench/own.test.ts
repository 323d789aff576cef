/** @file The texts of `handgrad bench my.wgsl`: expressions, declarations, bindings, uniforms, guards, references. */
import { describe, expect, test } from 'vitest'
import { bindOf, shapeOf } from '../../src/bench/own/bind.ts'
import { declarationsOf } from '../../src/bench/own/declarations.ts'
import { evaluate, evaluateAll } from '../../src/bench/own/expression.ts'
import { filled } from '../../src/bench/own/fill.ts'
import { faultsIn, guarded, HEAD, layoutOf, numbersIn } from '../../src/bench/own/guarded.ts'
import { compare, exactOf, referenceOf } from '../../src/bench/own/reference.ts'
import { type OwnSpec, type Planned, plansOf } from '../../src/bench/own/spec.ts'
import { functionsOf, sourceFrom, withoutComments } from '../../src/bench/own/text.ts'
import { elementOf, pack, sizeOf, unpack } from '../../src/bench/own/types.ts'
import { uniformBytes } from '../../src/bench/own/uniform.ts'
import { parseOptions } from '../../src/cli/options.ts'

describe('expressions', () => {
  const names = { n: 1000, LANES: 64, 'x.size': 12 }
  test.each([
    ['n/LANES', 16],
    ['(n + LANES - 1) / LANES', 17],
    ['2*n*-3', -6000],
    ['2 + 3 * 4 % 5', 4],
    ['ceil(n / 3) - floor(2.5)', 332],
    ['max(n, 5, 7) + min(2, 1)', 1001],
    ['log2(LANES) + sqrt(16)', 10],
    ['x.size * 0x10', 192],
    ['1e3 + .5', 1000.5],
    ['10 - 2 - 3', 5],
  ])('%s is %d where quotients are rounded up', (text, value) => {
    expect(evaluate(text, names, '--groups', 'up')).toBe(value)
  })
  test('quotients of rates are exact', () => expect(evaluate('n/LANES', names, '--flop', 'exact')).toBe(15.625))
  test('a list has commas', () => expect(evaluateAll('n/2, max(1, 2), 3', names, 'x', 'up')).toEqual([500, 2, 3]))
  test.each([
    ['n/LANE', "bench: --groups is 'n/LANE': there is no LANE (did you mean LANES?)"],
    ['n+', "bench: --groups is 'n+': it ends too early (+ - * / %, parentheses"],
    ['(n', "a ')' is missing"],
    ['n 2', "'2' is one too many"],
    ['process.abort(1)', 'there is no process.abort'],
    ['constructor', 'there is no constructor'],
    ['n;1', "';1' cannot be read"],
    ['', 'it ends too early'],
    ['1,2', '2 numbers (give one)'],
  ])('%s is refused', (text, message) => {
    expect(() => evaluate(text, names, '--groups', 'up')).toThrow(message)
  })
})

const file = `
// @group(0) @binding(9) var<storage> old: array<f32>;
/* fn gone() { /* nested */ } */
alias Real = f32;
struct Dims { n: u32, a: Real, v: vec3<f32>, w: f32 };
struct Data { values: array<vec4f> }
override LANES: u32 = 64u;
override SCALE: f32;
@binding(0) @group(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<vec3<Real>>;
@group(0) @binding(2) var<storage, read_write> y: array<atomic<u32>, 16>;
@group(0) @binding(3) var<storage, read_write> d: Data;
@group(0) @binding(4) var<storage> unused: array<f32>;
fn half(v: f32) -> f32 { return v * 0.5; }
fn other() -> f32 { return unused[0]; }
@compute @workgroup_size(LANES, 1) fn first(@builtin(global_invocation_id) id: vec3<u32>) {
  if (arrayLength(&x) > dims.n) { atomicAdd(&y[0], u32(half(x[id.x].x))); }
}
@compute @workgroup_size(8)
fn second() { d.values[0] = vec4f(half(other())); }
`

describe('declarations', () => {
  test('variables that an entry point uses, with what they hold', () => {
    const { variables, overrides, entry } = declarationsOf(file, 'a.wgsl', 'first')
    expect(
      variables.map(({ name, binding, space, writable, measured }) => [name, binding, space, writable, measured]),
    ).toEqual([
      ['dims', 0, 'uniform', false, false],
      ['x', 1, 'storage', false, true],
      ['y', 2, 'storage', true, false],
    ])
    expect(variables[0].fields.map(({ name, element }) => [name, element.scalar, element.width])).toEqual([
      ['n', 'u32', 1],
      ['a', 'f32', 1],
      ['v', 'f32', 3],
      ['w', 'f32', 1],
    ])
    expect(variables[1].element).toEqual({ scalar: 'f32', width: 3 })
    expect(variables[2].element).toEqual({ scalar: 'u32', width: 1 })
    expect(overrides).toEqual([{ name: 'LANES', standard: 64 }, { name: 'SCALE' }])
    expect(entry.workgroup).toBe('LANES, 1')
  })
  test('through the functions that it calls, and structs of one array', () => {
    const { variables } = declarationsOf(file, 'a.wgsl', 'second')
    expect(variables.map(({ name }) => name)).toEqual(['d', 'unused'])
    expect(variables[0].element).toEqual({ scalar: 'f32', width: 4 })
  })
  test('comments go, and lines and columns stay', () => {
    const plain = withoutComments(file)
    expect(plain).toHaveLength(file.length)
    expect(plain.split('\n')).toHaveLength(file.split('\n').length)
    expect(functionsOf(plain).map(({ name }) => name)).toEqual(['half', 'other', 'first', 'second'])
  })
  test('the source of an entry point is its text and what it calls', () => {
    expect(sourceFrom(withoutComments(file), 'first')).toMatch(
      /^@compute @workgroup_size\(LANES, 1\) fn first[\s\S]*\}\n\nfn half[\s\S]*\}$/,
    )
    expect(sourceFrom(withoutComments(file), 'first')).not.toContain('second')
  })
  const one = (line: string) => `${line}\n@compute @workgroup_size(1) fn f() { _ = x; }`
  test.each([
    [file, undefined, 'a.wgsl has 2 entry points (--entry is one of first, second)'],
    [file, 'frist', 'a.wgsl has no entry point frist (did you mean first? it has first, second)'],
    ['fn f() {}', undefined, 'a.wgsl has no entry point (it begins with @compute'],
    [one('@group(1) @binding(0) var<storage> x: array<f32>;'), 'f', 'a.wgsl: x is in group 1'],
    [one('@group(0) @binding(0) var x: texture_2d<f32>;'), 'f', 'x is neither a uniform nor a storage buffer'],
    [one('@group(0) @binding(0) var<storage> x: array<mat4x4<f32>>;'), 'f', 'x is of type array<mat4x4<f32>>'],
    [one('struct P { @size(16) n: u32 }\n@group(0) @binding(0) var<uniform> x: P;'), 'f', 'x is of type P'],
  ])('refused: %#', (text, entry, message) => {
    expect(() => declarationsOf(text, 'a.wgsl', entry)).toThrow(message)
  })
})

describe('bindings', () => {
  test.each([
    ['x=rand:8x4', { name: 'x', role: 'in', fill: 'rand', shape: '8x4' }],
    ['y=out:8', { name: 'y', role: 'out', shape: '8' }],
    ['h=inout=zeros:256', { name: 'h', role: 'inout', fill: 'zeros', shape: '256' }],
    ['i=randint:10:8', { name: 'i', role: 'in', fill: 'randint', end: 10, shape: '8' }],
    ['w=data/w.npy', { name: 'w', role: 'in', fill: 'file', path: 'data/w.npy' }],
    ['w=inout=w.npy', { name: 'w', role: 'inout', fill: 'file', path: 'w.npy' }],
  ])('%s', (text, bind) => expect(bindOf(text)).toEqual(bind))
  test.each([
    ['rand:8', 'it does not begin with NAME='],
    ['x=rnad:8', "there is no 'rnad' (did you mean rand?"],
    ['x=rand', 'it has no shape (x=rand:1024x1024)'],
    ['x=inout=out:8', "there is no 'out'"],
    ['x=randint:8', 'randint needs an end and a shape'],
  ])('%s is refused', (text, message) => expect(() => bindOf(text)).toThrow(message))
  test('shapes are sizes, or expressions', () => {
    const of = (shape: string) => shapeOf({ name: 'x', role: 'in', shape }, { n: 100, max: 3 })
    expect([of('1024x64'), of('8×4x2'), of('n/64'), of('n/64,max')]).toEqual([[1024, 64], [8, 4, 2], [2], [2, 3]])
    expect(() => of('0x4')).toThrow('the shape of x is')
    expect(() => of('n*0.3+0.1')).toThrow('give sizes from 1 up')
  })
  test('what they are filled with', () => {
    const of = (fill: 'rand' | 'randn' | 'iota' | 'randint' | 'ones' | 'zeros', scalar: 'f32' | 'i32' = 'f32') =>
      filled({ name: 'x', role: 'in', fill, end: 5 }, 20000, scalar)
    const mean = (x: Float64Array) => x.reduce((a, b) => a + b, 0) / x.length
    const [uniform, normal, whole] = [of('rand'), of('randn'), of('randint', 'i32')]
    expect(Math.abs(mean(uniform) - 0.5)).toBeLessThan(0.01)
    expect([Math.min(...uniform) >= 0, Math.max(...uniform) < 1]).toEqual([true, true])
    expect(Math.abs(mean(normal))).toBeLessThan(0.03)
    expect(Math.abs(mean(normal.map((v) => v * v)) - 1)).toBeLessThan(0.03)
    expect(new Set(whole)).toEqual(new Set([0, 1, 2, 3, 4]))
    expect([...of('iota').slice(0, 3), ...of('ones').slice(0, 2), ...of('zeros').slice(0, 1)]).toEqual([
      0, 1, 2, 1, 1, 0,
    ])
    expect(filled({ name: 'z', role: 'in', fill: 'rand' }, 2, 'f32')).not.toEqual(uniform.slice(0, 2))
    expect(() => of('randn', 'i32')).toThrow('x holds i32 (x=randint:10:SHAPE gives whole numbers)')
  })
})

test('elements in bytes and back: vectors of three take the room of four, halves are rounded', () => {
  expect(['f32', 'vec2<f16>', 'vec3u', 'vec4<i32>', 'atomic<u32>', 'mat2x2<f32>', 'bool'].map(elementOf)).toEqual([
    { scalar: 'f32', width: 1 },
    { scalar: 'f16', width: 2 },
    { scalar: 'u32', width: 3 },
    { scalar: 'i32', width: 4 },
    { scalar: 'u32', width: 1 },
    null,
    null,
  ])
  const three = { scalar: 'f32', width: 3 } as const
  const bytes = pack(three, [1, 2, 3, 4, 5, 6])
  expect(sizeOf(three, 6)).toBe(32)
  expect([...new Float32Array(bytes.buffer)]).toEqual([1, 2, 3, 0, 4, 5, 6, 0])
  expect([...unpack(three, bytes, 6)]).toEqual([1, 2, 3, 4, 5, 6])
  const half = { scalar: 'f16', width: 1 } as const
  expect([...unpack(half, pack(half, [1.0001, -2, 0.5]), 3)]).toEqual([1, -2, 0.5])
})

test('uniforms are laid out as WGSL says', () => {
  const { variables } = declarationsOf(file, 'a.wgsl', 'first')
  const bytes = uniformBytes(variables[0], { n: [7], a: [0.5], 'dims.v': [1, 2, 3], w: [9] })
  expect(bytes).toHaveLength(32)
  expect(new Uint32Array(bytes.buffer)[0]).toBe(7)
  // v begins at 16, and w fills the gap behind its three.
  expect([...new Float32Array(bytes.buffer)].slice(1)).toEqual([0.5, 0, 0, 1, 2, 3, 9])
  expect(() => uniformBytes(variables[0], {})).toThrow('dims.n has no value (give --param n=1)')
  expect(() => uniformBytes(variables[0], { n: [1.5] })).toThrow('--param n is 1.5 (dims.n is of type u32)')
  expect(() => uniformBytes(variables[0], { n: [1], a: [1], v: [1] })).toThrow(
    '--param v has 1 numbers (dims.v takes 3)',
  )
})

const planned = (role: 'in' | 'out' | 'inout', shape: number[], measured = false): Planned => ({
  variable: {
    name: 'y',
    binding: 1,
    space: 'storage',
    writable: true,
    element: { scalar: 'f32', width: 1 },
    fields: [],
    measured,
  },
  bind: { name: 'y', role },
  shape,
  count: shape.reduce((a, b) => a * b, 1),
})

describe('guards', () => {
  const write = (bytes: Uint8Array<ArrayBuffer>, index: number, x: number) => {
    const copy = bytes.slice()
    new DataView(copy.buffer).setFloat32(HEAD + 4 * index, x, true)
    return copy
  }
  test('an array that is written in full has no fault, whatever it holds', () => {
    const out = planned('out', [2, 3])
    const before = guarded(out, null)
    const after = before.slice()
    after.set(pack(out.variable.element, [1, Number.NaN, 0, Number.POSITIVE_INFINITY, 5, 6]), HEAD)
    expect(faultsIn(out, before, after)).toEqual([])
    expect([...numbersIn(out, after)]).toEqual([1, Number.NaN, 0, Number.POSITIVE_INFINITY, 5, 6])
  })
  test('unwritten elements, and cells outside, are named', () => {
    const out = planned('out', [2, 3])
    const before = guarded(out, null)
    const after = [0, 1, 2, 3, 5, 6, 7].reduce((bytes, i) => write(bytes, i, i), before)
    expect(faultsIn(out, before, after)).toEqual([
      '2 guard cells of y were written, the first at y[6], and it ends at 5',
      '1 of 6 elements of y were not written, or read before they were, the first is y[1, 1] (bind what is written in part as inout=zeros:SHAPE)',
    ])
    expect(faultsIn(planned('inout', [2, 3]), before, write(before, -1, 1))).toEqual([
      '1 guard cell of y was written, the first 1 before its beginning',
    ])
  })
  test('an input that was changed is named', () => {
    const input = planned('in', [4])
    const before = guarded(input, pack(input.variable.element, [1, 2, 3, 4]))
    expect(faultsIn(input, before, before.slice())).toEqual([])
    expect(faultsIn(input, before, write(before, 2, 9))).toEqual([
      'y is an input and was changed, first y[2] (bind it as inout=…)',
    ])
  })
  test('where the length is asked for, only the array is bound', () => {
    expect(layoutOf(planned('out', [6], true)).bound).toBe(24)
    expect(layoutOf(planned('out', [6])).bound).toBeGreaterThan(24)
  })
})

describe('references', () => {
  const out = planned('out', [2, 3])
  test('the first wrong elements are shown', () => {
    const { wrong, worst } = compare(out, Float64Array.of(1, 2, 3, 4, 50, Number.NaN), [1, 2, 3, 4, 5, 6], undefined)
    expect(wrong).toEqual([
      '2 of 6 elements of y are wrong, by more than 64 ulp:',
      '  y[1, 1] is 50, right is 5',
      '  y[1, 2] is NaN, right is 6',
    ])
    expect(worst.ulp).toBe(Number.POSITIVE_INFINITY)
  })
  test('a tolerance is in ulp of the type', () => {
    const off = Float64Array.of(1 + 100 * 2 ** -23)
    expect(compare(planned('out', [1]), off, [1], undefined).wrong).toHaveLength(2)
    expect(compare(planned('out', [1]), off, [1], 101).wrong).toEqual([])
    const half = {
      ...planned('out', [1]),
      variable: { ...out.variable, element: { scalar: 'f16', width: 1 } as const },
    }
    expect(compare(half, Float64Array.of(1 + 2 ** -10), [1], 0.5).wrong).toHaveLength(2)
    expect(compare(half, Float64Array.of(1 + 2 ** -10), [1], 1).wrong).toEqual([])
  })
  test('whole numbers are equal or wrong', () => {
    const whole = {
      ...planned('out', [1]),
      variable: { ...out.variable, element: { scalar: 'u32', width: 1 } as const },
    }
    expect(compare(whole, Float64Array.of(16777217), [16777216], 1e9).wrong).toEqual([
      '1 of 1 elements of y are wrong, which must be equal:',
      '  y[0] is 16777217, right is 16777216',
    ])
  })
  test('what is not a reference is refused', async () => {
    expect(() => referenceOf({}, 'ref.mjs')).toThrow('ref.mjs exports no function by default')
    expect(() => referenceOf({ default: () => [], tolerance: -1 }, 'ref.mjs')).toThrow('tolerance is -1')
    const plan = { params: {}, constants: {}, buffers: [out] } as never // exactOf reads these alone
    const given = (y: unknown) => exactOf(referenceOf({ default: () => y }, 'ref.mjs'), plan, {})
    await expect(given(undefined)).rejects.toThrow('the reference gave undefined (return { y })')
    await expect(given({ z: [1] })).rejects.toThrow('the reference gives no y')
    await expect(given([1, 2])).rejects.toThrow('the reference gives 2 numbers for y (it has 6)')
    expect(await given([1, 2, 3, 4, 5, 6])).toEqual({ y: [1, 2, 3, 4, 5, 6] })
  })
})

const code = `
override LANES: u32 = 64;
struct P { n: u32, a: f32 }
@group(0) @binding(0) var<uniform> p: P;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(LANES) fn scale(@builtin(global_invocation_id) id: vec3u) { y[id.x] = p.a * x[id.x + p.n]; }
`
const spec: OwnSpec = {
  code,
  file: 'my.wgsl',
  bind: ['x=rand:1000', 'y=out:n'],
  param: ['n=1000', 'a=0.5'],
  groups: 'n/LANES',
}

describe('a spec', () => {
  const plans = (change: Partial<OwnSpec> = {}) => plansOf({ ...spec, ...change }, new Map(), false)
  test('becomes a plan', () => {
    const [plan] = plans({ flop: 'n', constants: ['LANES=32'] })
    expect(plan).toMatchObject({
      grid: [32, 1, 1],
      flop: 1000,
      bytes: 8000,
      constants: { LANES: 32 },
      variant: undefined,
    })
    expect(plan.buffers.map(({ bind, shape }) => [bind.name, shape])).toEqual([
      ['x', [1000]],
      ['y', [1000]],
    ])
  })
  test('has a plan for each value of a sweep', () => {
    const swept = plans({ sweep: 'LANES=32,64,128', bind: ['x=rand:1000', 'y=out:n/LANES'] })
    expect(swept.map(({ variant, grid: [x], buffers }) => [variant, x, buffers[1].count])).toEqual([
      ['LANES=32', 32, 32],
      ['LANES=64', 16, 16],
      ['LANES=128', 8, 8],
    ])
    expect(plans({ sweep: 'n=64,128' }).map(({ grid: [x], params }) => [x, params.n])).toEqual([
      [1, [64]],
      [2, [128]],
    ])
  })
  test('bytes count what is changed twice', () => {
    expect(plans({ bind: ['x=rand:1000', 'y=inout=zeros:1000'] })[0].bytes).toBe(12000)
    expect(plans({ bytes: 'x.size*2' })[0].bytes).toBe(2000)
  })
  test.each<[Partial<OwnSpec>, string]>([
    [{ bind: ['x=rand:1000'] }, 'scale uses y, which is not bound (--bind y=out:1024)'],
    [{ bind: [...spec.bind, 'z=rand:8'] }, '--bind z: my.wgsl has no such variable'],
    [{ bind: [...spec.bind, 'x=rand:8'] }, '--bind x is given twice'],
    [{ bind: [...spec.bind, 'p=rand:8'] }, '--bind p: it is a uniform (give its fields by --param NAME=VALUE)'],
    [{ bind: ['x=out:8', 'y=out:8'] }, '--bind x is out, and my.wgsl only reads it'],
    [{ constants: ['LANE=8'] }, '--const LANE: my.wgsl has no such override (did you mean LANES?)'],
    [{ param: [...(spec.param ?? []), 'm=8'] }, '--param m is used by nothing (uniforms have n, p.n, a, p.a)'],
    [{ param: ['n'] }, "--param is 'n' (write --param NAME=VALUE)"],
    [{ sweep: 'WIDTH=1,2' }, '--sweep WIDTH is not an override of my.wgsl, nor a --param (my.wgsl has LANES)'],
    [{ groups: '0' }, '--groups is 0 (give whole numbers from 1 up)'],
    [{ groups: '70000' }, '--groups is 70000, and a dimension has at most 65535'],
    [{ groups: '1,1,1,1' }, '--groups has 4 numbers'],
    [{ flop: 'n-n' }, '--flop is 0 (a number above 0)'],
  ])('is refused: %o', (change, message) => {
    expect(() => plans(change)).toThrow(`bench: ${message}`)
  })
  test('an override without a value asks for one', () => {
    const open = code.replace('LANES: u32 = 64', 'LANES: u32')
    expect(() => plans({ code: open })).toThrow('override LANES has no value (give --const LANES=…)')
    expect(plans({ code: open, constants: ['LANES=8'] })[0].grid[0]).toBe(125)
  })
})

test('an option may be given several times where the table says so, and only there', () => {
  const known = { bind: { value: 'X', many: true, help: '' }, entry: { value: 'X', help: '' } } as const
  const given = parseOptions('bench', known, ['--bind', 'x=1', '--entry=f', '--bind=y=2'])
  expect(given).toEqual({ bind: ['x=1', 'y=2'], entry: 'f' })
  expect(() => parseOptions('bench', known, ['--entry', 'f', '--entry', 'g'])).toThrow('bench: --entry is given twice')
})
