/**
 * @file Learning rate schedules against PyTorch, 200 steps each, every class with its options; their states; what they
 * refuse; their rates in recorded steps.
 */
import { describe, expect, it, test } from 'vitest'
import { optim, zeros } from '../../src/index.ts'
import {
  type AnySchedule,
  distance,
  makeOptimizer,
  makeSchedule,
  type ScheduleCase,
  scheduleCases,
  unpacked,
} from '../support/schedules.ts'

const momentumOf = (group: optim.ScheduledGroup): number => (group.betas ? group.betas[0] : (group.momentum as number))
const titled = scheduleCases.map((c): [string, ScheduleCase] => [`${c.schedule} ${JSON.stringify(c.options)}`, c])

describe('rates are those of PyTorch', () => {
  it.each(titled)('%s', (_, c) => {
    const optimizer = makeOptimizer(c.optimizer)
    const groups = optimizer.groups as readonly optim.ScheduledGroup[]
    const schedule = makeSchedule(c.schedule, c.options, optimizer)
    const [rates, momenta]: [number[], number[]] = [[], []]
    const look = () => {
      rates.push(...groups.map(({ lr }) => lr))
      momenta.push(...groups.map(momentumOf))
    }
    look()
    for (let i = 1; i < c.rates.length; i++) {
      schedule.step(c.steps?.[i - 1])
      look()
    }
    expect(distance(rates, unpacked(c.rates, groups.length))).toBeLessThan(1e-9)
    if (c.momenta) expect(distance(momenta, unpacked(c.momenta, groups.length))).toBeLessThan(1e-9)
    expect([schedule.lr, ...schedule.lrs]).toEqual([groups[0].lr, ...groups.map(({ lr }) => lr)])
    expect(schedule.getLastLr()).toEqual(schedule.lrs)
  })

  it('every class has a case', () => {
    const classes = Object.entries(optim).filter(
      ([name, value]) => Reflect.get(value, 'prototype') instanceof optim.Scheduler && name !== 'LRScheduler',
    )
    const tested = new Set(scheduleCases.map(({ schedule }) => schedule))
    expect(classes.filter(([name]) => !tested.has(name)).map(([name]) => name)).toEqual([])
    expect(classes.length).toBeGreaterThanOrEqual(17)
  })
})

test('a state is JSON, and another schedule goes on from it to the last digit', () => {
  for (const [title, c] of titled) {
    const step = (schedule: AnySchedule, i: number) => schedule.step(c.steps?.[i])
    const [one, two] = [makeOptimizer(c.optimizer), makeOptimizer(c.optimizer)]
    const first = makeSchedule(c.schedule, c.options, one)
    for (let i = 0; i < 87; i++) step(first, i)
    const second = makeSchedule(c.schedule, c.options, two)
    second.loadStateDict(JSON.parse(JSON.stringify(first.stateDict())))
    const groups = (of: typeof one) => of.groups.map((group) => [group.lr, momentumOf(group as optim.ScheduledGroup)])
    expect(groups(two), title).toEqual(groups(one))
    for (let i = 87; i < 120; i++) {
      step(first, i)
      step(second, i)
    }
    expect(groups(two), title).toEqual(groups(one))
    expect(second.stateDict(), title).toEqual(first.stateDict())
  }
})

test('states that do not belong are refused before anything changes', () => {
  const optimizer = makeOptimizer('sgd')
  const step = new optim.StepLR(optimizer, { stepSize: 2 })
  const load =
    (state: unknown, schedule: optim.Scheduler = step) =>
    () =>
      schedule.loadStateDict(state as optim.ScheduleState)
  const good = step.stateDict()
  expect(load(null)).toThrow('loadStateDict: null is not the state of a schedule (give what stateDict() gave)')
  expect(load(new optim.ExponentialLR(optimizer, { gamma: 0.9 }).stateDict())).toThrow(
    'loadStateDict: the state is of ExponentialLR, this schedule is StepLR',
  )
  expect(load({ ...good, lrs: [1] })).toThrow('loadStateDict: the state is of 1 groups, the optimizer has 2')
  expect(load({ ...good, options: { stepSize: 3, gamma: 0.1 } })).toThrow(
    "loadStateDict: stepSize was 3, this StepLR's is 2 (make it with the same options)",
  )
  expect(load({ ...good, lrs: [1, '2'] })).toThrow("loadStateDict: '2' is among the numbers")
  expect(load({ ...good, lrs: [1, -2] })).toThrow('loadStateDict: -2 is among the numbers')
  for (const damaged of [{ baseLrs: undefined }, { options: null }, { counts: 'x' }])
    expect(load({ ...good, ...damaged })).toThrow('is not the state of a schedule')
  const plateau = new optim.ReduceLROnPlateau(optimizer)
  expect(load({ ...plateau.stateDict(), counts: { best: 'x', bad: 0, cooling: 0 } }, plateau)).toThrow("best is 'x'")
  expect(() => plateau.loadStateDict({ ...plateau.stateDict(), counts: { bad: 0 } })).toThrow(
    'loadStateDict: the state lacks best (give what stateDict() gave)',
  )
  const chain = new optim.ChainedScheduler([step])
  const other = new optim.ChainedScheduler([step, new optim.ConstantLR(optimizer)])
  expect(() => chain.loadStateDict(other.stateDict())).toThrow(
    'loadStateDict: the state is of 2 schedules, this ChainedScheduler of 1',
  )
  const wrong = { ...chain.stateDict(), lrs: [7, 7], schedules: [{ ...good, schedule: 'LinearLR' }] }
  const before = optimizer.groups.map(({ lr }) => lr)
  expect(() => chain.loadStateDict(wrong)).toThrow('loadStateDict: the state is of LinearLR, this schedule is StepLR')
  expect(optimizer.groups.map(({ lr }) => lr)).toEqual(before)
})

/** What is refused: the class, its options, the error. */
const refused: readonly [string, unknown, string][] = [
  [
    'StepLR',
    { stepsize: 3 },
    'StepLR: there is no option stepsize (did you mean stepSize? it takes { stepSize, gamma })',
  ],
  ['StepLR', undefined, 'StepLR: stepSize is undefined (give an integer from 1 up)'],
  ['StepLR', { stepSize: 2.5 }, 'StepLR: stepSize is 2.5 (give an integer from 1 up)'],
  ['StepLR', { stepSize: 2, gamma: -1 }, 'StepLR: gamma is -1 (give a number from 0 up)'],
  ['StepLR', 30, 'StepLR: the options are 30 (it takes { stepSize, gamma })'],
  ['MultiStepLR', { milestones: 30 }, 'MultiStepLR: milestones is 30 (give a list: [30, 80])'],
  ['MultiStepLR', { milestones: [80, 30] }, 'MultiStepLR: milestones has 30 after 80 (give them in increasing order)'],
  ['MultiStepLR', { milestones: [0] }, 'MultiStepLR: milestones[0] is 0 (give an integer from 1 up)'],
  ['ConstantLR', { factor: 0 }, 'ConstantLR: factor is 0 (give a number above 0 to 1)'],
  ['LinearLR', { endFactor: 2 }, 'LinearLR: endFactor is 2 (give a number from 0 to 1)'],
  ['ExponentialLR', {}, 'ExponentialLR: gamma is undefined (give a number from 0 up)'],
  ['PolynomialLR', { totalIters: 0 }, 'PolynomialLR: totalIters is 0 (give an integer from 1 up)'],
  ['CosineAnnealingLR', { tMax: 0 }, 'CosineAnnealingLR: tMax is 0 (give an integer from 1 up)'],
  [
    'CosineAnnealingWarmRestarts',
    { t0: 3, tMult: 1.5 },
    'CosineAnnealingWarmRestarts: tMult is 1.5 (give an integer from 1 up)',
  ],
  [
    'WarmupCosineLR',
    { warmupSteps: 10, totalSteps: 10 },
    'WarmupCosineLR: totalSteps is 10 (give an integer from 11 up)',
  ],
  ['LambdaLR', { lrLambda: 0.9 }, 'LambdaLR: lrLambda is 0.9 (give (epoch) => factor)'],
  [
    'MultiplicativeLR',
    { lrLambda: [() => 1] },
    'MultiplicativeLR: lrLambda has 1 functions, the optimizer 2 groups (give one for each, or one for all)',
  ],
  ['LambdaLR', { lrLambda: () => 'x' }, "LambdaLR: lrLambda gave 'x' at step 0 (return a number)"],
  ['LambdaLR', { lrLambda: () => -1 }, 'LambdaLR: the rate of group 0 came out as -0.1 (rates are numbers from 0 up)'],
  [
    'OneCycleLR',
    { maxLr: 1 },
    'OneCycleLR: there is no number of steps (give totalSteps, or epochs and stepsPerEpoch)',
  ],
  ['OneCycleLR', { maxLr: 1, epochs: 3 }, 'OneCycleLR: stepsPerEpoch is undefined (give an integer from 1 up)'],
  [
    'OneCycleLR',
    { maxLr: [1], totalSteps: 5 },
    'OneCycleLR: maxLr has 1 numbers, the optimizer 2 groups (give one for each, or one number)',
  ],
  [
    'OneCycleLR',
    { maxLr: 1, totalSteps: 5, annealStrategy: 'cosine' },
    "OneCycleLR: annealStrategy is 'cosine' (give 'cos' or 'linear')",
  ],
  [
    'OneCycleLR',
    { maxLr: 1, totalSteps: 5, maxMomentum: 1 },
    'OneCycleLR: maxMomentum is 1 (give a number from 0 to below 1)',
  ],
  ['OneCycleLR', { maxLr: 1, totalSteps: 5, threePhase: 1 }, 'OneCycleLR: threePhase is 1 (give true or false)'],
  [
    'CyclicLR',
    { baseLr: 1, maxLr: 2, mode: 'exp_range' },
    "CyclicLR: mode is 'exp_range' (give 'triangular' or 'triangular2' or 'expRange')",
  ],
  ['CyclicLR', { baseLr: 1, maxLr: 2, scaleFn: 2 }, 'CyclicLR: scaleFn is 2 (give (x) => factor)'],
  ['CyclicLR', { baseLr: 1, maxLr: 2, scaleFn: () => null }, 'CyclicLR: scaleFn gave null for 1 (return a number)'],
  ['CyclicLR', { baseLr: 1, maxLr: 2, stepSizeUp: 0 }, 'CyclicLR: stepSizeUp is 0 (give a number above 0)'],
  ['ReduceLROnPlateau', { mode: 'least' }, "ReduceLROnPlateau: mode is 'least' (give 'min' or 'max')"],
  ['ReduceLROnPlateau', { factor: 1 }, 'ReduceLROnPlateau: factor is 1 (give a number from 0 to below 1)'],
  [
    'ReduceLROnPlateau',
    { minLr: [0, 0, 0] },
    'ReduceLROnPlateau: minLr has 3 numbers, the optimizer 2 groups (give one for each, or one number)',
  ],
  ['SWALR', { swaLr: 0.1, annealEpochs: -1 }, 'SWALR: annealEpochs is -1 (give an integer from 0 up)'],
  [
    'SequentialLR',
    { schedulers: [], milestones: [] },
    'SequentialLR: the schedules are none (give a list of schedules)',
  ],
]

test('bad options are refused, and the optimizer is left as it was', () => {
  for (const [name, options, text] of refused) {
    const optimizer = makeOptimizer('sgd')
    const Class: new (optimizer: unknown, options: unknown) => unknown = Reflect.get(optim, name)
    expect(() => new Class(optimizer, options), name).toThrow(text)
    expect(optimizer.groups.map(({ lr, ...rest }) => [lr, (rest as { momentum?: number }).momentum])).toEqual([
      [0.1, 0.9],
      [0.3, 0.9],
    ])
  }
  // @ts-expect-error no optimizer
  expect(() => new optim.StepLR([zeros([1])], { stepSize: 2 })).toThrow(
    'StepLR: the optimizer is an array (write new StepLR(optimizer, { … }))',
  )
})

test('schedules made of schedules refuse what does not fit', () => {
  const [one, two] = [makeOptimizer('sgd'), makeOptimizer('sgd')]
  const [a, b] = [new optim.ConstantLR(one), new optim.ConstantLR(two)]
  const sequence = (schedulers: unknown[], milestones: number[]) => () =>
    new optim.SequentialLR(one, { schedulers: schedulers as optim.LRScheduler[], milestones })
  expect(sequence([a, b], [3])).toThrow('SequentialLR: schedule 1 is of another optimizer (make all of them for one)')
  expect(sequence([a, a], [3])).toThrow('SequentialLR: schedules 0 and 1 are the same (give each once)')
  expect(sequence([a], [3])).toThrow(
    'SequentialLR: 1 schedulers have 1 milestones (give 0: where each but the first begins)',
  )
  expect(sequence([new optim.ReduceLROnPlateau(one)], [])).toThrow(
    'SequentialLR: schedule 0 is a ReduceLROnPlateau (give schedules that have a formula of the step)',
  )
  expect(sequence([new optim.ChainedScheduler([a])], [])).toThrow('SequentialLR: schedule 0 is a ChainedScheduler')
  const chain =
    (...parts: unknown[]) =>
    () =>
      new optim.ChainedScheduler(parts as optim.LRScheduler[])
  expect(chain()).toThrow('ChainedScheduler: the schedules are none (give a list of schedules)')
  expect(chain(a, b)).toThrow('ChainedScheduler: schedule 1 is of another optimizer (make all of them for one)')
  expect(chain(new optim.ReduceLROnPlateau(one))).toThrow(
    'ChainedScheduler: schedule 0 is a ReduceLROnPlateau (give schedules whose step() takes no measure)',
  )
  // A chain may hold a sequence, and another chain.
  const inner = new optim.SequentialLR(one, {
    schedulers: [a, new optim.StepLR(one, { stepSize: 1 })],
    milestones: [1],
  })
  const outer = new optim.ChainedScheduler([
    new optim.ChainedScheduler([inner]),
    new optim.ExponentialLR(one, { gamma: 0.5 }),
  ])
  outer.step()
  expect(outer.lr).toBeCloseTo(0.1 * 0.5, 15)
})

test('a cycle ends with its steps: one step() after the last leaves the rate, the next is refused', () => {
  for (const annealStrategy of ['cos', 'linear'] as const) {
    const optimizer = makeOptimizer('sgd')
    const schedule = new optim.OneCycleLR(optimizer, { maxLr: 1, totalSteps: 10, annealStrategy })
    for (let i = 0; i < 9; i++) schedule.step()
    expect(schedule.lr).toBeCloseTo(1 / 25 / 1e4, 15)
    schedule.step()
    expect(schedule.lr).toBeCloseTo(1 / 25 / 1e4, 15)
    expect(() => schedule.step()).toThrow(
      'OneCycleLR: step 11 of 10 (make it with as many totalSteps as the training has)',
    )
    expect([schedule.lastEpoch, optimizer.groups[1].lr]).toEqual([10, schedule.lr])
  }
  for (const [totalSteps, pctStart] of [
    [1, 0.3],
    [10, 0],
    [10, 1],
    [10, 0.1],
  ] as const) {
    const optimizer = makeOptimizer('sgd')
    const schedule = new optim.OneCycleLR(optimizer, { maxLr: 1, totalSteps, pctStart })
    const rates = [schedule.lr]
    for (let i = 1; i < totalSteps; i++) {
      schedule.step()
      rates.push(schedule.lr)
    }
    expect(
      rates.filter((lr) => !(lr >= 1 / 25 / 1e4 - 1e-18 && lr <= 1)),
      `${totalSteps}, ${pctStart}`,
    ).toEqual([])
  }
})

test('optimizers without momentum are refused where it is to be cycled, and beta is cycled as momentum is', () => {
  const bare = { groups: [{ lr: 0.1 }] }
  expect(() => new optim.OneCycleLR(bare, { maxLr: 1, totalSteps: 5 })).toThrow(
    'OneCycleLR: the optimizer has neither momentum nor betas (give cycleMomentum: false)',
  )
  expect(new optim.OneCycleLR(bare, { maxLr: 1, totalSteps: 5, cycleMomentum: false }).lr).toBeCloseTo(0.04, 15)
  const adam = makeOptimizer('adam') as optim.Adam
  const cyclic = new optim.CyclicLR(adam, { baseLr: 0.1, maxLr: 1, stepSizeUp: 1 })
  expect(adam.groups[0].betas).toEqual([0.9, 0.999])
  cyclic.step()
  expect(adam.groups[0].betas[0]).toBeCloseTo(0.8, 12)
})

test('a restart is exact where a logarithm is not', () => {
  const optimizer = makeOptimizer('adam')
  const schedule = new optim.CosineAnnealingWarmRestarts(optimizer, { t0: 1, tMult: 3 })
  // 1 + 3 + 9 + 27 + 81 epochs: log₃(243) comes out below 5.
  schedule.step(121)
  expect(schedule.lr).toBe(0.1)
  schedule.step()
  expect(schedule.lastEpoch).toBe(122)
  expect(schedule.lr).toBeLessThan(0.1)
  expect(() => schedule.step(-1)).toThrow('CosineAnnealingWarmRestarts: epoch is -1 (give a number from 0 up)')
})

test('a plateau looks at numbers; NaN never beats the best', () => {
  const optimizer = makeOptimizer('adam')
  const schedule = new optim.ReduceLROnPlateau(optimizer, { patience: 1 })
  schedule.step(1)
  for (let i = 0; i < 2; i++) schedule.step(NaN)
  expect(schedule.lr).toBeCloseTo(0.01, 15)
  // @ts-expect-error a tensor
  expect(() => schedule.step(zeros([]))).toThrow(
    'ReduceLROnPlateau: the measure is a Tensor (give a number: await loss.item())',
  )
})

test('a schedule of your own: a formula', () => {
  class Halves extends optim.LRScheduler {
    constructor(optimizer: optim.ScheduledOptimizer) {
      super(optimizer)
      this.start()
    }
    protected next(t: number): number[] {
      return this.baseLrs.map((lr) => lr / 2 ** t)
    }
  }
  const optimizer = makeOptimizer('sgd')
  const schedule = new Halves(optimizer)
  schedule.step()
  expect(optimizer.groups.map(({ lr }) => lr)).toEqual([0.05, 0.15])
  expect(schedule.stateDict().schedule).toBe('Halves')
})
