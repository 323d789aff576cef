/** @file Averages of weights and the gradient scaler on WebGPU: each variant of the kernel, and what is read back. */
import { expect, test } from 'vitest'
import { optim, tensor } from '../../src/index.ts'
import { createWebGPUDevice } from '../../src/webgpu/device.ts'
import { findGpu } from '../support/adapters.ts'
import { averageFaults } from '../support/average.ts'

test.each(['element', 'vec4'])('an average follows its formula, %s per thread', async (average) => {
  const device = await createWebGPUDevice((await findGpu()).gpu, { debug: true, force: { average } })
  expect(await averageFaults(device)).toEqual([])
  device.destroy()
})

test('a scaler leaves out a step whose gradients are not finite', async () => {
  const device = await createWebGPUDevice((await findGpu()).gpu, { debug: true })
  const w = tensor([1, 2], { device, requiresGrad: true })
  const optimizer = new optim.SGD([w], { lr: 1 })
  const scaler = new optim.GradScaler({ initScale: 8 })
  const taken: unknown[] = []
  for (const factor of [0.5, Infinity, 3e37, 0.25]) {
    optimizer.lr = factor > 1 ? 0 : 1
    optimizer.zeroGrad()
    scaler.scale(w.sum().mul(factor)).backward()
    taken.push(await scaler.step(optimizer))
    scaler.update()
  }
  expect([...taken, scaler.getScale(), ...(await w.data())]).toEqual([true, false, true, true, 4, 0.25, 1.25])
  device.destroy()
})
