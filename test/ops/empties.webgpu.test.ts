/** @file Empty axes in every position on WebGPU: no launch, no binding and no read fails for lack of elements. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { emptyFaults, inPlaceFaults } from '../table/empties.ts'
import { opNames } from '../table/run.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

const only = process.env.HANDGRAD_OP
it.each(opNames.filter((op) => !only || op === only))('%s', async (op) => {
  expect((await emptyFaults(op, gpu)).faults).toEqual([])
})

it('what changes in place, and parameters of optimizers', async () => {
  expect(await inPlaceFaults(gpu)).toEqual([])
})
