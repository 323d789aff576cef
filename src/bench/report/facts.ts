/** @file What every report says besides its figures: where it was measured, the peaks, what moved. */
import type { PeakRow, Report, Skipped } from '../figure.ts'
import { DRIFTED } from '../rounds.ts'
import { percent, rateOf, time } from './table.ts'

/** Rows of name and text. */
export function factsOf({ environment, seconds, figures }: Report): (readonly [string, string])[] {
  const { adapter, features, runtime, dawn, system, processor, load, quantum, version, commit, flags, date } =
    environment
  const rows: (readonly [string, string | null | undefined])[] = [
    ['device', environment.device],
    ['adapter', adapter && [adapter.vendor, adapter.architecture, adapter.device].filter(Boolean).join(' ')],
    ['driver', adapter?.description],
    ['computes', adapter && (adapter.software ? 'in software, on the CPU' : 'on a GPU')],
    ['features', features.join(', ')],
    ["the clock's quantum", quantum === null ? 'none: the device has no timestamps' : time(quantum)],
    ['runtime', dawn ? `${runtime}, Dawn of webgpu ${dawn}` : runtime],
    ['system', system],
    ['processor', processor],
    ['load before', load === null ? null : String(load)],
    ['version', commit ? `${version}, commit ${commit}` : version],
    ['flags', flags.join(' ')],
    ['measured', `${date}, ${figures.length} figures in ${Math.round(seconds)} s`],
  ]
  return rows.flatMap(([name, text]) => (text ? [[name, text] as const] : []))
}

/** `12.3 TFLOP/s`, `456 GB/s`, `1.2 µs`. */
const amountOf = (value: number, unit: PeakRow['unit']): string =>
  unit === 's' ? time(value) : rateOf(value, 1, unit === '1/s' ? '/s' : unit)

export const PEAKS_HEAD = ['peak', 'median', 'quartiles', 'samples', 'clock'] as const

export const peakRows = ({ peaks }: Report): string[][] =>
  (peaks?.rows ?? []).map(({ name, unit, value, quartiles, count, clock }) => [
    name,
    amountOf(value, unit),
    quartiles.map((one) => amountOf(one, unit)).join(' – '),
    String(count),
    clock,
  ])

/** Suites in which the machine's own speed moved. */
export const drifted = ({ drift }: Report): string[] =>
  Object.entries(drift)
    .filter(([, moved]) => moved > DRIFTED)
    .map(([suite, moved]) => `${suite} (${percent(moved)})`)

export const driftText = (report: Report): string => {
  const moved = drifted(report)
  return moved.length === 0 ? '' : `The machine's own speed moved meanwhile in ${moved.join(', ')}: measure again.`
}

export const SKIPPED_HEAD = ['case', 'suite', 'variant', 'why'] as const

/** Wrong results first. */
export const skippedRows = (skipped: readonly Skipped[]): string[][] =>
  [...skipped]
    .sort((a, b) => Number(b.failed) - Number(a.failed))
    .map(({ suite, name, variant, why, failed }) => [name, suite, variant ?? '', failed ? `wrong: ${why}` : why])

/** How the columns of figures are to be read. */
export const LEGEND =
  'GPU: by the device’s own timestamps; wall: until all is done; host: what the calling thread needed to encode. ' +
  '±: half the 95 % interval of the median; *: the time was up before it was below 2 %. ulp: the largest error of the ' +
  'check against float64. hot: the same inputs again and again; rotated: inputs that no cache holds.'
