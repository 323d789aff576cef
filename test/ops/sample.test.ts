/** @file Tokens drawn on the CPU, in both precisions. */
import { describe, expect, it } from 'vitest'
import { cpu } from '../../src/devices.ts'
import { sample, tensor } from '../../src/index.ts'
import { samplingTests, undrawable } from '../support/sampling.ts'

for (const dtype of ['float32', 'float64'] as const)
  describe(`sample of ${dtype}`, () => samplingTests(3000, () => ({ device: cpu, dtype })))

it.each(undrawable)('%s', (text, rows, options) => {
  const seen = tensor(rows.map((row) => row.map(() => false)))
  expect(() => sample(tensor(rows), { ...options, seen })).toThrow(text)
})
