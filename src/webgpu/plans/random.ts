/** @file How to run shaders/random.wgsl. */
import type { Plan } from '../../core/kernel.ts'
import { perVec4 } from './common.ts'
import { randomNest } from './nests.ts'

export const random: Plan = {
  nests: randomNest,
  variants: {
    block: { dispatch: ({ size }: { size: number }) => ({ entry: 'random', groups: perVec4(size) }) },
  },
}
