/** @file What each example reaches, on WebGPU in Node. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { examples } from '../support/examples.ts'

let gpu: WebGPUDevice
let printed: string[]
beforeEach(async () => {
  // One for each: what the collector frees of one example must not count for another.
  gpu = await device('webgpu')
  printed = []
  vi.spyOn(console, 'log').mockImplementation((line) => void printed.push(String(line)))
})
afterEach(() => {
  gpu.destroy()
  vi.restoreAllMocks()
})

for (const { name, run } of examples) {
  test(name, async () => {
    await run(gpu)
    expect(printed.join('\n')).not.toMatch(/NaN|undefined/)
  })
}
