/**
 * @file Extreme values on WebGPU: every elementwise op answers as the CPU does, on all pairs of values, forward and
 * backward.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { answersOtherwise, differences, type Extreme, extremes, integers, ours, pinned } from '../table/extremes.ts'
import { numbersOtherwise } from '../table/numbers.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

const only = process.env.HANDGRAD_OP
const named = (list: readonly Extreme[]) =>
  list
    .filter(({ op }) => !only || op === only)
    .map((one) => ({ one, name: `${one.op}${one.note ? ` (${one.note})` : ''}, ${one.f.length} inputs` }))

it.each(named(extremes))('floats as the CPU: $name', async ({ one }) => {
  expect((await differences(one, gpu)).map(({ text }) => text)).toEqual([])
})

it.each(named(integers))('int32 as the CPU, exactly: $name', async ({ one }) => {
  expect((await differences(one, gpu, true)).map(({ text }) => text)).toEqual([])
})

it('there are ops of both kinds', () => {
  expect(extremes.length).toBeGreaterThan(50)
  expect(integers.length).toBeGreaterThan(10)
})

it('values and gradients as PyTorch has them', async () => {
  expect(await answersOtherwise(pinned, gpu, 'float32')).toEqual([])
  expect(await answersOtherwise(ours, gpu, 'float32')).toEqual([])
})

it('numbers next to float32 tensors are float32', async () => {
  expect(await numbersOtherwise(gpu)).toEqual([])
})
