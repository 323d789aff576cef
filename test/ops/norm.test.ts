/**
 * @file Normalisations against their definitions, and the running statistics of batchNorm and instanceNorm against
 * PyTorch's rules.
 */
import { describe, expect, it } from 'vitest'
import { Philox } from '../../src/core/philox.ts'
import {
  batchNorm,
  grad,
  groupNorm,
  instanceNorm,
  layerNorm,
  memory,
  normalize,
  ones,
  rmsNorm,
  type Tensor,
  tensor,
  zeros,
} from '../../src/index.ts'

const random = new Philox(8)
const draw = (...shape: number[]): Tensor =>
  tensor(
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 3 + 2 * random.normal()),
    { shape, dtype: 'float64' },
  )
const near = async (x: Tensor, want: ArrayLike<number>, digits = 10): Promise<void> => {
  const got = await x.data()
  expect(got.length).toBe(want.length)
  for (let i = 0; i < got.length; i++) expect(got[i]).toBeCloseTo(want[i], digits)
}
const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length
const variance = (xs: readonly number[]): number => mean(xs.map((x) => (x - mean(xs)) ** 2))

/** (x − μ)/√(σ² + ε) where `place` says which elements belong together. */
async function defined(x: Tensor, place: (at: number[]) => string, eps = 1e-5): Promise<number[]> {
  const data = [...(await x.data())]
  const at = (i: number): number[] => {
    const found: number[] = []
    for (let d = x.ndim - 1, rest = i; d >= 0; d--) {
      found.unshift(rest % x.shape[d])
      rest = Math.floor(rest / x.shape[d])
    }
    return found
  }
  return data.map((v, i) => {
    const own = data.filter((_, j) => place(at(j)) === place(at(i)))
    return (v - mean(own)) / Math.sqrt(variance(own) + eps)
  })
}

describe('what belongs together', () => {
  const x = draw(2, 4, 3)
  it('layerNorm: the last axes', async () => {
    await near(layerNorm(x, 3), await defined(x, ([n, c]) => `${n} ${c}`))
    await near(layerNorm(x, [4, 3]), await defined(x, ([n]) => `${n}`))
    await near(layerNorm(x, [2, 4, 3]), await defined(x, () => ''))
  })
  it('groupNorm: a group of channels of a sample', async () => {
    await near(groupNorm(x, 2), await defined(x, ([n, c]) => `${n} ${Math.floor(c / 2)}`))
    await near(groupNorm(x, 4), await defined(x, ([n, c]) => `${n} ${c}`))
  })
  it('instanceNorm: a channel of a sample', async () => {
    await near(instanceNorm(x), await defined(x, ([n, c]) => `${n} ${c}`))
  })
  it('batchNorm: a channel', async () => {
    await near(batchNorm(x, null, null, { training: true }), await defined(x, ([, c]) => `${c}`))
  })
  it('rmsNorm: the last axes, without the mean', async () => {
    const rows = (await x.reshape([8, 3]).array()) as number[][]
    const want = rows.flatMap((row) => row.map((v) => v / Math.sqrt(mean(row.map((u) => u * u)) + 1e-3)))
    await near(rmsNorm(x, 3, null, { eps: 1e-3 }), want)
  })
  it('weight and bias: a channel, or an element of the row', async () => {
    const [w, b] = [draw(4), draw(4)]
    const beside = (k: Tensor) => k.reshape([1, 4, 1])
    for (const [y, bare] of [
      [groupNorm(x, 2, w, b), groupNorm(x, 2)],
      [instanceNorm(x, { weight: w, bias: b }), instanceNorm(x)],
      [batchNorm(x, null, null, { weight: w, bias: b, training: true }), batchNorm(x, null, null, { training: true })],
    ])
      await near(y, await bare.mul(beside(w)).add(beside(b)).data())
    const [v, c] = [draw(4, 3), draw(4, 3)]
    await near(layerNorm(x, [4, 3], v, c), await layerNorm(x, [4, 3]).mul(v).add(c).data())
  })
  it('normalize: lengths of 1', async () => {
    const lengths = normalize(x, { dim: -1 }).square().sum(-1)
    await near(lengths, new Float64Array(8).fill(1))
    await near(normalize(zeros([2, 3])), new Float64Array(6))
  })
})

describe('running statistics', () => {
  const f64 = (data: number[]) => tensor(data, { dtype: 'float64' })
  it('of batchNorm take a step, with the unbiased variance', async () => {
    const x = draw(4, 2, 3)
    const [m, v] = [f64([1, -1]), f64([2, 0.5])]
    batchNorm(x, m, v, { training: true, momentum: 0.25 })
    const data = (await x.transpose(0, 1).reshape([2, 12]).array()) as number[][]
    await near(
      m,
      data.map((row, c) => 0.75 * [1, -1][c] + 0.25 * mean(row)),
    )
    await near(
      v,
      data.map((row, c) => 0.75 * [2, 0.5][c] + 0.25 * variance(row) * (12 / 11)),
    )
  })
  it('of instanceNorm take the mean over samples', async () => {
    const x = draw(3, 2, 4)
    const [m, v] = [f64([1, -1]), f64([2, 0.5])]
    instanceNorm(x, { runningMean: m, runningVar: v })
    const rows = (await x.array()) as number[][][]
    await near(
      m,
      [0, 1].map((c) => 0.9 * [1, -1][c] + 0.1 * mean(rows.map((n) => mean(n[c])))),
    )
    await near(
      v,
      [0, 1].map((c) => 0.9 * [2, 0.5][c] + 0.1 * mean(rows.map((n) => variance(n[c]) * (4 / 3)))),
    )
  })
  it('stay as they are in evaluation, and without samples', async () => {
    const [m, v] = [f64([1, -1]), f64([2, 0.5])]
    batchNorm(draw(4, 2), m, v)
    batchNorm(draw(0, 2), m, v, { training: true })
    instanceNorm(draw(2, 2, 3), { runningMean: m, runningVar: v, useInputStats: false })
    await near(m, [1, -1])
    await near(v, [2, 0.5])
  })
  it('normalise in evaluation', async () => {
    const x = draw(2, 2)
    const y = batchNorm(x, f64([1, -1]), f64([2, 0.5]), { eps: 0.5, weight: f64([2, 3]), bias: f64([0, 1]) })
    const want = ((await x.array()) as number[][]).flatMap(([a, b]) => [
      ((a - 1) / Math.sqrt(2.5)) * 2,
      ((b + 1) / Math.sqrt(1)) * 3 + 1,
    ])
    await near(y, want)
  })
  it('are not part of the graph, and leave nothing behind', async () => {
    const x = draw(4, 2).requiresGrad_()
    const [m, v] = [f64([0, 0]), f64([1, 1])]
    const before = memory()
    const y = batchNorm(x, m, v, { training: true })
    expect(m.requiresGrad).toBe(false)
    const [g] = grad(y.square().mul(0.5).sum(), [x])
    // Σ y² of a normalised batch is n, but for ε: no direction changes it.
    await near(g, new Float64Array(8), 4)
    expect(memory().tensors).toBeGreaterThan(before.tensors)
  })
})

describe('digits', () => {
  it('stay at mean 1000, σ 0.01 in float32', async () => {
    const data = Float32Array.from({ length: 512 }, () => 1000 + 0.01 * random.normal())
    const [exact, single] = [tensor(Float64Array.from(data), { dtype: 'float64' }), tensor(data)]
    const [want, got] = [await layerNorm(exact, 512).data(), await layerNorm(single, 512).data()]
    const worst = Math.max(...Array.from(want, (v, i) => Math.abs(v - got[i])))
    expect(worst).toBeLessThan(1e-6)
  })
  it('of a constant row are zeros', async () => {
    await near(layerNorm(ones([2, 3]).mul(1e4), 3), new Float64Array(6))
  })
})
