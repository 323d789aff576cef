/** @file How to run shaders/search.wgsl. */
import type { Plan } from '../../core/kernel.ts'
import { perElement } from './common.ts'

export const search: Plan = {
  variants: {
    element: { dispatch: ({ size }: { size: number }) => ({ entry: 'search', groups: perElement(size) }) },
  },
}
