/** @file Costs of WebGPU itself: submits, maps, bind groups, buffers, pipelines; and what only a fresh device shows. */
import type { WebGPUDevice } from '../../webgpu/device.ts'
import type { Open } from '../cold.ts'
import { firstWrong, Ground } from '../peaks/limit.ts'
import { bufferOf, Program } from '../program.ts'
import { READ, USAGE } from '../usage.ts'
import { benchShaders } from '../wgsl.generated.ts'
import { awaited, repeated, type Source, type Taken } from './source.ts'

/** Dispatches encoded in a row. */
const CHAIN = 100
/** Of a buffer that is made and destroyed. */
const BYTES = 2 ** 16

const atomics = { code: benchShaders['bench/atomics.wgsl'], file: 'bench/atomics.wgsl', entry: 'spread' } as const

export async function webgpuCosts(device: WebGPUDevice): Promise<{ sources: Source[]; free: () => void }> {
  const { gpu } = device
  const ground = new Ground(device)
  const [next, spread] = [await ground.program('dispatch', 'next'), await ground.program('atomics', 'spread')]
  const y = ground.buffer(16)
  const chain = next.work([next.bind({ 0: y })], [1, 1, 1], CHAIN)
  const [a, b] = [ground.buffer(2 ** 12), ground.buffer(16)]
  const layout = spread.pipeline.getBindGroupLayout(0)
  const entries = [a, b].map((buffer, binding) => ({ binding, resource: { buffer } }))
  const mapped = gpu.createBuffer({ size: 16, usage: USAGE.mapRead | USAGE.copyDst })
  const module = gpu.createShaderModule({ code: atomics.code })
  const compute = { module, entryPoint: atomics.entry }
  const sources = [
    repeated(device, { name: `${CHAIN} dispatches, bare`, check }, () => chain.run()),
    repeated(device, { name: 'submit, empty' }, () => gpu.queue.submit([gpu.createCommandEncoder().finish()])),
    awaited(device, { name: 'map and unmap', only: 'wall' }, async () => {
      await mapped.mapAsync(READ)
      mapped.unmap()
    }),
    repeated(device, { name: 'bind group', only: 'host' }, () => void gpu.createBindGroup({ layout, entries })),
    repeated(device, { name: `buffer of ${BYTES / 1024} KiB, made and destroyed`, only: 'host' }, () =>
      gpu.createBuffer({ size: BYTES, usage: USAGE.storage }).destroy(),
    ),
    repeated(
      device,
      { name: 'pipeline, known', only: 'host' },
      () => void gpu.createComputePipeline({ layout: 'auto', compute }),
    ),
  ]
  /** Each dispatch of the chain counts. */
  async function check(): Promise<string | undefined> {
    ground.clear(y)
    chain.run()
    return firstWrong((await ground.integers(y)).subarray(0, 1), () => CHAIN)
  }
  return {
    sources,
    free() {
      mapped.destroy()
      ground.destroy()
    },
  }
}

/** Opening a device, compiling a kernel on it, its first run and the next one: each sample has a device of its own. */
export const freshCosts = (open: Open): Source => ({
  name: 'fresh device',
  async sample() {
    const found: Taken[] = []
    const timed = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
      const start = performance.now()
      const result = await run()
      found.push({ name, clock: 'wall', seconds: (performance.now() - start) / 1e3, runs: 1 })
      return result
    }
    const device = (await timed('device, opened', open)) as WebGPUDevice
    try {
      const { gpu } = device
      const [y, p] = [bufferOf(gpu, new Uint32Array(64)), bufferOf(gpu, new Uint32Array([1]))]
      await device.sync()
      const program = await timed('pipeline, compiled on a fresh device', () => Program.of(gpu, atomics))
      const work = program.work([program.bind({ 0: y, 1: p })], [1, 1, 1])
      const run = () => {
        work.run()
        return gpu.queue.onSubmittedWorkDone()
      }
      await timed('first run on a fresh device', run)
      await timed('second run on a fresh device', run)
      return found
    } finally {
      device.destroy()
    }
  },
})
