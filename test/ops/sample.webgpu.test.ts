/** @file Tokens drawn on WebGPU: the ids that the CPU draws, and rows that nothing can be drawn by. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sample, tensor } from '../../src/index.ts'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { samplingTests, undrawable } from '../support/sampling.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

describe('sample on WebGPU', () => samplingTests(64, () => ({ device: gpu, dtype: 'float32' })))

it.each(undrawable)('at the next read: %s', async (text, rows, options) => {
  const { ids } = sample(tensor(rows, { device: gpu }), options)
  await expect(ids.data()).rejects.toThrow(text)
})
