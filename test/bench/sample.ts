/**
 * @file A report that no device made: three suites, variants, hot and rotated inputs, peaks, a wrong result, names with
 * markup. Times follow a roofline with noise of a fixed seed.
 */
import type { ClockName } from '../../src/bench/clock.ts'
import type { Figure, Inputs, Peaks, Report } from '../../src/bench/figure.ts'
import { generator } from '../../src/bench/numbers.ts'
import { leastSeconds } from '../../src/bench/roof.ts'
import { spreadOf } from '../../src/bench/stats.ts'

const row = (name: string, unit: 'FLOP/s' | 'B/s' | 's' | '1/s', value: number) =>
  ({ name, unit, value, quartiles: [0.98 * value, 1.01 * value], count: 30, clock: 'gpu' }) as const

export const peaks: Peaks = {
  flops: { f32: 1.4e12, f16: 2.6e12 },
  bandwidth: [
    { bytes: 2 ** 16, read: 9e11, copy: 8e11 },
    { bytes: 2 ** 20, read: 5e11, copy: 6e11 },
    { bytes: 2 ** 24, read: 2e11, copy: 1.8e11 },
    { bytes: 2 ** 28, read: 6e10, copy: 5.5e10 },
  ],
  rows: [
    row('multiply-add, f32', 'FLOP/s', 1.4e12),
    row('multiply-add, f16', 'FLOP/s', 2.6e12),
    row('read, 256 MiB', 'B/s', 6e10),
    row('dispatch floor', 's', 4.2e-6),
    row('atomic adds, one word', '1/s', 3e9),
  ],
}

interface Made {
  readonly suite: string
  readonly name: string
  readonly variant?: string
  readonly source: string
  readonly flop?: number
  readonly bytes: number
  /** Times what the roof allows. */
  readonly slow: number
}

const matmuls = [64, 128, 256, 512, 1024].flatMap((n) =>
  ['shared', 'subgroup', 'tile', 'naive'].map(
    (variant, i): Made => ({
      ...{ suite: 'matmul', name: `NN ${n}×${n}×${n}`, variant, source: 'shaders/matmul.wgsl' },
      ...{ flop: 2 * n ** 3, bytes: 12 * n ** 2, slow: [1.5, 2.2, 3.4, 14][i] * (1 + 64 / n) },
    }),
  ),
)
const softmaxes = [256, 1024, 4096].flatMap((n) =>
  ['row', 'subgroup'].map(
    (variant, i): Made => ({
      ...{ suite: 'softmax', name: `rows 1024×${n}`, variant, source: 'shaders/softmax.wgsl' },
      ...{ flop: 5 * 1024 * n, bytes: 8 * 1024 * n, slow: [1.9, 1.3][i] },
    }),
  ),
)
const copies = [2 ** 16, 2 ** 20, 2 ** 24].map(
  (n): Made => ({
    ...{ suite: 'transposes <b>', name: `copy of ${n} "floats", turned`, source: 'shaders/copy.wgsl' },
    ...{ bytes: 8 * n, slow: 1.6 },
  }),
)

function figuresOf(one: Made, inputs: Inputs, next: () => number): Figure[] {
  const { suite, name, variant, source, flop, bytes, slow } = one
  const least = leastSeconds(peaks, flop, bytes, inputs)
  const clocks: readonly (readonly [ClockName, number])[] = [
    ['gpu', 0],
    ['wall', 3e-5],
    ['host', -1],
  ]
  return clocks.map(([clock, more]) => {
    const base = more < 0 ? 1.2e-5 : least * slow + more
    const seconds = spreadOf(Array.from({ length: 24 }, () => base * (1 + 0.05 * next() ** 3)))
    return {
      ...{ suite, name, kernel: suite, ...(variant && { variant }), source, inputs, clock, seconds },
      ...{ ...(flop && { flop }), bytes, launches: 1, runs: 4, compile: 12.5, ulp: flop ? 3.25 : 0 },
      ...(clock === 'gpu' && { share: least / seconds.median }),
      ended: seconds.uncertain < 0.01 ? 'settled' : 'time',
    }
  })
}

/** @param factor  by which all figures of a suite are longer */
export function sample(factor: Readonly<Record<string, number>> = {}, seed = 7): Report {
  const next = generator(seed)
  const figures = [...matmuls, ...softmaxes, ...copies].flatMap((one) =>
    (['hot', 'rotated'] as const).flatMap((inputs) =>
      figuresOf({ ...one, slow: one.slow * (factor[one.suite] ?? 1) }, inputs, next),
    ),
  )
  const probe = spreadOf(Array.from({ length: 20 }, () => 1e-3 * (1 + 0.01 * next())))
  const suites = [...new Set(figures.map(({ suite }) => suite))]
  return {
    schema: 1,
    environment: {
      device: 'webgpu:sample',
      adapter: {
        ...{ vendor: 'acme', architecture: 'one', device: '0x1', software: false },
        description: 'Acme <One>: driver 1.2',
      },
      features: ['shader-f16', 'timestamp-query'],
      ...{ runtime: 'Node v22.1.0', dawn: '0.6.2', system: 'linux x64', processor: '8 × Acme' },
      ...{ load: 0.1, quantum: 1e-9, version: '0.1.0', commit: 'abc1234', flags: ['--seconds', '4'] },
      date: '2026-01-02',
    },
    peaks,
    figures,
    skipped: [
      { suite: 'matmul', name: 'NN 64×64×64', variant: 'wide', why: 'it does not fit this case', failed: false },
      { suite: 'softmax', name: 'rows | 7', why: 'element 3 is NaN, right is 0.5', failed: true },
    ],
    drift: Object.fromEntries(suites.map((suite, i) => [suite, [0.21, 0.02, 0.01][i]])),
    probe: Object.fromEntries(suites.map((suite) => [suite, probe])),
    seconds: 61.4,
  }
}
