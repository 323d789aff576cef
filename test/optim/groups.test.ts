/** @file Parameter groups: equal to an optimizer for each, their own settable numbers, state, and what is refused. */
import { expect, test } from 'vitest'
import { CpuDevice, manualSeed, ones, optim, randn, type Tensor, tap, tensor } from '../../src/index.ts'
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
  const rest = { eps: 1e-8, weightDecay: 0.01, amsgrad: false, maximize: false, decoupledWeightDecay: true }
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
  expect(Object.keys(sgd.stateDict().state[0])).toEqual(['momentum_buffer'])
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
  const rest = { eps: 1e-8, amsgrad: false, maximize: false, decoupled_weight_decay: true }
  const groups = [
    { lr: 0.05, betas: [0.8, 0.9], weight_decay: 0.01, ...rest, params: [0, 1, 2] },
    { lr: 0.02, betas: [0.9, 0.999], weight_decay: 0, ...rest, params: [3, 4, 5, 6] },
  ]
  // Numbers are JSON, tensors go by name.
  const { tensors, numbers } = optim.splitState(state)
  expect(JSON.parse(JSON.stringify(numbers)).param_groups).toEqual(groups)
  const others = copies(params)
  const second = make(others)
  second.loadStateDict(optim.joinState(tensors, JSON.parse(JSON.stringify(numbers))))
  expect(second.groups.map(({ params: _, ...options }) => options)).toEqual(
    first.groups.map(({ params: _, ...options }) => options),
  )
  run([first], 3)
  run([second], 3)
  await expectEqual(params, others)
})

test('what does not fit is refused, and nothing changes', () => {
  const [v, w] = [randn([2], { requiresGrad: true }), randn([3], { requiresGrad: true })]
  const sgd = (params: unknown, options?: object) => () => new optim.SGD(params as Tensor[], options)
  expect(sgd([{ params: [v] }, { params: [w, v] }])).toThrow(
    'SGD: parameters 0 and 2 are the same tensor (give each once)',
  )
  expect(sgd([{ params: [v], rate: 1 }])).toThrow(
    'SGD: there is no option rate (it takes { lr, momentum, dampening, weightDecay, nesterov, maximize })',
  )
  expect(sgd([{ params: [v], lr: -1 }])).toThrow('SGD: lr is -1 (give a number from 0 up)')
  expect(sgd([{ params: [v], nesterov: true }])).toThrow('SGD: nesterov without momentum (give momentum: 0.9, say)')
  expect(sgd([{ params: v }])).toThrow('SGD: the parameters are a Tensor (give a list: [w])')
  expect(sgd([{ params: [v] }, w])).toThrow('SGD: group 1 is a Tensor (give { params, lr } for each, or tensors only)')
  expect(sgd([{ params: [] }])).toThrow('SGD: there are no parameters')
  expect(sgd([{ params: 3 }])).toThrow('SGD: the parameters are 3 (give model.parameters(), or a list of tensors)')
  expect(sgd(v)).toThrow('SGD: the parameters are a Tensor (give a list: [w])')
  expect(sgd([v], { nesterov: 1 })).toThrow('SGD: nesterov is 1 (give true or false)')
  expect(sgd([v], [])).toThrow(
    'SGD: the options are an array (it takes { lr, momentum, dampening, weightDecay, nesterov, maximize })',
  )

  const made = new optim.SGD([{ params: [v], momentum: 0.9 }, { params: [w] }])
  const state = made.stateDict()
  const groups = state.param_groups
  for (const [given, what] of [
    [undefined, 'undefined'],
    [null, 'null'],
    [5, '5'],
    [{}, 'an object'],
    [{ ...state, state: 5 }, 'an object'],
    [{ ...state, state: { 0: 5 } }, 'an object'],
    [{ state: state.state }, 'an object'],
  ]) {
    // @ts-expect-error bad input on purpose
    expect(() => made.loadStateDict(given)).toThrow(
      `loadStateDict: ${what} is not the state of an optimizer (give what stateDict() gave)`,
    )
  }
  const load = (changed: object) => () => made.loadStateDict({ ...state, ...changed })
  expect(load({ param_groups: [groups[0]] })).toThrow(
    'loadStateDict: the number of groups is 1 in the state, 2 here (make the same groups)',
  )
  expect(load({ param_groups: [{ ...groups[0], params: [1] }, groups[1]] })).toThrow(
    'loadStateDict: group 0 has parameters [1] in the state, [0] here (make the same groups)',
  )
  expect(load({ param_groups: [{ ...groups[0], rho: 1 }, 5] })).toThrow(
    'loadStateDict: there is no option rho (it takes { lr, momentum, dampening, weight_decay, nesterov, maximize }); ' +
      'group 1: the group is 5',
  )
  // All faults at once.
  expect(
    load({
      param_groups: [
        { ...groups[0], lr: 7 },
        { ...groups[1], weight_decay: NaN, momentum: 0.5 },
      ],
      state: { 1: { momentum_buffer: w }, 2: { momentum_buffer: w } },
    }),
  ).toThrow(
    "loadStateDict: group 1: momentum was 0.5, this optimizer's is 0; weightDecay is NaN (give a number from 0 up); " +
      'state 2 is unknown (there are 2 parameters); state 1.momentum_buffer is unknown (this optimizer keeps none)',
  )
  expect(made.stateDict()).toEqual(state)
})

test('AdamW is decoupled in every group', () => {
  const w = tensor([1, 2], { requiresGrad: true })
  // @ts-expect-error the type has no such option
  expect(() => new optim.AdamW([{ params: [w], decoupledWeightDecay: false }])).toThrow(
    'AdamW: decoupledWeightDecay is false in a group (use Adam for it)',
  )
  expect(new optim.AdamW([{ params: [w], lr: 0.5 }]).groups[0].decoupledWeightDecay).toBe(true)
})

test('a misspelt option of a group is an error', () => {
  const w = tensor([1, 2], { requiresGrad: true })
  const sgd = new optim.SGD([w], { lr: 0.1 })
  expect(() => Object.assign(sgd.groups[0], { wd: 3 })).toThrow(TypeError)
  expect(() => Object.assign(sgd.groups[0], { params: [] })).toThrow(TypeError)
  expect(Object.keys(sgd.stateDict().param_groups[0])).not.toContain('wd')
})

test("states are known by their exact names, and PyTorch's are read as they are", async () => {
  const w = tensor([1, 2], { requiresGrad: true })
  const adam = new optim.Adam([w])
  const { param_groups } = adam.stateDict()
  const whole = { step: 3, exp_avg: tensor([0, 1]), exp_avg_sq: tensor([2, 3]) }
  const load = (own: object) => () => adam.loadStateDict({ state: { 0: { ...whole, ...own } }, param_groups })
  for (const [own, said] of [
    [{ exp_avg_sq_: tensor([0, 0]) }, 'state 0.exp_avg_sq_ is unknown (this optimizer keeps exp_avg and exp_avg_sq)'],
    [{ exp_avg: null }, 'state 0.exp_avg is missing'],
    [{ exp_avg: 5 }, '0.exp_avg is 5, not a tensor'],
    [
      { exp_avg: tensor([0, 1], { dtype: 'float64' }) },
      "0.exp_avg is float64, its parameter float32 (cast with .to('float32')",
    ],
    [
      { exp_avg: tensor([0, 1], { device: new CpuDevice() }) },
      '0.exp_avg is on cpu, its parameter on cpu (move it with to(device))',
    ],
    [{ step: -1 }, '0.step is -1 (give a number from 0 up)'],
  ] as const)
    expect(load(own)).toThrow(`loadStateDict: ${said}`)
  expect(load({ step: tensor(3) })).toThrow(
    /^loadStateDict: 0.step is tensor #\d+ \[\] \(give its number: await x.item\(\)\)$/,
  )
  expect(adam.stateDict().state).toEqual({})

  // As torch.optim.Adam of 1.13 writes it: what it does not name stays, what says how a step is run is passed over.
  const { decoupled_weight_decay: _, ...older } = param_groups[0]
  const theirs = { ...older, lr: 0.5, foreach: null, capturable: false, initial_lr: 1 }
  const adamw = new optim.AdamW([w])
  adamw.loadStateDict({ state: { 0: whole }, param_groups: [theirs] })
  expect(adamw.groups[0]).toMatchObject({ lr: 0.5, decoupledWeightDecay: true })
  expect(adamw.stateDict().state[0].step).toBe(3)
  expect(await (adamw.stateDict().state[0].exp_avg_sq as Tensor).array()).toEqual([2, 3])

  // SGD without momentum writes a buffer that is null; with momentum, it has no step.
  const sgd = new optim.SGD([w, ones([1], { requiresGrad: true })], { momentum: 0.5, dampening: 0.5 })
  const saved = sgd.stateDict().param_groups
  sgd.loadStateDict({
    state: { 0: { momentum_buffer: tensor([4, 4]) }, 1: { momentum_buffer: null } },
    param_groups: saved,
  })
  expect(Object.keys(sgd.stateDict().state)).toEqual(['0'])
  w.sum().backward()
  sgd.step()
  expect(await (sgd.stateDict().state[0].momentum_buffer as Tensor).array()).toEqual([2.5, 2.5])
})

test('a momentum that a schedule has set does not make another optimizer, and what a state lacks begins anew', async () => {
  const make = () => new optim.SGD([ones([2], { requiresGrad: true })], { momentum: 0.9, lr: 1 })
  const [from, to] = [make(), make()]
  from.groups[0].momentum = 0.8
  to.params[0].sum().backward()
  to.step()
  to.loadStateDict(from.stateDict())
  expect(to.groups[0].momentum).toBe(0.8)
  expect(to.stateDict().state).toEqual({})
  to.step()
  expect(await to.params[0].array()).toEqual([-1, -1])
  const sum = new optim.Adagrad([to.params[0]], { initialAccumulatorValue: 3, lr: 4, eps: 0 })
  const fresh = sum.stateDict()
  sum.step()
  sum.loadStateDict(fresh)
  sum.step()
  expect(await (sum.stateDict().state[0].sum as Tensor).array()).toEqual([4, 4])
})

test('the first gradient enters the momentum buffer whole, also where momentum is set late', async () => {
  const w = ones([1], { requiresGrad: true })
  const sgd = new optim.SGD([w], { lr: 1, dampening: 0.75 })
  w.sum().backward()
  sgd.step()
  sgd.groups[0].momentum = 0.5
  sgd.step()
  sgd.step()
  // p: 1, 0; then b = 1, and b = 0.5·1 + 0.25·1.
  expect(await w.item()).toBe(-1.75)
})

test('a state is cut in two and put together', () => {
  const numbers = { state: { 0: { step: 2 } }, param_groups: [] }
  const x = ones([1])
  const { tensors, numbers: again } = optim.splitState(optim.joinState({ '0.exp_avg': x, '11.sum': x }, numbers))
  expect([Object.keys(tensors), tensors['11.sum'] === x]).toEqual([['0.exp_avg', '11.sum'], true])
  expect(again).toEqual({ ...numbers, state: { ...numbers.state, 11: {} } })
  expect(() => optim.joinState({ exp_avg: x }, numbers)).toThrow(
    "joinState: a tensor's name is 'exp_avg' ('0.exp_avg', say)",
  )
  const said = 'an object is not the state of an optimizer (give what stateDict() gave)'
  // @ts-expect-error bad input on purpose
  expect(() => optim.splitState({})).toThrow(`splitState: ${said}`)
  expect(() => optim.joinState({}, {} as optim.StateNumbers)).toThrow(`joinState: ${said}`)
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
  expect(adam.stateDict().state).toEqual({})
  adam.step()
  expect(adam.stateDict().state[0].step).toBe(1)
})
