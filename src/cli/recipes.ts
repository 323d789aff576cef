/** @file The optimizers and schedules of `handgrad train`, by the names that its options give them. */
import { optim } from '../index.ts'

type Params = ConstructorParameters<typeof optim.Adam>[0]
type Rate = { lr: number }

/** An optimizer: the learning rate that it has unless told otherwise, and how it is made. */
interface OptimizerRecipe {
  readonly lr: number
  readonly make: (params: Params, rate: Rate) => optim.Optimizer
}

export const optimizers = {
  adam: { lr: 0.002, make: (params, rate) => new optim.Adam(params, rate) },
  adamw: { lr: 0.002, make: (params, rate) => new optim.AdamW(params, rate) },
  sgd: { lr: 0.1, make: (params, rate) => new optim.SGD(params, { ...rate, momentum: 0.9 }) },
  rmsprop: { lr: 0.001, make: (params, rate) => new optim.RMSprop(params, rate) },
  adagrad: { lr: 0.02, make: (params, rate) => new optim.Adagrad(params, rate) },
  adadelta: { lr: 1, make: (params, rate) => new optim.Adadelta(params, rate) },
  adamax: { lr: 0.004, make: (params, rate) => new optim.Adamax(params, rate) },
  nadam: { lr: 0.002, make: (params, rate) => new optim.NAdam(params, rate) },
  radam: { lr: 0.002, make: (params, rate) => new optim.RAdam(params, rate) },
  lion: { lr: 0.0003, make: (params, rate) => new optim.Lion(params, rate) },
} as const satisfies Readonly<Record<string, OptimizerRecipe>>
export type OptimizerName = keyof typeof optimizers

/** What a schedule is made for: the largest rate, epochs, and the steps of one. */
interface Course {
  readonly lr: number
  readonly epochs: number
  readonly perEpoch: number
}

interface ScheduleRecipe {
  /** What it does to the rate, for the report. */
  readonly about: string
  /** Made for so many epochs: a run that goes on cannot have more. */
  readonly ends: boolean
  readonly every: 'step' | 'epoch'
  readonly make: (optimizer: optim.Optimizer, course: Course) => optim.LRScheduler | optim.ReduceLROnPlateau | undefined
}

export const schedules = {
  onecycle: {
    about: 'rises to it and falls to 0 in one cycle',
    ends: true,
    every: 'step',
    make: (optimizer, { lr, epochs, perEpoch }) =>
      new optim.OneCycleLR(optimizer, { maxLr: lr, totalSteps: epochs * perEpoch, cycleMomentum: false }),
  },
  cosine: {
    about: 'falls to 0 along a cosine',
    ends: true,
    every: 'step',
    make: (optimizer, { epochs, perEpoch }) => new optim.CosineAnnealingLR(optimizer, { tMax: epochs * perEpoch }),
  },
  step: {
    about: 'falls to a tenth after each third of the epochs, rounded up',
    ends: true,
    every: 'epoch',
    make: (optimizer, { epochs }) => new optim.StepLR(optimizer, { stepSize: Math.ceil(epochs / 3), gamma: 0.1 }),
  },
  exponential: {
    about: 'falls by a tenth with each epoch',
    ends: false,
    every: 'epoch',
    make: (optimizer) => new optim.ExponentialLR(optimizer, { gamma: 0.9 }),
  },
  plateau: {
    about: 'falls to a tenth where the validation loss does not for two epochs',
    ends: false,
    every: 'epoch',
    make: (optimizer) => new optim.ReduceLROnPlateau(optimizer, { patience: 1 }),
  },
  none: { about: 'stays', ends: false, every: 'step', make: () => undefined },
} as const satisfies Readonly<Record<string, ScheduleRecipe>>
export type ScheduleName = keyof typeof schedules
