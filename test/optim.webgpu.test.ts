/**
 * @file Optimizers on WebGPU against their float64 formulas: fused kernels, live learning rate and corrections, odd layouts; and each
 * entry point of their kernels against the CPU twin in float64.
 */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Kernel, launch, manualSeed, optim, type Tensor, type TensorOptions, tensor } from '../src/index.ts'
import * as kernels from '../src/ops/kernels.ts'
import { Philox } from '../src/random.ts'
import { createWebGPUDevice, type WebGPUDevice } from '../src/webgpu/device.ts'
import { findGpu } from './support/adapters.ts'
import { cases, deviation, makeParams } from './support/optimizers.ts'

let device: WebGPUDevice
beforeAll(async () => {
  device = await createWebGPUDevice((await findGpu()).gpu, { debug: true })
})
afterAll(() => device.destroy())

for (const { name, make, rule } of cases) {
  test(`${name} follows its formula for 10 steps`, async () => {
    manualSeed(1)
    const params = makeParams({ device })
    // Reading after every step; values reach 10, a float32 step there is 1e-6.
    expect(await deviation(params, make(params), rule, 10)).toBeLessThan(2e-5)
  })
}

test('parameters without a gradient are passed over', async () => {
  const params = makeParams({ device })
  const { make, rule } = cases.find(({ name }) => name === 'Adam')!
  expect(await deviation(params, make(params), rule, 10, (i, step) => i % 3 !== 0 || step % 2 === 0)).toBeLessThan(2e-5)
})

test('rate and corrections are those of their own step, however many steps one submit holds', async () => {
  const { rule } = cases.find(({ name }) => name === 'Adam')!
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

/** Tensors of one launch: up to three pairs of parameter and gradient, state behind offsets, as the optimizers lay it out. */
function layout(sizes: readonly number[]): { starts: number[]; length: number } {
  const starts = [0, 0, 0, 0]
  let length = 4
  sizes.forEach((n, i) => {
    starts[i] = length
    length += Math.ceil(n / 4) * 4
  })
  return { starts, length }
}

interface KernelCase {
  readonly kernel: 'adam' | 'sgd'
  readonly params: Readonly<Record<string, number>>
  readonly constants: Readonly<Record<string, number>>
  /** State tensors: m, or m and v. */
  readonly state: number
}

const rates = { lr: 0.05, decay: 0.1 }
const adamRates = { ...rates, beta1: 0.9, beta2: 0.99, eps: 1e-3, correction1: 0.4, correction2: 0.3 }
const kernelCases: readonly KernelCase[] = [
  { kernel: 'adam', params: adamRates, constants: { DECOUPLED: 0 }, state: 2 },
  { kernel: 'adam', params: adamRates, constants: { DECOUPLED: 1 }, state: 2 },
  { kernel: 'sgd', params: { ...rates, momentum: 0 }, constants: { NESTEROV: 0 }, state: 0 },
  { kernel: 'sgd', params: { ...rates, momentum: 0.9 }, constants: { NESTEROV: 0 }, state: 1 },
  { kernel: 'sgd', params: { ...rates, momentum: 0.9 }, constants: { NESTEROV: 1 }, state: 1 },
]
const sizeCases = [[1], [7], [1027], [256, 5], [3, 700], [5, 6, 7], [300, 1, 513], [1024, 4096, 8]]

describe('each entry point against the CPU twin in float64', () => {
  const forced: (Readonly<Record<string, string>> | undefined)[] = [
    undefined,
    { adam: 'element', sgd: 'element' },
    { adam: 'vec4', sgd: 'vec4' },
  ]
  const entries = new Set<string>()

  test.each(forced)('plan %j', async (force) => {
    const gpu = await createWebGPUDevice((await findGpu()).gpu, { debug: true, force })
    const create = gpu.gpu.createComputePipeline.bind(gpu.gpu)
    gpu.gpu.createComputePipeline = (descriptor) => {
      entries.add(descriptor.compute.entryPoint ?? '')
      return create(descriptor)
    }
    for (const { kernel, params, constants, state } of kernelCases) {
      for (const sizes of sizeCases) {
        const { starts, length } = layout(sizes)
        const random = new Philox(sizes.length * 100 + sizes[0])
        // v is never negative.
        const values = [
          ...Array.from({ length: state }, (_, i) =>
            Float64Array.from({ length }, () => (i ? Math.abs : Number)(random.normal())),
          ),
          ...sizes.flatMap((n) => [0, 1].map(() => Float64Array.from({ length: n }, () => random.normal()))),
        ].map((list) => list.map(Math.fround))
        const run = (on: TensorOptions): Tensor[] => {
          const tensors = values.map((data) => tensor(data, on))
          const padded = [
            ...(state ? tensors.slice(0, state) : kernel === 'sgd' ? [null] : []),
            ...tensors.slice(state),
          ]
          while (padded.length < Math.max(state, 1) + 6) padded.push(null)
          const full = { sizes: [...sizes, 0, 0, 0].slice(0, 4), starts, ...params }
          launch(kernel, kernels[kernel] as Kernel, padded, full, constants)
          return tensors
        }
        const [got, want] = await Promise.all(
          [run({ device: gpu }), run({ dtype: 'float64' })].map((list) => Promise.all(list.map((x) => x.data()))),
        )
        got.forEach((data, i) => {
          data.forEach((v, j) => {
            const error = Math.abs(v - want[i][j])
            if (!(error <= 2e-6 * Math.max(1, Math.abs(want[i][j]))))
              throw new Error(
                `${kernel} ${JSON.stringify(constants)} ${sizes}, tensor ${i}, element ${j}: ${v}, float64 says ${want[i][j]}`,
              )
          })
        })
      }
    }
    await gpu.sync()
    gpu.destroy()
  })

  test('all of them ran', () => {
    const all = (['adam', 'sgd'] as const).flatMap((name) => shaderEntries(name))
    expect(all.filter((entry) => !entries.has(entry))).toEqual([])
    expect(all.length).toBeGreaterThan(10)
  })
})

/** The entry points of a shader file. */
const shaderEntries = (name: string): string[] =>
  [
    ...readFileSync(new URL(`../shaders/${name}.wgsl`, import.meta.url), 'utf8').matchAll(
      /@compute[\s\S]*?\bfn\s+(\w+)/g,
    ),
  ].map((m) => m[1])
