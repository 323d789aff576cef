/** @file Mixed precision, on WebGPU. */
import { afterAll, beforeAll } from 'vitest'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { castLossesSuite } from './castlosses.ts'
import { autocastSuite } from './casts.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

autocastSuite(() => gpu)
castLossesSuite(() => gpu)
