/** @file Gradients at kinks, ties, bounds and poles are those of the table/kinks.ts. */
import { expect, it } from 'vitest'
import { kinkFaults, kinks } from '../table/kinks.ts'

it.each([...new Set(kinks.map(({ op }) => op))])('%s', async (op) => {
  expect(await kinkFaults(op)).toEqual([])
})
