/** @file What each program of examples/ reaches on WebGPU in Node. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { collect } from '../support/gc.ts'
import { examples } from './cases.ts'
import { play } from './example.ts'

let gpu: WebGPUDevice
beforeEach(async () => {
  await collect()
  // One for each: what the collector frees of one example must not count for another.
  gpu = await device('webgpu')
})
afterEach(() => {
  gpu.destroy()
})

test.each(examples)('$file: $reaches', async (one) => {
  const { missed, printed } = await play(one, gpu, one.small ? 'small' : 'usual')
  expect(missed).toEqual([])
  expect(printed).not.toMatch(/NaN|undefined/)
})
