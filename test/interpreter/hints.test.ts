/** @file Each kind of hint, planted in a small kernel, is told of at its line; without its cause there is none. */
import { describe, expect, test } from 'vitest'
import { type Hint, type HintKind, Hints, hintText } from '../../src/interpreter/hints.ts'
import { interpreter } from '../../src/interpreter/index.ts'
import { lineOf, ran } from './ran.ts'

interface Planted {
  readonly title: string
  readonly kind: HintKind
  /** `// HERE` is where the hint is told. */
  readonly text: string
  /** What replaces what: the kernel without it. */
  readonly mend: readonly [string, string]
  readonly took: number
  readonly least: number
  readonly count: number
}

const head = `
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> v: array<vec4<f32>>;
var<workgroup> w: array<f32, 2048>;
var<workgroup> w4: array<vec4<f32>, 256>;
@compute @workgroup_size(64) fn main(@builtin(local_invocation_index) i: u32) {
`
const cases: readonly Planted[] = [
  {
    title: 'a read with a stride',
    kind: 'uncoalesced',
    text: `${head}  y[i] = x[i * 8u]; // HERE\n}`,
    mend: ['i * 8u', 'i'],
    took: 32,
    least: 4,
    count: 2,
  },
  {
    title: 'a write with a stride, one of several on its line',
    kind: 'uncoalesced',
    text: `${head}  y[i * 16u] = x[i] + x[i + 1u]; // HERE\n}`,
    mend: ['i * 16u', 'i'],
    took: 32,
    least: 4,
    count: 2,
  },
  {
    title: 'rows, a thread each, read from the left to the right',
    kind: 'uncoalesced',
    text: `${head}  var sum = 0.0;\n  for (var k = 0u; k < 16u; k++) { sum += x[16u * i + k]; } // HERE\n  y[i] = sum;\n}`,
    mend: ['16u * i + k', 'i + k'],
    took: 32,
    least: 4,
    count: 32,
  },
  {
    title: 'one component of vectors',
    kind: 'uncoalesced',
    text: `${head}  y[i] = v[i].x; // HERE\n}`,
    mend: ['v[i].x', 'dot(v[i], vec4(1.0))'],
    took: 16,
    least: 4,
    count: 2,
  },
  {
    title: 'columns of workgroup memory whose rows have 32 words',
    kind: 'bankConflict',
    text: `${head}  for (var k = i; k < 2048u; k += 64u) { w[k] = x[k]; }
  workgroupBarrier();
  y[i] = w[(i % 32u) * 32u]; // HERE\n}`,
    mend: ['* 32u', '* 33u'],
    took: 32,
    least: 1,
    count: 2,
  },
  {
    title: 'every other word of workgroup memory',
    kind: 'bankConflict',
    text: `${head}  w[2u * i] = x[i]; // HERE\n  y[i] = 0.0;\n}`,
    mend: ['2u * i', 'i'],
    took: 2,
    least: 1,
    count: 2,
  },
  {
    title: 'vectors of workgroup memory in rows of eight, read by columns',
    kind: 'bankConflict',
    text: `${head}  w4[i] = v[i];
  workgroupBarrier();
  y[i] = dot(w4[(i % 8u) * 8u], vec4(1.0)); // HERE\n}`,
    mend: ['(i % 8u) * 8u', '63u - i'],
    took: 32,
    least: 4,
    count: 2,
  },
  {
    title: 'a barrier between accesses of one thread',
    kind: 'barrier',
    text: `${head}  w[i] = x[i];
  workgroupBarrier(); // HERE
  y[i] = w[i];\n}`,
    mend: ['= w[i]', '= w[63u - i]'],
    took: 1,
    least: 0,
    count: 1,
  },
  {
    title: 'a barrier beside another one',
    kind: 'barrier',
    text: `${head}  w[i] = x[i];
  workgroupBarrier(); // HERE
  let mine = y[i];
  storageBarrier();
  y[63u - i] = w[i] + mine;\n}`,
    mend: ['w[i] +', 'w[63u - i] +'],
    took: 1,
    least: 0,
    count: 1,
  },
  {
    title: 'workgroup memory that nobody wrote',
    kind: 'zeroed',
    text: `${head}  if (i < 60u) { w[i] = x[i]; }
  workgroupBarrier();
  y[i] = w[63u - i]; // HERE\n}`,
    mend: ['i < 60u', 'i < 64u'],
    took: 1,
    least: 0,
    count: 4,
  },
]

function hintsOf(text: string): Hint[] {
  const hints = new Hints()
  hints.begin({ kernel: 'kernel', entry: 'main', label: 'test' })
  const { found, ended } = ran(
    text,
    { 1: new Float32Array(1024), 2: new Float32Array(2048), 3: new Float32Array(256) },
    { watch: hints },
  )
  expect([ended, found]).toEqual([true, []])
  return hints.list()
}

describe('hints', () => {
  test.each(cases)('$kind: $title', ({ kind, text, mend, took, least, count }) => {
    const all = hintsOf(text)
    expect(all).toEqual([expect.objectContaining({ kind, line: lineOf(text, 'HERE'), took, least, count })])
    expect(hintText(all[0])).toContain(`kernel.wgsl:${lineOf(text, 'HERE')}: main: `)
    expect(hintsOf(text.replace(...mend))).toEqual([])
  })

  test('neighbours who want one word, a row of words, or atomics take no turns', () => {
    const text = `${head.replace('w: array<f32, 2048>', 'n: atomic<u32>').replace('var<workgroup> w4: array<vec4<f32>, 256>;', '')}
  atomicAdd(&n, 1u);
  workgroupBarrier();
  y[i] = x[0] + x[i] + f32(atomicLoad(&n));\n}`
    // Of a counter that nobody set all know.
    expect(hintsOf(text).map(({ kind }) => kind)).toEqual(['zeroed'])
  })

  test('no hint tells of the barriers of workgroupUniformLoad: without it there is nothing to load by', () => {
    const text = `${head}  if (i == 0u) { w[0] = x[3]; }
  y[i] = workgroupUniformLoad(&w[0]);\n}`
    expect(hintsOf(text)).toEqual([])
  })

  test('a barrier that one dispatch needs is needed', () => {
    const text = (read: string) => `${head}  w[i] = x[i];\n  workgroupBarrier();\n  y[i] = w[${read}];\n}`
    const hints = new Hints()
    hints.begin({ kernel: 'kernel', entry: 'main', label: 'test' })
    const buffers = () => ({ 1: 256, 2: new Float32Array(64), 3: new Float32Array(256) })
    ran(text('i'), buffers(), { watch: hints })
    expect(hints.list()).toHaveLength(1)
    ran(text('63u - i'), buffers(), { watch: hints })
    expect(hints.list()).toEqual([])
  })

  test('a device tells of them where it was asked to watch', () => {
    expect(() => interpreter().hints()).toThrow(
      'hints: this device does not watch for them (interpreter({ hints: true }))',
    )
    expect(interpreter({ hints: true }).hints()).toEqual([])
    // @ts-expect-error not a boolean
    expect(() => interpreter({ hints: 'all' })).toThrow("interpreter: hints is 'all' (true or false)")
  })
})
