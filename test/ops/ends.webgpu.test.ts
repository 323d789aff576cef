/** @file Second order at the ends of the range, of every op, on WebGPU: the first cases of each, in float32. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { EXCUSED, endFaults, pinnedFaults } from '../table/ends.ts'
import { opNames } from '../table/run.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

const only = process.env.HANDGRAD_OP
const excused = (op: (typeof opNames)[number]) => EXCUSED[op]?.[0].includes('float32')
it.each(opNames.filter((op) => (!only || op === only) && !excused(op)))('%s', async (op) => {
  expect(await endFaults(op, 'float32', gpu, 2)).toEqual([])
})

it('what left the range on its way', async () => {
  expect(await pinnedFaults('float32', gpu)).toEqual([])
})
