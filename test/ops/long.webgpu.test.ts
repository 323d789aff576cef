/** @file Long rows and hard numbers in reductions, scans and sorts on WebGPU, by threads and by workgroups. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { device, full, grad, groupNorm, layerNorm, ones, type Tensor, tensor, zeros } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { matmul } from '../../src/webgpu/plans/matmul.ts'
import { norm_grad_affine } from '../../src/webgpu/plans/norm_grad_affine.ts'
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

test.each(Object.keys(norm_grad_affine.variants))(
  "a norm's weight and bias over a million terms, by %s",
  async (variant) => {
    const gpu = await device('webgpu', { force: { norm_grad_affine: variant } })
    try {
      const K = 1_000_004
      const on = { device: gpu }
      const x = tensor(
        Float32Array.from({ length: 4 * K }, (_, i) => 1 - 2 * (i % 2)),
        { shape: [K, 4], ...on },
      )
      const check = async (f: (w: Tensor, b: Tensor) => Tensor, channels: number, terms: number) => {
        const leaves = [
          ones([channels], { ...on, requiresGrad: true }),
          zeros([channels], { ...on, requiresGrad: true }),
        ]
        const y = f(leaves[0], leaves[1])
        const right = terms * Math.fround(0.1)
        // Of x̂ = ±1: with g = x̂/10 the terms of the weight's gradient are equal, with g = 1/10 those of the bias's.
        const [dw] = grad([y], leaves, { gradOutputs: [y.detach().mul(0.1)], retainGraph: true })
        const [, db] = grad([y], leaves, { gradOutputs: [full(y.shape, 0.1, on)] })
        for (const sums of [dw, db]) for (const value of await sums.data()) expect(value / right).toBeCloseTo(1, 5)
      }
      await check((w, b) => layerNorm(x, 4, w, b, { eps: 0 }), 4, K)
      await check((w, b) => groupNorm(x.reshape([1, 2, 2 * K]), 2, w, b, { eps: 0 }), 2, 2 * K)
      expect(gpu.counts()[`norm_grad_affine/${variant}`]).toBeGreaterThan(0)
    } finally {
      gpu.destroy()
    }
  },
)
