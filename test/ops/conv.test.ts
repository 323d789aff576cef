/**
 * @file Convolutions and pooling against their definition by im2col: columns of windows, a matrix product, a reduction.
 * Random geometries in float64, from printed seeds; the op table has the gradients and the devices.
 */
import { describe, expect, it } from 'vitest'
import { Philox } from '../../src/core/philox.ts'
import * as h from '../../src/index.ts'

const seed = Number(process.env.HANDGRAD_SEED ?? 20261123)
const random = new Philox(seed)
const between = (low: number, high: number): number => low + random.int(high - low + 1)
const pair = (low: number, high: number): [number, number] => [between(low, high), between(low, high)]
const normal = (...shape: number[]): h.Tensor =>
  h.tensor(
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
    {
      shape,
      dtype: 'float64',
    },
  )

/** A convolution that fits: channels of x and y in a group, windows, and the size they leave. */
function geometry() {
  const [kernel, stride, dilation] = [pair(1, 3), pair(1, 3), pair(1, 2)]
  const padding: [number, number] = [between(0, 2), between(0, 2)]
  const reach = kernel.map((k, i) => dilation[i] * (k - 1) + 1)
  const size = reach.map((n, i) => Math.max(1, n - 2 * padding[i]) + between(0, 5)) as [number, number]
  const count = size.map((n, i) => Math.floor((n + 2 * padding[i] - reach[i]) / stride[i]) + 1) as [number, number]
  return {
    batch: between(1, 2),
    groups: between(1, 3),
    from: between(1, 3),
    to: between(1, 4),
    kernel,
    stride,
    dilation,
    padding,
    size,
    count,
  }
}

/** Σ |a − b| in all elements. */
const distance = async (a: h.Tensor, b: h.Tensor): Promise<number> => {
  expect(a.shape).toEqual(b.shape)
  return await h.sum(h.abs(h.sub(a, b))).item()
}

const runs = Array.from({ length: 60 }, (_, i) => i)

describe(`random geometries, seed ${seed}`, () => {
  it.each(runs)('conv2d, convTranspose2d and their weights are products of columns, %i', async () => {
    const { batch, groups, from, to, kernel, stride, dilation, padding, size, count } = geometry()
    const options = { stride, dilation, padding }
    const x = normal(batch, groups * from, ...size).requiresGrad_()
    const w = normal(groups * to, from, ...kernel).requiresGrad_()
    const b = normal(groups * to)
    const taps = kernel[0] * kernel[1]
    const columns = h.reshape(h.im2col(x, kernel, options), [batch, groups, from * taps, -1])
    const matrix = h.reshape(w, [1, groups, to, from * taps])
    const y = h.conv2d(x, w, b, { ...options, groups })
    const product = h.reshape(h.matmul(matrix, columns), [batch, groups * to, ...count])
    expect(await distance(y, h.add(product, h.reshape(b, [-1, 1, 1])))).toBeLessThan(1e-10)

    // The transpose sends each product of wᵀ and a window to where the window lies.
    const g = normal(batch, groups * to, ...count)
    const spread = h.matmul(h.transpose(matrix), h.reshape(g, [batch, groups, to, -1]))
    const folded = h.fold(h.reshape(spread, [batch, groups * from * taps, -1]), size, kernel, options)
    const [dx, dw] = h.grad([y], [x, w], { gradOutputs: [g] })
    expect(await distance(dx, folded)).toBeLessThan(1e-10)
    const weights = h.sum(h.matmul(h.reshape(g, [batch, groups, to, -1]), h.transpose(columns)), 0)
    expect(await distance(dw, h.reshape(weights, w.shape))).toBeLessThan(1e-10)
    // convTranspose2d enlarges to the least size that has so many windows, and outputPadding to any other.
    const least = count.map((n, i) => (n - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernel[i] - 1) + 1)
    const outputPadding = size.map((n, i) => n - least[i])
    if (outputPadding.every((n, i) => n < Math.max(stride[i], dilation[i])) && least.every((n) => n > 0)) {
      const enlarged = h.convTranspose2d(g, w, null, { ...options, groups, outputPadding })
      expect(await distance(enlarged, folded)).toBeLessThan(1e-10)
    }
  })

  it.each(runs.slice(0, 30))('pooling reduces columns, %i', async () => {
    const { batch, from, kernel, stride, dilation, size } = geometry()
    if (size.some((n, i) => n < dilation[i] * (kernel[i] - 1) + 1)) return
    const x = normal(batch, from, ...size)
    const windows = (d: [number, number]) => {
      const columns = h.im2col(x, kernel, { stride, dilation: d })
      return h.reshape(columns, [batch, from, kernel[0] * kernel[1], -1])
    }
    const same = (y: h.Tensor, all: h.Tensor) => distance(h.flatten(y, 2), all)
    expect(await same(h.maxPool2d(x, kernel, { stride, dilation }), h.amax(windows(dilation), 2))).toBe(0)
    expect(await same(h.avgPool2d(x, kernel, { stride }), h.mean(windows([1, 1]), 2))).toBeLessThan(1e-12)
  })

  it('signals are images of height 1', async () => {
    const [x, w, b] = [normal(2, 3, 9), normal(4, 3, 3), normal(4)]
    const tall = (t: h.Tensor) => h.unsqueeze(t, 2)
    const options = { stride: 2, padding: 1, dilation: 2 }
    const wide = { stride: [1, 2], padding: [0, 1], dilation: [1, 2] }
    const y = h.conv2d(tall(x), tall(w), b, wide)
    expect(await distance(tall(h.conv1d(x, w, b, options)), y)).toBe(0)
    const back = h.convTranspose2d(y, tall(w), null, wide)
    expect(await distance(tall(h.convTranspose1d(h.squeeze(y, 2), w, null, options)), back)).toBe(0)
  })

  it('places of maxima are those of the values', async () => {
    const x = normal(2, 3, 7, 6)
    const { values, indices } = h.maxPool2d(x, 3, { stride: 2, padding: 1, returnIndices: true })
    const found = h.gather(h.flatten(x, 2), 2, h.flatten(indices, 2))
    expect(await distance(found, h.flatten(values, 2))).toBe(0)
  })

  it('a third derivative', async () => {
    // L = Σ conv(x, w)³ is a cubic in w: the third derivative along d is 6·Σ conv(x, d)³.
    const [x, w, d] = [normal(1, 2, 5, 5), normal(2, 2, 3, 3).requiresGrad_(), normal(2, 2, 3, 3)]
    let y = h.sum(h.pow(h.conv2d(x, w, null, { padding: 1 }), 3))
    for (let order = 0; order < 3; order++) y = h.sum(h.mul(h.grad(y, [w], { createGraph: true })[0], d))
    const expected = await h.mul(h.sum(h.pow(h.conv2d(x, d, null, { padding: 1 }), 3)), 6).item()
    expect(Math.abs((await y.item()) - expected)).toBeLessThan(1e-9 * Math.abs(expected))
  })
})

describe('size', () => {
  it("'same' keeps the size of x, with one more zero after for even kernels", async () => {
    const x = h.tensor([1, 2, 3, 4], { shape: [1, 1, 4] })
    const y = h.conv1d(x, h.tensor([1, 10], { shape: [1, 1, 2] }), null, { padding: 'same' })
    expect(await y.array()).toEqual([[[21, 32, 43, 4]]])
  })

  it('ceilMode drops a window that begins past the image', () => {
    expect(h.maxPool1d(h.zeros([1, 1, 4]), 1, { stride: 3, ceilMode: true }).shape).toEqual([1, 1, 2])
    expect(h.maxPool1d(h.zeros([1, 1, 5]), 2, { stride: 3, ceilMode: true }).shape).toEqual([1, 1, 2])
    expect(h.avgPool1d(h.zeros([1, 1, 4]), 2, { stride: 4, padding: 1, ceilMode: true }).shape).toEqual([1, 1, 2])
    expect(h.avgPool1d(h.zeros([1, 1, 3]), 2, { stride: 4, padding: 1, ceilMode: true }).shape).toEqual([1, 1, 1])
  })

  it('a list of one is for all axes, null is none', async () => {
    const x = h.arange(0, 16, 1, { dtype: 'float32' }).reshape([1, 1, 4, 4])
    const sums = [
      [
        [
          [10, 18],
          [42, 50],
        ],
      ],
    ]
    const largest = [
      [
        [
          [5, 7],
          [13, 15],
        ],
      ],
    ]
    expect(await h.conv2d(x, h.ones([1, 1, 2, 2]), null, { stride: [2], dilation: [1] }).array()).toEqual(sums)
    expect(await h.maxPool2d(x, [2], { stride: null }).array()).toEqual(largest)
    expect(await h.avgPool2d(x, 2, { divisorOverride: null }).mul(4).array()).toEqual(sums)
    expect(h.interpolate(x, { size: null, scaleFactor: 2, alignCorners: null }).shape).toEqual([1, 1, 8, 8])
    expect(h.gridSample(x, h.zeros([1, 2, 3, 2]), { alignCorners: null }).shape).toEqual([1, 1, 2, 3])
    expect(h.pad(x, [1, 1], { value: null }).shape).toEqual([1, 1, 4, 6])
  })
})

describe('gridSample, nearest', () => {
  it('has zeros for the gradient of the grid, also where it is NaN', async () => {
    const x = h.arange(0, 9, 1, { dtype: 'float32' }).reshape([1, 1, 3, 3]).requiresGrad_()
    const grid = h.tensor(
      [
        [
          [
            [-0.5, 0.2],
            [0.4, 0.9],
            [Number.NaN, 0],
          ],
        ],
      ],
      { requiresGrad: true },
    )
    const y = h.gridSample(x, grid, { mode: 'nearest' })
    expect((await y.data()).slice(0, 2)).toEqual(Float32Array.of(3, 8))
    const [dx, dgrid] = h.grad(y.sum(), [x, grid])
    expect((await dx.data()).slice(3)).toEqual(Float32Array.of(1, 0, 0, 0, 0, 1))
    expect(await dgrid.array()).toEqual([
      [
        [
          [0, 0],
          [0, 0],
          [0, 0],
        ],
      ],
    ])
  })
})

it('gridSample looks at each place once, not at each corner of it: its launches', () => {
  const device = new h.CpuDevice()
  let launches = 0
  h.tap(device, {
    run: (next, launch) => {
      launches++
      next(launch)
    },
  })
  const [x, grid] = [h.zeros([2, 3, 4, 4], { device }), h.zeros([2, 4, 4, 2], { device })]
  const counts = (['bilinear', 'nearest'] as const).map((mode) => {
    launches = 0
    h.gridSample(x, grid, { mode })
    return launches
  })
  expect(counts.map((n, i) => n <= [48, 28][i])).toEqual([true, true])
})
