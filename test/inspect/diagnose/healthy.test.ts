/** @file Of programs that learn a diagnosis says nothing. */
import { expect, test } from 'vitest'
import { CpuDevice, inspect } from '../../../src/index.ts'
import { fromExamples, healthy, type Program } from './programs.ts'
import { tutorials } from './tutorials.ts'

const device = new CpuDevice()

/** What a diagnosis says of a program, by seed. */
async function alarms(
  make: (device: CpuDevice, seed: number) => Program | Promise<Program>,
  seeds: number,
): Promise<string[]> {
  const said: string[] = []
  for (let seed = 1; seed <= seeds; seed++) {
    const { model, options } = await make(device, seed)
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

test.each(Object.entries(tutorials))('%s: no finding in 2 runs', async (_, make) => {
  expect(await alarms(make, 2)).toEqual([])
})
