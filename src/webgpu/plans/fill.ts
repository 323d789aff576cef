/** @file How to run shaders/fill.wgsl. */
import type { Plan } from '../../core/kernel.ts'
import { perVec4 } from './common.ts'
import { flatNest } from './nests.ts'

export const fill: Plan = {
  nests: flatNest,
  variants: {
    vec4: { dispatch: ({ size }: { size: number }) => ({ entry: 'fill', groups: perVec4(size) }) },
  },
}
