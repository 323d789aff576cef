/** @file Parameter groups: equal to an optimizer for each, their own settable numbers, state, and what is refused. */
import { expect, test } from 'vitest'
import { CpuDevice, manualSeed, ones, optim, randn, type Tensor, tap, tensor, zeros } from '../../src/index.ts'
import { makeParams } from '../support/optimizers.ts'

const copies = (params: readonly Tensor[]) => params.map((p) => p.detach().clone().requiresGrad_())

/** Some steps on Σ sin p; `between` is called before each. */
function run(optimizers: readonly optim.Optimizer[], steps: number, between?: (step: number) => void): void {
  const params = optimizers.flatMap((optimizer) => optimizer.params)
  for (let step = 1; step <= steps; step++) {
    between?.(step)
    for (const optimizer of optimizers) optimizer.zeroGrad()
    params.reduce((sum, p) => sum.add(p.sin().sum().mul(step)), tensor(0)).backward()
    for (const optimizer of optimizers) optimizer.step()
  }
}

async function expectEqual(a: readonly Tensor[], b: readonly Tensor[]): Promise<void> {
  expect(a.length).toBe(b.length)
  for (const [i, p] of a.entries()) expect(await p.equal(b[i]), `parameter ${i}`).toBe(true)
}

test('groups equal an optimizer for each, bit for bit', async () => {
  manualSeed(2)
  const [decayed, plain] = [makeParams(), makeParams()]
  for (const make of [
    (params: optim.OptimizerParams<optim.SGDOptions>, options: optim.SGDOptions) =>
      new optim.SGD(params, { momentum: 0.9, nesterov: true, ...options }),
    (params: optim.OptimizerParams<object>, options: object) => new optim.AdamW(params, options),
    (params: optim.OptimizerParams<object>, options: object) => new optim.Adam(params, { eps: 1e-4, ...options }),
  ]) {
    const [a, b, c, d] = [decayed, plain, decayed, plain].map(copies)
    const together = make([{ params: a, lr: 0.05, weightDecay: 0.3 }, { params: b }], { lr: 0.01, weightDecay: 0 })
    run([together], 5, (step) => step === 3 && (together.groups[1].lr = 0.2))
    const [first, second] = [make(c, { lr: 0.05, weightDecay: 0.3 }), make(d, { lr: 0.01, weightDecay: 0 })]
    run([first, second], 5, (step) => step === 3 && (second.lr = 0.2))
    await expectEqual([...a, ...b], [...c, ...d])
  }
})

test('a group has its numbers, then those of all groups, then the defaults', () => {
  const [v, w] = [ones([2], { requiresGrad: true }), ones([3], { requiresGrad: true })]
  const adam = new optim.AdamW([{ params: [v], lr: 0.1, betas: [0.5, 0.6], eps: undefined }, { params: [w] }], {
    lr: 0.2,
  })
  const rest = { eps: 1e-8, weightDecay: 0.01, decoupled: true }
  expect(adam.groups.map(({ params: _, ...options }) => options)).toEqual([
    { lr: 0.1, betas: [0.5, 0.6], ...rest },
    { lr: 0.2, betas: [0.9, 0.999], ...rest },
  ])
  for (const [i, x] of [v, w].entries()) {
    expect(adam.groups[i].params.length).toBe(1)
    expect(adam.groups[i].params[0]).toBe(x)
    expect(adam.params[i]).toBe(x)
  }
  expect(adam.lr).toBe(0.1)
  adam.lr = 0.3
  expect(adam.groups.map(({ lr }) => lr)).toEqual([0.3, 0.3])
})

test('numbers that are set hold from the next step on, and are checked', async () => {
  const w = ones([1], { requiresGrad: true })
  const sgd = new optim.SGD([w], { lr: 1 })
  const [group] = sgd.groups
  const step = () => {
    sgd.zeroGrad()
    w.sum().backward()
    sgd.step()
  }
  group.weightDecay = 1
  step()
  expect(await w.item()).toBe(-1)
  group.momentum = 0.5
  group.weightDecay = 0
  step()
  step()
  // b: 1, then 1.5.
  expect(await w.item()).toBe(-3.5)
  expect(Object.keys(sgd.stateDict().tensors)).toEqual(['0.momentum_buffer'])
  group.momentum = 0
  step()
  expect(await w.item()).toBe(-4.5)

  for (const [change, text] of [
    [() => (group.lr = -1), 'lr: lr is -1 (give a number from 0 up)'],
    [() => (group.momentum = 1), 'momentum: momentum is 1 (give a number from 0 to below 1)'],
    [() => (group.nesterov = true), 'nesterov: nesterov without momentum (give momentum: 0.9, say)'],
  ] as const)
    expect(change).toThrow(text)
  expect(group).toMatchObject({ lr: 1, momentum: 0, nesterov: false })
})

test('the state has the groups, and training goes on from it bit for bit', async () => {
  manualSeed(4)
  const make = (params: readonly Tensor[]) =>
    new optim.AdamW([
      { params: params.slice(0, 3), lr: 0.05 },
      { params: params.slice(3), weightDecay: 0 },
    ])
  const params = makeParams()
  const first = make(params)
  run([first], 3)
  first.groups[0].betas = [0.8, 0.9]
  first.groups[1].lr = 0.02
  const state = first.stateDict()
  expect(state.options).toEqual({ lr: 0.05, betas: [0.8, 0.9], eps: 1e-8, weightDecay: 0.01, decoupled: true })
  expect(JSON.parse(JSON.stringify(state.groups))).toEqual([
    { ...state.options, params: [0, 1, 2] },
    { lr: 0.02, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, decoupled: true, params: [3, 4, 5, 6] },
  ])
  const others = copies(params)
  const second = make(others)
  second.loadStateDict({ ...state, groups: JSON.parse(JSON.stringify(state.groups)) })
  expect(second.groups.map(({ params: _, ...options }) => options)).toEqual(
    first.groups.map(({ params: _, ...options }) => options),
  )
  run([first], 3)
  run([second], 3)
  await expectEqual(params, others)
})

test('a state without groups is that of one group', () => {
  const w = ones([2], { requiresGrad: true })
  const sgd = new optim.SGD([w], { lr: 1 })
  const { groups: _, ...older } = sgd.stateDict()
  sgd.loadStateDict({ ...older, options: { ...older.options, lr: 0.5 } })
  expect(sgd.lr).toBe(0.5)
  const two = new optim.SGD([{ params: [w] }, { params: [zeros([1])] }])
  expect(() => two.loadStateDict({ ...older, steps: [0, 0] })).toThrow(
    'loadStateDict: the number of groups is 1 in the state, 2 here (make the same groups)',
  )
})

test('what does not fit is refused, and nothing changes', () => {
  const [v, w] = [randn([2], { requiresGrad: true }), randn([3], { requiresGrad: true })]
  const sgd = (params: unknown, options?: object) => () => new optim.SGD(params as Tensor[], options)
  expect(sgd([{ params: [v] }, { params: [w, v] }])).toThrow(
    'SGD: parameters 0 and 2 are the same tensor (give each once)',
  )
  expect(sgd([{ params: [v], rate: 1 }])).toThrow(
    'SGD: there is no option rate (it takes { lr, momentum, nesterov, weightDecay })',
  )
  expect(sgd([{ params: [v], lr: -1 }])).toThrow('SGD: lr is -1 (give a number from 0 up)')
  expect(sgd([{ params: [v], nesterov: true }])).toThrow('SGD: nesterov without momentum (give momentum: 0.9, say)')
  expect(sgd([{ params: v }])).toThrow('SGD: the parameters are a Tensor (give a list: [w])')
  expect(sgd([{ params: [v] }, w])).toThrow('SGD: group 1 is a Tensor (give { params, lr } for each, or tensors only)')
  expect(sgd([{ params: [] }])).toThrow('SGD: there are no parameters')
  expect(sgd([{ params: 3 }])).toThrow('SGD: the parameters are 3 (give model.parameters(), or a list of tensors)')
  expect(sgd(v)).toThrow('SGD: the parameters are a Tensor (give a list: [w])')
  expect(sgd([v], { nesterov: 1 })).toThrow('SGD: nesterov is 1 (give true or false)')
  expect(sgd([v], [])).toThrow('SGD: the options are an array (it takes { lr, momentum, nesterov, weightDecay })')

  const made = new optim.SGD([{ params: [v], momentum: 0.9 }, { params: [w] }])
  const state = made.stateDict()
  const groups = state.groups as NonNullable<typeof state.groups>
  for (const [given, what] of [
    [undefined, 'undefined'],
    [null, 'null'],
    [5, '5'],
    [{}, 'an object'],
    [{ ...state, steps: 5 }, 'an object'],
    [{ ...state, tensors: null }, 'an object'],
    [{ steps: state.steps, tensors: {} }, 'an object'],
  ]) {
    // @ts-expect-error bad input on purpose
    expect(() => made.loadStateDict(given)).toThrow(
      `loadStateDict: ${what} is not the state of an optimizer (give what stateDict() gave)`,
    )
  }
  const load = (changed: object) => () => made.loadStateDict({ ...state, ...changed })
  expect(load({ groups: [{ ...groups[0], params: [1] }, groups[1]] })).toThrow(
    'loadStateDict: group 0 has parameters [1] in the state, [0] here (make the same groups)',
  )
  expect(load({ groups: [groups[0], { ...groups[1], momentum: 0.5 }] })).toThrow(
    "loadStateDict: group 1: momentum was 0.5, this optimizer's is 0",
  )
  expect(
    load({
      groups: [
        { ...groups[0], lr: 7 },
        { ...groups[1], weightDecay: NaN },
      ],
    }),
  ).toThrow('loadStateDict: weightDecay is NaN (give a number from 0 up)')
  expect(load({ tensors: { '1.momentum_buffer': w } })).toThrow(
    'loadStateDict: state 1.momentum_buffer is unknown (this optimizer keeps none)',
  )
  expect(load({ tensors: { '2.momentum_buffer': w } })).toThrow(
    'loadStateDict: state 2.momentum_buffer is unknown (there are 2 parameters)',
  )
  expect(made.stateDict().groups).toEqual(groups)
})

test('AdamW is decoupled in every group', () => {
  const w = tensor([1, 2], { requiresGrad: true })
  // @ts-expect-error the type has no such option
  expect(() => new optim.AdamW([{ params: [w], decoupled: false }])).toThrow(
    'AdamW: decoupled is false in a group (use Adam for it)',
  )
  expect(new optim.AdamW([{ params: [w], lr: 0.5 }]).groups[0].decoupled).toBe(true)
})

test('a misspelt option of a group is an error', () => {
  const w = tensor([1, 2], { requiresGrad: true })
  const sgd = new optim.SGD([w], { lr: 0.1 })
  expect(() => Object.assign(sgd.groups[0], { wd: 3 })).toThrow(TypeError)
  expect(() => Object.assign(sgd.groups[0], { params: [] })).toThrow(TypeError)
  expect(Object.keys(sgd.stateDict().groups?.[0] ?? {})).not.toContain('wd')
})

test('states are known by their exact names, and older ones lack what was not there to be set', () => {
  const w = tensor([1, 2], { requiresGrad: true })
  const adam = new optim.Adam([w])
  const state = adam.stateDict()
  for (const key of ['.exp_avg', '0x0.exp_avg', '0.exp_avg.', '1.exp_avg']) {
    const tensors = { [key]: tensor([0, 0]) }
    expect(() => adam.loadStateDict({ ...state, tensors }), key).toThrow(`loadStateDict: state ${key} is unknown`)
  }
  const { groups: _, options, ...rest } = new optim.SGD([w]).stateDict()
  const { nesterov: __, ...older } = options
  const sgd = new optim.SGD([w])
  sgd.loadStateDict({ ...rest, options: older })
  expect(sgd.groups[0].nesterov).toBe(false)
})

test('a step that failed is not counted', () => {
  const device = new CpuDevice()
  const w = tensor([1, 2], { device, requiresGrad: true })
  const adam = new optim.Adam([w])
  w.square().sum().backward()
  const off = tap(device, {
    run: (next, launch) => {
      if (launch.kernel.name === 'adam') throw new Error('lost')
      next(launch)
    },
  })
  expect(() => adam.step()).toThrow('lost')
  off()
  expect(adam.stateDict().steps).toEqual([0])
  adam.step()
  expect(adam.stateDict().steps).toEqual([1])
})
