/** @file Integers of a device that are out of bounds: on WebGPU the next read or sync tells of them, once. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ones } from '../../src/index.ts'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { outOfBounds, outside, outsideOf7, rowsOf7 } from '../support/bounds.ts'
import { refusal } from '../support/refusals.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

// Alone, and the second of its chunk.
const classes = [6, 4].map((chunk) => [outsideOf7, rowsOf7(chunk)] as const)

it.each([...outOfBounds, ...outside, ...classes])('%s', async (text, call) => {
  const y = call(gpu)
  expect(await refusal(() => gpu.sync())).toBe(text)
  // The report is gone, and nothing was read or written outside of a block, which a debug device would tell.
  expect((await y.data()).length).toBe(y.numel)
  expect(Array.from(await ones([2], { device: gpu }).data())).toEqual([1, 1])
})
