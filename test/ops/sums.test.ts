/** @file Running sums of terms from 0 up, and what stands on them, on the CPU. */
import { describe } from 'vitest'
import { getDefaultDevice } from '../../src/index.ts'
import { drawTests, sumTests } from '../support/sums.ts'

for (const dtype of ['float32', 'float64'] as const)
  describe(`running sums, ${dtype}`, () => {
    sumTests(getDefaultDevice, dtype)
    drawTests(getDefaultDevice, dtype, dtype === 'float32' ? 2_000_000 : 200_000)
  })
