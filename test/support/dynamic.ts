/**
 * @file Tests of the ops whose result has a shape that depends on the values, for any device: dynamic(.webgpu).test.ts
 * run them.
 */
import { expect, it } from 'vitest'
import {
  bincount,
  type Device,
  grad,
  maskedSelect,
  memory,
  nonzero,
  openScope,
  repeatInterleave,
  type Tensor,
  tensor,
  unique,
  uniqueConsecutive,
} from '../../src/index.ts'

const bool = (data: readonly (number | readonly number[])[], device: Device) =>
  tensor(data as number[], { dtype: 'bool', device })

/** Tensors of the device that is under test, made when a test runs. */
type Make = (data: Parameters<typeof tensor>[0]) => Tensor

export function dynamicTests(on: () => Device): void {
  const float: Make = (data) => tensor(data, { device: on() })
  // First: nothing that other tests leave to the collector is counted then.
  scopeTests(on, float)
  maskedSelectTests(on, float)
  nonzeroTests(on, float)
  uniqueTests(on, float)
  slicesTests(on, float)
  repeatsTests(on, float)
  bincountTests(on, float)
}

function maskedSelectTests(on: () => Device, float: Make): void {
  it('maskedSelect gives the elements in row-major order', async () => {
    const x = float([
      [1, 2, 3],
      [4, 5, 6],
    ])
    const mask = bool(
      [
        [1, 0, 1],
        [0, 1, 0],
      ],
      on(),
    )
    expect(await (await x.maskedSelect(mask)).array()).toEqual([1, 3, 5])
    expect(await (await x.transpose().maskedSelect(mask.transpose())).array()).toEqual([1, 5, 3])
    expect(await (await maskedSelect(x, x.gt(9))).array()).toEqual([])
    const ints = tensor(Int32Array.of(7, 8), { device: on() })
    expect(await (await ints.maskedSelect(ints.gt(7))).array()).toEqual([8])
  })

  it('maskedSelect broadcasts both', async () => {
    const row = float([1, 2, 3])
    expect(await (await row.maskedSelect(bool([[1], [0], [1]], on()))).array()).toEqual([1, 2, 3, 1, 2, 3])
    expect(await (await float([[1], [2]]).maskedSelect(bool([0, 1, 1], on()))).array()).toEqual([1, 1, 2, 2])
    expect((await float(5).maskedSelect(float(1).gt(0))).shape).toEqual([1])
  })

  it('maskedSelect has a gradient, summed where x was stretched, and a second one', async () => {
    const x = tensor([1, 2, 3], { device: on(), requiresGrad: true })
    const y = await x.maskedSelect(
      bool(
        [
          [1, 0, 1],
          [1, 1, 0],
        ],
        on(),
      ),
    )
    const weights = float([10, 20, 30, 40])
    const [g] = grad(y.mul(y).mul(weights).sum(), [x], { createGraph: true })
    expect(await g.array()).toEqual([2 * 40, 2 * 2 * 40, 2 * 3 * 20])
    const [second] = grad(g.sum(), [x])
    expect(await second.array()).toEqual([80, 80, 40])
    expect((await x.detach().maskedSelect(x.gt(1))).requiresGrad).toBe(false)
  })
}

function nonzeroTests(on: () => Device, float: Make): void {
  it('nonzero gives indices, as rows or axis by axis', async () => {
    const x = float([
      [0, 1.5, 0],
      [NaN, 0, -2],
    ])
    const found = await nonzero(x)
    expect(found.dtype).toBe('int32')
    expect(await found.array()).toEqual([
      [0, 1],
      [1, 0],
      [1, 2],
    ])
    const [rows, columns] = await x.nonzero({ asTuple: true })
    expect([await rows.array(), await columns.array()]).toEqual([
      [0, 1, 1],
      [1, 0, 2],
    ])
    expect((await float([0, 0]).nonzero()).shape).toEqual([0, 1])
    expect((await float(3).nonzero()).shape).toEqual([1, 0])
    expect(await (await bool([0, 1, 1], on()).nonzero()).array()).toEqual([[1], [2]])
  })
}

function uniqueTests(on: () => Device, float: Make): void {
  it('unique gives values in order, and how x is made of them', async () => {
    const x = tensor(Int32Array.of(3, 1, 3, -2, 1, 3), { shape: [2, 3], device: on() })
    expect(await (await unique(x)).array()).toEqual([-2, 1, 3])
    const { values, inverse, counts } = await unique(x, { returnInverse: true, returnCounts: true })
    expect(values.dtype).toBe('int32')
    expect(await values.array()).toEqual([-2, 1, 3])
    expect(await inverse.array()).toEqual([
      [2, 1, 2],
      [0, 1, 2],
    ])
    expect(await counts.array()).toEqual([1, 2, 3])
    expect(
      await values
        .indexSelect(0, inverse.reshape([-1]))
        .reshape([2, 3])
        .array(),
    ).toEqual(await x.array())
  })

  it('unique: zeros are one, every NaN its own, infinities at the ends', async () => {
    const x = float([NaN, 0, -0, Infinity, NaN, -Infinity, 0])
    const { values, counts } = await unique(x, { returnCounts: true })
    expect(await values.array()).toEqual([-Infinity, 0, Infinity, NaN, NaN])
    expect(await counts.array()).toEqual([1, 3, 1, 1, 1])
    expect(await (await unique(float([]))).array()).toEqual([])
    expect(await (await unique(bool([1, 0, 1], on()))).array()).toEqual([false, true])
  })
}

function slicesTests(on: () => Device, float: Make): void {
  it('unique along an axis: slices in the order of their first difference', async () => {
    const x = float([
      [3, 1, 3, 0],
      [2, 9, 2, 9],
    ])
    const { values, inverse, counts } = await unique(x, { dim: 1, returnInverse: true, returnCounts: true })
    expect(await values.array()).toEqual([
      [0, 1, 3],
      [9, 9, 2],
    ])
    expect(await inverse.array()).toEqual([2, 1, 2, 0])
    expect(await counts.array()).toEqual([1, 1, 2])
    const rows = tensor(Int32Array.of(1, 2, 0, 5, 1, 2), { shape: [3, 2], device: on() })
    const sorted = await unique(rows, { dim: 0 })
    expect([sorted.dtype, await sorted.array()]).toEqual([
      'int32',
      [
        [0, 5],
        [1, 2],
      ],
    ])
    const cube = rows.reshape([3, 1, 2])
    expect((await unique(cube, { dim: -3 })).shape).toEqual([2, 1, 2])
    expect(
      await (
        await unique(
          float([
            [1, NaN],
            [1, NaN],
          ]),
          { dim: 0 },
        )
      ).array(),
    ).toHaveLength(2)
    expect((await unique(float([]), { dim: 0 })).shape).toEqual([0])
  })

  it('uniqueConsecutive joins neighbours that are equal, and sorts nothing', async () => {
    const x = float([
      [1, 1, 2],
      [2, 2, 1],
    ])
    expect(await (await uniqueConsecutive(x)).array()).toEqual([1, 2, 1])
    const { values, inverse, counts } = await uniqueConsecutive(x, { returnInverse: true })
    expect(await values.array()).toEqual([1, 2, 1])
    expect(await inverse.array()).toEqual([
      [0, 0, 1],
      [1, 1, 2],
    ])
    expect(await counts.array()).toEqual([2, 3, 1])
    const columns = await uniqueConsecutive(x, { dim: 1, returnCounts: true })
    expect(await columns.values.array()).toEqual([
      [1, 2],
      [2, 1],
    ])
    expect(await columns.inverse.array()).toEqual([0, 0, 1])
    expect(await columns.counts.array()).toEqual([2, 1])
    expect(await (await uniqueConsecutive(float([NaN, NaN, 0, -0]))).array()).toEqual([NaN, NaN, 0])
  })
}

function repeatsTests(on: () => Device, float: Make): void {
  const counts = (...list: number[]) => tensor(Int32Array.from(list), { device: on() })

  it('repeatInterleave by counts on the device waits for them, or is told their sum', async () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      { device: on(), requiresGrad: true },
    )
    const want = [
      [1, 2],
      [1, 2],
      [5, 6],
    ]
    const waited = await repeatInterleave(x, counts(2, 0, 1), 0)
    const told = repeatInterleave(x, counts(2, 0, 1), 0, { outputSize: 3 })
    expect(await waited.array()).toEqual(want)
    expect(await told.array()).toEqual(want)
    for (const y of [waited, told])
      expect(await grad(y.sum(), [x])[0].array()).toEqual([
        [2, 2],
        [0, 0],
        [1, 1],
      ])
    expect(await (await repeatInterleave(float([7, 8]), counts(3))).array()).toEqual([7, 7, 7, 8, 8, 8])
  })
}

function bincountTests(on: () => Device, float: Make): void {
  it('bincount counts, or adds weights', async () => {
    const x = tensor(Int32Array.of(1, 4, 1, 0), { device: on() })
    expect(await (await bincount(x)).array()).toEqual([1, 2, 0, 0, 1])
    expect(await (await x.bincount({ minlength: 7 })).array()).toEqual([1, 2, 0, 0, 1, 0, 0])
    const weighted = await x.bincount({ weights: float([0.5, 2, 0.25, -1]) })
    expect(weighted.dtype).toBe('float32')
    expect(await weighted.array()).toEqual([-1, 0.75, 0, 0, 2])
    expect(await (await tensor(new Int32Array(0), { device: on() }).bincount()).array()).toEqual([])
  })
}

function scopeTests(on: () => Device, float: Make): void {
  it('what they make is freed with its scope', async () => {
    const before = memory(on())
    {
      using s = openScope()
      const x = s.run(() => float([1, 0, 2]))
      const found = await x.maskedSelect(s.run(() => x.gt(0)))
      const places = await x.nonzero()
      for (const y of [found, places]) y.dispose()
    }
    expect(memory(on()).storages).toBe(before.storages)
  })
}
