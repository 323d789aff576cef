/** @file Each kind of fault, planted in a small kernel, is named at its line; the kernel without it has none. */
import { describe, expect, test } from 'vitest'
import type { FaultKind } from '../../src/interpreter/faults.ts'
import { Me } from '../../src/interpreter/me.ts'
import { runGroup, type Threads, type Wait } from '../../src/interpreter/schedule.ts'
import { type Data, lineOf, ran } from './ran.ts'

interface Planted {
  readonly title: string
  readonly kind: FaultKind
  /** `// HERE` is where the fault is told, `// THERE` where the other access stands. */
  readonly broken: string
  /** What replaces what: the kernel without the fault. */
  readonly mend: readonly [string, string]
  readonly buffers?: Readonly<Record<number, Data | number>>
  readonly groups?: readonly [number, number, number]
  readonly subgroupSize?: number
  readonly says: string
  readonly index?: number
}

const io = `
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
`
const head = `${io}var<workgroup> w: array<f32, 8>;
@compute @workgroup_size(8) fn main(@builtin(local_invocation_index) i: u32, @builtin(workgroup_id) g: vec3<u32>) {
`
const floats = (n: number) => Float32Array.from({ length: n }, (_, i) => i + 1)

const cases: readonly Planted[] = [
  {
    title: 'a read beyond the buffer, without guard',
    kind: 'outside',
    broken: `${head}  if (i < 4u) { y[i] = x[i + 4u]; } // HERE\n}`,
    mend: ['i + 4u', 'i'],
    buffers: { 1: floats(8), 2: floats(4) },
    says: 'element 4 of 4',
    index: 4,
  },
  {
    title: 'a write beyond the buffer',
    kind: 'outside',
    broken: `${head}  y[i * 2u] = x[i]; // HERE\n}`,
    mend: ['i * 2u', 'i'],
    says: 'element 8 of 8',
    index: 8,
  },
  {
    title: 'a write to the padding after the last element',
    kind: 'outside',
    broken: `${head}  y[i] = x[i]; // HERE\n}`,
    mend: ['y[i] =', 'if (i < 5u) { y[i] = x[i]; } _ ='],
    buffers: { 1: floats(5), 2: floats(8) },
    says: 'y[5] is written, which lies after the last element',
    index: 5,
  },
  {
    title: 'a negative index',
    kind: 'outside',
    broken: `${head}  y[i] = x[i32(i) - 1]; // HERE\n}`,
    mend: ['i32(i) - 1', 'max(i32(i) - 1, 0)'],
    says: 'element -1, which is negative, of 8',
    index: -1,
  },
  {
    title: 'an array in workgroup memory',
    kind: 'outside',
    broken: `${head}  w[i + 1u] = x[i]; // HERE\n}`,
    mend: ['i + 1u', 'i'],
    says: 'element 8 of 8',
  },
  {
    title: 'an array of a function',
    kind: 'outside',
    broken: `${head}  var a = array<f32, 4>(); a[i % 4u] = 1.0;\n  y[i] = a[i]; // HERE\n}`,
    mend: ['y[i] = a[i]', 'y[i] = a[i % 4u]'],
    says: 'element 4 of 4',
  },
  {
    title: 'a component of a vector',
    kind: 'outside',
    broken: `${head}  let v = vec4<f32>(x[i]);\n  y[i] = v[i]; // HERE\n}`,
    mend: ['v[i]', 'v[i % 4u]'],
    says: 'element 4 of 4',
  },
  {
    title: 'a component of a variable',
    kind: 'outside',
    broken: `${head}  var v = vec4<f32>(x[i]);\n  v[i] = 2.0; // HERE\n  y[i] = v.x;\n}`,
    mend: ['v[i]', 'v[i % 4u]'],
    says: 'element 4 of 4',
  },
  {
    title: 'a tree sum without barriers',
    kind: 'race',
    broken: `${head}  w[i] = x[i]; // THERE
  for (var half = 4u; half > 0u; half /= 2u) {
    if (i < half) { w[i] += w[i + half]; } // HERE
  }
  if (i == 0u) { y[0] = w[0]; }
}`,
    mend: ['    if (i < half) {', '    workgroupBarrier();\n    if (i < half) {'],
    says: 'write of w[4]',
    index: 4,
  },
  {
    title: 'reading what another thread writes',
    kind: 'race',
    broken: `${head}  w[i] = x[i]; // THERE\n  y[i] = w[7u - i]; // HERE\n}`,
    mend: ['  y[i]', '  workgroupBarrier();\n  y[i]'],
    says: 'w[',
  },
  {
    title: 'workgroup memory behind a storageBarrier',
    kind: 'race',
    broken: `${head}  w[i] = x[i]; // THERE\n  storageBarrier();\n  y[i] = w[i ^ 1u]; // HERE\n}`,
    mend: ['storageBarrier', 'workgroupBarrier'],
    says: 'w[',
  },
  {
    title: 'storage behind a workgroupBarrier',
    kind: 'race',
    broken: `${head}  y[i] = x[i]; // THERE\n  workgroupBarrier();\n  w[i] = y[i ^ 1u]; // HERE\n}`,
    mend: ['workgroupBarrier', 'storageBarrier'],
    says: 'y[',
  },
  {
    title: 'two components of one vector',
    kind: 'race',
    broken: `@group(0) @binding(1) var<storage, read_write> v: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@compute @workgroup_size(8) fn main(@builtin(local_invocation_index) i: u32) {
  v[i / 4u][i % 4u] = x[i]; // HERE THERE
}`,
    mend: ['v[i / 4u][i % 4u] = x[i]', 'if (i < 2u) { v[i] = vec4<f32>(x[i]); }'],
    says: 'write of v[0]',
  },
  {
    title: 'two workgroups that write one element',
    kind: 'groups',
    broken: `${head}  if (i == 0u) { y[0] = x[g.x]; } // HERE THERE\n}`,
    mend: ['y[0]', 'y[g.x]'],
    groups: [2, 1, 1],
    says: 'write of y[0]',
  },
  {
    title: 'a workgroup that writes what another reads',
    kind: 'groups',
    broken: `${head}  let before = y[0]; // HERE\n  storageBarrier();
  if (i == 0u) { y[g.x * 4u] = before + 1.0; } // THERE\n}`,
    mend: ['g.x * 4u', 'g.x * 4u + 1u'],
    groups: [2, 1, 1],
    says: 'y[0]',
  },
  {
    title: 'undefined data that decides a branch',
    kind: 'undefined',
    broken: `${head}  let a = x[i];\n  if (a > 0.0) { y[i] = 1.0; } // HERE\n}`,
    mend: ['a > 0.0', 'i > 3u'],
    buffers: { 2: 32 },
    says: 'data of x that nothing wrote decides',
  },
  {
    title: 'undefined data that makes an address',
    kind: 'undefined',
    broken: `${head}  let a = x[i];\n  y[u32(a) & 7u] = 1.0; // HERE\n}`,
    mend: ['u32(a) & 7u', 'i'],
    buffers: { 2: 32 },
    says: 'data of x',
  },
  {
    title: 'undefined data that is written',
    kind: 'undefined',
    broken: `${head}  let a = x[i] * 2.0;\n  y[i] = a; // HERE\n}`,
    mend: ['y[i] = a', 'y[i] = select(a, 1.0, i < 9u)'],
    buffers: { 2: 32 },
    says: 'data of x that nothing wrote is written to y[0]',
  },
  {
    title: 'padding that reaches a sum',
    kind: 'undefined',
    broken: `@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> v: array<vec4<f32>>;
@compute @workgroup_size(1) fn main() {
  y[0] = dot(v[0], vec4<f32>(1.0)) + dot(v[1], vec4<f32>(1.0)); // HERE
}`,
    mend: ['dot(v[1], vec4<f32>(1.0))', 'v[1].x'],
    buffers: { 1: floats(4), 2: floats(5) },
    says: 'data of v',
  },
  {
    title: 'undefined data by way of functions, pointers, arrays and workgroup memory',
    kind: 'undefined',
    broken: `${io}var<workgroup> w: array<f32, 8>;
struct Pair { a: f32, b: vec2<f32> }
fn made(v: f32) -> Pair { return Pair(1.0, vec2<f32>(2.0, v)); }
fn put(to: ptr<function, array<f32, 4>>, i: u32, v: f32) { (*to)[i] = v; }
@compute @workgroup_size(8) fn main(@builtin(local_invocation_index) i: u32) {
  var list = array<f32, 4>();
  for (var k = 0u; k < 4u; k++) { put(&list, k, made(x[i]).b.y); }
  w[i] = list[3];
  workgroupBarrier();
  y[i] = w[7u - i]; // HERE
}`,
    mend: ['.b.y', '.b.x'],
    buffers: { 2: 32 },
    says: 'data of x that nothing wrote is written to y[0]',
  },
  {
    title: 'a loop without an end',
    kind: 'endless',
    broken: `${head}  var k = 0u;\n  while (k < 8u) { // HERE\n    y[i] = x[i];\n  }\n}`,
    mend: ['y[i] = x[i];', 'y[i] = x[i]; k++;'],
    says: 'more than 100000 steps',
  },
  {
    title: 'a loop without an end that has a barrier',
    kind: 'endless',
    broken: `${head}  var k = 0u;\n  while (k < 8u) { // HERE\n    workgroupBarrier();\n  }\n}`,
    mend: ['workgroupBarrier();', 'workgroupBarrier(); k++;'],
    says: 'more than 100000 steps',
  },
  {
    title: 'a broadcast from a lane that is not there',
    kind: 'lane',
    broken: `enable subgroups;\n${head}  y[i] = subgroupBroadcast(x[i], 5u); // HERE\n}`,
    mend: ['5u', '3u'],
    subgroupSize: 4,
    says: 'lane 5',
  },
]

const run = ({ buffers, groups = [1, 1, 1], subgroupSize = 4 }: Planted, text: string) =>
  ran(text, { 1: floats(8), 2: floats(8), ...buffers }, { groups, subgroupSize })

describe('planted faults', () => {
  test.each(cases)('$title', (planted) => {
    const { found } = run(planted, planted.broken)
    // What is clamped, or goes where undefined data says, may meet others there.
    const consequences: FaultKind[] = planted.kind === 'outside' || planted.kind === 'undefined' ? ['race'] : []
    const [first] = found
    expect(first.kind).toBe(planted.kind)
    const others = found.filter(({ kind }) => kind !== planted.kind && !consequences.includes(kind))
    expect(others).toEqual([])
    if (planted.index !== undefined) expect(found.map(({ index }) => index)).toContain(planted.index)
    const lines = [lineOf(planted.broken, 'HERE'), lineOf(planted.broken, 'THERE')]
    if (lines[1] === 0) {
      expect(first.line).toBe(lines[0])
      expect(first.what).toContain(planted.says)
      return
    }
    // Which of the two comes later is the order's choice.
    const pairs = found.map(({ line, other }) => [line, other?.line])
    expect([lines, lines.toReversed()]).toContainEqual(pairs[0])
    expect(found.some(({ what }) => what.includes(planted.says))).toBe(true)
    for (const { group, thread, other } of found) expect(other).not.toMatchObject({ group, thread })
  })

  test.each(cases)('none once it is mended: $title', (planted) => {
    const mended = planted.broken.replace(...planted.mend)
    expect(mended).not.toBe(planted.broken)
    const { found, ended } = run(planted, mended)
    expect(found).toEqual([])
    expect(ended).toBe(true)
  })
})

test('atomics do not race, nor does what is only read', () => {
  const text = `@group(0) @binding(1) var<storage, read_write> sum: atomic<u32>;
@group(0) @binding(2) var<storage, read> x: array<u32>;
@compute @workgroup_size(8) fn main(@builtin(local_invocation_index) i: u32) { atomicAdd(&sum, x[i / 8u]); }`
  const { found, words } = ran(text, { 1: new Uint32Array(1), 2: Uint32Array.of(3) }, { groups: [2, 1, 1] })
  expect(found).toEqual([])
  expect(words(1)[0]).toBe(48)
})

test('a barrier that not all threads reach, which only unchecked texts have', () => {
  const me = new Me([3, 1, 1])
  const threadOf = [[5, undefined], [5], [7]]
  const apart: (Wait | undefined)[][] = []
  let thread = 0
  const threads: Threads = {
    count: 3,
    waiting: true,
    reversed: false,
    me,
    enter: (which) => {
      thread = which
    },
    pause: () => {},
    *start() {
      for (const site of threadOf[thread]) if (site) yield site
    },
    passed: () => expect.unreachable(),
    apart: (waits) => apart.push([...waits]),
    absent: () => expect.unreachable(),
  }
  expect(runGroup(threads)).toBe(false)
  expect(apart).toHaveLength(1)
})
