/**
 * @file Reductions, scans and sorts where rounding and length matter, for any device: long(.webgpu).test.ts run them.
 * Results are held to those of float64 on the CPU.
 */
import { expect, it } from 'vitest'
import { Philox } from '../../src/core/philox.ts'
import {
  crossEntropy,
  type Device,
  grad,
  openScope,
  type Tensor,
  type TypedArray,
  tensor,
  zeros,
} from '../../src/index.ts'

/** Half a unit in the last place of 1. */
const U = 2 ** -24

const draw = (n: number, seed: number, f = (v: number) => v): Float64Array => {
  const random = new Philox(seed)
  return Float64Array.from({ length: n }, () => Math.fround(f(random.normal())))
}

/** f(x) in float32 on the device and in float64 on the CPU. */
async function both(device: Device, data: Float64Array, shape: number[], f: (x: Tensor) => Tensor) {
  using s = openScope()
  const [got, want] = s.run(() => [f(tensor(data, { shape, device })), f(tensor(data, { shape, dtype: 'float64' }))])
  return Promise.all([got.data(), want.data()])
}

const same = (a: TypedArray, b: TypedArray): boolean => a.length === b.length && a.every((v, i) => v === b[i])

/** @param workgroups  a workgroup for each row: on a software adapter too slow for many rows */
export function longTests(on: () => Device, workgroups = false): void {
  sumTests(on)
  gradientTests(on)
  sortTests(on)
  if (!workgroups) shortRowTests(on)
}

/** Sums, which rounding would spoil in one long chain. */
function sumTests(on: () => Device): void {
  it('variance is right far from 0: mean 1000, deviation 0.01', async () => {
    const data = draw(4000, 1, (z) => 1000 + 0.01 * z)
    for (const f of [(x: Tensor) => x.var(), (x: Tensor) => x.std(0, { correction: 0 })]) {
      const [[got], [want]] = await both(on(), data, [4000], f)
      // (mean/σ)·u is 6e-3; E[x²] − E[x]² would be off by more than 1.
      expect(Math.abs(got / want - 1)).toBeLessThan(1e-4)
    }
  })

  it('running sums of long rows: chains of at most 1,024 additions', async () => {
    const [rows, n] = [2, 150_000]
    const data = draw(rows * n, 2, (z) => 1 + z)
    for (const [shape, dim] of [
      [[rows, n], 1],
      [[n, rows], 0],
    ] as const) {
      const [got, want] = await both(on(), data, [...shape], (x) => x.cumsum(dim))
      const [terms] = await both(on(), data.map(Math.abs), [...shape], (x) => x.cumsum(dim))
      let worst = 0
      got.forEach((v, i) => {
        worst = Math.max(worst, Math.abs(v - want[i]) / (U * terms[i]))
      })
      expect(worst).toBeLessThan(1024)
    }
  })

  it('sums of many rows under one index: chains of at most 1,024 additions', async () => {
    const n = 20_001
    for (const cols of [1, 4]) {
      // 1e-8 is lost on a sum of 1, so that one chain would say 1.
      const data = Float64Array.from({ length: n * cols }, (_, i) => (i < cols ? 1 : Math.fround(1e-8)))
      const sum = (x: Tensor) =>
        zeros([1, cols], { device: x.device, dtype: x.dtype }).indexAdd(0, new Int32Array(n), x)
      const [got, want] = await both(on(), data, [n, cols], sum)
      expect(want[0]).toBeCloseTo(1.0002, 9)
      got.forEach((v, i) => {
        expect(Math.abs(v - want[i])).toBeLessThan(1024 * U * want[i])
      })
    }
  })

  it('a million rows under one index: equal terms to 1e-5', async () => {
    const x = new Float32Array(1_000_003).fill(0.1)
    using s = openScope()
    const sum = s.run(() =>
      zeros([2], { device: on() }).indexAdd(0, new Int32Array(x.length).fill(1), tensor(x, { device: on() })),
    )
    const [none, all] = await sum.data()
    expect(none).toBe(0)
    expect(Math.abs(all / 100_000.3 - 1)).toBeLessThan(1e-5)
  })

  it('softmax and cross-entropy of many classes: chains of at most 1,024 additions', async () => {
    const n = 20_000
    // One class of weight 1, all others of 1e-8: one chain would lose them.
    const data = Float64Array.from({ length: n }, (_, i) => (i === 0 ? 0 : Math.fround(Math.log(1e-8))))
    for (const f of [
      (x: Tensor) => x.softmax(1).slice(null, [0, 1]),
      (x: Tensor) => x.logSoftmax(1).slice(null, [0, 1]).exp(),
      (x: Tensor) =>
        crossEntropy(x, zeros([1], { dtype: 'int32', device: x.device }))
          .neg()
          .exp(),
    ]) {
      const [[got], [want]] = await both(on(), data, [1, n], f)
      expect(want).toBeCloseTo(1 / 1.0002, 6)
      expect(Math.abs(got - want)).toBeLessThan(1024 * U)
    }
  })
}

function gradientTests(on: () => Device): void {
  it('gradients of long running products and log-sums', async () => {
    for (const [f, seed] of [
      [(x: Tensor) => x.mul(0.001).exp().cumprod(-1), 3],
      [(x: Tensor) => x.logcumsumexp(-1), 4],
    ] as const) {
      const [rows, n] = [2, 9_000]
      const g = draw(rows * n, seed + 10)
      const [got, want] = await both(on(), draw(rows * n, seed), [rows, n], (leaf) => {
        const x = leaf.requiresGrad_()
        const gradOutputs = [tensor(g, { shape: [rows, n], dtype: x.dtype, device: x.device })]
        return grad([f(x)], [x], { gradOutputs })[0]
      })
      let [worst, scale] = [0, 0]
      got.forEach((v, i) => {
        worst = Math.max(worst, Math.abs(v - want[i]))
        scale = Math.max(scale, Math.abs(want[i]))
      })
      expect(worst / scale).toBeLessThan(2e-4)
    }
  })
}

function sortTests(on: () => Device): void {
  it('long sorts with ties are stable, and the same on every run', async () => {
    const [rows, n] = [2, 30_000]
    const data = draw(rows * n, 5, (z) => Math.round(z * 50))
    const sorted = (x: Tensor) => x.sort(-1, { descending: true })
    const [values, wanted] = await both(on(), data, [rows, n], (x) => sorted(x).values)
    expect(same(values, wanted)).toBe(true)
    const [places, there] = await both(on(), data, [rows, n], (x) => sorted(x).indices)
    expect(same(places, there)).toBe(true)
    const [again] = await both(on(), data, [rows, n], (x) => sorted(x).indices)
    expect(same(places, again)).toBe(true)
  })
}

function shortRowTests(on: () => Device): void {
  it('many short rows', async () => {
    const data = draw(70_000 * 3, 6)
    for (const f of [(x: Tensor) => x.sort().indices, (x: Tensor) => x.cumsum(1).argmax(1)]) {
      const [got, want] = await both(on(), data, [70_000, 3], f)
      expect(same(got, want)).toBe(true)
    }
  })
}
