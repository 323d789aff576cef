/** @file Second order at the ends of the range, of every op, on the CPU. */
import { describe, expect, it } from 'vitest'
import { cpu } from '../../src/devices.ts'
import { EXCUSED, endFaults, pinnedFaults } from '../table/ends.ts'
import { opNames } from '../table/run.ts'

const only = process.env.HANDGRAD_OP
const names = opNames.filter((op) => !only || op === only)

describe.each(['float32', 'float64'] as const)('second derivatives survive where first ones do: %s', (dtype) => {
  it.each(names)('%s', async (op) => {
    const faults = await endFaults(op, dtype, cpu)
    if (EXCUSED[op]?.[0].includes(dtype)) expect(faults, 'it needs no excuse any more').not.toEqual([])
    else expect(faults).toEqual([])
  })
})

it.each(['float32', 'float64'] as const)('%s: what left the range on its way', async (dtype) => {
  expect(await pinnedFaults(dtype, cpu)).toEqual([])
})
