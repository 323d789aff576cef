/**
 * @file The op table on WebGPU in Node, on the best adapter found (HANDGRAD_ADAPTER chooses another), on the devices of
 * table/configurations.ts.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { device, tap } from '../../src/node.ts'
import * as kernels from '../../src/ops/base/kernels.generated.ts'
import type { WebGPUDevice, WebGPUOptions } from '../../src/webgpu/device.ts'
import { configurations } from '../table/configurations.ts'
import { eachKernel, otherKernels } from '../table/cover.ts'
import { type Layout, opNames, runRow } from '../table/run.ts'
import { type OpName, type Row, table } from '../table/table.ts'

const only = process.env.HANDGRAD_OP
const names = opNames.filter((op) => !only || op === only)

const sample = only ? names : eachKernel

const launched = new Set<string>()

async function watched(options: WebGPUOptions): Promise<WebGPUDevice> {
  const gpu = await device('webgpu', { debug: true, ...options })
  tap(gpu, {
    run: (next, launch) => {
      launched.add(launch.kernel.name)
      next(launch)
    },
  })
  return gpu
}

/**
 * SwiftShader runs a workgroup's barriers by switching between its threads, which takes seconds per row. On it the
 * other variants are tried on a few cases, for its compiler's sake; on all of them on the best adapter.
 */
const someCases = (row: Row): Row => {
  const [first, ...rest] = row.cases.filter((c) => !c.forward)
  return { ...row, cases: [first, ...rest.slice(0, 3)] }
}

function rows(title: string, options: WebGPUOptions, pick: readonly Layout[], ops: readonly OpName[]): void {
  describe(title, () => {
    let gpu: WebGPUDevice
    beforeAll(async () => {
      gpu = await watched(options)
    })
    afterAll(() => gpu?.destroy())
    it.each(ops)('%s', async (op) => {
      const few = ops === eachKernel && /swiftshader/i.test(gpu.name)
      const { failures, checks } = await runRow(
        op,
        gpu,
        few ? ['contiguous'] : pick,
        few ? someCases(table[op]) : table[op],
      )
      expect(failures).toEqual([])
      expect(checks).toBeGreaterThan(0)
    })
  })
}

for (const { title, options, layouts, rows: which } of configurations)
  rows(title, options, layouts, which === 'all' ? names : sample)

describe('coverage', () => {
  it('every kernel ran', () => {
    // Tests of the others are in random.webgpu.test.ts and optim.webgpu.test.ts.
    const others = otherKernels()
    if (!only) expect(Object.keys(kernels).filter((k) => !launched.has(k) && !others.has(k))).toEqual([])
  })
})
