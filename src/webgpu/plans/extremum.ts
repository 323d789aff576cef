/** @file How to run shaders/extremum.wgsl. */
import type { Plan } from '../../core/kernel.ts'
import { perElement, sizeClass } from './common.ts'
import type { ReduceParams } from './reduce.ts'

export const extremum: Plan = {
  class: ({ kept: [outputs], reduced: [count] }: ReduceParams) => sizeClass(outputs, count),
  variants: {
    group: {
      better: ({ reduced: [count] }: ReduceParams, { software }) => !software && count >= 64,
      dispatch: ({ kept: [outputs] }: ReduceParams) => ({ entry: 'extremum_group', groups: outputs }),
    },
    thread: {
      dispatch: ({ kept: [outputs] }: ReduceParams) => ({ entry: 'extremum_thread', groups: perElement(outputs) }),
    },
  },
}
