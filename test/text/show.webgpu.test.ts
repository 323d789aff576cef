/** @file As show.test.ts, of a WebGPU device and of what is on it, whose values the host cannot see. */
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { zeros } from '../../src/node.ts'
import { createWebGPUDevice } from '../../src/webgpu/device.ts'
import { findGpu } from '../support/adapters.ts'

test('a device and its tensors are one line each', async () => {
  const device = await createWebGPUDevice((await findGpu()).gpu)
  const x = zeros([2, 3], { device })
  const shown = [
    [device, `WebGPUDevice(${device.name}, ${device.memory().liveBytes} of 4294967296 bytes)`],
    [x, `Tensor([2, 3], float32, ${device.name})`],
  ] as const
  for (const [value, text] of shown) {
    expect(inspect(value)).toBe(text)
    expect(String(value)).toBe(text)
    expect(JSON.stringify(value)).toBe(JSON.stringify(text))
  }
  x.dispose()
  device.destroy()
  expect(inspect(device)).toBe(`WebGPUDevice(${device.name}, lost)`)
})
