/** @file Every optimizer with each option, 50 steps on WebGPU, against PyTorch: within 16 times its own float32. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWebGPUDevice, type WebGPUDevice } from '../../src/webgpu/device.ts'
import { findGpu } from '../support/adapters.ts'
import { caseFaults, cases, lbfgs, lbfgsFaults } from '../support/optimreference.ts'

let device: WebGPUDevice
beforeAll(async () => {
  device = await createWebGPUDevice((await findGpu()).gpu, { debug: true })
})
afterAll(() => device.destroy())

test.each(cases.map((c) => [c.optimizer, c.options, c] as const))('%s %j', async (_, __, c) => {
  expect(await caseFaults(c, { device })).toEqual([])
})
test.each(lbfgs.map((c) => [c.problem, c.options, c] as const))('L-BFGS on %s %j', async (_, __, c) => {
  expect(await lbfgsFaults(c, { device })).toEqual([])
})
