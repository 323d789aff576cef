/**
 * @file What dropout is for: how much it drops, the moments that it keeps, one mask forwards and backwards, a new one
 * each time.
 */
import { beforeEach, expect, it } from 'vitest'
import {
  alphaDropout,
  dropout,
  dropout1d,
  dropout2d,
  grad,
  manualSeed,
  ones,
  randn,
  type Tensor,
  tensor,
} from '../../src/index.ts'
import { defaultGenerator } from '../../src/ops/base/generator.ts'

beforeEach(() => manualSeed(11))

/** Mean and variance. */
async function moments(x: Tensor): Promise<[number, number]> {
  const data = await x.data()
  let [sum, squares] = [0, 0]
  for (const v of data) {
    sum += v
    squares += v * v
  }
  const mean = sum / data.length
  return [mean, squares / data.length - mean * mean]
}

const N = 100_000
/** Six standard deviations of a share of N. */
const share = (p: number): number => 6 * Math.sqrt((p * (1 - p)) / N)

it.each([0.1, 0.5, 0.9])('dropout drops a share of %f, and keeps the mean', async (p) => {
  const y = dropout(ones([N]), { p })
  const data = await y.data()
  const dropped = data.filter((v) => v === 0).length / N
  expect(Math.abs(dropped - p)).toBeLessThan(share(p))
  expect(new Set(data)).toEqual(new Set([0, Math.fround(1 / (1 - p))]))
})

it.each([0.1, 0.5, 0.9])('alphaDropout with p = %f keeps mean 0 and variance 1', async (p) => {
  const [mean, variance] = await moments(alphaDropout(randn([N]), { p }))
  expect(Math.abs(mean)).toBeLessThan(0.03)
  expect(Math.abs(variance - 1)).toBeLessThan(0.06)
})

it.each([
  ['dropout1d', (p: number) => dropout1d(ones([200, 300, 3]), { p })],
  ['dropout2d', (p: number) => dropout2d(ones([200, 300, 3, 1]), { p })],
  ['dropout1d of one signal', (p: number) => dropout1d(ones([60_000, 3]), { p })],
])('%s drops whole channels, each by itself, and keeps the mean', async (_, drop) => {
  const p = 0.3
  const data = await drop(p).data()
  const channels = data.filter((_, i) => i % 3 === 0)
  expect(data.every((v, i) => v === channels[Math.floor(i / 3)])).toBe(true)
  expect(new Set(channels)).toEqual(new Set([0, Math.fround(1 / (1 - p))]))
  const dropped = channels.filter((v) => v === 0).length / channels.length
  expect(Math.abs(dropped - p)).toBeLessThan(6 * Math.sqrt((p * (1 - p)) / channels.length))
  // Neighbours differ as often as if each were drawn by itself.
  const changes = channels.filter((v, i) => i > 0 && v !== channels[i - 1]).length / channels.length
  expect(Math.abs(changes - 2 * p * (1 - p))).toBeLessThan(0.015)
})

it('alphaDropout takes what it drops to one value', async () => {
  const [p, s] = [0.3, -1.7580993408473766]
  const a = 1 / Math.sqrt((1 - p) * (1 + p * s * s))
  const data = await alphaDropout(tensor(new Float64Array(200).fill(2), { dtype: 'float64' }), { p }).data()
  const values = [...new Set(data)].sort((x, y) => x - y)
  expect(values).toHaveLength(2)
  expect(values[0]).toBeCloseTo(a * s - a * p * s, 12)
  expect(values[1]).toBeCloseTo(a * 2 - a * p * s, 12)
})

it('one call has one mask, forwards and backwards; the next has another; a seed brings them back', async () => {
  const x = ones([64], { requiresGrad: true })
  const y = dropout(x, { p: 0.4 })
  const [g] = grad(y.sum(), [x])
  expect(await g.array()).toEqual(await y.array())
  const again = await dropout(x, { p: 0.4 }).array()
  expect(again).not.toEqual(await y.array())
  manualSeed(11)
  expect(await dropout(x, { p: 0.4 }).array()).toEqual(await y.array())
})

it('neighbouring calls share no elements', async () => {
  const [a, b] = await Promise.all([dropout(ones([N])).data(), dropout(ones([N])).data()])
  const same = a.filter((v, i) => v === b[i]).length / N
  expect(Math.abs(same - 0.5)).toBeLessThan(share(0.5))
})

it('masks do not come again after 2³² blocks, and a mask that passes them has its gradient', async () => {
  const first = await dropout(ones([64])).data()
  manualSeed(11)
  defaultGenerator.draw(2 ** 32 - 2)
  const x = ones([72], { requiresGrad: true })
  const y = dropout(x)
  const [g] = grad(y.sum(), [x])
  expect(await g.array()).toEqual(await y.array())
  expect((await y.data()).slice(8)).not.toEqual(first)
})
