/** @file What training loops use: confusion matrices with scikit-learn's measures, and series of numbers. */
import { expect, test } from 'vitest'
import { CpuDevice, scope, tensor } from '../../src/index.ts'
import { Confusion, Series } from '../../src/train/index.ts'

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
