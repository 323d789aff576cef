/** @file Labels from a prompt on WebGPU. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CpuDevice } from '../../src/index.ts'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { error } from '../support/difference.ts'
import { toldTwice } from './told.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

it('gives the chances that the CPU gives', async () => {
  const [{ got }, cpu] = [await toldTwice(gpu), await toldTwice(new CpuDevice())]
  expect(error(got, cpu.got)).toBeLessThan(1e-5)
})
