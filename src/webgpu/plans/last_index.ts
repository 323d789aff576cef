/** @file How to run shaders/last_index.wgsl: clear, then mark. */
import type { Plan } from '../../core/kernel.ts'
import { perElement } from './common.ts'

export const last_index: Plan = {
  variants: {
    element: {
      dispatch: ({ rows, count }: { rows: number; count: number }) => [
        { entry: 'last_index_clear', groups: perElement(rows), blocks: [0, null] },
        { entry: 'last_index', groups: perElement(count) },
      ],
    },
  },
}
