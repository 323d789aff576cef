/** @file A ladder that no device climbed: two rungs of softmax with times, one that does not fit. */
import type { Figure, Report } from '../../src/bench/figure.ts'
import { climbs, type Ladder, suiteName } from '../../src/bench/ladder.ts'
import { ladders } from '../../src/bench/ladders/index.ts'

const figure = (
  ladder: Ladder,
  variant: string,
  name: string,
  seconds: number,
  change: Partial<Figure> = {},
): Figure => ({
  suite: suiteName(ladder),
  name,
  variant,
  inputs: 'rotated',
  clock: 'gpu',
  bytes: 1e6,
  runs: 1,
  ended: 'settled',
  seconds: { median: seconds, quartiles: [seconds, seconds], p10: seconds, p90: seconds, count: 9, uncertain: 0 },
  ...change,
})

export function reportOf(figures: Figure[], skipped: Report['skipped'] = []): Report {
  const environment = {
    ...{ device: 'webgpu:<b>', adapter: null, features: [], runtime: 'Node', dawn: null, system: '', processor: '' },
    ...{ load: null, quantum: null, version: '', commit: null, flags: [], date: '2026-01-01' },
  }
  return { schema: 1, environment, peaks: null, figures, skipped, drift: {}, probe: {}, seconds: 1 }
}

export const { softmax } = ladders
const [{ case: one }] = softmax.cases('small')
export const report = reportOf(
  [
    figure(softmax, 'group', one.name, 2e-3),
    figure(softmax, 'thread', one.name, 8e-3),
    figure(softmax, 'thread', one.name, 1e-3, { inputs: 'hot' }),
    figure(softmax, 'group', one.name, 1e-9, { clock: 'host' }),
  ],
  [{ suite: suiteName(softmax), name: one.name, variant: 'thread_vec4', why: 'it does not fit', failed: false }],
)
export const [climb] = climbs(softmax, 'small', report)
