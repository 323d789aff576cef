/** @file Empty axes in every position: of every op, of what changes its tensor in place, and of parameters. */
import { describe, expect, it } from 'vitest'
import { cpu } from '../../src/devices.ts'
import { emptyFaults, excused, inPlaceFaults } from '../table/empties.ts'
import { opNames } from '../table/run.ts'

const only = process.env.HANDGRAD_OP
const names = opNames.filter((op) => !only || op === only)

describe('an empty axis in each position', () => {
  it.each(names)('%s', async (op) => {
    const { faults, taken, refused } = await emptyFaults(op, cpu)
    expect(faults).toEqual([])
    expect(taken, 'it takes an empty axis somewhere').toBeGreaterThan(0)
    if (excused().includes(op)) expect(refused, `${op} needs no excuse any more`).toBeGreaterThan(0)
  })
})

it('what changes in place, and parameters of optimizers', async () => {
  expect(await inPlaceFaults(cpu)).toEqual([])
})
