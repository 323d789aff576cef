/** @file A process that is killed while it saves leaves the old or the new file. 200 kills: `npm run soak kills`. */
import { expect, it } from 'vitest'
import { killSaves } from '../support/kills.ts'

it('15 kills during saves leave a whole file', async () => {
  const { whole, within, saves, faults } = await killSaves(15)
  expect(faults).toEqual([])
  expect(whole).toBe(15)
  expect(saves).toBeGreaterThan(15)
  expect(within, 'none was killed within a save').toBeGreaterThan(0)
})
