/** @file Trainings under autocast, on WebGPU. */
import { afterAll, beforeAll } from 'vitest'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { mixedSuite } from './mixed.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

mixedSuite(() => gpu)
