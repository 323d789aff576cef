/** @file A long run with validation, checkpoints and logs holds no more at its end than at its beginning. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CpuDevice } from '../../src/index.ts'
import { longRun } from '../support/training.ts'

test('memory is the same at every look over 500 steps', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'handgrad-flat-'))
  try {
    const { looks } = await longRun(new CpuDevice(), folder, 500)
    expect(looks.length).toBeGreaterThan(5)
    expect(new Set(looks).size, looks.join('\n')).toBe(1)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
