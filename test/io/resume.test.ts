/** @file A training that is stopped and goes on gives the bits of one that was not stopped, on the CPU. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { device } from '../../src/index.ts'
import { resumed } from '../support/resume.ts'

it('50 steps and 50 more are 100 steps, bit for bit', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'handgrad-resume-'))
  try {
    const { whole, halves, found } = await resumed(await device('cpu'), join(folder, 'c.safetensors'))
    expect(found.step).toBe(50)
    // 23 batches to an epoch: it was stopped within the third.
    expect(found.extra).toEqual({ batch: 4 })
    expect(halves).toEqual(whole)
  } finally {
    await rm(folder, { recursive: true })
  }
})
