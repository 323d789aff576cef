/** @file What was found of a reader's kernel, in words and bars for a terminal; a page may show the same lines. */
import type { Terminal } from '../../text/terminal.ts'
import { plain } from '../../text/terminal.ts'
import type { Figure, Inputs, Peaks } from '../figure.ts'
import { best, digits, marks, type Row, rateOf, rowsOf, table, time } from '../report/table.ts'
import { bandwidthAt, intensityOf } from '../roof.ts'
import type { Verdict } from './examine.ts'
import { OWN, type OwnResult } from './run.ts'

/** Everything: the check, times, the sweep, the place below the roof. */
export function shownOwn({ report, plans, verdicts }: OwnResult, terminal: Terminal = plain): string {
  const { figures, peaks, drift } = report
  const parts = [verdictOf(verdicts, figures, terminal)]
  if (figures.length > 0) parts.push(`${table(figures, terminal)}\n${marks(drift[OWN])}`)
  if (plans.length > 1 && figures.length > 0) parts.push(sweepOf(figures, terminal))
  if (figures.length > 0) parts.push(roofOf(figures, peaks))
  if (plans.some(({ buffers }) => buffers.some(({ bind }) => bind.role === 'inout')) && figures.length > 0)
    parts.push(
      figures.some(({ clock }) => clock === 'wall')
        ? 'inout: this device has no timestamps, so buffers keep what each run leaves in them; nothing restores them.'
        : 'inout: buffers are restored by a copy after each run, which GPU time leaves out; the other clocks would not.',
    )
  return parts.join('\n\n')
}

/** Whether the result is right, as far as it is known. */
function verdictOf(verdicts: readonly Verdict[], figures: readonly Figure[], { paint }: Terminal): string {
  const wrong = verdicts.filter(({ result }) => result === 'wrong')
  const lines = wrong.map(
    ({ variant, lines: [first, ...rest] }) =>
      `${paint('red', 'WRONG')}${variant ? ` with ${variant}` : ''}, not timed: ${[first, ...rest].join('\n')}`,
  )
  if (verdicts.some(({ result }) => result === 'unchecked'))
    lines.push(
      `${paint('bold', 'not checked')}: no --check was given, so nothing says that the result is right. Guard cells and unwritten elements were looked at.`,
    )
  if (verdicts.some(({ result }) => result === 'right')) {
    const worst = Math.max(0, ...figures.map(({ ulp = 0 }) => ulp))
    lines.push(`${paint('green', 'right')}: every element, the largest error is ${digits(worst)} ulp of float32.`)
  }
  return lines.join('\n')
}

const BAR = 30

/** Bars of speed by value, the best one marked; those that cannot be told from it say so. */
function sweepOf(figures: readonly Figure[], { paint }: Terminal): string {
  const kinds = [...new Set(figures.map(({ inputs }) => inputs))]
  return kinds.map((inputs) => bars(rowsOf(figures.filter((one) => one.inputs === inputs)), inputs, paint)).join('\n\n')
}

function bars(rows: readonly Row[], inputs: Inputs, paint: Terminal['paint']): string {
  const all = rows.map((row) => ({ variant: row.any.variant ?? '', ...best(row).seconds }))
  const least = Math.min(...all.map(({ median }) => median))
  const first = all.find(({ median }) => median === least) as (typeof all)[number] // the least is one of them
  const width = Math.max(...all.map(({ variant }) => variant.length))
  const lines = all.map((one) => {
    const length = Math.max(1, Math.round((BAR * least) / one.median))
    const near = one.median * (1 - one.uncertain) <= first.median * (1 + first.uncertain)
    const mark = one === first ? 'best' : near ? 'not told from the best' : `${digits(one.median / least)}× its time`
    const text = `${one.variant.padEnd(width)}  ${'█'.repeat(length).padEnd(BAR)}  ${time(one.median).padStart(8)}  ${mark}`
    return one === first ? paint('green', text) : text
  })
  return [paint('bold', `speed by value, ${inputs} inputs`), ...lines].join('\n')
}

/** Where the fastest stands below the roof. */
function roofOf(figures: readonly Figure[], peaks: Peaks | null): string {
  const rows = rowsOf(figures).map(best)
  const inputs: Inputs = rows.some((one) => one.inputs === 'rotated') ? 'rotated' : 'hot'
  const [{ flop, bytes = 0, seconds, share }] = rows
    .filter((one) => one.inputs === inputs)
    .sort((a, b) => a.seconds.median - b.seconds.median)
  const reached = flop ? rateOf(flop, seconds.median, 'FLOP/s') : rateOf(bytes, seconds.median, 'B/s')
  const intensity = flop ? `${digits(intensityOf(flop, bytes))} operations a byte` : 'operations not counted (--flop)'
  if (!peaks || share === undefined)
    return `roofline: ${intensity}, ${reached} reached; this device's peaks were not measured, so there is no share of them.`
  const bandwidth = bandwidthAt(peaks, bytes, inputs)
  const byMemory = !flop || bytes / bandwidth >= flop / peaks.flops.f32
  const limit = byMemory
    ? `memory, ${rateOf(bandwidth, 1, 'B/s')}${flop ? `, which allows ${rateOf(flop * bandwidth, bytes, 'FLOP/s')}` : ''}`
    : `arithmetic, ${rateOf(peaks.flops.f32, 1, 'FLOP/s')}`
  return `roofline: ${intensity}; bound by ${limit}. ${reached} reached: ${Math.round(100 * share)} % (${inputs} inputs).`
}
