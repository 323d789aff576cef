/**
 * @file Our kernels without a guard, without a barrier, beside the index: the interpreter names the fault and its line.
 * This is a sample of what tools/kernels/mutants.ts draws.
 */
import { afterEach, expect, test } from 'vitest'
import { makeProgram } from '../../src/interpreter/code/index.ts'
import { InterpreterDevice } from '../../src/interpreter/device.ts'
import { type FaultKind, faultText } from '../../src/interpreter/index.ts'
import { Programs } from '../../src/interpreter/programs.ts'
import { argmax, avgPool2d, layerNorm, matmul, ones, type Tensor, type TensorOptions } from '../../src/node.ts'
import { lineOf } from '../../tools/mutants/mutant.ts'
import { plant, textOf } from '../../tools/mutants/planted.ts'

interface Sample {
  /** In shaders/, without its ending. */
  readonly file: string
  /** What is changed, and what makes it the only one in the file. */
  readonly text: string
  readonly mutated: string
  readonly force?: Readonly<Record<string, string>>
  readonly call: (on: TensorOptions) => Tensor
  readonly kind: FaultKind
  /** What stands in the line that is named, if not in the first of `text`. */
  readonly at?: string
}

const rows = (on: TensorOptions): Tensor => ones([5, 6], on)
const softmax = { file: 'softmax', force: { softmax: 'group' }, call: (on: TensorOptions) => rows(on).softmax(-1) }

const samples: Readonly<Record<string, Sample>> = {
  'no barrier in a tree': {
    ...softmax,
    text: 'workgroupBarrier();\n    if (lane < half) { partial[lane] = nan_max',
    mutated: '\n    if (lane < half) { partial[lane] = nan_max',
    kind: 'race',
    at: 'partial[lane] = m;',
  },
  'no barrier before memory is used again': {
    ...softmax,
    text: 'm = partial[0];\n  workgroupBarrier();',
    mutated: 'm = partial[0];\n',
    kind: 'race',
    at: 'm = partial[0];',
  },
  'no barrier after a slice': {
    file: 'lib/tile',
    text: '  }\n  workgroupBarrier();\n}',
    mutated: '  }\n\n}',
    force: { matmul: 'shared' },
    call: (on) => matmul(ones([3, 40], on), ones([40, 3], on)),
    kind: 'race',
    at: 'let v = vec4<f32>(',
  },
  'all lanes in a tree': {
    file: 'reduce',
    text: 'if (lane < half) { partial[lane] = combine',
    mutated: '{ partial[lane] = combine',
    force: { reduce: 'group' },
    call: (on) => rows(on).sum(1),
    kind: 'outside',
  },
  'results of workgroups that are too many': {
    file: 'extremum',
    text: 'if (lane == 0u && inside) {',
    mutated: 'if (lane == 0u) {',
    force: { extremum: 'group' },
    call: (on) => argmax(rows(on), 1),
    kind: 'outside',
    at: 'y[e] = x[address(own.base, best.j)];\n    index[e]',
  },
  'threads after the last element': {
    file: 'copy',
    force: { copy: 'strided' },
    text: 'if (e >= p.size) { return; }\n  let at = place(e);',
    mutated: '\n  let at = place(e);',
    call: (on) => rows(on).transpose(0, 1).contiguous(),
    kind: 'outside',
    at: 'y[u32(at.x)]',
  },
  'all of the last vec4': {
    file: 'fill',
    text: 'if (e + 2u < p.size) { y[e / 4u].z = bits; }',
    mutated: '{ y[e / 4u].z = bits; }',
    call: (on) => ones([6], on),
    kind: 'outside',
  },
  'windows that end on padding': {
    file: 'pool',
    text: 'min(vec2<i32>(w.rows.y, w.cols.y), vec2<i32>(i32(p.rows.y), i32(p.cols.y))));\n  var sum',
    mutated: 'vec2<i32>(w.rows.y, w.cols.y));\n  var sum',
    call: (on) => avgPool2d(ones([1, 1, 5, 5], on), 3, { stride: 2, padding: 1 }),
    kind: 'outside',
    at: 'part += x[',
  },
  'an offset, one too far': {
    file: 'norm',
    text: 'if (r >= p.rows) { return; }\n  let begin = p.x_offset + r * p.cols;',
    mutated: 'if (r >= p.rows) { return; }\n  let begin = p.x_offset + 1u + r * p.cols;',
    force: { norm: 'thread' },
    call: (on) => layerNorm(rows(on), [6]),
    kind: 'undefined',
    at: 'mean[r] =',
  },
  'a stride, one too wide': {
    file: 'sort',
    text: 'if (r < p.rows && begin + i < p.cols) { pairs[r * p.cols + begin + i] = block[i]; }',
    mutated: 'if (r < p.rows && begin + i < p.cols) { pairs[r * (p.cols + 1u) + begin + i] = block[i]; }',
    force: { sort: 'block' },
    call: (on) => rows(on).argsort(1),
    kind: 'outside',
  },
}

afterEach(() => plant(null))

async function faultsOf({ force, call }: Sample) {
  const device = new InterpreterDevice(new Programs(makeProgram), { facts: 'gpu32', force, maxGroups: 3 })
  await call({ device }).data()
  device.destroy()
  return device.faults()
}

test.each(Object.entries(samples))('%s', async (_, sample) => {
  const file = `shaders/${sample.file}.wgsl`
  const text = textOf(file)
  expect(text.split(sample.text)).toHaveLength(2)
  expect((await faultsOf(sample)).map(faultText)).toEqual([])
  plant({ file, text: text.replace(sample.text, sample.mutated) })
  const line = lineOf(text, text.indexOf(sample.at ?? sample.text))
  expect((await faultsOf(sample)).map((fault) => `${fault.kind} ${fault.file}:${fault.line}`)).toContain(
    `${sample.kind} ${sample.file}.wgsl:${line}`,
  )
})
