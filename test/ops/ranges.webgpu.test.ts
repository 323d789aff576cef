/** @file What is in the range stays in it on the way, on WebGPU. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cpu } from '../../src/devices.ts'
import { manualSeed } from '../../src/index.ts'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { normRangeTests } from '../support/normrange.ts'
import { drawn, rangeFaults } from '../table/ranges.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

it('values and gradients', async () => {
  expect(await rangeFaults('float32', gpu)).toEqual([])
})

// No denormals: a device may take them for zeros.
it.each([3e38, 1e-30, 1e-37])('equal weights of %d are drawn equally often', async (weight) => {
  manualSeed(42)
  const counts = await drawn(weight, 'float32', gpu, 6000)
  for (const n of counts) expect(Math.abs(n - 2000)).toBeLessThan(146)
})

describe.each([
  ['thread', 'thread'],
  ['thread_vec4', 'columns'],
  ['group', 'group'],
])('normalisations by %s and %s', (variant, affine) => {
  let forced: WebGPUDevice
  beforeAll(async () => {
    forced = await device('webgpu', {
      debug: true,
      force: { norm: variant, norm_grad: variant, norm_grad_affine: affine },
    })
  })
  afterAll(() => forced?.destroy())
  normRangeTests(() => forced, cpu, 'float32')
})
