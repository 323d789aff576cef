/** @file How to run shaders/cross_entropy.wgsl. */
import type { Plan } from '../../kernel.ts'
import { groupPerRow, perElement, type Rows } from './common.ts'

export const cross_entropy: Plan = {
  group: { better: groupPerRow, dispatch: ({ rows }: Rows) => ({ entry: 'cross_entropy_group', groups: rows }) },
  thread: { dispatch: ({ rows }: Rows) => ({ entry: 'cross_entropy_thread', groups: perElement(rows) }) },
}
