/** @file What a step takes, before it is taken: against what it then takes, and what is refused. */
import { expect, it } from 'vitest'
import { CpuDevice } from '../../src/cpu/device.ts'
import { cases, plannedOver } from './planned.ts'

it.each(cases)('$name: the plan is the measured peak', (one) => {
  expect(plannedOver(new CpuDevice(), one)).toBeCloseTo(1, 2)
})
