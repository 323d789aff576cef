/** @file Random numbers on WebGPU are those of the CPU: uniforms bit for bit, normals to 1e-6, for any seed, size and position. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { manualSeed, nn, rand, randn, type Tensor, type TensorOptions } from '../src/index.ts'
import { device } from '../src/node.ts'
import type { WebGPUDevice } from '../src/webgpu/device.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

const sizes = [1, 2, 3, 4, 5, 63, 1027, 65_536, 100_001]
const seeds = [0, 1, 42, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]

/** The same draws on both devices. */
async function both(
  seed: number,
  draw: (options: TensorOptions) => Tensor[],
): Promise<[Float32Array[], Float32Array[]]> {
  const on = async (options: TensorOptions) => {
    manualSeed(seed)
    const xs = draw(options)
    const data = await Promise.all(xs.map((x) => x.data()))
    for (const x of xs) x.dispose()
    return data as Float32Array[]
  }
  return [await on({}), await on({ device: gpu })]
}

it('uniforms are equal bit for bit', async () => {
  for (const seed of seeds) {
    const [cpu, own] = await both(seed, (options) => sizes.map((n) => rand([n], options)))
    own.forEach((data, i) =>
      expect(
        Buffer.compare(Buffer.from(data.buffer), Buffer.from(cpu[i].buffer)),
        `seed ${seed}, ${sizes[i]} numbers`,
      ).toBe(0),
    )
  }
})

it('normals are equal to 1e-6', async () => {
  for (const seed of seeds) {
    const [cpu, own] = await both(seed, (options) => sizes.map((n) => randn([n], options)))
    own.forEach((data, i) => {
      let worst = 0
      data.forEach((v, j) => {
        worst = Math.max(worst, Math.abs(v - cpu[i][j]))
      })
      expect(worst, `seed ${seed}, ${sizes[i]} numbers`).toBeLessThan(1e-6)
    })
  }
})

it('the position counts on across devices', async () => {
  manualSeed(5)
  const mixed = [rand([5]), rand([3], { device: gpu }), rand([9]), rand([2], { device: gpu })]
  const data = await Promise.all(mixed.map((x) => x.data()))
  const [cpu] = await both(5, (options) => [5, 3, 9, 2].map((n) => rand([n], options)))
  expect(data).toEqual(cpu)
})

it('modules begin the same: they are drawn on the host', async () => {
  manualSeed(9)
  const here = await new nn.Linear(7, 3).weight.data()
  manualSeed(9)
  expect(await new nn.Linear(7, 3, { device: gpu }).weight.data()).toEqual(here)
})
