/** @file Empty axes in every position, of every op, on the CPU. */
import { writeFileSync, appendFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { cpu } from '../../src/devices.ts'
import { emptyFaults } from '../table/empties.ts'
import { opNames } from '../table/run.ts'

const only = process.env.HANDGRAD_OP
const names = opNames.filter((op) => !only || op === only)

describe('an empty axis in each position', () => {
  it.each(names)('%s', async (op) => {
    const { refused, faults } = await emptyFaults(op, cpu)
    appendFileSync('/tmp/w/orders_empt.txt', [...refused, ...faults].map((f) => `${op} ${f}`).join('\n') + '\n')
    expect(faults).toEqual([])
  })
})
