/** @file The suites by name, each loaded when it is run. */
import type { Suite } from '../case.ts'

export const suites: Readonly<Record<string, () => Promise<Suite>>> = {
  costs: async () => (await import('./costs.ts')).costsSuite,
  matmul: async () => (await import('./matmul.ts')).matmulSuite,
  elementwise: async () => (await import('./elementwise.ts')).elementwiseSuite,
  reductions: async () => (await import('./reductions.ts')).reductionsSuite,
  softmax: async () => (await import('./softmax.ts')).softmaxSuite,
  norms: async () => (await import('./norms.ts')).normsSuite,
  losses: async () => (await import('./losses.ts')).lossesSuite,
  attention: async () => (await import('./attention.ts')).attentionSuite,
  conv2d: async () => (await import('./conv.ts')).convSuite,
  pooling: async () => (await import('./pooling.ts')).poolingSuite,
  indexing: async () => (await import('./indexing.ts')).indexingSuite,
  sort: async () => (await import('./order.ts')).sortSuite,
  scan: async () => (await import('./order.ts')).scanSuite,
  movement: async () => (await import('./movement.ts')).movementSuite,
  random: async () => (await import('./random.ts')).randomSuite,
  optimizers: async () => (await import('./optimizers.ts')).optimizersSuite,
  steps: async () => (await import('./steps.ts')).stepsSuite,
  dispatch: async () => (await import('./dispatch.ts')).dispatchSuite,
}
