/** @file What a step takes on WebGPU, before it is taken. */
import { expect, it } from 'vitest'
import { device } from '../../src/node.ts'
import { cases, plannedOver } from './planned.ts'

it.each(cases)('$name: the plan is within 10 % of the measured peak', async (one) => {
  const own = await device('webgpu')
  const ratio = plannedOver(own, one)
  await own.sync()
  own.destroy()
  expect(ratio).toBeGreaterThan(0.9)
  expect(ratio).toBeLessThan(1.1)
})
