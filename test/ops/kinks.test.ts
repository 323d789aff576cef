/**
 * @file Kinks, ties, bounds and poles: gradients, Hessians and third derivatives are those of table/kinks.ts, and every
 * op that guards a point with `where` is in it.
 */
import { describe, expect, it } from 'vitest'
import { cpu } from '../../src/devices.ts'
import { kinkFaults, kinks, MASKED, whereIsUsed } from '../table/kinks.ts'
import { opNames } from '../table/run.ts'

const known = [...new Set(kinks.map(({ op }) => op))]

describe.each(['float64', 'float32'] as const)('%s', (dtype) => {
  it.each(known)('%s', async (op) => {
    expect(await kinkFaults(op, cpu, dtype)).toEqual([])
  })
})

it('every op that chooses with where is tried at its singular points, or only masks', () => {
  const choosing = opNames.filter((op) => whereIsUsed(op))
  expect(choosing.filter((op) => !known.includes(op) && !MASKED.includes(op))).toEqual([])
  expect(MASKED.filter((op) => !choosing.includes(op) || known.includes(op))).toEqual([])
})
