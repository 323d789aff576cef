/**
 * @file Optimizers against their formulas in float64, on parameters of several shapes and layouts; skipped parameters;
 * state; memory. The same on WebGPU is in optim.webgpu.test.ts.
 */
import { expect, test } from 'vitest'
import {
  CpuDevice,
  grad,
  manualSeed,
  memory,
  nn,
  noGrad,
  ones,
  optim,
  randn,
  scope,
  type Tensor,
  tap,
  tensor,
  zeros,
} from '../../src/index.ts'
import { cases, deviation, formulas, makeParams, roundedVariance } from '../support/optimizers.ts'

for (const { name, make, rule } of formulas) {
  test(`${name} follows its formula for 10 steps`, async () => {
    manualSeed(1)
    const params = makeParams({ dtype: 'float64' })
    expect(await deviation(params, make(params), rule, 10)).toBeLessThan(1e-13)
  })
}

test('parameters without a gradient are passed over, and count their own steps', async () => {
  const params = makeParams({ dtype: 'float64' })
  const { make, rule } = formulas.find(({ name }) => name === 'Adam')!
  const optimizer = make(params)
  // Every third parameter gets a gradient at every second step only.
  expect(await deviation(params, optimizer, rule, 10, (i, step) => i % 3 !== 0 || step % 2 === 0)).toBeLessThan(1e-13)
  const steps = () => params.map((_, i) => optimizer.stateDict().state[i]?.step)
  expect(steps()).toEqual(params.map((p, i) => (p.numel === 0 ? undefined : i % 3 === 0 ? 5 : 10)))
  params[1].requiresGrad = false
  optimizer.step()
  expect(steps()[1]).toBe(10)
})

test('two parameters on one storage, and gradients that share it', async () => {
  const base = zeros([4])
  const [a, b] = [base.slice([0, 2]).detach(), base.slice([2, 4]).detach()].map((x) => x.requiresGrad_())
  a.add(b.mul(2)).sum().backward()
  new optim.SGD([a, b], { lr: 1 }).step()
  expect(await base.array()).toEqual([-1, -1, -2, -2])

  // Under createGraph a gradient may be another view of the parameter's own memory.
  const w = ones([3], { requiresGrad: true })
  w.reshape([3]).backward(w.detach(), { createGraph: true })
  new optim.SGD([w], { lr: 0.25 }).step()
  expect(await w.array()).toEqual([0.75, 0.75, 0.75])
})

test('the learning rate can change between steps', async () => {
  const w = zeros([1], { requiresGrad: true })
  const optimizer = new optim.SGD([w], { lr: 1 })
  const step = () => {
    optimizer.zeroGrad()
    w.sum().backward()
    optimizer.step()
  }
  step()
  optimizer.lr = 0.5
  expect(optimizer.lr).toBe(0.5)
  step()
  expect(await w.item()).toBe(-1.5)
  expect(() => {
    optimizer.lr = -1
  }).toThrow('lr: lr is -1 (give a number from 0 up)')
})

test('steps change versions: a parameter that backward still needs is reported', () => {
  const w = randn([2], { requiresGrad: true })
  const optimizer = new optim.SGD([w], { lr: 0.1 })
  w.sum().backward()
  const loss = w.mul(w).sum()
  optimizer.step()
  expect(() => loss.backward()).toThrow('which SGD changed in place since')
})

test('a step and zeroGrad leave memory as it was', () => {
  for (const { make } of cases) {
    const model = new nn.Sequential(new nn.Linear(3, 4), new nn.Tanh(), new nn.Linear(4, 2))
    const params = [...model.parameters(), ...makeParams()]
    const optimizer = make(params)
    const x = randn([5, 3])
    const step = () =>
      scope(() => {
        optimizer.zeroGrad()
        model
          .forward(x)
          .square()
          .mean()
          .add(params.slice(-3).reduce((sum, p) => sum.add(p.square().sum()), x.sum()))
          .backward()
        optimizer.step()
      })
    step()
    const before = memory()
    for (let i = 0; i < 20; i++) step()
    expect(memory()).toEqual(before)
    optimizer.zeroGrad()
    expect(memory().tensors).toBe(before.tensors - 7)
  }
})

test('the state moves to another optimizer and training goes on bit for bit', async () => {
  for (const { name, make } of cases) {
    const run = (from: number, params: ReturnType<typeof makeParams>, optimizer: optim.Optimizer) => {
      for (let step = from; step < from + 3; step++) {
        optimizer.zeroGrad()
        params.reduce((sum, p) => sum.add(p.sin().sum().mul(step)), tensor(0)).backward()
        optimizer.step()
      }
    }
    manualSeed(5)
    const params = makeParams()
    const optimizer = make(params)
    run(1, params, optimizer)
    const copies = params.map((p) => p.detach().clone().requiresGrad_())
    const other = make(copies)
    other.loadStateDict(optimizer.stateDict())
    run(4, params, optimizer)
    run(4, copies, other)
    for (const [i, p] of params.entries()) expect(await p.equal(copies[i]), `${name}, parameter ${i}`).toBe(true)
  }
})

test('state has PyTorch names, and what does not fit is refused', () => {
  const w = [ones([2], { requiresGrad: true }), ones([3], { requiresGrad: true })]
  const adam = new optim.AdamW(w)
  w[0].sum().add(w[1].sum()).backward()
  adam.step()
  const state = adam.stateDict()
  const names = ['step', 'exp_avg', 'exp_avg_sq']
  expect(Object.entries(state.state).map(([i, own]) => [i, Object.keys(own)])).toEqual([
    ['0', names],
    ['1', names],
  ])
  expect(state.param_groups).toEqual([
    {
      lr: 1e-3,
      betas: [0.9, 0.999],
      eps: 1e-8,
      weight_decay: 0.01,
      amsgrad: false,
      maximize: false,
      decoupled_weight_decay: true,
      params: [0, 1],
    },
  ])
  const swapped = { ...state, state: { 0: { ...state.state[0], exp_avg: ones([3]) } } }
  expect(() => adam.loadStateDict(swapped)).toThrow('loadStateDict: 0.exp_avg is [3], its parameter [2]')
  expect(() => new optim.Adam([w[0]]).loadStateDict(state)).toThrow(
    'loadStateDict: group 0 has parameters [0,1] in the state, [0] here (make the same groups); ' +
      'state 1 is unknown (there are 1 parameters)',
  )
  expect(() => new optim.Adam(w).loadStateDict(state)).toThrow(
    "loadStateDict: decoupledWeightDecay was true, this optimizer's is false",
  )
  expect(() => new optim.Adagrad(w).loadStateDict(state)).toThrow(
    'loadStateDict: there is no option betas (it takes { lr, lr_decay, weight_decay, initial_accumulator_value, eps, ' +
      'maximize }); there is no option amsgrad',
  )
})

test('options and parameters are checked', async () => {
  const w = zeros([2], { requiresGrad: true })
  const sgd = (options: object) => () => new optim.SGD([w], options)
  const adam = (options: object) => () => new optim.Adam([w], options)
  expect(sgd({ learningRate: 1 })).toThrow(
    'SGD: there is no option learningRate (it takes { lr, momentum, dampening, weightDecay, nesterov, maximize })',
  )
  expect(sgd({ lr: -1 })).toThrow('SGD: lr is -1 (give a number from 0 up)')
  expect(sgd({ lr: NaN })).toThrow('SGD: lr is NaN (give a number from 0 up)')
  expect(sgd({ momentum: 9 })).toThrow('SGD: momentum is 9 (give a number from 0 to below 1)')
  expect(sgd({ nesterov: true })).toThrow('SGD: nesterov without momentum (give momentum: 0.9, say)')
  expect(sgd({ weightDecay: '1' })).toThrow("SGD: weightDecay is '1' (give a number from 0 up)")
  expect(adam({ betas: [0.9, 1] })).toThrow('Adam: betas[1] is 1 (give a number from 0 to below 1)')
  expect(adam({ betas: 0.9 })).toThrow('Adam: betas is 0.9 (give [0.9, 0.999], say)')
  expect(adam({ eps: -1 })).toThrow('Adam: eps is -1 (give a number from 0 up)')

  expect(() => new optim.SGD([])).toThrow(
    'SGD: there are no parameters (give model.parameters(), or a list of tensors)',
  )
  expect(() => new optim.SGD([w, w])).toThrow('SGD: parameters 0 and 1 are the same tensor (give each once)')
  expect(() => new optim.SGD([w.mul(2)])).toThrow(
    /SGD: parameter 0, tensor #\d+ \[2\], is the result of mul \(only leaves are trained\)/,
  )
  expect(() => new optim.SGD([zeros([2], { dtype: 'int32' })])).toThrow(
    /is int32 \(only float32 and float64 are trained\)/,
  )
  expect(() => new optim.SGD([zeros([1]).expand([3]).detach()])).toThrow(
    /is expanded: several elements share memory \(train a clone\(\) of it\)/,
  )
  // biome-ignore lint/suspicious/noExplicitAny: bad input on purpose
  expect(() => new optim.SGD([[1, 2] as any])).toThrow('SGD: parameter 0 is an array, not a tensor')
  const gone = zeros([2])
  gone.dispose()
  expect(() => new optim.SGD([gone])).toThrow(/parameter 0, tensor #\d+ \[2\], was disposed/)

  const model = new nn.Linear(2, 2)
  const optimizer = new optim.Adam(model.parameters())
  const step = () => {
    model
      .forward(zeros([1, 2], { device: model.weight.device }))
      .sum()
      .backward()
    optimizer.step()
  }
  step()
  await model.to(new CpuDevice())
  expect(step).toThrow(
    /step: tensor #\d+ \[2, 2\] moved to cpu, its state is on cpu \(move the model first, then make the optimizer\)/,
  )
})

test('a launch takes three tensors, or two where three numbers are kept of each element', () => {
  const device = new CpuDevice()
  let launches = 0
  const off = tap(device, {
    run: (next, launch) => {
      launches++
      next(launch)
    },
  })
  const count = (make: (params: Tensor[]) => optim.Optimizer) => {
    const params = Array.from({ length: 6 }, () => ones([2, 2], { device, requiresGrad: true }))
    for (const p of params) p.grad = p.detach()
    const own = make(params)
    own.step()
    launches = 0
    own.step()
    return launches
  }
  const threeKept = ['AMSGrad', 'centered RMSprop with momentum']
  expect(cases.map(({ name, make }) => [name, count(make)])).toEqual(
    cases.map(({ name }) => [name, threeKept.includes(name) ? 3 : 2]),
  )
  // What is switched on later needs room as well.
  const late = count((params) => {
    const own = new optim.RMSprop(params, { centered: true })
    own.groups[0].momentum = 0.5
    return own
  })
  expect(late).toBe(4)
  off()
})

test('a variance that rounding takes below 0 is 0', async () => {
  expect(await roundedVariance()).toEqual({ below: true, finite: true })
})

test('steps are not recorded, also where gradients are', () => {
  const w = ones([2], { requiresGrad: true })
  const [g] = grad(w.square().sum(), [w], { createGraph: true })
  w.square().sum().backward()
  new optim.Adam([w]).step()
  expect(w.isLeaf && g.requiresGrad).toBe(true)
  expect(noGrad(() => w.add(1)).requiresGrad).toBe(false)
})
