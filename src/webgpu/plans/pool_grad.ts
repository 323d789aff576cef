/** @file How to run shaders/pool_grad.wgsl. */
import * as shaders from '../../core/contracts.generated.ts'
import type { Constants, Dispatch, Plan } from '../../core/kernel.ts'
import { manyOnSoftware, perElement, sizeClass, type Vec4 } from './common.ts'
import { type PoolParams, pixelsOf, threadPer } from './pool.ts'

interface PoolGradParams extends PoolParams {
  /** Padding and dilation, down and across. */
  steps: Vec4
}

const { RUN } = shaders.pool_grad.consts

/** Cells of a stride's pixels along an axis, the first with the padding. */
const cells = ([, pixels, , stride]: Vec4, padding: number): number => Math.ceil((pixels + padding) / stride)
const isInCell = ([, , taps, stride]: Vec4, dilation: number): boolean => (taps - 1) * dilation < stride
const slides = ({ ADAPTIVE }: Constants): boolean => ADAPTIVE !== 1

const entry = (name: string, threads: number, { MAX }: Constants): Dispatch => ({
  entry: `pool_grad_${name}_${MAX ? 'max' : 'mean'}`,
  groups: perElement(threads),
})

export const pool_grad: Plan = {
  class: (p: PoolGradParams) => sizeClass(pixelsOf(p)),
  variants: {
    cell: {
      requires: 'windows that do not overlap',
      fits: ({ rows, cols, steps }: PoolGradParams, _, c) =>
        slides(c) && isInCell(rows, steps[2]) && isInCell(cols, steps[3]),
      better: (p: PoolGradParams, facts) => manyOnSoftware(pixelsOf(p), facts),
      dispatch: ({ images, rows, cols, steps }: PoolGradParams, _, c) =>
        entry('cell', images * cells(rows, steps[0]) * cells(cols, steps[1]), c),
    },
    run: {
      requires: 'windows that slide',
      fits: (_, __, c) => slides(c),
      better: (p: PoolGradParams, facts) => manyOnSoftware(pixelsOf(p), facts),
      dispatch: ({ images, rows, cols }: PoolGradParams, _, c) =>
        entry('run', images * rows[1] * Math.ceil(cols[1] / RUN), c),
    },
    ...threadPer('pixel', 'pool_grad').variants,
  },
}
