/**
 * @file The op table on WebGPU in Node, on the best adapter found (HANDGRAD_ADAPTER chooses another). Three devices of it: as
 * users have it, but with NaN in fresh memory and guard cells behind outputs; with params in uniform buffers; and with the
 * variants of each kernel that its plan would not choose here.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Launch } from '../src/device.ts'
import { device } from '../src/node.ts'
import * as kernels from '../src/ops/kernels.ts'
import type { WebGPUDevice, WebGPUOptions } from '../src/webgpu/device.ts'
import { plans } from '../src/webgpu/plans.ts'
import { type Layout, layouts, opNames, runRow } from './table/run.ts'
import { eachKernel, type OpName } from './table/table.ts'

const only = process.env.HANDGRAD_OP
const names = opNames.filter((op) => !only || op === only)

const sample = only ? names : eachKernel

/** Kernels whose tests are elsewhere: random.webgpu.test.ts and optim.webgpu.test.ts. */
const ELSEWHERE = ['adam', 'sgd', 'random']

const launched = new Set<string>()

async function watched(options: WebGPUOptions): Promise<WebGPUDevice> {
  const gpu = await device('webgpu', { debug: true, ...options })
  const run = gpu.run.bind(gpu)
  gpu.run = (launch: Launch) => {
    launched.add(launch.kernel.name)
    run(launch)
  }
  return gpu
}

function rows(title: string, options: WebGPUOptions, pick: readonly Layout[], ops: readonly OpName[]): void {
  describe(title, () => {
    let gpu: WebGPUDevice
    beforeAll(async () => {
      gpu = await watched(options)
    })
    afterAll(() => gpu?.destroy())
    it.each(ops)('%s', async (op) => {
      const { failures, checks } = await runRow(op, gpu, pick)
      expect(failures).toEqual([])
      expect(checks).toBeGreaterThan(0)
    })
  })
}

rows('as users have it', {}, layouts, names)
rows('params in uniform buffers', { immediates: false }, ['contiguous', 'offset'], sample)

// Each kernel's variants in turn: the i-th device takes the i-th variant of every kernel where it fits.
const most = Math.max(...Object.values(plans).map((plan) => Object.keys(plan).length))
for (let i = 0; i < most; i++) {
  const force: Record<string, string> = {}
  for (const [kernel, plan] of Object.entries(plans)) {
    const variants = Object.keys(plan)
    if (variants.length > 1 && variants[i]) force[kernel] = variants[i]
  }
  rows(
    `variants ${Object.entries(force)
      .map((entry) => entry.join(': '))
      .join(', ')}`,
    { force },
    ['contiguous', 'transposed'],
    sample,
  )
}

describe('coverage', () => {
  it('every kernel ran', () => {
    if (!only) expect(Object.keys(kernels).filter((k) => !launched.has(k) && !ELSEWHERE.includes(k))).toEqual([])
  })
})
