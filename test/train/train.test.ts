/**
 * @file What training loops use: an epoch and an evaluation of a classifier, confusion matrices with scikit-learn's
 * measures, and series of numbers that stay on the device.
 */
import { expect, test } from 'vitest'
import { DataLoader } from '../../src/data/index.ts'
import { CpuDevice, manualSeed, memory, nn, optim, scope, tensor } from '../../src/index.ts'
import { Confusion, evaluate, Series, type StepFigures, trainEpoch } from '../../src/train/index.ts'
import { points } from '../support/training.ts'

test('confusion counts, and the measures as scikit-learn defines them', () => {
  const confusion = new Confusion(3)
  confusion.add([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1])
  expect(confusion.counts).toEqual([
    [2, 1, 0],
    [0, 3, 0],
    [0, 0, 0],
  ])
  expect([confusion.total, confusion.right, confusion.accuracy]).toEqual([6, 5, 5 / 6])
  const [zero, one, two] = confusion.report()
  expect(zero).toEqual({ precision: 1, recall: 2 / 3, f1: 0.8, support: 3 })
  expect(one.precision).toBe(0.75)
  expect(one.f1).toBeCloseTo(6 / 7, 12)
  // Nothing of the class, nothing taken for it: 0, not NaN.
  expect(two).toEqual({ precision: 0, recall: 0, f1: 0, support: 0 })
  expect(new Confusion(2).accuracy).toBe(0)
  expect(() => confusion.add([3], [0])).toThrow('Confusion: class 3 predicted as 0, of 3 classes')
  expect(() => confusion.add([1], [-1])).toThrow('Confusion: class 1 predicted as -1, of 3 classes')
  expect(() => confusion.add([1], [])).toThrow('Confusion: 1 labels and 0 predictions')
})

test('a series keeps numbers on the device until they are taken, and no tensor more', async () => {
  const device = new CpuDevice()
  const series = new Series(3, device)
  const live = device.memory().live
  const w = tensor([1, 2], { device, requiresGrad: true })
  scope(() => {
    series.push(w.sum())
    series.push(w.mul(2).sum().reshape([1, 1]))
  })
  expect(device.memory().live).toBe(live + 1)
  expect(await series.take()).toEqual([3, 6])
  expect(await series.take()).toEqual([])
  scope(() => series.push(w.mean()))
  expect(await series.take()).toEqual([1.5])
  expect(() => series.push(w.detach().sum())).toThrow('Series: 3 numbers fill it (make it larger)')
  expect(() => series.push(w)).toThrow(/Series: tensor #\d+ \[2\] has 2 elements \(push one number at a time\)/)
  expect(() => series.push(w.gt(0).sum())).toThrow(/is int32, the series float32 \(say so when you make it\)/)
  expect(() => series.push(tensor(1))).toThrow(/is on cpu, the series on cpu/)
  series.dispose()
  // @ts-expect-error no number
  expect(() => series.push(5)).toThrow('Series: 5 is not a tensor (push one number at a time)')
  // @ts-expect-error no device
  expect(() => new Series({})).toThrow('Series: capacity is an object (give an integer from 0 up)')
  expect(() => new Series(-1, device)).toThrow('Series: capacity is -1 (give an integer from 0 up)')
  // @ts-expect-error no device
  expect(() => new Series(3)).toThrow("Series: device is undefined (give await device('auto'))")
  // @ts-expect-error no dtype for it
  expect(() => new Series(3, device, 'bool')).toThrow("Series: dtype is 'bool' (give 'float32', 'float64' or 'int32')")
  const hits = new Series(1, device, 'int32')
  scope(() => hits.push(w.gt(0).sum()))
  expect(await hits.take()).toEqual([2])
})

test('an epoch trains a classifier, tells figures now and then, and holds nothing afterwards', async () => {
  const device = new CpuDevice()
  manualSeed(1)
  const model = new nn.Sequential(new nn.Linear(3, 8, { device }), new nn.ReLU(), new nn.Linear(8, 2, { device }))
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.1 })
  const loader = new DataLoader(points, { batchSize: 7, shuffle: true, device })
  const figures: StepFigures[] = []
  const options = {
    readEvery: 4,
    schedule: new optim.LambdaLR(optimizer, { lrLambda: (t) => 0.5 / (1 + t) }),
    onFigures: (f: StepFigures) => figures.push(f),
  }
  const first = await trainEpoch(model, optimizer, loader, options)
  expect(figures.map(({ steps }) => steps)).toEqual([4, 8, 9])
  expect(first.losses).toHaveLength(9)
  expect(figures[2].loss).toBe(first.losses[8])
  expect(optimizer.lr).toBeCloseTo(0.05 / 10, 15)

  const held = memory(device)
  optimizer.lr = 0.05
  let last = first
  for (let epoch = 0; epoch < 5; epoch++) last = await trainEpoch(model, optimizer, loader)
  expect(last.losses[8]).toBeLessThan(first.losses[0])
  expect(last.accuracy).toBeGreaterThan(0.9)
  expect(memory(device)).toEqual(held)

  const batches = new DataLoader(points, { batchSize: 25, device })
  const { confusion, loss, accuracy, predicted, confidence, truth } = await evaluate(model, batches)
  expect(model.training).toBe(false)
  expect(memory(device)).toEqual(held)
  expect([confusion.total, predicted.length]).toEqual([60, 60])
  expect(accuracy).toBe(confusion.right / 60)
  expect(accuracy).toBeGreaterThan(0.9)
  expect(loss).toBeCloseTo(-truth.reduce((sum, p) => sum + Math.log(p), 0) / 60, 5)
  // Of two classes, the true one is found where its probability is above a half.
  truth.forEach((p, i) => expect(confidence[i]).toBeCloseTo(Math.max(p, 1 - p), 6))
})

test('a loss that is not finite ends the epoch, naming the step', async () => {
  const device = new CpuDevice()
  const model = new nn.Sequential(new nn.Linear(3, 2, { device }))
  const optimizer = new optim.SGD(model.parameters(), { lr: 1e38 })
  const loader = new DataLoader(points, { batchSize: 30, device })
  await trainEpoch(model, optimizer, loader).catch(() => {})
  await expect(trainEpoch(model, optimizer, loader)).rejects.toThrow(
    /^trainEpoch: the loss is (NaN|Infinity) at step 1 of the epoch \(try a smaller learning rate\)$/,
  )
  const empty = new nn.Sequential(new nn.ReLU())
  await expect(trainEpoch(empty, optimizer, loader)).rejects.toThrow('trainEpoch: the model has no parameters')
})

test('an epoch refuses what it cannot train with', async () => {
  const device = new CpuDevice()
  const model = new nn.Sequential(new nn.Linear(3, 2, { device }))
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 })
  const loader = new DataLoader(points, { batchSize: 30, device })
  const epoch = (options: object, batches: typeof loader = loader) => trainEpoch(model, optimizer, batches, options)
  await expect(epoch({ every: 3 })).rejects.toThrow(
    'trainEpoch: there is no option every (it takes { schedule, readEvery, onFigures })',
  )
  await expect(epoch({ readEvery: 0 })).rejects.toThrow('trainEpoch: readEvery is 0 (give an integer from 1 up)')
  await expect(epoch({ schedule: 0.1 })).rejects.toThrow(
    'trainEpoch: schedule is 0.1 (give new optim.OneCycleLR(optimizer, { … }), say)',
  )
  const short = { length: 3, [Symbol.iterator]: () => loader[Symbol.iterator]() } as unknown as typeof loader
  await expect(epoch({}, short)).rejects.toThrow('trainEpoch: there were 2 batches (batches.length says 3)')
  const none = { length: 0, *[Symbol.iterator]() {} } as unknown as typeof loader
  await expect(evaluate(model, none)).rejects.toThrow('evaluate: there are no batches (give at least one)')
})
