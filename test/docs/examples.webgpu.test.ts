/** @file What each example reaches, on WebGPU in Node. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { examples } from '../support/examples.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu')
})
afterAll(() => gpu.destroy())
let printed: string[]
beforeEach(() => {
  printed = []
  vi.spyOn(console, 'log').mockImplementation((line) => void printed.push(String(line)))
})
afterEach(() => vi.restoreAllMocks())

for (const { name, run } of examples) {
  test(name, async () => {
    await run(gpu)
    expect(printed.join('\n')).not.toMatch(/NaN|undefined/)
  })
}
