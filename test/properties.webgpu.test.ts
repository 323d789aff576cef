/**
 * @file Random programs on WebGPU follow the CPU's float64, values and gradients, and are bit-identical when run again (fast-check). A
 * failure prints its seed and the smallest program found; HANDGRAD_SEED and HANDGRAD_RUNS repeat it, or try more.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Device, type DType, getDefaultDevice, grad, memory, openScope, type TypedArray } from '../src/index.ts'
import { device } from '../src/node.ts'
import type { WebGPUDevice } from '../src/webgpu/device.ts'
import { leavesOf, type Program, programs, run } from './support/programs.ts'

const seed = Number(process.env.HANDGRAD_SEED ?? Date.now() % 2 ** 31)
const numRuns = Number(process.env.HANDGRAD_RUNS ?? 60)

let gpu: WebGPUDevice
beforeAll(async () => {
  console.log(`properties on WebGPU: seed ${seed}, ${numRuns} runs`)
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

/** The value of a program and its gradients, all read together. */
async function results(program: Program, on: Device, dtype: DType): Promise<TypedArray[]> {
  using s = openScope()
  const tensors = s.run(() => {
    const xs = leavesOf(program, on, dtype)
    const y = run(program, xs)
    const grads = grad(y.sum(), xs, { allowUnused: true })
    return [y, ...grads.filter((g) => g !== null)]
  })
  return await Promise.all(tensors.map((x) => x.data()))
}

it('random programs of up to 12 ops: WebGPU follows float64 and repeats itself', async () => {
  const before = memory(gpu)
  await fc.assert(
    fc.asyncProperty(programs, async (program) => {
      const want = await results(program, getDefaultDevice(), 'float64')
      const [got, again] = await Promise.all([results(program, gpu, 'float32'), results(program, gpu, 'float32')])
      got.forEach((list, i) => {
        const scale = Math.max(1, ...Array.from(want[i], Math.abs))
        list.forEach((v, j) => {
          if (!(Math.abs(v - want[i][j]) <= 1e-4 * scale))
            throw new Error(`result ${i}, element ${j}: ${v}, float64 says ${want[i][j]}`)
        })
      })
      expect(again).toEqual(got)
    }),
    { seed, numRuns },
  )
  const { tensors, nodes, storages, live } = memory(gpu)
  expect({ tensors, nodes, storages, live }).toMatchObject({
    tensors: before.tensors,
    nodes: before.nodes,
    storages: before.storages,
    live: before.live,
  })
}, 60_000)
