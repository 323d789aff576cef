/** @file A step that is run again by its launches, on WebGPU: the same bits as the step itself. */
import { expect, test } from 'vitest'
import { createWebGPUDevice } from '../../src/webgpu/device.ts'
import { findGpu } from '../support/adapters.ts'
import { train } from '../support/noisy.ts'

test('launches run again do what the step does, bit for bit', async () => {
  const device = await createWebGPUDevice((await findGpu()).gpu, { debug: true })
  const eager = await train(device, false)
  expect(await train(device, true)).toEqual(eager)
  expect(new Set(eager.losses).size).toBe(6)
  device.destroy()
})
