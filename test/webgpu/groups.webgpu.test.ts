/**
 * @file Bind groups do not pile up: of a workload that never repeats its buffers the cache keeps some thousands, and
 * the garbage is collected before the driver runs out (lavapipe: of memory mappings).
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { add, tensor } from '../../src/index.ts'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu')
})
afterAll(() => gpu?.destroy())

it('50,000 pairs of buffers', async () => {
  let made = 0
  let collected = 0
  const registry = new FinalizationRegistry(() => {
    collected++
  })
  const create = gpu.gpu.createBindGroup.bind(gpu.gpu)
  gpu.gpu.createBindGroup = (descriptor) => {
    made++
    const group = create(descriptor)
    registry.register(group, null)
    return group
  }
  const xs = Array.from({ length: 224 }, (_, i) => tensor([i], { device: gpu }))
  let most = 0
  for (const a of xs) {
    for (const b of xs) add(a, b).dispose()
    await gpu.sync()
    most = Math.max(most, made - collected)
  }
  expect(made).toBeGreaterThan(45_000)
  expect(most).toBeLessThan(25_000)
})
