/** @file What the plans of optimizer steps share. */
import type { ParamValue, Variant } from '../../core/kernel.ts'
import { MANY, perVec4, type Vec4 } from './common.ts'

export interface StepParams {
  sizes: Vec4
  starts: Vec4
  momentum: ParamValue
}

/** Tensors of an optimizer step: up to the last that has elements. */
export const stepTensors = ({ sizes }: StepParams): number => (sizes[2] > 0 ? 3 : sizes[1] > 0 ? 2 : 1)
export const stepElements = ({ sizes }: StepParams): number => sizes[0] + sizes[1] + sizes[2]

/**
 * Four elements a thread, a dispatch per tensor. `state`: how many blocks come before the pairs of tensor and gradient.
 * GPUs coalesce single elements as well, and are better off with one dispatch.
 */
export const stepByTensor = (entry: (p: StepParams) => string, state: number): Variant => ({
  requires: 'starts that are multiples of 4',
  fits: ({ starts }: StepParams) => starts.every((start) => start % 4 === 0),
  better: (p: StepParams, { software }) => software && stepElements(p) >= 8 * MANY,
  dispatch: (p: StepParams) =>
    [0, 1, 2].slice(0, stepTensors(p)).map((t) => {
      const pair = [state + 2 * t, state + 2 * t + 1]
      const blocks = [...Array(state).keys(), ...pair, null, null, null, null]
      const params = { sizes: [p.sizes[t], 0, 0, 0], starts: [p.starts[t], 0, 0, 0] }
      return { entry: entry(p), groups: perVec4(p.sizes[t]), blocks, params }
    }),
})
