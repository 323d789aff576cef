/** @file Of programs that learn a diagnosis says nothing. */
import { expect, test } from 'vitest'
import { CpuDevice, inspect } from '../../../src/index.ts'
import { fromExamples, healthy, type Program } from './programs.ts'

/** What a diagnosis says of a program, by seed. */
async function alarms(make: (device: CpuDevice, seed: number) => Program, seeds: number): Promise<string[]> {
  const device = new CpuDevice()
  const said: string[] = []
  for (let seed = 1; seed <= seeds; seed++) {
    const { model, options } = make(device, seed)
    const diagnosis = await inspect.diagnose(model, options)
    if (diagnosis.findings.length > 0) said.push(`seed ${seed}: ${diagnosis}`)
  }
  return said
}

// Eight programs: 200 runs.
test.each(Object.entries(healthy))('%s: no finding in 25 runs', async (_, make) => {
  expect(await alarms(make, 25)).toEqual([])
})

test.each(Object.entries(fromExamples))('%s: no finding in 5 runs', async (_, make) => {
  expect(await alarms(make, 5)).toEqual([])
})
