/**
 * @file A report as it is shared: what says something of the device, and nothing of the hour. It stays a report, so
 * that pages and comparisons read it.
 */
import type { Figure, Report } from './figure.ts'
import { best, rowsOf } from './report/table.ts'
import type { Spread } from './stats.ts'

/** Digits that a time is kept with: more are noise. */
const DIGITS = 4

const short = (x: number): number => (Number.isFinite(x) ? Number(x.toPrecision(DIGITS)) : x)
const two = ([a, b]: readonly [number, number]): [number, number] => [short(a), short(b)]

const spread = ({ median, quartiles, p10, p90, count, uncertain }: Spread): Spread => ({
  ...{ median: short(median), quartiles: two(quartiles), p10: short(p10), p90: short(p90) },
  ...{ count, uncertain: short(uncertain) },
})

function figure(one: Figure): Figure {
  const { seconds, share, compile, ulp } = one
  return {
    ...one,
    seconds: spread(seconds),
    ...(share !== undefined && { share: short(share) }),
    ...(compile !== undefined && { compile: short(compile) }),
    ...(ulp !== undefined && { ulp: short(ulp) }),
  }
}

/** Of each case and variant the figure that counts; no load, no flags; numbers of four digits. */
export function shared({ environment, peaks, figures, probe, ...rest }: Report): Report {
  return {
    ...rest,
    environment: { ...environment, load: null, flags: [] },
    peaks: peaks && {
      ...peaks,
      rows: peaks.rows.map((row) => ({ ...row, value: short(row.value), quartiles: two(row.quartiles) })),
    },
    figures: rowsOf(figures).map((row) => figure(best(row))),
    probe: Object.fromEntries(Object.entries(probe).map(([suite, one]) => [suite, spread(one)])),
    seconds: Math.round(rest.seconds),
  }
}

/**
 * `mesa-software-llvmpipe-llvm-15-0-6-256-bits.json`: the adapter, whatever its driver's version, or the processor of a
 * report of the CPU device.
 */
export function shareName({ environment: { adapter, processor, device } }: Report): string {
  const parts = adapter
    ? [adapter.vendor, adapter.architecture, adapter.device || adapter.description.split(':')[0] || device]
    : ['cpu', processor]
  const text = parts
    .filter(Boolean)
    .join(' ')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
  return `${text.slice(0, 60).replace(/-$/, '')}.json`
}
