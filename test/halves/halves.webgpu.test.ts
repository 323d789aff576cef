/** @file Tensors of 16 bits on WebGPU, with guards after every block. */
import { afterAll, beforeAll, describe } from 'vitest'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { halfModelTests } from './models.ts'
import { halvesTests } from './suite.ts'

let gpu: WebGPUDevice
describe('float16 and bfloat16 on WebGPU', () => {
  beforeAll(async () => {
    gpu = await device('webgpu', { debug: true })
  })
  afterAll(() => gpu?.destroy())
  halvesTests(() => gpu)
  halfModelTests(() => gpu)
})
