/** @file Every layer of test/reference/nn_sequence.json on WebGPU, as PyTorch has it in float64. */
import { expect, it } from 'vitest'
import type { Device } from '../../src/core/device.ts'
import { device } from '../../src/node.ts'
import { faultsOf } from './layers.ts'

it('embeddings and recurrent layers are PyTorch’s: outputs, gradients, second order, shortened rows', async () => {
  const gpu = await device('webgpu', { debug: true })
  expect(await faultsOf('nn_sequence', gpu as Device, 'float32', 2e-5)).toEqual([])
  gpu.destroy()
})
