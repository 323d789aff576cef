/** @file How to run shaders/flat_index.wgsl. */
import type { Plan } from '../../core/kernel.ts'
import { perElement } from './common.ts'

export const flat_index: Plan = {
  variants: {
    element: { dispatch: ({ size }: { size: number }) => ({ entry: 'flat_index', groups: perElement(size) }) },
  },
}
