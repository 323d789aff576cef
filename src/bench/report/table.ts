/**
 * @file Figures as a table in the terminal: a row for each case, variant and kind of inputs, a column for each clock.
 */
import { joined, plain, type Terminal } from '../../text/terminal.ts'
import type { ClockName } from '../clock.ts'
import type { Figure } from '../figure.ts'
import { DRIFTED } from '../rounds.ts'

/** Three digits. */
export const digits = (x: number): string => (x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toFixed(2))

/** `1.23 ms`, `45.6 µs`. */
export function time(seconds: number): string {
  const [unit, scale] =
    seconds >= 1 ? ['s', 1] : seconds >= 1e-3 ? ['ms', 1e3] : seconds >= 1e-6 ? ['µs', 1e6] : ['ns', 1e9]
  return `${digits(seconds * scale)} ${unit}`
}

/** `12.3 GFLOP/s`: an amount a second, in thousands. */
export function rateOf(amount: number, seconds: number, unit: string): string {
  const value = amount / seconds
  const [prefix, scale] =
    value >= 1e12 ? ['T', 1e12] : value >= 1e9 ? ['G', 1e9] : value >= 1e6 ? ['M', 1e6] : ['k', 1e3]
  return `${digits(value / scale)} ${prefix}${unit}`
}

/** The figures of one case, variant and kind of inputs, by clock. */
export interface Row {
  readonly any: Figure
  readonly by: Readonly<Partial<Record<ClockName, Figure>>>
}

export function rowsOf(figures: readonly Figure[]): Row[] {
  const rows = new Map<string, { any: Figure; by: Partial<Record<ClockName, Figure>> }>()
  for (const one of figures) {
    const key = [one.suite, one.name, one.variant, one.inputs].join('|')
    const row = rows.get(key) ?? { any: one, by: {} }
    row.by[one.clock] = one
    rows.set(key, row)
  }
  return [...rows.values()]
}

/** The figure that a row's rates are of: the device's clock, or else the wall's. */
export const best = ({ by, any }: Row): Figure => by.gpu ?? by.wall ?? any

/** A case with its variant and kind of inputs. */
export const titleOf = ({ name, variant, inputs }: Figure): string => [name, variant, inputs].filter(Boolean).join(', ')

/** `34 %`. */
export const percent = (share: number): string =>
  `${share < 0.1 ? (100 * share).toFixed(1) : Math.round(100 * share)} %`

/** Operations a second, or else bytes a second; '' where neither is counted. */
export const speedOf = ({ flop, bytes, seconds: { median } }: Figure): string =>
  flop ? rateOf(flop, median, 'FLOP/s') : bytes ? rateOf(bytes, median, 'B/s') : ''

/** The largest error of its check. */
export const errorOf = (ulp: number): string => (ulp === 0 ? '0' : digits(ulp))

const HEAD = ['', 'GPU', 'wall', 'host', 'rate', 'of roof', '±', 'ulp', 'compile'] as const

export function table(figures: readonly Figure[], terminal: Terminal = plain): string {
  const rows = rowsOf(figures).map((row) => {
    const { any, by } = row
    const one = best(row)
    const { seconds, share, ulp, compile, ended } = one
    return [
      titleOf(any),
      by.gpu ? time(by.gpu.seconds.median) : '',
      by.wall ? time(by.wall.seconds.median) : '',
      by.host ? time(by.host.seconds.median) : '',
      speedOf(one),
      share === undefined ? '' : percent(share),
      `${(100 * seconds.uncertain).toFixed(1)} %${ended === 'time' ? '*' : ''}`,
      ulp === undefined ? '' : errorOf(ulp),
      compile === undefined ? '' : time(compile / 1e3),
    ]
  })
  return aligned([[...HEAD], ...rows], terminal)
}

/** Columns, the first to the left; where the terminal is too narrow for them, each row in lines of its own. */
export function aligned(cells: readonly (readonly string[])[], { columns, paint }: Terminal): string {
  const [head] = cells
  const used = head.map((_, i) => i).filter((i) => i === 0 || cells.slice(1).some((row) => row[i] !== ''))
  const widths = used.map((i) => Math.max(...cells.map((row) => row[i].length)))
  const lines = cells.map((row) =>
    used.map((i, at) => (i === 0 ? row[i].padEnd(widths[at]) : row[i].padStart(widths[at]))).join('  '),
  )
  if (Math.max(...lines.map(({ length }) => length)) <= columns) {
    const [first, ...body] = lines
    return [paint('bold', first), ...body].join('\n')
  }
  return cells
    .slice(1)
    .map((row) => {
      const parts = used.slice(1).flatMap((i) => (row[i] === '' ? [] : [`${head[i]} ${row[i]}`]))
      return `${paint('bold', row[0])}\n    ${joined(parts, '; ', columns - 4, '    ')}`
    })
    .join('\n')
}

/** What is said below a table. */
export const marks = (drift: number): string =>
  [
    '±: half the 95 % interval of the median; *: the time was up before it was below 2 %.',
    ...(drift > DRIFTED
      ? [`The machine's own speed moved by ${Math.round(100 * drift)} % meanwhile: measure again.`]
      : []),
  ].join('\n')
