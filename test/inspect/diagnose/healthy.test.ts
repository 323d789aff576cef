/** @file Of programs that learn a diagnosis says nothing. */
import { expect, test } from 'vitest'
import { CpuDevice, inspect } from '../../../src/index.ts'
import { healthy } from './programs.ts'

/** Seeds of each of the eight programs: 200 runs. */
const SEEDS = 25

test.each(Object.entries(healthy))('%s: no finding in 25 runs', async (_, make) => {
  const device = new CpuDevice()
  const alarms: string[] = []
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { model, options } = make(device, seed)
    const diagnosis = await inspect.diagnose(model, options)
    if (diagnosis.findings.length > 0) alarms.push(`seed ${seed}: ${diagnosis}`)
  }
  expect(alarms).toEqual([])
})
