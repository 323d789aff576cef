/** @file Every case of test/reference on WebGPU: values, gradients and second order as PyTorch has them in float64. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Device } from '../../src/core/device.ts'
import { device } from '../../src/node.ts'
import { references, replay, titleOf } from '../support/reference.ts'

let gpu: Awaited<ReturnType<typeof device>>
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

/** Waits of reads are shared: a file of cases is one test. */
describe('as PyTorch', () => {
  it.each(Object.entries(references))('%s', { timeout: 300_000 }, async (_, cases) => {
    const faults = await Promise.all(
      cases.map(async (c) => {
        const fault = await replay(c, gpu as Device, 'float32', 2e-5)
        return fault && `${titleOf(c)}: ${fault}`
      }),
    )
    expect(faults.filter(Boolean)).toEqual([])
  })
})
