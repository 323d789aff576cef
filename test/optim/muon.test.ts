/** @file Muon beside its values (reference.test.ts): what it makes orthogonal, state, memory, what it refuses. */
import { expect, test } from 'vitest'
import { eye, manualSeed, memory, ones, optim, randn, scope, zeros } from '../../src/index.ts'

test('a step is near to orthogonal, whatever the size of the gradient', async () => {
  manualSeed(1)
  for (const scale of [1e-3, 1e3]) {
    const w = zeros([4, 6], { dtype: 'float64', requiresGrad: true })
    w.grad = randn([4, 6], { dtype: 'float64' }).mul(scale)
    new optim.Muon([w], { lr: 1, weightDecay: 0 }).step()
    const gram = w.detach().matmul(w.detach().t())
    // Five steps bring singular values of 0.1 and more to 0.7 … 1.2.
    expect(
      await gram
        .sub(eye(4, { dtype: 'float64' }))
        .abs()
        .max()
        .item(),
    ).toBeLessThan(0.6)
  }
})

test('state and memory', async () => {
  const params = [
    [3, 2],
    [2, 5],
    [4, 4],
    [1, 7],
  ].map((shape) => randn(shape, { requiresGrad: true }))
  const copies = params.map((p) => p.detach().clone().requiresGrad_())
  const run = (own: optim.Optimizer, steps: number) => {
    for (let i = 0; i < steps; i++) {
      own.zeroGrad()
      scope(() => {
        for (const p of own.params) p.sin().sum().backward()
        own.step()
      })
    }
  }
  const [first, second] = [new optim.Muon(params, { lr: 0.1 }), new optim.Muon(copies)]
  run(first, 3)
  const before = memory()
  run(first, 3)
  expect(memory()).toEqual(before)
  for (const [i, p] of copies.entries()) p.detach().copy_(params[i].detach())
  const state = first.stateDict()
  expect(Object.keys(state.state[3])).toEqual(['momentum_buffer'])
  expect(state.param_groups[0]).toMatchObject({
    ns_coefficients: [3.4445, -4.775, 2.0315],
    ns_steps: 5,
    adjust_lr_fn: null,
  })
  second.loadStateDict(state)
  run(first, 2)
  run(second, 2)
  for (const [i, p] of copies.entries()) expect(await p.equal(params[i])).toBe(true)
})

test('what is not a matrix is refused, and options are checked', () => {
  const w = ones([2, 2], { requiresGrad: true })
  expect(() => new optim.Muon([w, ones([3], { requiresGrad: true }), ones([1, 2, 3], { requiresGrad: true })])).toThrow(
    'Muon: parameter 1 is [3], parameter 2 is [1, 2, 3] (it trains matrices: give the others to an AdamW)',
  )
  for (const [options, said] of [
    [{ nsCoefficients: [1, 2] }, 'nsCoefficients is [1,2] (give three numbers)'],
    [{ nsCoefficients: 3 }, 'nsCoefficients is 3 (give three numbers)'],
    [{ nsSteps: 2.5 }, 'nsSteps is 2.5 (give a whole number from 0 up)'],
    [{ adjustLrFn: 'rms' }, "adjustLrFn is 'rms' (give null or 'original' or 'matchRmsAdamw')"],
    [{ momentum: 1 }, 'momentum is 1 (give a number from 0 to below 1)'],
  ] as [object, string][])
    expect(() => new optim.Muon([w], options as optim.MuonOptions)).toThrow(`Muon: ${said}`)
})
