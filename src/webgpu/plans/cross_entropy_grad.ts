/** @file How to run shaders/cross_entropy_grad.wgsl. */
import type { Plan } from '../../core/kernel.ts'
import { classOfRows, manyElements, perElement, perVec4, type Rows } from './common.ts'
import { crossEntropyGradNest } from './nests.ts'

interface Logits extends Rows {
  x_offset: number
}

export const cross_entropy_grad: Plan = {
  nests: crossEntropyGradNest,
  class: classOfRows,
  variants: {
    vec4: {
      requires: 'cols and x_offset that are multiples of 4',
      fits: ({ cols, x_offset }: Logits) => cols % 4 === 0 && x_offset % 4 === 0,
      better: ({ rows, cols }: Logits, facts) => manyElements(rows * cols, facts),
      dispatch: ({ rows, cols }: Logits) => ({ entry: 'cross_entropy_grad_vec4', groups: perVec4(rows * cols) }),
    },
    element: {
      dispatch: ({ rows, cols }: Rows) => ({ entry: 'cross_entropy_grad', groups: perElement(rows * cols) }),
    },
  },
}
