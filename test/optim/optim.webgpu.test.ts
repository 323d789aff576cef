/**
 * @file Optimizers on WebGPU against their float64 formulas: fused kernels, live learning rate and corrections, odd
 * layouts; and each entry point of their kernels against the CPU twin in float64.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { manualSeed, optim, tensor } from '../../src/index.ts'
import { createWebGPUDevice, type WebGPUDevice } from '../../src/webgpu/device.ts'
import { findGpu } from '../support/adapters.ts'
import { deviation, forcedTo, formulas, kernelFaults, makeParams, roundedVariance } from '../support/optimizers.ts'

let device: WebGPUDevice
beforeAll(async () => {
  device = await createWebGPUDevice((await findGpu()).gpu, { debug: true })
})
afterAll(() => device.destroy())

for (const { name, make, rule } of formulas) {
  test(`${name} follows its formula for 10 steps`, async () => {
    manualSeed(1)
    const params = makeParams({ device })
    // Reading after every step; values reach 10, a float32 step there is 1e-6.
    expect(await deviation(params, make(params), rule, 10)).toBeLessThan(2e-5)
  })
}

test('parameters without a gradient are passed over', async () => {
  const params = makeParams({ device })
  const { make, rule } = formulas.find(({ name }) => name === 'Adam')!
  expect(await deviation(params, make(params), rule, 10, (i, step) => i % 3 !== 0 || step % 2 === 0)).toBeLessThan(2e-5)
})

test('rate and corrections are those of their own step, however many steps one submit holds', async () => {
  const { rule } = formulas.find(({ name }) => name === 'Adam')!
  const w = tensor([0.5], { device, requiresGrad: true })
  const adam = new optim.Adam([w], { lr: 0.01 })
  let expected = 0.5
  const s = { m: 0, v: 0 }
  for (let step = 1; step <= 30; step++) {
    adam.lr = 0.01 * step
    adam.zeroGrad()
    w.square().sum().backward()
    adam.step()
    const before = expected
    expected = before + (rule(before, 2 * before, s, step) - before) * step
  }
  expect(Math.abs((await w.item()) - expected)).toBeLessThan(1e-5)
})

test('a variance that rounding takes below 0 is 0', async () => {
  expect(await roundedVariance({ device })).toEqual({ below: true, finite: true })
})

describe('each entry point against the CPU twin in float64', () => {
  const forced: (Readonly<Record<string, string>> | undefined)[] = [undefined, forcedTo('element'), forcedTo('vec4')]
  const entries = new Set<string>()

  test.each(forced)('plan %j', async (force) => {
    const gpu = await createWebGPUDevice((await findGpu()).gpu, { debug: true, force })
    const create = gpu.gpu.createComputePipeline.bind(gpu.gpu)
    gpu.gpu.createComputePipeline = (descriptor) => {
      entries.add(descriptor.compute.entryPoint ?? '')
      return create(descriptor)
    }
    expect(await kernelFaults(gpu)).toEqual([])
    await gpu.sync()
    gpu.destroy()
  })

  test('all of them ran', () => {
    const all = stepShaders().flatMap((text) => [...text.matchAll(/@compute[\s\S]*?\bfn\s+(\w+)/g)].map((m) => m[1]))
    expect(all.filter((entry) => !entries.has(entry))).toEqual([])
    expect(all.length).toBeGreaterThan(50)
  })
})

/** The text of each shader that is an optimizer's step. Those of averages run in average.webgpu.test.ts. */
function stepShaders(): string[] {
  const folder = new URL('../../shaders/', import.meta.url)
  const files = readdirSync(folder).filter((file) => file.endsWith('.wgsl'))
  return files
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .filter((text) => /^\/\/ uses: .*\bstep\b/m.test(text) && !/^\/\/ kernel: average$/m.test(text))
}
