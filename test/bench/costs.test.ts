/** @file Costs on the CPU device: an op, and moving numbers. */
import { expect, test } from 'vitest'
import { Clock } from '../../src/bench/clock.ts'
import { measureSuite } from '../../src/bench/measure.ts'
import { probeOf } from '../../src/bench/probe.ts'
import { costsSuite } from '../../src/bench/suites/costs.ts'
import { cpu } from '../../src/devices.ts'

test('the suite of costs, through measureSuite', async () => {
  const clock = await Clock.of(cpu)
  const probe = await probeOf(cpu, clock)
  const setting = { device: cpu, clock, scale: 'small', peaks: null, probe, seconds: 0, compile: null } as const
  const { figures, skipped } = await measureSuite(costsSuite, setting)
  expect(skipped).toEqual([])
  expect([...new Set(figures.map(({ name }) => name))]).toEqual([
    'op of 16 numbers',
    'upload, 4 KiB',
    'upload, 16 MiB',
    'readback, 4 B',
    'readback, 16 MiB',
  ])
  expect(figures.every(({ seconds }) => seconds.median > 0)).toBe(true)
  const small = await measureSuite(costsSuite, { ...setting, only: ['4 KiB'] })
  expect(small.figures.map(({ name }) => name)).toEqual(['upload, 4 KiB', 'upload, 4 KiB'])
})
