/** @file How to run shaders/sgd.wgsl. */
import { Live, type Plan } from '../../core/kernel.ts'
import { perElement } from './common.ts'
import { type StepParams, stepByTensor, stepElements, stepTensors } from './steps.ts'

const plain = ({ momentum }: StepParams): boolean => (momentum instanceof Live ? momentum.value : momentum) === 0
export const sgd: Plan = {
  variants: {
    vec4: stepByTensor((p) => (plain(p) ? 'sgd_vec4' : 'sgd_momentum_vec4'), 1),
    element: {
      dispatch: (p: StepParams) => ({
        entry: (plain(p) ? SGD : SGD_MOMENTUM)[stepTensors(p)],
        groups: perElement(stepElements(p)),
      }),
    },
  },
}
const SGD = ['', 'sgd_1', 'sgd_2', 'sgd_3']
const SGD_MOMENTUM = ['', 'sgd_momentum_1', 'sgd_momentum_2', 'sgd_momentum_3']
