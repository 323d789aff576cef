/** @file The models of test/reference/llama on WebGPU, against PyTorch in float64. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { forwardErrors, gradientError, halves, llamas, trainedLlamas } from './cases.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

it.each(llamas)('%s: hidden states, logits and loss', async (name) => {
  for (const [what, found] of Object.entries(await forwardErrors(name, gpu, 'float32')))
    expect(found, what).toBeLessThan(1e-5)
})

it.each(halves)('%s: of weights that stay %s', async (name, dtype) => {
  for (const [what, found] of Object.entries(await forwardErrors(name, gpu, dtype)))
    expect(found, what).toBeLessThan(1e-5)
})

it.each(trainedLlamas)('%s: gradients', async (name) => {
  expect(await gradientError(name, gpu, 'float32')).toBeLessThan(1e-5)
})
