/** @file The cache of keys and values on WebGPU. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { cacheError, llamaOn, modelOn } from './cases.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

it('cached, alone or in a padded batch, after rewind: the same logits', async () => {
  expect(await cacheError(modelOn(gpu))).toBeLessThan(1e-5)
  expect(await cacheError(llamaOn(gpu))).toBeLessThan(1e-5)
})
