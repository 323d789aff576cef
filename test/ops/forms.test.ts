/** @file Parameters by position and by name, and the dtype that reductions, scans and softmax compute in. */
import { describe, expect, it } from 'vitest'
import {
  cumsum,
  elu,
  gelu,
  grad,
  hardtanh,
  leakyRelu,
  logSoftmax,
  mean,
  nanmean,
  nansum,
  prod,
  softmax,
  softplus,
  sum,
  type Tensor,
  tensor,
  trilIndices,
} from '../../src/index.ts'

const x = tensor([
  [-1.5, 2, 0.25],
  [3, -0.5, 1],
])
const int = tensor(Int32Array.of(1, 2, 4))

describe('by position and by name', () => {
  const pairs: readonly (readonly [name: string, a: () => Tensor, b: () => Tensor])[] = [
    ['leakyRelu', () => leakyRelu(x, 0.25), () => leakyRelu(x, { negativeSlope: 0.25 })],
    ['elu', () => elu(x, 2), () => elu(x, { alpha: 2 })],
    ['hardtanh', () => hardtanh(x, -0.5, 2.5), () => hardtanh(x, { minVal: -0.5, maxVal: 2.5 })],
    ['softplus', () => softplus(x, 2, 1), () => softplus(x, { beta: 2, threshold: 1 })],
    ['softplus as a method', () => x.softplus(2), () => x.softplus({ beta: 2 })],
    ['logit as a method', () => x.logit(0.25), () => x.logit({ eps: 0.25 })],
    ['gelu', () => gelu(x, 'tanh'), () => gelu(x, { approximate: 'tanh' })],
    ['softmax', () => softmax(x, 0), () => softmax(x, { dim: 0 })],
    ['softmax as a method', () => x.softmax(0), () => x.softmax({ dim: 0 })],
    ['the default', () => elu(x, undefined), () => elu(x)],
  ]
  it.each(pairs)('%s', async (_, a, b) => expect(await a().array()).toEqual(await b().array()))
})

describe('dtype', () => {
  const calls: readonly (readonly [name: string, f: (x: Tensor) => Tensor, want: unknown])[] = [
    ['sum', (t) => sum(t, null, { dtype: 'float64' }), 7],
    ['mean', (t) => mean(t, 0, { dtype: 'float64' }), 7 / 3],
    ['prod', (t) => prod(t, 0, { keepdim: true, dtype: 'float64' }), [8]],
    ['cumsum', (t) => cumsum(t, 0, { dtype: 'float64' }), [1, 3, 7]],
    ['nansum', (t) => nansum(t, 0, { dtype: 'float64' }), 7],
    ['nanmean', (t) => nanmean(t, 0, { dtype: 'float64' }), 7 / 3],
  ]
  it.each(calls)('%s of integers in float64', async (_, f, want) => {
    const y = f(int)
    expect(y.dtype).toBe('float64')
    expect(await y.array()).toEqual(want)
  })
  it('softmax of float32 in float64 has its digits, and a gradient of float32', async () => {
    for (const [f, exact] of [
      [softmax, (row: number[]) => row.map((v) => Math.exp(v) / row.reduce((s, w) => s + Math.exp(w), 0))],
      [logSoftmax, (row: number[]) => row.map((v) => v - Math.log(row.reduce((s, w) => s + Math.exp(w), 0)))],
    ] as const) {
      const leaf = tensor([0.5, 1.25, -2], { requiresGrad: true })
      const y = f(leaf, 0, { dtype: 'float64' })
      expect(y.dtype).toBe('float64')
      const want = exact([0.5, 1.25, -2])
      ;(await y.data()).forEach((v, i) => {
        expect(Math.abs(v - want[i])).toBeLessThan(1e-15)
      })
      expect(grad(y.square().sum(), leaf).dtype).toBe('float32')
    }
  })
  it('floats are cut where integers are asked for', async () => {
    expect(await sum(x, 1, { dtype: 'int32' }).array()).toEqual([1, 4])
    expect(sum(tensor([true, true])).dtype).toBe('int32')
  })
})

describe('triangles', () => {
  it('are positions for at()', async () => {
    const [row, column] = trilIndices(2, 3, 1).unbind()
    expect(await x.at(row, column).array()).toEqual([-1.5, 2, 3, -0.5, 1])
    expect(trilIndices(0, 3).shape).toEqual([2, 0])
  })
})
