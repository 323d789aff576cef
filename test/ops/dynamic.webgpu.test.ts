/** @file maskedSelect, nonzero, unique and bincount on WebGPU. */
import { afterAll, beforeAll, describe } from 'vitest'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { dynamicTests } from '../support/dynamic.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())
describe('dynamic shapes', () => dynamicTests(() => gpu))
