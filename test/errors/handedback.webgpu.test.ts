/** @file What user code hands back on WebGPU: hooks that change the device, plans of own kernels. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { cpu } from '../../src/devices.ts'
import { defineKernel, launch, ones, optim } from '../../src/index.ts'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { kernel } from '../support/operands.ts'
import { type Any, refusal } from '../support/refusals.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

it('a hook that gives another shape or device leaves gradient and parameters as they were', async () => {
  for (const [given, said] of [
    [ones([], { device: gpu }), `is [], the gradient [2, 3] (they must have one shape)`],
    [ones([2, 3], { device: cpu }), `is on cpu, the gradient on ${gpu.name} (move it with to())`],
  ] as const) {
    const w = ones([2, 3], { device: gpu, requiresGrad: true })
    const sgd = new optim.SGD([w], { lr: 0.1 })
    w.registerHook(() => given)
    expect(await refusal(() => w.sum().backward())).toBe(
      `registerHook: what the hook of tensor #n [2, 3] returned ${said}`,
    )
    expect(w.hasGrad).toBe(false)
    sgd.step()
    expect(Array.from(await w.data())).toEqual([1, 1, 1, 1, 1, 1])
  }
})

it('plans that give no dispatch, or no number of workgroups', async () => {
  const [y, x] = [ones([3], { device: gpu }), ones([3], { device: gpu })]
  const planned = (given: Any) => () => {
    const plan = { variants: { one: { dispatch: () => given } } }
    launch('mine', defineKernel({ wgsl: kernel(), cpu: () => {}, plan }), [y, x], { size: 3 })
  }
  const whole = '(give a whole number, or three)'
  for (const [given, said] of [
    [undefined, 'gave undefined (dispatch returns { entry, groups })'],
    [{ entry: 'main' }, `gave undefined workgroups ${whole}`],
    [{ entry: 'main', groups: 0.5 }, `gave 0.5 workgroups ${whole}`],
    [{ entry: 'main', groups: Number.NaN }, `gave NaN workgroups ${whole}`],
    [{ entry: 'main', groups: [1, -1, 1] }, `gave 1,-1,1 workgroups ${whole}`],
  ])
    expect(await refusal(planned(given))).toBe(`mine: the plan of plus ${said}`)
  planned({ entry: 'main', groups: 1 })()
  await gpu.sync()
})
