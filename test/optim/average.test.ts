/** @file Averages of weights, penalties, micro-batches and the gradient scaler, on the CPU. */
import { expect, test } from 'vitest'
import {
  CpuDevice,
  manualSeed,
  memory,
  nn,
  noGrad,
  optim,
  randn,
  scope,
  type Tensor,
  tap,
  tensor,
} from '../../src/index.ts'
import { record } from '../support/replay.ts'

const device = new CpuDevice({ debug: true })

/** Values that weights take one after another, of odd layouts: more than one launch's worth. */
const makeWeights = (): Tensor[] =>
  [
    tensor([1, 2, 3], { device, dtype: 'float64' }),
    tensor(2, { device, dtype: 'float64' }),
    randn([4, 3], { device, dtype: 'float64' }).transpose(),
    randn([6], { device, dtype: 'float32' }).slice([2, 5]),
    randn([5], { device, dtype: 'float64' }),
  ].map((x) => x.detach().requiresGrad_())
const values = async (xs: readonly Tensor[]): Promise<number[]> =>
  (await Promise.all(xs.map((x) => x.data()))).flatMap((data) => [...data])
const shift = (xs: readonly Tensor[]) => noGrad(() => xs.forEach((x, i) => x.mul_(0.9).add_(i + 1)))

for (const [name, make, next] of [
  ['EMA', (w: Tensor[]) => new optim.EMA(w, { decay: 0.9 }), (a: number, w: number) => 0.9 * a + (1 - 0.9) * w],
  ['SWA', (w: Tensor[]) => new optim.SWA(w), (a: number, w: number, n: number) => a + (w - a) / (n + 1)],
] as const)
  test(`${name} follows its formula; the first update takes the weights as they are`, async () => {
    manualSeed(3)
    const weights = makeWeights()
    const average = make(weights)
    let want: number[] = []
    for (let n = 0; n < 6; n++) {
      shift(weights)
      average.update()
      const now = await values(weights)
      want = n === 0 ? now : want.map((a, i) => next(a, now[i], n))
      const got = await values(average.averages)
      // The fourth weight is float32.
      expect(Math.max(...got.map((x, i) => Math.abs(x - want[i])))).toBeLessThan(1e-6)
      expect(Math.max(...got.slice(0, 16).map((x, i) => Math.abs(x - want[i])))).toBeLessThan(1e-14)
    }
    expect(average.updates).toBe(6)

    const trained = await values(weights)
    average.apply()
    expect(await values(weights)).toEqual(await values(average.averages))
    expect(() => average.apply()).toThrow('apply: the averages are in the model already (call restore() first)')
    expect(() => average.update()).toThrow('update: the averages are in the model (call restore() first)')
    average.restore()
    expect(await values(weights)).toEqual(trained)
    expect(() => average.restore()).toThrow('restore: the averages are not in the model (call apply() first)')

    const other = make(weights)
    other.loadStateDict(average.stateDict())
    for (const one of [average, other]) one.update()
    expect(await values(other.averages)).toEqual(await values(average.averages))
  })

test('an average is of a model, with buffers if asked for; what does not fit is refused', async () => {
  const model = new nn.Sequential(new nn.Linear(2, 3, { device }), new nn.ReLU(), new nn.Linear(3, 1, { device }))
  const average = new optim.EMA(model)
  expect(average.averages).toHaveLength(4)
  const held = memory(device)
  for (let i = 0; i < 3; i++) average.update()
  average.apply()
  average.restore()
  expect(memory(device)).toEqual(held)
  const buffered = {
    parameters: () => [tensor([1], { device })],
    buffers: () => [tensor([2], { device }), tensor(Int32Array.of(3), { device })],
  }
  expect(new optim.SWA(buffered).averages).toHaveLength(1)
  expect(await values(new optim.SWA(buffered, { useBuffers: true }).averages)).toEqual([1, 2])

  const make =
    (...args: unknown[]) =>
    () =>
      new (optim.EMA as new (...args: unknown[]) => unknown)(...args)
  expect(make(model, { decay: 1 })).toThrow('EMA: decay is 1 (give a number from 0 to below 1)')
  expect(make(model, { decays: 1 })).toThrow('EMA: there is no option decays (did you mean decay? it takes')
  expect(make(model, { useBuffers: 1 })).toThrow('EMA: useBuffers is 1 (give true or false)')
  expect(make(3)).toThrow('EMA: the model is 3 (give a model, or a list of tensors)')
  expect(make(tensor([1]))).toThrow('EMA: the parameters are a Tensor (give a list: [w])')
  expect(make([])).toThrow('EMA: there are no parameters (give a model, or a list of tensors)')
  expect(make([3])).toThrow('EMA: parameter 0 is 3, not a tensor')
  const load = (state: unknown) => () => average.loadStateDict(state as optim.AverageState)
  expect(load(null)).toThrow('loadStateDict: null is not the state of an average (give what stateDict() gave)')
  expect(load({ updates: 1, averages: [] })).toThrow('loadStateDict: the state is of 0 parameters, this average of 4')
  const wrong = [...average.averages.slice(0, 3), tensor([1, 2], { device })]
  expect(load({ updates: 1, averages: wrong })).toThrow(
    'loadStateDict: average 3 is float32 [2] on cpu, its parameter float32 [1] on cpu',
  )
})

test('a recorded step with a schedule, clipping and an average, run again by its launches, does what the step does', async () => {
  const run = async (again: boolean) => {
    const on = new CpuDevice()
    const w = tensor([3, -4, 5], { device: on, requiresGrad: true })
    const sgd = new optim.SGD([w], { lr: 0.1 })
    const schedule = new optim.ExponentialLR(sgd, { gamma: 0.5 })
    const average = new optim.SWA([w])
    const step = () => {
      sgd.zeroGrad()
      w.square().sum().backward()
      optim.clipGradNorm([w], 2)
      sgd.step()
      average.update()
    }
    const next = again ? record(on, step) : step
    const seen: number[][] = []
    for (let i = again ? 2 : 0; i < 6; i++) {
      // The rates of steps that are recorded are those of the ones that are not.
      if (i >= 2) schedule.step()
      next()
      if (i >= 2) seen.push(await values([w, ...average.averages]))
    }
    expect(average.updates).toBe(6)
    return seen
  }
  expect(await run(true)).toEqual(await run(false))
})

test('an update is two launches for six tensors', () => {
  const average = new optim.EMA(Array.from({ length: 6 }, () => tensor([1, 2], { device })))
  let runs = 0
  const off = tap(device, {
    run: (next, launch) => {
      runs++
      next(launch)
    },
  })
  average.update()
  off()
  expect(runs).toBe(2)
})

test('penalties and their gradients, in few launches', async () => {
  const ws = [tensor([[1, -2]], { device, requiresGrad: true }), tensor(-3, { device, requiresGrad: true })]
  let runs = 0
  const off = tap(device, {
    run: (next, launch) => {
      runs++
      next(launch)
    },
  })
  const [l1, l2] = [optim.l1Penalty(ws), optim.l2Penalty(ws)]
  off()
  expect(runs).toBe(6)
  expect([await l1.item(), await l2.item()]).toEqual([6, 14])
  l1.add(l2.mul(0.5)).backward()
  expect(await values(ws.map((w) => w.grad))).toEqual([2, -3, -4])
  expect(await optim.l2Penalty(ws.slice(0, 1)).item()).toBe(5)
  const penalty = optim.l1Penalty as (...args: unknown[]) => unknown
  expect(() => penalty([])).toThrow(
    'l1Penalty: there are no parameters (give model.parameters(), or a list of tensors)',
  )
  expect(() => penalty(ws[0])).toThrow('l1Penalty: the parameters are a Tensor (give a list: [w])')
  expect(() => penalty([2])).toThrow('l1Penalty: parameter 0 is 2, not a tensor')
})

test('k micro-batches, each loss divided by k, are one batch', async () => {
  const train = async (k: number) => {
    manualSeed(7)
    const on = { device, dtype: 'float64' } as const
    const [w, x, y] = [randn([3, 1], on).requiresGrad_(), randn([12, 3], on), randn([12, 1], on)]
    const optimizer = new optim.SGD([w], { lr: 0.1, momentum: 0.9 })
    for (let step = 0; step < 5; step++) {
      optimizer.zeroGrad()
      for (let i = 0; i < k; i++) {
        const [from, to] = [(12 / k) * i, (12 / k) * (i + 1)]
        scope(() =>
          x
            .slice([from, to])
            .matmul(w)
            .sub(y.slice([from, to]))
            .square()
            .mean()
            .div(k)
            .backward(),
        )
      }
      optim.clipGradNorm([w], 0.5)
      optimizer.step()
    }
    return values([w])
  }
  const [one, four] = [await train(1), await train(4)]
  expect(Math.max(...one.map((v, i) => Math.abs(v - four[i])))).toBeLessThan(1e-14)
})

test('a scaler grows, backs off, and leaves out steps that are not finite', async () => {
  const w = tensor([1, 2], { device, requiresGrad: true })
  const optimizer = new optim.SGD([w], { lr: 1 })
  const scaler = new optim.GradScaler({ initScale: 8, growthInterval: 2 })
  const scales: number[] = []
  const step = async (factor: number) => {
    optimizer.zeroGrad()
    scaler.scale(w.sum().mul(factor)).backward()
    const taken = await scaler.step(optimizer)
    scaler.update()
    scales.push(scaler.getScale())
    return taken
  }
  expect(await step(0.5)).toBe(true)
  expect(await values([w])).toEqual([0.5, 1.5])
  expect(await step(Infinity)).toBe(false)
  expect(await step(NaN)).toBe(false)
  expect(await values([w])).toEqual([0.5, 1.5])
  expect([await step(0.25), await step(0.25), await step(0.5)]).toEqual([true, true, true])
  expect(scales).toEqual([8, 4, 2, 2, 4, 4])
  expect(await values([w])).toEqual([-0.5, 0.5])
  // Large gradients whose norm leaves float32 are finite all the same.
  optimizer.lr = 0
  expect(await step(3e37)).toBe(true)

  optimizer.zeroGrad()
  scaler.scale(w.sum().mul(3)).backward()
  scaler.unscale_(optimizer)
  expect(await values([w.grad])).toEqual([3, 3])
  expect(() => scaler.unscale_(optimizer)).toThrow('unscale_: the optimizer was unscaled already (call update() first)')
  expect(() => scaler.update()).toThrow('update: there was no step (await scaler.step(optimizer) first)')
  await scaler.step(optimizer)
  await expect(scaler.step(optimizer)).rejects.toThrow('step: the optimizer was stepped already (call update() first)')
  expect(() => scaler.unscale_(optimizer)).toThrow('unscale_: the optimizer was stepped already')
  scaler.update()

  const other = new optim.GradScaler()
  other.loadStateDict(JSON.parse(JSON.stringify(scaler.stateDict())))
  expect(other.stateDict()).toEqual(scaler.stateDict())
  // @ts-expect-error no state
  expect(() => other.loadStateDict({})).toThrow(
    'loadStateDict: an object is not the state of a scaler (give what stateDict() gave)',
  )
  const off = new optim.GradScaler({ enabled: false })
  expect(off.scale(w)).toBe(w)
  expect([off.getScale(), await off.step(optimizer)]).toEqual([1, true])
  off.update()
  const make = (options: object) => () => new optim.GradScaler(options)
  expect(make({ initScale: 0 })).toThrow('GradScaler: initScale is 0 (give a number above 0)')
  expect(make({ growthFactor: 1 })).toThrow('GradScaler: growthFactor is 1 (give a number above 1)')
  expect(make({ backoffFactor: 1 })).toThrow('GradScaler: backoffFactor is 1 (give a number between 0 and 1)')
  expect(make({ growthInterval: 0 })).toThrow('GradScaler: growthInterval is 0 (give an integer from 1 up)')
  expect(make({ growth: 2 })).toThrow('GradScaler: there is no option growth (it takes')
  // @ts-expect-error no tensor
  expect(() => scaler.scale(3)).toThrow('scale: the loss is 3, not a tensor')
})
