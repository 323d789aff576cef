/**
 * @file Every case of test/reference on the CPU, in float64 and in float32: values, gradients and second order as
 * PyTorch has them. Made by people who did not write this engine, they find what our own formulas, differences
 * included, would both get wrong.
 */
import { describe, expect, it } from 'vitest'
import { cpu } from '../../src/devices.ts'
import { references, replay, titleOf } from '../support/reference.ts'

it('has at least 300 cases', () => {
  expect(Object.values(references).flat().length).toBeGreaterThanOrEqual(300)
})

describe.each(Object.entries(references))('%s', (_, cases) => {
  it.each(cases.map((c) => [titleOf(c), c] as const))('%s', async (_, c) => {
    expect(await replay(c, cpu, 'float64', 1e-10)).toBe('')
    expect(await replay(c, cpu, 'float32', 1e-5)).toBe('')
  })
})
