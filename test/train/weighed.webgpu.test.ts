/** @file Accumulation weighed by tokens on WebGPU. */
import { afterAll, beforeAll, expect, it, test } from 'vitest'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { accumulationError, ownLoopError, printedError, weights } from './weighed.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

test('transformers#34191: batches of texts of different lengths are one batch, not a mean of means', async () => {
  for (const [how, weight] of Object.entries(weights))
    for (const found of [await accumulationError(gpu, weight), await printedError(gpu, weight)])
      expect(found, how).toBeLessThan(1e-6)
})

it.each(['number', 'tensor'] as const)('in a loop of one’s own: scaleGrad by a %s', async (counted) => {
  expect(await ownLoopError(gpu, counted)).toBeLessThan(1e-6)
})
