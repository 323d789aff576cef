/**
 * @file The functions of shaders/functions.wgsl on WebGPU, against their float64 twins, to what the file says: over the
 * range of float32, close to zeros and poles, large and tiny. functions.test.ts holds the twins to more digits.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Philox } from '../../src/core/philox.ts'
import { digamma, erfc, erfinv, exp2, lgamma, polygamma, scope, type Tensor, tensor } from '../../src/index.ts'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { ulp } from '../support/accuracy.ts'

interface Measured {
  readonly f: (x: Tensor) => Tensor
  readonly ulps: number
  /** Where inputs are drawn from. */
  readonly ranges: readonly (readonly [low: number, high: number])[]
  /** What the error is relative to where terms cancel. */
  readonly scale?: (x: number, want: number) => number
}

const cotangent = (x: number): number => Math.abs(Math.PI / Math.tan(Math.PI * (x - Math.round(x))))
const gammaRanges = [
  [0, 3],
  [0, 20],
  [0.99, 1.01],
  [1.46, 1.463],
  [1.99, 2.01],
  [7.5, 8.5],
  [20, 1e6],
  [1e6, 1e30],
  [-1e-3, 1e-3],
  [-20, 0],
  [-300, -20],
] as const

const measured: Readonly<Record<string, Measured>> = {
  exp2: {
    f: exp2,
    ulps: 2,
    ranges: [
      [-126, 127],
      [-1, 1],
    ],
  },
  erfc: {
    f: erfc,
    ulps: 8,
    ranges: [
      [-6, 6],
      [-1, 1],
      [0.49, 0.6],
      [0.4, 9.1],
    ],
  },
  erfinv: {
    f: erfinv,
    ulps: 6,
    ranges: [
      [-1, 1],
      [-1e-3, 1e-3],
      [0.999, 1],
      [0.999999, 1],
    ],
  },
  lgamma: {
    f: lgamma,
    ulps: 10,
    ranges: gammaRanges,
    scale: (x, want) => (x > 0 ? want : Math.max(Math.abs(want), cotangent(x), -x * Math.log(1 - x))),
  },
  digamma: {
    f: digamma,
    ulps: 10,
    ranges: gammaRanges,
    scale: (x, want) => (x > 0 ? want : Math.max(Math.abs(want), cotangent(x), Math.log(1 - x))),
  },
  // Of even order the values below 0 cross it.
  'polygamma 1': { f: (x) => polygamma(1, x), ulps: 12, ranges: gammaRanges },
  'polygamma 2': { f: (x) => polygamma(2, x), ulps: 14, ranges: gammaRanges.filter(([low]) => low >= 0) },
  'polygamma 5': { f: (x) => polygamma(5, x), ulps: 20, ranges: [[0.01, 20]] },
}

describe('ulp of the twin in float64', () => {
  let gpu: WebGPUDevice
  beforeAll(async () => {
    gpu = await device('webgpu', { debug: true })
  })
  const report: string[] = []
  afterAll(() => {
    console.log(`worst ulp on ${gpu?.name}: ${report.join(', ')}`)
    gpu?.destroy()
  })
  it.each(Object.entries(measured))('%s', async (name, { f, ulps, ranges, scale = (_, want) => want }) => {
    const random = new Philox(5)
    const draw = ([low, high]: readonly [number, number]) =>
      Array.from({ length: 1000 }, () => Math.fround(low + (high - low) * random.uniform()))
    const x = ranges.flatMap(draw)
    const [got, want] = await Promise.all(
      scope(() => [f(tensor(x, { device: gpu })), f(tensor(x, { dtype: 'float64' }))]).map((y) => y.data()),
    )
    let worst = 0
    let at = 0
    x.forEach((value, i) => {
      const [a, b] = [got[i], Math.fround(want[i])]
      // Denormal results may be 0.
      if (a === b || (Math.abs(b) < 2 ** -126 && Math.abs(a) < 2 ** -126)) return
      const off = Math.abs(a - want[i]) / ulp(scale(value, want[i]))
      if (off <= worst) return
      worst = off
      at = value
    })
    report.push(`${name} ${worst.toFixed(2)}`)
    expect(worst, `at ${at}`).toBeLessThanOrEqual(ulps)
  })
})
