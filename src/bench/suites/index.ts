/** @file The suites by name, each loaded when it is run. */
import type { Suite } from '../case.ts'

export const suites: Readonly<Record<string, () => Promise<Suite>>> = {
  costs: async () => (await import('./costs.ts')).costsSuite,
  matmul: async () => (await import('./matmul.ts')).matmulSuite,
}
