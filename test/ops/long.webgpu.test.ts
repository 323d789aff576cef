/** @file Long rows and hard numbers in reductions, scans and sorts on WebGPU, by threads and by workgroups. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { device, full } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { matmul } from '../../src/webgpu/plans/matmul.ts'
import { longTests } from '../support/long.ts'

const variants: Readonly<Record<string, string>>[] = [
  { cross_entropy: 'thread', reduce: 'thread', scan: 'thread', scatter: 'sorted', softmax: 'thread', sort: 'thread' },
  { reduce: 'group', scan: 'group', scatter: 'serial_vec4', softmax: 'thread_vec4', sort: 'block' },
]
for (const force of variants) {
  let gpu: WebGPUDevice
  describe(`long rows, ${Object.values(force).join(' ')}`, () => {
    beforeAll(async () => {
      gpu = await device('webgpu', { debug: true, force })
    })
    afterAll(() => gpu?.destroy())
    longTests(() => gpu, force.sort === 'block')
  })
}

test.each(Object.keys(matmul.variants))('a product of a million equal terms, by %s', async (variant) => {
  const gpu = await device('webgpu', { force: { matmul: variant } })
  try {
    // An adapter that is a CPU takes a minute for so many barriers.
    const K = variant === 'shared' ? 100_003 : 1_000_003
    const on = { device: gpu }
    const right = K * Math.fround(0.1) ** 2
    const y = await full([1, K], 0.1, on)
      .matmul(full([K, 1], 0.1, on))
      .item()
    expect(Math.abs(y / right - 1)).toBeLessThan(1e-5)
    // As the gradient of a weight, which is a sum over all rows.
    const [g, x] = [full([K, 2], 0.1, on), full([K, 3], 0.1, on)]
    for (const value of await g.transpose().matmul(x).data()) expect(Math.abs(value / right - 1)).toBeLessThan(1e-5)
  } finally {
    gpu.destroy()
  }
})
