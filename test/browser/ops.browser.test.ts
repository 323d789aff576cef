/** @file A sample of the op table in Chromium: one op for each kernel, on its own WebGPU, in the layouts that kernels see. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { device } from '../../src/index.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { runRow } from '../table/run.ts'
import { eachKernel } from '../table/table.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

test.each(eachKernel)('%s', async (op) => {
  const { failures, checks } = await runRow(op, gpu, ['contiguous', 'offset'])
  expect(failures).toEqual([])
  expect(checks).toBeGreaterThan(0)
})
