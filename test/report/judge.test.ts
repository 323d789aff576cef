/** @file What a classifier is judged to be worth: measures by their formulas, and the samples that are shown. */
import { describe, expect, test } from 'vitest'
import { Philox } from '../../src/core/philox.ts'
import { CpuDevice, memory, nn, type Tensor, tap, tensor } from '../../src/index.ts'
import { judge } from '../../src/report/index.ts'
import { batchesOf, expected, Given, rows } from '../support/judged.ts'
import { type Any, type Refusal, refuse } from '../support/refusals.ts'

const device = new CpuDevice()
const { all, wrong, confusion, loss } = expected()

/** Without images, and with as many digits as two ways of adding up share. */
const plainly = (samples: readonly object[]): object[] =>
  samples.map((sample) =>
    Object.fromEntries(
      Object.entries(sample).flatMap(([name, x]) => (name === 'image' ? [] : [[name, Number(x.toPrecision(12))]])),
    ),
  )

test.each([7, 20, 100])('measures, samples and mistakes by the formula, in batches of %i', async (batchSize) => {
  const found = await judge(new Given(), batchesOf(batchSize, device))
  expect(found.confusion.counts).toEqual(confusion.counts)
  expect(found.accuracy).toBe(confusion.accuracy)
  expect(found.loss).toBeCloseTo(loss, 12)
  const order = [...new Philox(0).permutation(rows.length).subarray(0, 20)]
  expect(plainly(found.samples)).toEqual(plainly(order.map((i) => all[i])))
  expect(wrong.length).toBeGreaterThan(40)
  expect(plainly(found.mistakes)).toEqual(plainly(wrong.slice(0, 20)))
  expect([...found.samples, ...found.mistakes].some(({ image }) => image)).toBe(false)
})

test('as many are shown as are asked for, and as there are', async () => {
  const { samples, mistakes } = await judge(new Given(), batchesOf(30, device), { samples: 500, mistakes: 500 })
  expect(samples.map(({ index }) => index)).toEqual([...new Philox(0).permutation(rows.length)])
  expect(mistakes).toHaveLength(wrong.length)
  const none = await judge(new Given(), batchesOf(30, device), { samples: 0, mistakes: 0 })
  expect([none.samples, none.mistakes, none.confusion.total]).toEqual([[], [], 100])
})

test('inputs are read where something of them is shown, and nothing is held afterwards', async () => {
  const before = memory(device)
  let reads = 0
  const untap = tap(device, {
    read: (next, ...args) => {
      reads++
      return next(...args)
    },
  })
  const { samples } = await judge(new Given(), batchesOf(1, device), { samples: 2, mistakes: 1, imageSize: [2, 2] })
  untap()
  // Logits and classes of each, and the few inputs that were among those to be shown for a while.
  expect(reads).toBeLessThan(2 * rows.length + 20)
  expect(samples.every(({ image }) => image?.data.length === 4)).toBe(true)
  expect(memory(device)).toEqual(before)
})

describe('images', () => {
  const batch = (x: number[], shape: number[]): Any => [
    [tensor(x, { device }).reshape(shape), tensor(Int32Array.of(0), { device })],
  ]
  /** Two logits, whatever comes in. */
  class Two extends nn.Module {
    forward(x: Tensor): Tensor {
      return x.reshape([1, -1]).narrow(1, 0, 2)
    }
  }
  const shown = async (x: number[], shape: number[], options: Any = {}) =>
    (await judge(new Two(), batch(x, shape), options)).samples[0].image
  const image = (width: number, height: number, channels: number, ...values: number[]) => ({
    ...{ width, height, channels, data: Uint8Array.from(values) },
  })

  test('are of one channel or three, in rows or planes, from the least value to the largest', async () => {
    const grey = image(3, 2, 1, 0, 51, 102, 153, 204, 255)
    const values = [-1, -0.8, -0.6, -0.4, -0.2, 0]
    expect(await shown(values, [1, 1, 2, 3])).toEqual(grey)
    expect(await shown(values, [1, 6], { imageSize: [2, 3] })).toEqual(grey)
    expect(await shown(values, [1, 2, 3], { imageSize: [2, 3] })).toEqual(grey)
    const colours = image(2, 1, 3, 0, 102, 204, 51, 153, 255)
    expect(await shown(values, [1, 3, 1, 2])).toEqual(colours)
    expect(await shown(values, [1, 6], { imageSize: [1, 2] })).toEqual(colours)
  })

  test('have the black and the white that are given', async () => {
    const one = [1, 1, 1, 4]
    expect(await shown([-1, 0, 0.2, 3], one, { pixels: [0, 1] })).toEqual(image(4, 1, 1, 0, 0, 51, 255))
    expect(await shown([-1, 0, 0.2, 3], one, { pixels: [1, 0] })).toEqual(image(4, 1, 1, 255, 255, 204, 0))
    expect(await shown([2, 2, 2, 2], one)).toEqual(image(4, 1, 1, 0, 0, 0, 0))
  })

  test('are not made of what is none', async () => {
    for (const shape of [
      [1, 6],
      [1, 2, 3],
      [1, 2, 1, 3],
    ])
      expect(await shown([1, 2, 3, 4, 5, 6], shape)).toBe(undefined)
  })
})

test('the model ends in evaluation mode; batches come from anywhere, also later', async () => {
  const elsewhere = new CpuDevice()
  const model = new nn.Sequential(new nn.Linear(4, 4, { device }))
  const batches = batchesOf(50, elsewhere)
  const found = await judge(model, batches)
  expect(model.training).toBe(false)
  async function* later() {
    yield* batches
  }
  expect(await judge(model, { length: 2, [Symbol.asyncIterator]: later }, { device })).toEqual(found)
})

describe('is refused, before anything is shown', () => {
  const x = (values: number[][]) => tensor(values, { device })
  const of = (...labels: number[]) => tensor(Int32Array.from(labels), { device })
  const judged =
    (batches: Any, options?: Any, model: Any = new Given()) =>
    () =>
      judge(model, batches, options)
  const good = [[x([[1, 2]]), of(1)]]
  const refused: readonly Refusal[] = [
    [
      judged(good, { sample: 3 }),
      'judge: there is no option sample (did you mean samples? it takes { samples, mistakes, imageSize, pixels, device })',
    ],
    [judged(good, { samples: -1 }), 'judge: samples is -1 (give an integer from 0 up)'],
    [judged(good, { mistakes: 1.5 }), 'judge: mistakes is 1.5 (give an integer from 0 up)'],
    [judged(good, { imageSize: 28 }), 'judge: imageSize is 28 (give [height, width], integers from 1 up)'],
    [judged(good, { imageSize: [28, 0] }), 'judge: imageSize is [28, 0] (give [height, width], integers from 1 up)'],
    [
      judged(good, { imageSize: [2, 2] }),
      'judge: inputs [1, 2] have 2 values, images of 2 × 2 4 (give the imageSize that they have, or none)',
    ],
    [judged(good, { pixels: [0] }), 'judge: pixels is [0] (give [black, white], two numbers)'],
    [judged(good, { pixels: [0, NaN] }), 'judge: pixels is [0, NaN] (give [black, white], two numbers)'],
    [judged(good, { pixels: [1, 1] }), 'judge: pixels is [1, 1] (give two values that differ)'],
    [judged(good, { device: 'cpu' }), "judge: device is 'cpu' (give await device('auto'))"],
    [judged(good, {}, () => 1), 'judge: the model is a function (give an nn.Module)'],
    [judged(7), 'judge: batches is 7 (give a DataLoader, or batches with their number as length)'],
    [judged([]), 'judge: batches has no batches (give at least one)'],
    [judged([good[0][0]]), 'judge: a batch is a Tensor (give a list of tensors: inputs, and the target last)'],
    [judged([[tensor([], { device }).reshape([0, 2]), of()]]), 'judge: there are no samples (give at least one)'],
    [
      judged([[x([[1, 2]]).reshape([2]), of(1)]]),
      'judge: the model gave float32 [2] (it gives logits [batch, classes])',
    ],
    [
      judged([[of(1, 2).reshape([1, 2]), of(1)]]),
      'judge: the model gave int32 [1, 2] (it gives logits [batch, classes])',
    ],
    [judged([...good, [x([[1, 2, 3]]), of(1)]]), 'judge: the model gave 3 classes, and 2 before'],
    [judged([[x([[1, 2]]), of(1, 0)]]), 'judge: the target is int32 [2] (give int32 classes [1])'],
    [judged([[x([[1, 2]]), tensor([1], { device })]]), 'judge: the target is float32 [1] (give int32 classes [1])'],
    [
      judged([...good, [x([[1, 2]]), of(2)]]),
      'judge: sample 1 is of class 2 (classes are 0 to 1, as the model has logits)',
    ],
    [judged([[x([[1, 2]]), of(-1)]]), 'judge: sample 0 is of class -1 (classes are 0 to 1, as the model has logits)'],
    [
      judged([
        ...good,
        [
          x([
            [1, 2],
            [NaN, 2],
          ]),
          of(0, 0),
        ],
      ]),
      'judge: the logits of sample 2 are NaN or infinite (look at weights and inputs)',
    ],
    [
      judged([[x([[1, Infinity]]), of(0)]]),
      'judge: the logits of sample 0 are NaN or infinite (look at weights and inputs)',
    ],
  ]
  refuse(refused)
})

test('a class that is ruled out has the logit −∞', async () => {
  const batch = [
    tensor(
      [
        [1, -Infinity],
        [2, 1],
      ],
      { device },
    ),
    tensor(Int32Array.of(0, 0), { device }),
  ]
  const { samples, loss } = await judge(new Given(), [batch])
  expect(samples.find(({ index }) => index === 0)).toMatchObject({ confidence: 1, truth: 1 })
  expect(loss).toBeCloseTo(Math.log(1 + Math.exp(-1)) / 2, 12)
})
