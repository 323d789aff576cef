/** @file A diagnosis leaves all as it was found, also between the epochs of a training. */
import { expect, test } from 'vitest'
import {
  CpuDevice,
  type Device,
  data,
  getRandomState,
  inspect,
  manualSeed,
  nn,
  noGrad,
  openScope,
  optim,
  randn,
  type Tensor,
  tensor,
  train,
} from '../../../src/index.ts'
import { lesson, points } from '../../support/training.ts'
import { broken } from './broken.ts'
import { healthy } from './programs.ts'

/** All numbers of something with a state. */
async function numbersOf(value: unknown): Promise<unknown> {
  if (value instanceof nn.Module) return numbersOf(value.stateDict())
  if (typeof (value as Tensor)?.array === 'function') return (value as Tensor).array()
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  return Promise.all(Object.entries(value).map(async ([name, one]) => [name, await numbersOf(one)]))
}

test('weights, optimizer, gradients, modes, random numbers and the loader are as they were', async () => {
  const device = new CpuDevice()
  const { model, optimizer, train: loader, validation, loss } = lesson(device)
  // A few steps, so that there is a state; then gradients, an odd mode, and the middle of an epoch.
  await train.fit(model, { train: loader, loss, optimizer, epochs: 1, progress: false })
  for (const [x, y] of new data.DataLoader(points, { batchSize: 60, device })) loss(model.forward(x), y).backward()
  model.modules()[2].training = false
  loader.loadStateDict({ seed: 3, epoch: 4, batch: 2 })
  const state = async () => {
    using own = openScope()
    return await numbersOf([
      model.stateDict(),
      optimizer.stateDict(),
      own.run(() => model.parameters().map((w) => w.grad)),
      model.modules().map(({ training }) => training),
      getRandomState(),
      loader.stateDict(),
      validation.stateDict(),
    ])
  }
  const before = await state()
  const { live, liveBytes } = device.memory()
  const found = await inspect.diagnose(model, { loss, optimizer, loader, validation })
  // The lesson is validated on what it is trained on.
  expect(found.findings.map(({ code }) => code)).toEqual(['leak'])
  expect(await state()).toEqual(before)
  expect(device.memory()).toMatchObject({ live, liveBytes })
})

test('an optimizer that took no step has no state afterwards, and faults are left as they are', async () => {
  const device = new CpuDevice()
  for (const [code, , make] of broken.filter(([one]) => ['learningRateTooLarge', 'notFinite'].includes(one))) {
    const { model, options } = make(device, 1)
    const before = await numbersOf([model.stateDict(), options.optimizer.stateDict()])
    expect((await inspect.diagnose(model, options)).findings[0].code).toBe(code)
    expect(await numbersOf([model.stateDict(), options.optimizer.stateDict()])).toEqual(before)
    expect(model.parameters().some((w) => inspectGrad(w))).toBe(false)
  }
})

/** True if `.grad` would give a tensor. */
function inspectGrad(w: Tensor): boolean {
  try {
    return w.grad !== null
  } catch {
    return false
  }
}

test('a training that is diagnosed goes on bit for bit, and is told of what is new', async () => {
  const run = async (looks: boolean, lr = 0.05) => {
    const told: string[] = []
    const { model, optimizer, train: loader, loss } = lesson(new CpuDevice(), { lr })
    const tell = (diagnosis: inspect.Diagnosis, epoch: number) => {
      told.push(`${epoch}: ${diagnosis.findings.map(({ code }) => code)}`)
    }
    const callbacks = looks ? [inspect.diagnosing({ loss, optimizer, loader, tell })] : []
    const { losses } = await train.fit(model, { train: loader, loss, optimizer, epochs: 3, progress: false, callbacks })
    return { losses, told }
  }
  const [plain, looked] = [await run(false), await run(true)]
  expect(looked.losses).toEqual(plain.losses)
  expect(looked.told).toEqual([])
  expect((await run(true, 100)).told[0]).toBe('0: learningRateTooLarge')
})

test('weights that begin at 0, and very many features, are looked at as any', async () => {
  const device = new CpuDevice()
  const batches = (features: number) =>
    [0, 1, 2].map(() => [randn([4, features], { device }), tensor(Int32Array.of(0, 1, 2, 3), { device })])
  for (const features of [8, 150_000]) {
    const model = new nn.Linear(features, 4, { device })
    noGrad(() => model.parameters().forEach((x) => void x.zero_()))
    const optimizer = new optim.SGD(model.parameters(), { lr: 1e-7 })
    const loader = batches(features)
    const found = await inspect.diagnose(model, { loss: nn.functional.crossEntropy, optimizer, loader, steps: 3 })
    // Of labels drawn by lot three steps learn little at any rate.
    expect(found.findings).toEqual([])
  }
})

/** Weights of a loss, as a center loss has them. */
class Centres extends nn.Module {
  centres: Tensor
  constructor(device: Device) {
    super()
    this.centres = nn.parameter(randn([4, 4], { device }))
  }
  forward(y: Tensor, target: Tensor): Tensor {
    const apart = y.sub(nn.functional.embedding(target, this.centres)).square().mean()
    return nn.functional.crossEntropy(y, target).add(apart.mul(0.1))
  }
}

test('what a loss has, and what only the optimizer has, is put back too', async () => {
  const device = new CpuDevice()
  const program = healthy['a perceptron of ReLUs, by SGD'](device, 1)
  const loss = new Centres(device)
  const scale = nn.parameter(tensor([1, 2, 3, 4], { device }))
  const params = [...program.model.parameters(), loss.centres, scale]
  const optimizer = new optim.SGD(params, { lr: 0.1, momentum: 0.9 })
  const scaled = { forward: (y: Tensor, target: Tensor) => loss.forward(y.mul(scale), target) }
  // Gradients that were there.
  for (const x of [loss.centres, scale]) x.square().sum().backward()
  const state = () => Promise.all([loss.centres, scale].flatMap((x) => [x.array(), x.grad.array()]))
  const before = await state()
  for (const one of [loss, scaled])
    expect(String(await inspect.diagnose(program.model, { ...program.options, loss: one, optimizer }))).toBe(
      'nothing was found',
    )
  expect(await state()).toEqual(before)
})

test('a loss whose parameters the optimizer lacks', async () => {
  const device = new CpuDevice()
  const { model, options } = healthy['a perceptron of ReLUs, by SGD'](device, 1)
  const { findings } = await inspect.diagnose(model, { ...options, loss: new Centres(device) })
  expect(findings.map(({ code, where }) => [code, where])).toEqual([['neverOptimized', 'loss.centres']])
})

test('LBFGS is looked at by a step of the own loop, and refused without', async () => {
  const device = new CpuDevice()
  manualSeed(1)
  const model = new nn.Linear(3, 1, { device })
  const optimizer = new optim.LBFGS(model.parameters(), { lr: 0.5, maxIter: 3 })
  const loader = [0, 1, 2].map(() => [randn([8, 3], { device }), randn([8, 1], { device })])
  const options = { loss: nn.functional.mseLoss, optimizer, loader, steps: 3 }
  await expect(inspect.diagnose(model, options)).rejects.toThrow(
    'diagnose: the optimizer calls the model itself (give `step`: a step of your own loop, from a batch)',
  )
  const step = ([x, y]: readonly Tensor[]) =>
    optimizer.step(() => {
      optimizer.zeroGrad()
      const loss = nn.functional.mseLoss(model.forward(x), y)
      loss.backward()
      return loss
    })
  const before = await numbersOf([model.stateDict(), optimizer.stateDict()])
  expect(String(await inspect.diagnose(model, { ...options, step }))).toBe('nothing was found')
  expect(await numbersOf([model.stateDict(), optimizer.stateDict()])).toEqual(before)
})
