/** @file A suite as bars in the terminal: shares of the roof, or rates where no peaks were measured. */
import { bar } from '../../text/progress.ts'
import { plain, type Terminal } from '../../text/terminal.ts'
import type { Figure } from '../figure.ts'
import { best, percent, type Row, rowsOf, speedOf, titleOf } from './table.ts'

/** A label is cut to so much of a line. */
const LABEL = 0.45
/** A bar is at least and at most so long. */
const [LEAST, MOST] = [8, 40]

/** The text in so many characters, its middle left out where it is longer: both ends tell cases apart. */
export function fitted(text: string, width: number): string {
  if (text.length <= width) return text.padEnd(width)
  const head = Math.ceil((width - 1) / 2)
  return `${text.slice(0, head)}…${text.slice(text.length - (width - 1 - head))}`
}

interface Bar {
  readonly label: string
  readonly value: number
  readonly text: string
}

/** Bars of one kind, the longest being `full`. */
function barsOf(title: string, bars: readonly Bar[], full: number, { columns, paint }: Terminal): string {
  const longest = Math.max(...bars.map(({ label }) => label.length))
  const values = Math.max(...bars.map(({ text }) => text.length))
  const label = Math.min(longest, Math.floor(LABEL * columns), columns - values - LEAST - 2)
  const width = Math.max(LEAST, Math.min(MOST, columns - label - values - 2))
  const lines = bars.map(
    ({ label: name, value, text }) =>
      `${fitted(name, label)} ${paint('blue', bar(value / full, width))} ${text.padStart(values)}`,
  )
  return [paint('bold', title), ...lines].join('\n')
}

const rowsWith = (rows: readonly Row[], value: (one: Figure) => number | undefined): Bar[] =>
  rows.flatMap((row) => {
    const one = best(row)
    const found = value(one)
    return found === undefined ? [] : [{ label: titleOf(one), value: found, text: speedOf(one) }]
  })

/** The figures of a suite as bars; rates of operations and of bytes stand apart, as each has a longest of its own. */
export function bars(figures: readonly Figure[], terminal: Terminal = plain): string {
  const rows = rowsOf(figures)
  const shares = rowsWith(rows, ({ share }) => share).map((one) => ({ ...one, text: percent(one.value) }))
  if (shares.length > 0) {
    // What is over the roof is cut there; its number says by how much.
    return barsOf('share of what this device can do', shares, 1, terminal)
  }
  const charts: (readonly [string, (one: Figure) => number | undefined])[] = [
    ['operations a second', ({ flop, seconds }) => flop && flop / seconds.median],
    ['bytes a second', ({ flop, bytes, seconds }) => (flop || !bytes ? undefined : bytes / seconds.median)],
  ]
  return charts
    .flatMap(([title, value]) => {
      const found = rowsWith(rows, value)
      return found.length === 0 ? [] : [barsOf(title, found, Math.max(...found.map((one) => one.value)), terminal)]
    })
    .join('\n')
}
