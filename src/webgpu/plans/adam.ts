/** @file How to run shaders/adam.wgsl. */
import type { Plan } from '../../core/kernel.ts'
import { perElement } from './common.ts'
import { type StepParams, stepByTensor, stepElements, stepTensors } from './steps.ts'

export const adam: Plan = {
  variants: {
    vec4: stepByTensor(() => 'adam_vec4', 2),
    element: {
      dispatch: (p: StepParams) => ({ entry: ADAM[stepTensors(p)], groups: perElement(stepElements(p)) }),
    },
  },
}
const ADAM = ['', 'adam_1', 'adam_2', 'adam_3']
