/**
 * @file The op table on WebGPU in Node, on the best adapter found (HANDGRAD_ADAPTER chooses another), on the devices of
 * table/configurations.ts.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { device, tap } from '../../src/node.ts'
import * as kernels from '../../src/ops/base/kernels.generated.ts'
import type { WebGPUDevice, WebGPUOptions } from '../../src/webgpu/device.ts'
import { type Configuration, configurations } from '../table/configurations.ts'
import { otherKernels, rowsOn } from '../table/cover.ts'
import { opNames, runRow } from '../table/run.ts'
import { type Row, table } from '../table/table.ts'

const only = process.env.HANDGRAD_OP
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

function tried(configuration: Configuration): void {
  const { title, options, layouts, rows } = configuration
  const ops = only ? opNames.filter((op) => op === only) : rowsOn(configuration)
  describe(title, () => {
    let gpu: WebGPUDevice
    beforeAll(async () => {
      gpu = await watched(options)
    })
    afterAll(() => gpu?.destroy())
    it.each(ops)('%s', async (op) => {
      const few = !only && rows === 'sample' && /swiftshader/i.test(gpu.name)
      const { failures, checks } = await runRow(
        op,
        gpu,
        few ? ['contiguous'] : layouts,
        few ? someCases(table[op]) : table[op],
      )
      expect(failures).toEqual([])
      expect(checks).toBeGreaterThan(0)
    })
  })
}

configurations.forEach(tried)

describe('coverage', () => {
  it('every kernel ran', () => {
    // Tests of the others are in random.webgpu.test.ts and optim.webgpu.test.ts.
    const others = otherKernels()
    if (!only) expect(Object.keys(kernels).filter((k) => !launched.has(k) && !others.has(k))).toEqual([])
  })
})
