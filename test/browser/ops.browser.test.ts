/**
 * @file A sample of the op table in Chromium, on its own WebGPU: the rows that between them launch every kernel, and
 * every fifth of the others, so that it grows with the table.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { device } from '../../src/index.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { eachKernel } from '../table/cover.ts'
import { opNames, runRow } from '../table/run.ts'
import { table } from '../table/table.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

const others = opNames.filter((op) => !eachKernel.includes(op))
const sample = [...eachKernel, ...others.filter((_, i) => i % 5 === 0)]

test('the sample has at least 300 cases', () => {
  expect(sample.reduce((cases, op) => cases + table[op].cases.length, 0)).toBeGreaterThanOrEqual(300)
})

test.each(sample)('%s', async (op) => {
  const { failures, checks } = await runRow(op, gpu, ['contiguous'])
  expect(failures).toEqual([])
  expect(checks).toBeGreaterThan(0)
})
