/** @file What is around a kernel, as a suite: it has no cases, but rows of its own (costs.ts). */
import type { Suite } from '../case.ts'
import { measureCosts } from '../costs.ts'

export const costsSuite: Suite = {
  name: 'costs',
  about: 'what is around a kernel: compiling, first runs, transfers, submits',
  cases: () => [],
  measure: measureCosts,
}
