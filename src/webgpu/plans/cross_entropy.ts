/** @file How to run shaders/cross_entropy.wgsl. */
import type { Plan } from '../../core/kernel.ts'
import { classOfRows, groupPerRow, perElement, type Rows } from './common.ts'
import { crossEntropyNest } from './nests.ts'

export const cross_entropy: Plan = {
  nests: crossEntropyNest,
  class: classOfRows,
  variants: {
    group: {
      better: (p: Rows, facts, { NLL }) => NLL !== 1 && groupPerRow(p, facts),
      dispatch: ({ rows }: Rows) => ({ entry: 'cross_entropy_group', groups: rows }),
    },
    thread: { dispatch: ({ rows }: Rows) => ({ entry: 'cross_entropy_thread', groups: perElement(rows) }) },
  },
}
