/**
 * @file Our kernels through the interpreter, each variant of each: values and gradients as the table has them, and no
 * fault. This is the sample of `npm run check:kernels`, which tries every op, more layouts and more adapters.
 */
import { describe, expect, test } from 'vitest'
import { allVariants, check, passesOf } from './passes.ts'

const ran = new Set<string>()

describe.each(passesOf(false).map((pass, i) => ({ pass, title: `variant ${i + 1} of each kernel` })))(
  '$title',
  ({ pass }) => {
    test.each([...pass.ops, ...pass.others])('%s', async (what) => {
      const outcome = await check(what, pass, 2)
      expect(outcome.failed).toEqual([])
      expect(outcome.passed).toBeGreaterThan(0)
      for (const variant of outcome.ran) ran.add(variant)
    })
  },
)

test('every variant of every kernel was run', () => {
  expect(allVariants.filter((variant) => !ran.has(variant))).toEqual([])
})
