/** @file The table of a suite, cell by cell, for pages and Markdown. */
import type { Figure } from '../figure.ts'
import { best, errorOf, percent, type Row, rowsOf, speedOf, time } from './table.ts'

/** Bytes: `1.5 MB`; `64 KiB` where that is whole. */
export function bytesText(bytes: number): string {
  const binary = bytes > 0 ? Math.min(3, Math.floor(Math.log2(bytes) / 10)) : 0
  if (binary > 0 && bytes % 1024 ** binary === 0)
    return `${bytes / 1024 ** binary} ${['', 'KiB', 'MiB', 'GiB'][binary]}`
  const at = bytes > 0 ? Math.min(3, Math.floor(Math.log10(bytes) / 3)) : 0
  return `${Number((bytes / 1e3 ** at).toPrecision(3))} ${['B', 'kB', 'MB', 'GB'][at]}`
}

/** Operations a byte, as it is read on the roofline. */
export const intensityText = ({ flop, bytes }: Figure): string =>
  flop && bytes ? String(Number((flop / bytes).toPrecision(3))) : ''

interface Column {
  readonly name: string
  readonly of: (row: Row, one: Figure) => string
}

const seconds = (one: Figure | undefined): string => (one ? time(one.seconds.median) : '')

const COLUMNS: readonly Column[] = [
  { name: 'case', of: (_, { name }) => name },
  { name: 'variant', of: (_, { variant }) => variant ?? '' },
  { name: 'inputs', of: (_, { inputs }) => inputs },
  { name: 'GPU', of: ({ by }) => seconds(by.gpu) },
  { name: 'wall', of: ({ by }) => seconds(by.wall) },
  { name: 'host', of: ({ by }) => seconds(by.host) },
  { name: 'rate', of: (_, one) => speedOf(one) },
  { name: 'of roof', of: (_, { share }) => (share === undefined ? '' : percent(share)) },
  { name: 'FLOP/B', of: (_, one) => intensityText(one) },
  { name: 'bytes', of: (_, { bytes }) => (bytes === undefined ? '' : bytesText(bytes)) },
  { name: 'launches', of: (_, { launches }) => (launches === undefined ? '' : String(launches)) },
  {
    name: '±',
    of: (_, { seconds, ended }) => `${(100 * seconds.uncertain).toFixed(1)} %${ended === 'time' ? '*' : ''}`,
  },
  { name: 'samples', of: (_, { seconds }) => String(seconds.count) },
  { name: 'ulp', of: (_, { ulp }) => (ulp === undefined ? '' : errorOf(ulp)) },
  { name: 'compile', of: (_, { compile }) => (compile === undefined ? '' : time(compile / 1e3)) },
  { name: 'source', of: (_, { source }) => source ?? '' },
]

export interface Cells {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Columns that some figure has something in. */
export function cellsOf(figures: readonly Figure[]): Cells {
  const rows = rowsOf(figures).map((row) => COLUMNS.map(({ of }) => of(row, best(row))))
  const used = COLUMNS.map((_, i) => i).filter((i) => i === 0 || rows.some((row) => row[i] !== ''))
  return { head: used.map((i) => COLUMNS[i].name), rows: rows.map((row) => used.map((i) => row[i])) }
}

/** Names of suites, in the order in which they were run. */
export const suitesOf = (figures: readonly Figure[]): string[] => [...new Set(figures.map(({ suite }) => suite))]
