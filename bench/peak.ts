/**
 * @file Limits of the machine, measured in the same run: how many multiply-adds it can do when no memory is touched.
 */
import { type Device, defineKernel, launch, Tensor } from '../src/node.ts'
import { type Case, type Figure, figure } from './harness.ts'

const CHAINS = 12
const UNROLLED = 16
const variables = Array.from({ length: CHAINS }, (_, i) => `x${i}`)

// Twelve independent chains x ← x·a + b hide the latency of one; unrolled, because a short loop costs more than its
// body on software drivers.
const fmaKernel = defineKernel({
  wgsl: `
// kernel: fma_peak
struct Params { size: u32, rounds: u32, a: f32, b: f32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64)
fn fma_peak(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= p.size) { return; }
  ${variables.map((x, i) => `var ${x} = f32(id.x) + ${i}.0;`).join('\n  ')}
  for (var r = 0u; r < p.rounds; r++) {
    ${`${variables.map((x) => `${x} = fma(${x}, p.a, p.b);`).join(' ')}\n    `.repeat(UNROLLED)}
  }
  y[id.x] = ${variables.join(' + ')};
}`,
  cpu: ([y], { size, rounds, a, b }) => {
    for (let i = 0; i < size; i++) y[i] = chains(i, rounds * UNROLLED, a, b)
  },
})

/** The same twelve chains in JavaScript; their sum. */
function chains(start: number, rounds: number, a: number, b: number): number {
  let [x0, x1, x2, x3, x4, x5] = [start, start + 1, start + 2, start + 3, start + 4, start + 5]
  let [x6, x7, x8, x9, x10, x11] = [start + 6, start + 7, start + 8, start + 9, start + 10, start + 11]
  for (let r = 0; r < rounds; r++) {
    x0 = x0 * a + b
    x1 = x1 * a + b
    x2 = x2 * a + b
    x3 = x3 * a + b
    x4 = x4 * a + b
    x5 = x5 * a + b
    x6 = x6 * a + b
    x7 = x7 * a + b
    x8 = x8 * a + b
    x9 = x9 * a + b
    x10 = x10 * a + b
    x11 = x11 * a + b
  }
  return x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + x11
}

/** A limit, timed in turn with what it is compared with. */
export interface Peak extends Case {
  /** Of the seconds of its calls. */
  figure(seconds: readonly number[]): Figure
}

/**
 * GFLOP/s of multiply-adds in registers: JavaScript's on the CPU device, the adapter's on WebGPU. A multiply-add counts
 * as 2.
 */
export function peak(device: Device): Peak {
  const software =
    device.kind === 'cpu' || ('facts' in device && (device as { facts: { software: boolean } }).facts.software)
  const size = device.kind === 'cpu' ? 16 : software ? 4096 : 2 ** 20
  const rounds = device.kind === 'cpu' ? 4096 : 256
  const y = Tensor.alloc(device, 'float32', [size], 'peak')
  const run = async () => {
    launch('peak', fmaKernel, [y], { size, rounds, a: 0.5, b: 0.25 })
    await device.sync()
  }
  const flop = 2 * CHAINS * UNROLLED * rounds * size
  const name = device.kind === 'cpu' ? 'JavaScript multiply-add peak' : 'multiply-add peak'
  return { name, run, figure: (seconds) => figure(name, 'GFLOP/s', seconds, (s) => flop / s / 1e9) }
}
