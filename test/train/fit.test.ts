/** @file The trainer: what it makes of a model, what it tells, and what it leaves behind. */
import { expect, test } from 'vitest'
import { CpuDevice, memory, nn, optim, tap, tensor, train } from '../../src/index.ts'
import type { TrainEvent } from '../../src/train/index.ts'
import { Accuracy, lesson, rows } from '../support/training.ts'

test('fit trains, validates and tells; afterwards nothing more is held', async () => {
  const device = new CpuDevice()
  const { model, validation, ...rest } = lesson(device)
  const metrics = { accuracy: new Accuracy() }
  const all = { ...rest, validation, metrics, progress: false }
  await train.fit(model, all)
  const held = memory(device)
  const kinds: string[] = []
  const callbacks = [({ kind }: TrainEvent) => void (kind === 'read' || kinds.push(kind))]
  const history = await train.fit(model, { ...all, epochs: 8, callbacks })
  expect(memory(device)).toEqual(held)
  expect(history.losses).toHaveLength(72)
  expect(history.rates).toEqual(new Array(72).fill(0.05))
  expect(history.gradNorms).toEqual([])
  expect(history.epochs.map(({ epoch, step }) => [epoch, step])).toEqual(
    [1, 2, 3, 4, 5, 6, 7, 8].map((e) => [e, 9 * e]),
  )
  const last = history.epochs[7]
  expect(last.loss).toBeCloseTo(history.losses.slice(63).reduce((a, b) => a + b, 0) / 9, 12)
  expect(last.validation?.accuracy).toBeGreaterThan(0.9)
  expect(model.training).toBe(true)
  const epoch = [...new Array(9).fill('step'), 'validation', 'epoch']
  expect(kinds).toEqual(['start', ...new Array(8).fill(epoch).flat(), 'end'])
  const again = await train.evaluate(model, validation, { loss: rest.loss, metrics })
  expect(again).toEqual({ loss: last.validationLoss, metrics: last.validation })
  expect(memory(device)).toEqual(held)
})

test('a step reads nothing from the device', async () => {
  const device = new CpuDevice()
  const { model, validation: _, ...rest } = lesson(device)
  let reads = 0
  const untap = tap(device, {
    read: (next, ...args) => {
      reads++
      return next(...args)
    },
  })
  let steps = 0
  const options = { ...rest, epochs: 2, clip: { norm: 1 }, metrics: { accuracy: new Accuracy() } }
  for await (const step of train.trainSteps(model, options)) expect(step.step).toBe(++steps)
  expect([steps, reads]).toEqual([18, 0])
  untap()
})

/** w·x of two numbers, from w = (1, 2). */
class Dot extends nn.Module {
  w = nn.parameter(tensor([1, 2]))
  forward(x: Parameters<typeof nn.functional.linear>[0]) {
    return x.mul(this.w).sum(1)
  }
}
const half = nn.functional.mseLoss

test('accumulated gradients are those of one large batch, also of what is left at the end', async () => {
  const steps = async (batches: ReturnType<typeof rows>, accumulate: number) => {
    const model = new Dot()
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.01 })
    const history = await train.fit(model, {
      train: batches,
      loss: half,
      optimizer,
      accumulate,
      gradNorm: true,
      progress: false,
    })
    return { ...history, w: await model.w.array() }
  }
  const [small, large] = [await steps(rows([2, 2, 2, 2, 2]), 2), await steps(rows([4, 4, 2]), 1)]
  const close = (a: unknown, b: unknown) => expect(JSON.stringify(round(a))).toBe(JSON.stringify(round(b)))
  close(small.losses, large.losses)
  close(small.gradNorms, large.gradNorms)
  close(small.w, large.w)
})
const round = (x: unknown): unknown => (Array.isArray(x) ? x.map(round) : Number((x as number).toPrecision(5)))

test('clipping, penalties and averages take part in each step', async () => {
  const one = async (options: object) => {
    const model = new Dot()
    const ema = new optim.EMA(model, { decay: 0.5 })
    const optimizer = new optim.SGD(model.parameters(), { lr: 1 })
    const { losses, gradNorms } = await train.fit(model, {
      ...{ train: rows([1]), loss: half, optimizer, ema, epochs: 2, progress: false },
      ...options,
    })
    return { w: (await model.w.array()) as number[], losses, gradNorms, average: await ema.averages[0].array() }
  }
  // x = (1, 0), y = 3: the loss is (w₀ − 3)², its gradient 2·(w₀ − 3).
  const plain = await one({})
  expect(plain).toEqual({ w: [1, 2], losses: [4, 4], gradNorms: [], average: [3, 2] })
  const norm = await one({ clip: { norm: 1 } })
  expect(norm.gradNorms.map((x) => Number(x.toPrecision(6)))).toEqual([4, 2])
  expect(norm.w[0]).toBeCloseTo(3, 5)
  expect(await one({ clip: { value: 0.5 } })).toMatchObject({ w: [2, 2], losses: [4, 2.25] })
  // L1 and L2 pull on w₁ too, and are not in the loss.
  expect(await one({ l1: 0.5, epochs: 1 })).toMatchObject({ w: [4.5, 1.5], losses: [4] })
  expect(await one({ l2: 0.25, epochs: 1 })).toMatchObject({ w: [4.5, 1], losses: [4] })
  expect((await one({ gradNorm: true })).gradNorms).toEqual([4, 4])
})

test('schedules go by step or by epoch; a plateau is told the validation loss', async () => {
  const rates = async (make: (optimizer: optim.SGD) => object, options: object = {}) => {
    const model = new Dot()
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.5 })
    const all = { train: rows([1, 1]), loss: half, optimizer, epochs: 3, progress: false, schedule: make(optimizer) }
    return (await train.fit(model, { ...all, ...options } as Parameters<typeof train.fit>[1])).rates
  }
  expect(await rates((o) => new optim.ExponentialLR(o, { gamma: 0.5 }))).toEqual([
    0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625,
  ])
  expect(await rates((o) => new optim.ExponentialLR(o, { gamma: 0.5 }), { scheduleEvery: 'epoch' })).toEqual([
    0.5, 0.5, 0.25, 0.25, 0.125, 0.125,
  ])
  // The validation loss does not change where the rate is for the training data only.
  const worse = { validation: rows([1]), epochs: 3 }
  expect(await rates((o) => new optim.ReduceLROnPlateau(o, { patience: 0, factor: 0.5 }), worse)).toEqual([
    0.5, 0.5, 0.5, 0.5, 0.25, 0.25,
  ])
})

test('early stopping ends when nothing gets better, and puts the best weights back', async () => {
  const device = new CpuDevice()
  const { model, validation, ...rest } = lesson(device, { lr: 0.5 })
  const seen: unknown[] = []
  const callbacks = [(e: TrainEvent) => void (e.kind === 'end' && seen.push(e.reason, e.best))]
  const all = { ...rest, validation, epochs: 60, progress: false, callbacks }
  const { epochs } = await train.fit(model, { ...all, earlyStop: { patience: 3 } })
  const losses = epochs.map(({ validationLoss }) => validationLoss as number)
  const least = losses.indexOf(Math.min(...losses))
  expect([seen, epochs.length]).toEqual([['early', least + 1], least + 1 + 3])
  expect((await train.evaluate(model, validation, { loss: rest.loss })).loss).toBe(losses[least])
})

test('a callback stops the training after its step', async () => {
  const { model, ...rest } = lesson(new CpuDevice())
  const kinds: string[] = []
  const stop = (e: TrainEvent) => {
    kinds.push(e.kind === 'end' ? `end ${e.reason}` : e.kind)
    if (e.kind === 'step' && e.step === 12) e.stop()
  }
  const { losses, epochs } = await train.fit(model, { ...rest, epochs: 3, progress: false, callbacks: [stop] })
  expect([losses.length, epochs.length, kinds.at(-1), kinds.filter((k) => k === 'step').length]).toEqual([
    12,
    1,
    'end stopped',
    12,
  ])
})

test('modules that were in evaluation mode stay so; validation puts all in it', async () => {
  const { model, ...rest } = lesson(new CpuDevice())
  const dropout = model.modules()[3]
  dropout.training = false
  const modes: boolean[][] = []
  for (const module of [model, dropout])
    module.registerForwardHook(() => void modes.push([model.training, dropout.training]))
  await train.fit(model, { ...rest, epochs: 2, progress: false })
  const epoch = [...new Array(18).fill([true, false]), ...new Array(6).fill([false, false])]
  expect(modes).toEqual([...epoch, ...epoch])
  expect([model.training, dropout.training]).toEqual([true, false])
})

test('batches and the model go to the device that is asked for', async () => {
  const [one, other] = [new CpuDevice(), new CpuDevice()]
  const { model, ...rest } = lesson(one)
  const { losses } = await train.fit(model, { ...rest, device: other, progress: false })
  expect(losses).toEqual((await train.fit(...sameLesson())).losses)
  expect(model.parameters().every((x) => x.device === other)).toBe(true)
})
function sameLesson() {
  const { model, ...rest } = lesson(new CpuDevice())
  return [model, { ...rest, progress: false }] as const
}
