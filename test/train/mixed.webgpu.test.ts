/** @file Trainings under autocast, on WebGPU. */
import { afterAll, beforeAll } from 'vitest'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { mixedSuite } from './mixed.ts'

let gpu: WebGPUDevice
/** For hundreds of steps: guarding every launch takes most of their time. */
let plain: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
  plain = await device('webgpu')
})
afterAll(() => {
  gpu?.destroy()
  plain?.destroy()
})

mixedSuite(
  () => gpu,
  () => plain,
)
