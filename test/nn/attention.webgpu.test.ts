/** @file Every layer of test/reference/nn_attention.json on WebGPU, as PyTorch has it in float64. */
import { expect, it } from 'vitest'
import type { Device } from '../../src/core/device.ts'
import { device } from '../../src/node.ts'
import { faultsOf } from './layers.ts'

it('layers are PyTorch’s: outputs, weights, gradients, second order', async () => {
  const gpu = await device('webgpu', { debug: true })
  // Rows of three numbers, normalised again and again: gradients are what is left of terms a thousand times as large.
  expect(await faultsOf('nn_attention', gpu as Device, 'float32', 5e-5)).toEqual([])
  gpu.destroy()
})
