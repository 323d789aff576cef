/**
 * @file Random numbers on WebGPU are those of the CPU: uniforms bit for bit, normals to 1e-6, for any seed, size and
 * position.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  bernoulli,
  dropout,
  eye,
  linspace,
  manualSeed,
  multinomial,
  nn,
  normal,
  ones,
  rand,
  randint,
  randLike,
  randn,
  randnLike,
  randperm,
  scaledDotProductAttention,
  type Tensor,
  type TensorOptions,
  tensor,
  zeros,
} from '../../src/index.ts'
import { device } from '../../src/node.ts'
import { defaultGenerator } from '../../src/ops/base/generator.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'

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

it.each<[string, (options: TensorOptions) => Tensor]>([
  ['rand', (options) => rand([4099], options)],
  ['dropout', (options) => dropout(ones([4099], options))],
  ['dropout by fours', (options) => dropout(ones([4096], options))],
  // All weights are alike: what is left of them is the mask.
  [
    'attention',
    (options) =>
      scaledDotProductAttention(zeros([40, 8], options), zeros([48, 8], options), eye(48, options), { dropoutP: 0.5 }),
  ],
])('%s: equal where the position passes 2³² blocks, and does not begin again', async (name, draw) => {
  const at = async (position: number) => {
    const [[cpu], [own]] = await both(42, (options) => {
      defaultGenerator.draw(position)
      return [draw(options)]
    })
    if (name === 'attention') expect(own.map(Math.sign)).toEqual(cpu.map(Math.sign))
    else expect(Buffer.compare(Buffer.from(own.buffer), Buffer.from(cpu.buffer))).toBe(0)
    return cpu
  }
  const border = 3 * 2 ** 32
  await at(border - 5)
  expect(await at(border)).not.toEqual(await at(0))
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

it('integers, permutations, coins and categories are equal', async () => {
  const draws = (options: TensorOptions) => {
    const weights = tensor(
      Array.from({ length: 40 }, (_, i) => ((i * 7) % 5) / 4),
      { shape: [4, 10], ...options },
    )
    return [
      randint(-5, 100, [1000], options),
      randperm(500, options),
      bernoulli(0.3, [5000], options),
      bernoulli(weights),
      multinomial(weights, 5),
      multinomial(weights, 1000, { replacement: true }),
      rand([3], options),
    ]
  }
  for (const seed of seeds) {
    const [cpu, own] = await both(seed, draws)
    expect(own, `seed ${seed}`).toEqual(cpu)
  }
})

it('normals with mean and deviation are equal to 1e-5, constants exactly', async () => {
  const [cpu, own] = await both(3, (options) => {
    const x = tensor([1, 2, 3], options)
    return [
      normal(1, 3, [5000], options),
      normal(x, x),
      randnLike(x),
      randLike(x),
      eye(3, 4, options),
      linspace(0, 9, 7, options),
    ]
  })
  own.forEach((data, i) => {
    data.forEach((v, j) => {
      expect(Math.abs(v - cpu[i][j])).toBeLessThanOrEqual(i < 3 ? 1e-5 : 0)
    })
  })
})
