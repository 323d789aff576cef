/** @file The limits of the CPU device, and the arithmetic behind the checks of a GPU's. */
import { expect, test } from 'vitest'
import { Clock } from '../../src/bench/clock.ts'
import { sumOf } from '../../src/bench/peaks/bandwidth.ts'
import { cpuArithmetic, cpuBands } from '../../src/bench/peaks/cpu.ts'
import { firstWrong } from '../../src/bench/peaks/limit.ts'
import { measurePeaks } from '../../src/bench/peaks.ts'
import { peaksTable } from '../../src/bench/report/peaks.ts'
import { cpu } from '../../src/devices.ts'

test('limits of the CPU: arithmetic, and four sizes read and copied', async () => {
  const peaks = await measurePeaks(cpu, await Clock.of(cpu), { seconds: 0 })
  expect(peaks.rows.map(({ name }) => name)).toEqual([
    'multiply-adds f32',
    ...['256 KiB', '4 MiB', '32 MiB', '128 MiB'].flatMap((size) => [`read ${size}`, `copy ${size}`]),
  ])
  expect(peaks.rows.every(({ value, clock }) => value > 0 && clock === 'wall')).toBe(true)
  expect(peaks.flops).toEqual({ f32: peaks.rows[0].value })
  expect(peaks.bandwidth.map(({ bytes }) => bytes)).toEqual([2 ** 18, 2 ** 22, 2 ** 25, 2 ** 27])
  expect(peaks.skipped).toBeUndefined()
  expect(peaksTable(peaks)).toMatch(/^read 4 MiB +wall +[\d.]+ [MGT]B\/s +[\d.]+ – [\d.]+ +5$/m)
})

test('a stopped measurement stops', async () => {
  const stop = new AbortController()
  const run = measurePeaks(cpu, await Clock.of(cpu), { seconds: 60, signal: stop.signal, progress: () => stop.abort() })
  await expect(run).rejects.toThrow(/abort/i)
})

test('what the CPU computes is checked', async () => {
  const [arithmetic] = cpuArithmetic()
  expect(await arithmetic.check()).toBeUndefined()
  const [{ read, copy }] = cpuBands([2 ** 18])
  expect(await read.check()).toBeUndefined()
  expect(await copy.check()).toBeUndefined()
})

test('the sum of what fill() writes, in closed form', () => {
  let sum = 0
  for (let i = 0; i < 1024; i++) sum = (sum + Math.imul(i + 1, 2654435761)) >>> 0
  expect(sumOf(4096)).toBe(sum)
})

test('the first wrong element is named', () => {
  expect(firstWrong([1, 2, 3], (i) => i + 1)).toBeUndefined()
  expect(firstWrong([1, NaN, 3], (i) => i + 1)).toBe('element 1 is NaN, right is 2')
})
