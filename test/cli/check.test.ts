/**
 * @file `handgrad check`: what it gives a kernel, what it says, and what it refuses. Its outputs are in
 * docs/kernels.md.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { check } from '../../src/cli/check.ts'
import { handgrad } from '../support/cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'handgrad-check-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let out = ''
beforeEach(() => {
  out = ''
  vi.spyOn(console, 'log').mockImplementation((text: string) => void (out += `${text}\n`))
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = 0
})

/** What it prints, without the folder, and its exit code. */
async function said(text: string, ...args: string[]): Promise<[text: string, code: number]> {
  const file = join(folder, 'my.wgsl')
  writeFileSync(file, text)
  process.exitCode = 0
  await check([file, ...args])
  return [out.replaceAll(file, 'my.wgsl'), Number(process.exitCode)]
}

const saxpy = `struct Params { n: u32, a: f32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
override LANES: u32 = 64u;
@compute @workgroup_size(LANES)
fn saxpy(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < p.n) { y[id.x] = p.a * x[id.x] + f32(id.x); }
}
`

describe('a kernel without faults', () => {
  test('has its verdict, and shows what was written', async () => {
    const args = ['--bind', 'x=fill:2:4', '--bind', 'y=out:6', '--bind', 'p=4,0.5', '--groups', '1', '--print', 'y']
    expect(await said(saxpy, ...args)).toEqual([
      'saxpy: no faults: 64 threads in 1 workgroup, 76 accesses checked\ny = 1, 2, 3, 4, ?, ?\n',
      0,
    ])
  })
  test('takes params, overrides and expressions as `handgrad bench` does', async () => {
    const args = [
      '--param',
      'n=100',
      '--param',
      'a=2',
      '--const',
      'LANES=16',
      '--bind',
      'x=iota:n',
      '--bind',
      'y=out:n',
    ]
    const [text, code] = await said(saxpy, ...args, '--groups', 'n/LANES', '--print', 'y:3', '--print', 'p')
    expect(text).toBe('saxpy: no faults: 112 threads in 7 workgroups, 412 accesses checked\ny = 0, 3, 6\np = 100, 2\n')
    expect(code).toBe(0)
  })
  test('of types of every kind: structs, matrices, f16, atomics', async () => {
    const text = `enable f16;
struct Item { at: vec3<u32>, m: mat2x3<f32>, h: array<f16, 3> }
struct Items { count: atomic<i32>, all: array<Item> }
@group(0) @binding(0) var<storage, read_write> items: Items;
@compute @workgroup_size(1) fn touch() {
  let last = arrayLength(&items.all) - 1u;
  items.all[last].m[1].z += f32(items.all[last].h[2]) + f32(items.all[0].at.y);
  atomicSub(&items.count, 2);
}`
    const numbers = [-3, ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 0.5, 0.25, 0.125], ...[9, 8, 7, 6, 5, 4, 3, 2, 1, 1, 2, 3]]
    const [shown, code] = await said(text, '--bind', `items=inout=${numbers}`, '--groups', '1', '--print', 'items:25')
    const after = numbers.map((x, i) => (i === 0 ? -5 : i === 21 ? 1 + 3 + 2 : x))
    expect(shown.split('\n')[1]).toBe(`items = ${after.join(', ')}`)
    expect(code).toBe(0)
  })
  test('with subgroups has lanes of 32, or as the facts say', async () => {
    const text = `enable subgroups;
@group(0) @binding(0) var<storage, read_write> y: array<u32>;
@compute @workgroup_size(64) fn main(@builtin(local_invocation_index) i: u32, @builtin(subgroup_size) n: u32) { y[i] = n; }`
    const args = ['--bind', 'y=out:64', '--groups', '1', '--print', 'y:1']
    expect((await said(text, ...args))[0]).toContain('y = 32\n')
    out = ''
    expect((await said(text, ...args, '--facts', 'gpu8'))[0]).toContain('y = 8\n')
    await expect(said(text, ...args, '--facts', 'gpu')).rejects.toThrow(
      'my.wgsl enables subgroups, which gpu lacks (take',
    )
  })
})

describe('faults', () => {
  const main = (body: string, before = ''): string => `@group(0) @binding(0) var<storage, read_write> y: array<f32>;
${before}
@compute @workgroup_size(4)
fn main(@builtin(local_invocation_index) lane: u32) {
${body}
}
`
  test.each([
    ['  y[lane] = y[lane + 4u];', 'y[4] is outside', '   5 |   y[lane] = y[lane + 4u];\n         ^         ^'],
    ['  if (y[3] == 0.0) { y[3u - lane] = 1.0; }', 'race on y[3]', '\n             ^              ^'],
    ['  y[0] += 1.0;', 'race on y[0]', '   5 |   y[0] += 1.0;\n         ^'],
    ['  while (y[lane] >= 0.0) { y[lane] += 1.0; }', 'no end', '\n         ^^^^^'],
  ])('%s', async (body, fault, marks) => {
    const [text, code] = await said(main(body), '--bind', 'y=zeros:4', '--groups', '1', '--limit', '1000')
    expect(code).toBe(1)
    expect(text).toContain(fault)
    expect(text).toContain(marks)
  })
  test('both lines of a race are shown, in their order, and tabs are one column', async () => {
    const text = main('\ty[lane] = 1.0;\n\tlet z = y[3u - lane];\n\ty[lane] = z;')
    const [shown, code] = await said(text, '--bind', 'y=out:4', '--groups', '1')
    expect(shown).toContain('   5 |  y[lane] = 1.0;\n        ^\n   6 |  let z = y[3u - lane];\n                ^\n')
    expect(shown).toMatch(/main: \d faults: 4 threads in 1 workgroup/)
    expect(code).toBe(1)
  })
  test('a text that is refused: file, line, what, remedy, and the place', async () => {
    expect(await said(main('  y[lane] = 1;\n  y[lane] = lane;'), '--groups', '1')).toEqual([
      'my.wgsl:6: lane is u32, y[lane] holds f32 (write f32(lane))\n   6 |   y[lane] = lane;\n                   ^\n',
      1,
    ])
  })
  test('an override without a value', async () => {
    const [text, code] = await said(main('  y[lane] = A;', 'override A: f32;'), '--groups', '1')
    expect([text.split('\n')[0], code]).toEqual(['my.wgsl:2: override A has no value (give one)', 1])
  })
})

describe('refused', () => {
  const all = ['--bind', 'x=rand:8', '--bind', 'y=out:8', '--bind', 'p=8,1', '--groups', '1']
  test.each([
    [['--groups', '1'], 'saxpy uses p, which is not bound (give --param n=1 --param a=1 for uniform Params; '],
    [['--param', 'n=8', '--groups', '1'], 'check: p.a has no value (give --param a=1)'],
    [['--param', 'n=1,2', '--param', 'a=1', '--groups', '1'], 'check: --param n has 2 numbers (p.n takes 1)'],
    [
      ['--bind', 'p=8,1', '--groups', '1'],
      '--bind x=rand:1000 for storage array<f32>; --bind y=out:1000 for storage array<f32>)',
    ],
    [['--bind', 'p=8'], 'check: --bind p gives 1 numbers, and Params has 2 (give 2)'],
    [['--bind', 'p=8.5,1'], 'check: number 0 of p is 8.5 (it is of type u32)'],
    [['--bind', 'p=rand:2'], 'check: --bind p=rand, and p holds u32 (p=randint:10:SHAPE'],
    [['--bind', 'q=8'], 'check: --bind q: saxpy uses no such variable (it uses p, x, y)'],
    [['--bind', 'x=out:8'], 'check: --bind x is out, and saxpy only reads it (fill it: x=rand:1000)'],
    [['--bind', 'x=1,two'], 'check: --bind x=1,two: it is not a list of numbers (x=1,2.5,-3)'],
    [['--bind', 'x=fill:1'], 'check: --bind x=fill:1: fill needs a number and a shape (x=fill:0.5:1024)'],
    [['--bind', 'x=rnad:8'], "check: --bind x=rnad:8: there is no 'rnad' (did you mean rand?"],
    [['--bind', 'x=none.npy'], 'none.npy, it does not exist'],
    [
      ['--bind', 'p=8,1', '--bind', 'x=rand:100000000'],
      'check: buffers up to x have 400000008 bytes, at most are 67108864',
    ],
    [[...all, '--bind', 'x=1'], 'check: --bind x is given twice'],
    [[...all, '--param', 'b=1'], 'check: --param b is used by nothing (uniforms have n, p.n, a, p.a)'],
    [[...all, '--const', 'LINES=1'], 'my.wgsl has no override LINES (did you mean LANES?)'],
    [
      [...all, '--const', 'LANES=512'],
      'check: saxpy has workgroups of 512 × 1 × 1 threads, the adapter 256 threads (use smaller',
    ],
    [[...all, '--print', 'z'], 'check: --print z: z is not bound (it is one of p, x, y)'],
    [[...all, '--facts', 'gpu33'], "check: --facts is 'gpu33' (did you mean gpu32? it is one of gpu, gpu4"],
    [[...all, '--limit', '0'], "check: --limit is '0' (give a whole number from 1 up)"],
    [
      [...all, '--limit', '9'],
      'check: saxpy would run 64 threads, the limit is 9 (run fewer workgroups, or give a higher',
    ],
    [[...all, '--entry', 'saxpi'], 'my.wgsl has no entry point saxpi (did you mean saxpy? it has saxpy)'],
    [all.slice(0, -2), 'check: how many workgroups? (give --groups, such as --groups 4 or n/64)'],
    [[...all.slice(0, -1), '9/0'], 'check: --groups is'],
  ])('%s', async (args, message) => {
    await expect(said(saxpy, ...args)).rejects.toThrow(message)
  })
  test('files: none, those that are not there, without or with several entry points, bindings in other groups', async () => {
    await expect(check([])).rejects.toThrow('check: which file? (such as handgrad check my.wgsl)')
    await expect(check([join(folder, 'none.wgsl')])).rejects.toThrow('none.wgsl, it does not exist')
    await expect(said('fn f() {}')).rejects.toThrow('my.wgsl has no entry point (it begins with @compute')
    const two = '@compute @workgroup_size(1) fn f() {}\n@compute @workgroup_size(1) fn g() {}'
    await expect(said(two)).rejects.toThrow('my.wgsl has 2 entry points (--entry is one of f, g)')
    const group = '@group(1) @binding(0) var<uniform> a: u32; @compute @workgroup_size(1) fn f() { _ = a; }'
    await expect(said(group)).rejects.toThrow('my.wgsl: a is in group 1 (put all bindings into @group(0))')
  })
})

test('the program lists it, and shows its options', async () => {
  const [all, own] = await Promise.all([handgrad('--help'), handgrad('check', '--help')])
  expect(all.out).toContain('handgrad check        Run a kernel of your own without a GPU')
  expect(own.out).toContain('handgrad check FILE.wgsl [options]')
  expect(own.out).toContain('--bind X=FILL:SHAPE')
}, 60_000)
