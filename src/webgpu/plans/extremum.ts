/** @file How to run shaders/extremum.wgsl. */
import type { Plan } from '../../core/kernel.ts'
import { perElement } from './common.ts'
import type { ReduceParams } from './reduce.ts'

export const extremum: Plan = {
  group: {
    better: ({ reduced }: ReduceParams, { software }) => !software && reduced[0] >= 64,
    dispatch: ({ kept }: ReduceParams) => ({ entry: 'extremum_group', groups: kept[0] }),
  },
  thread: { dispatch: ({ kept }: ReduceParams) => ({ entry: 'extremum_thread', groups: perElement(kept[0]) }) },
}
