/** @file Kinks on WebGPU: gradients, Hessians and third derivatives are those of table/kinks.ts. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { kinkFaults, kinks } from '../table/kinks.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

const only = process.env.HANDGRAD_OP
const known = [...new Set(kinks.map(({ op }) => op))]
it.each(known.filter((op) => !only || op === only))('%s', async (op) => {
  expect(await kinkFaults(op, gpu, 'float32')).toEqual([])
})
