/** @file How to run shaders/dropout.wgsl. */
import type { Plan } from '../../core/kernel.ts'
import { classOfRows, manyElements, perElement } from './common.ts'

interface DropoutParams {
  rows: number
  cols: number
  x_offset: number
}

/** One thread per Philox block, i.e. per four columns. */
const groups = ({ rows, cols }: DropoutParams): number => perElement(rows * Math.ceil(cols / 4))

export const dropout: Plan = {
  class: classOfRows,
  variants: {
    vec4: {
      requires: 'cols and x_offset that are multiples of 4',
      fits: ({ cols, x_offset }: DropoutParams) => cols % 4 === 0 && x_offset % 4 === 0,
      better: ({ rows, cols }: DropoutParams, facts) => manyElements(rows * cols, facts),
      dispatch: (p: DropoutParams) => ({ entry: 'dropout_vec4', groups: groups(p) }),
    },
    block: { dispatch: (p: DropoutParams) => ({ entry: 'dropout', groups: groups(p) }) },
  },
}
