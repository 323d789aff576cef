/**
 * @file The probe: a fixed piece of arithmetic, always the same, by which a run sees whether the machine itself became
 * slower or faster. Two reports may be compared by their ratios to it.
 */
import type { Device } from '../core/device.ts'
import type { WebGPUDevice } from '../webgpu/device.ts'
import type { Clock, Work } from './clock.ts'
import { bufferOf, Program } from './program.ts'
import type { Turn } from './rounds.ts'
import { benchShaders } from './wgsl.generated.ts'

/** Operations of one round of a thread of shaders/bench/fma.wgsl: 12 chains, written out 16 times. */
export const FMA_FLOP = 2 * 12 * 16
const LANES = 64
const [THREADS, ROUNDS] = [{ software: 4096, gpu: 2 ** 20 }, 128] as const

/** The work: multiply-adds in registers. */
export async function probeWork(device: Device): Promise<Work> {
  if (device.kind !== 'webgpu') return { run: () => void spin(2 ** 17) }
  const { gpu, facts } = device as WebGPUDevice
  const file = 'bench/fma.wgsl'
  const program = await Program.of(gpu, { code: benchShaders[file], file, entry: 'fma_f32', constants: { LANES } })
  const threads = facts.software ? THREADS.software : THREADS.gpu
  const y = bufferOf(gpu, new Float32Array(threads))
  const p = bufferOf(gpu, new Float32Array([ROUNDS, 0.5, 0.25]))
  return program.work([program.bind({ 0: y, 1: p })], [threads / LANES, 1, 1])
}

/** Takes part in rounds. */
export async function probeOf(device: Device, clock: Clock): Promise<Turn> {
  const work = await probeWork(device)
  return {
    name: 'probe',
    async sample() {
      const { gpu, wall } = await clock.measure(work, 3)
      return gpu ?? wall
    },
  }
}

/** Where what is computed goes, so that no compiler leaves it out. */
export let sink = 0

/** Dependent multiply-adds in JavaScript. */
function spin(rounds: number): void {
  let [a, b, c, d] = [1, 2, 3, 4]
  for (let i = 0; i < rounds; i++) {
    a = a * 0.5 + 0.25
    b = b * 0.5 + 0.25
    c = c * 0.5 + 0.25
    d = d * 0.5 + 0.25
  }
  sink = a + b + c + d
}
