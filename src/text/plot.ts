/** @file A curve in the terminal, drawn in Braille characters: each holds 2 × 4 dots. */
import { plain, type Terminal } from './terminal.ts'

export interface PlotOptions {
  title: string
  /** Below the horizontal axis. */
  xLabel: string
  /** First and last value of the horizontal axis. */
  x: readonly [first: number, last: number]
  /** Characters of the curve; default 64 × 12, less where the terminal is narrow. */
  width?: number
  height?: number
  /** Logarithmic values; default false. */
  log?: boolean
  /** Default: 80 columns without colours. */
  terminal?: Terminal
}

/** Left of a curve: a label of three digits with an exponent, a space and the axis. */
const MARGIN = 12
/** Bits of a Braille character's dots by column and row. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
]

/** Means of `count` equal parts of a list; a list that is shorter keeps its values. */
export function thin(values: readonly number[], count: number): number[] {
  if (values.length <= count) return [...values]
  return Array.from({ length: count }, (_, i) => {
    const part = values.slice(Math.floor((i * values.length) / count), Math.floor(((i + 1) * values.length) / count))
    return part.reduce((a, b) => a + b, 0) / part.length
  })
}

/** A short list made `count` long, by straight lines between its values. */
function stretch(values: readonly number[], count: number): number[] {
  if (values.length >= count || values.length < 2) return [...values]
  return Array.from({ length: count }, (_, i) => {
    const at = (i * (values.length - 1)) / (count - 1)
    const low = Math.min(Math.floor(at), values.length - 2)
    return values[low] + (at - low) * (values[low + 1] - values[low])
  })
}

/**
 * Means over the neighbourhood of each value, a fiftieth of the list wide: centred, so that a fall is
 * not shown late.
 */
export function smoothed(values: readonly number[]): number[] {
  const reach = Math.floor(values.length / 100)
  let [from, to, sum] = [0, 0, 0]
  return values.map((_, i) => {
    const half = Math.min(reach, i)
    for (; to <= Math.min(i + half, values.length - 1); to++) sum += values[to]
    for (; from < i - half; from++) sum -= values[from]
    return sum / (to - from)
  })
}

/** The plot as lines of text; values that are not finite are left out. */
export function plot(values: readonly number[], options: PlotOptions): string {
  const { title, xLabel, x, height = 12, log = false, terminal = plain } = options
  const width = options.width ?? Math.max(8, Math.min(64, terminal.columns - MARGIN))
  const scale = log ? Math.log10 : (v: number) => v
  const points = stretch(
    thin(values, 2 * width).map((v) => (log && v <= 0 ? Number.NaN : scale(v))),
    2 * width,
  )
  const finite = points.filter(Number.isFinite)
  if (finite.length === 0) return `${title}\n(no finite values)`
  const [low, high] = [Math.min(...finite), Math.max(...finite)]
  const span = high - low || 1
  const cells = Array.from({ length: height }, () => new Array<number>(width).fill(0))
  const rowOf = (v: number) => Math.round(((high - v) / span) * (4 * height - 1))
  const put = (column: number, row: number) => {
    cells[row >> 2][column >> 1] |= DOTS[column & 1][row & 3]
  }
  points.forEach((v, column) => {
    if (!Number.isFinite(v)) return
    const before = Number.isFinite(points[column - 1]) ? rowOf(points[column - 1]) : rowOf(v)
    // Up to the height of the point before, so that steep parts hold together.
    for (let row = Math.min(before, rowOf(v)); row <= Math.max(before, rowOf(v)); row++) put(column, row)
  })
  const label = (row: number) => {
    const v = high - ((row + 0.5) / height) * span
    return row % 4 === 0 || row === height - 1 ? (log ? 10 ** v : v).toPrecision(3) : ''
  }
  const labels = cells.map((_, row) => label(row))
  const margin = Math.max(...labels.map((text) => text.length))
  const rows = cells.map(
    (row, i) =>
      `${labels[i].padStart(margin)} ┤${terminal.paint('blue', row.map((bits) => String.fromCharCode(0x2800 + bits)).join(''))}`,
  )
  const [first, last] = x.map(String)
  const axis = `${' '.repeat(margin + 1)}└${'─'.repeat(width)}`
  const middle = xLabel
    .padStart(Math.ceil((width - first.length - last.length + xLabel.length) / 2))
    .padEnd(width - first.length - last.length)
  return [title, ...rows, axis, `${' '.repeat(margin + 2)}${first}${middle}${last}`].join('\n')
}
