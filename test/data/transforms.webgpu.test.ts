/** @file Transforms of tables on WebGPU, as scikit-learn has them in float64. */
import { expect, it } from 'vitest'
import { type Device, device } from '../../src/node.ts'
import { tensorFaults } from './tables.ts'

it('values are scikit-learn’s', async () => {
  const gpu = await device('webgpu', { debug: true })
  expect(await tensorFaults(gpu as Device, 'float32', 1e-5)).toEqual([])
  gpu.destroy()
})
