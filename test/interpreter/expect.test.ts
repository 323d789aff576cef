/** @file What users' tests of kernels stand on: `expectNoFaults`, faults in words, traces of accesses. */
import { describe, expect, test } from 'vitest'
import { defineKernel, type Kernel } from '../../src/core/kernel.ts'
import { type Access, expectNoFaults, interpreter } from '../../src/interpreter/index.ts'

/** Sums of four in a workgroup, with or without the barrier that it takes. */
const sums = (barrier: string): Kernel =>
  defineKernel({
    wgsl: `
// kernel: sums
struct Params { size: u32 }
override SCALE: f32 = 1.0;
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
var<workgroup> part: array<f32, 4>;
@compute @workgroup_size(4)
fn group(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = group.x * 4u + lane;
  part[lane] = 0.0f;
  if (i < p.size) { part[lane] = x[i] * SCALE; }
  ${barrier}
  if (lane == 0u) { y[group.x] = part[0] + part[1] + part[2] + part[3]; }
}
@compute @workgroup_size(4)
fn thread(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= (p.size + 3u) / 4u) { return; }
  var sum = 0.0f;
  for (var i = id.x * 4u; i < min(id.x * 4u + 4u, p.size); i++) { sum += x[i] * SCALE; }
  y[id.x] = sum;
}`,
    cpu: () => {},
    plan: {
      variants: {
        group: {
          fits: ({ size }) => size > 1,
          dispatch: ({ size }) => ({ entry: 'group', groups: Math.ceil(size / 4) }),
        },
        thread: { dispatch: ({ size }) => ({ entry: 'thread', groups: Math.ceil(size / 16) }) },
      },
    },
  })

const x = Float32Array.of(1, 2, 3, 4, 5)
const cases = [
  { inputs: { x }, outputs: { y: 2 }, params: { size: 5 } },
  { inputs: { x }, outputs: { y: 1 }, params: { size: 1 }, constants: { SCALE: 2 } },
]

describe('expectNoFaults', () => {
  test('gives what each case made, in each variant that fits', async () => {
    expect(await expectNoFaults(sums('workgroupBarrier();'), cases)).toEqual([
      { index: 0, variant: 'group', outputs: { y: Float32Array.of(10, 5) } },
      { index: 0, variant: 'thread', outputs: { y: Float32Array.of(10, 5) } },
      { index: 1, variant: 'thread', outputs: { y: Float32Array.of(2) } },
    ])
  })

  test('lists faults, with case and variant', async () => {
    await expect(expectNoFaults(sums(''), cases)).rejects.toThrow(
      /^expectNoFaults: sums has \d faults:\ncase 0, group: inline\.wgsl:1\d: group: race on part\[\d\]: thread \d of group 0,0,0 /,
    )
  })

  test('reads beyond what was given', async () => {
    const short = [{ outputs: { y: 2 }, inputs: { x: new Float32Array(4) }, params: { size: 5 } }]
    await expect(expectNoFaults(sums('workgroupBarrier();'), short)).rejects.toThrow(
      /x\[4\] is outside: thread 0 of group 1,0,0/,
    )
  })

  test('what it refuses', async () => {
    const refused = (given: unknown) => expectNoFaults(sums(''), given as never)
    await expect(refused([])).rejects.toThrow('expectNoFaults: cases is an array (give a list of')
    await expect(refused([{ inputs: { z: x }, outputs: {}, params: {} }])).rejects.toThrow('there is no option z')
    await expect(refused([{ outputs: { x: 3 }, params: {} }])).rejects.toThrow('case 0: outputs: there is no option x')
    await expect(refused([{ ...cases[0], inputs: { x: [1] } }])).rejects.toThrow('input x is an array (a Float32Array')
    await expect(expectNoFaults(sums(''), cases, { facts: 'cpu' as never })).rejects.toThrow("no facts 'cpu'")
  })
})

test('a trace has every access of the first order, with place, thread and phase', () => {
  const seen: Access[] = []
  const device = interpreter({ trace: (access) => seen.push(access), force: { sums: 'group' } })
  const [y, input] = [device.alloc('float32', 2, 'y'), device.alloc('float32', 5, 'x')]
  device.write(input, x)
  device.run({ kernel: sums('workgroupBarrier();'), blocks: [y, input], params: { size: 5 }, label: 'sums' })
  expect(seen.filter(({ buffer }) => buffer === 'y')).toMatchObject([
    { does: 'write', byte: 0, bytes: 4, group: [0, 0, 0], thread: 0, phase: 1 },
    { does: 'write', byte: 4, bytes: 4, group: [1, 0, 0], thread: 0, phase: 1 },
  ])
  expect(seen.filter(({ buffer, does }) => buffer === 'x' && does === 'read').map(({ byte }) => byte / 4)).toEqual([
    0, 1, 2, 3, 4,
  ])
})
