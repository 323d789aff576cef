/** @file How to run an optimizer's step, by the entry points of shaders/lib/step.wgsl. */
import type { Constants, ParamValue, Plan } from '../../core/kernel.ts'
import { manyOnSoftware, perElement, perVec4, type Vec4 } from './common.ts'
import { stepNests } from './nests.ts'

export interface StepParams {
  sizes: Vec4
  starts: Vec4
  [name: string]: ParamValue
}

/** Entry points of one rule: by how many tensors they update, from 1 on, and that of four elements per thread. */
export interface StepEntries {
  readonly byTensors: readonly string[]
  readonly vec4: string
}

export const stepEntries = (name: string): StepEntries => ({
  byTensors: [1, 2, 3].map((tensors) => `${name}_${tensors}`),
  vec4: `${name}_vec4`,
})

/** Tensors of a step: up to the last that has elements. */
const tensorsOf = ({ sizes }: StepParams): number => (sizes[2] > 0 ? 3 : sizes[1] > 0 ? 2 : 1)
const elementsOf = ({ sizes }: StepParams): number => sizes[0] + sizes[1] + sizes[2]

/**
 * The plan of a step.
 * @param states   how many blocks come before the pairs of tensor and gradient
 * @param entries  of the rule that the params and switches ask for
 */
export const stepPlan = (states: number, entries: (p: StepParams, c: Constants) => StepEntries): Plan => ({
  nests: stepNests(states),
  variants: {
    // A dispatch per tensor. GPUs coalesce single elements as well, and are better off with one dispatch.
    vec4: {
      requires: 'starts that are multiples of 4',
      fits: ({ starts }: StepParams) => starts.every((start) => start % 4 === 0),
      better: (p: StepParams, facts) => manyOnSoftware(elementsOf(p), facts),
      dispatch: (p: StepParams, _, c) =>
        [0, 1, 2].slice(0, tensorsOf(p)).map((t) => {
          const pair = [states + 2 * t, states + 2 * t + 1]
          const blocks = [...Array(states).keys(), ...pair, null, null, null, null]
          const params = { sizes: [p.sizes[t], 0, 0, 0], starts: [p.starts[t], 0, 0, 0] }
          return { entry: entries(p, c).vec4, groups: perVec4(p.sizes[t]), blocks, params }
        }),
    },
    element: {
      dispatch: (p: StepParams, _, c) => ({
        entry: entries(p, c).byTensors[tensorsOf(p) - 1],
        groups: perElement(elementsOf(p)),
      }),
    },
  },
})
