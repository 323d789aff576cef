/** @file What each program of examples/ reaches on WebGPU in Node. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { examples as older } from '../support/examples.ts'
import { examples } from './cases.ts'
import { play } from './example.ts'

let gpu: WebGPUDevice
beforeEach(async () => {
  // One for each: what the collector frees of one example must not count for another.
  gpu = await device('webgpu')
})
afterEach(() => {
  gpu.destroy()
  vi.restoreAllMocks()
})

test.each(examples)('$file: $reaches', async (one) => {
  const { missed, printed } = await play(one, gpu, one.small ? 'small' : 'usual')
  expect(missed).toEqual([])
  expect(printed).not.toMatch(/NaN|undefined/)
})

describe('older ones', () => {
  test.each(older)('$name', async ({ run }) => {
    const printed: string[] = []
    vi.spyOn(console, 'log').mockImplementation((line) => void printed.push(String(line)))
    await run(gpu)
    expect(printed.join('\n')).not.toMatch(/NaN|undefined/)
  })
})
