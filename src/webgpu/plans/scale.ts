/** @file How to run shaders/scale.wgsl. */
import type { Plan } from '../../core/kernel.ts'
import { perElement, type Vec4 } from './common.ts'
import { scaleNests } from './nests.ts'

export const scale: Plan = {
  nests: scaleNests,
  variants: {
    element: {
      dispatch: ({ lo, hi }: { lo: Vec4; hi: Vec4 }) => {
        const sizes = [...lo, ...hi].filter((size) => size > 0)
        return { entry: `scale_${sizes.length}`, groups: perElement(sizes.reduce((sum, size) => sum + size, 0)) }
      },
    },
  },
}
