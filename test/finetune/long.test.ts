/** @file Many steps of fine-tuning hold what two hold. */
import { expect, it } from 'vitest'
import { CpuDevice } from '../../src/index.ts'
import { heldBySteps, ways } from './long.ts'

for (const way of Object.keys(ways) as (keyof typeof ways)[])
  it(`${way}: memory() after 100 steps is that after the second`, { timeout: 60_000 }, async () => {
    const { second, last, losses } = await heldBySteps(new CpuDevice(), way, 100)
    expect(last).toEqual(second)
    expect(losses.every(Number.isFinite)).toBe(true)
  })
