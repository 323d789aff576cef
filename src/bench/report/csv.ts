/** @file Figures as CSV (RFC 4180): a line for each figure, so that no column mixes clocks. Units are in the names. */
import type { Figure, Report } from '../figure.ts'

type Cell = string | number | undefined

const columns: readonly (readonly [string, (one: Figure) => Cell])[] = [
  ['suite', ({ suite }) => suite],
  ['case', ({ name }) => name],
  ['kernel', ({ kernel }) => kernel],
  ['variant', ({ variant }) => variant],
  ['source', ({ source }) => source],
  ['inputs', ({ inputs }) => inputs],
  ['clock', ({ clock }) => clock],
  ['median_s', ({ seconds }) => seconds.median],
  ['p10_s', ({ seconds }) => seconds.p10],
  ['q1_s', ({ seconds }) => seconds.quartiles[0]],
  ['q3_s', ({ seconds }) => seconds.quartiles[1]],
  ['p90_s', ({ seconds }) => seconds.p90],
  ['samples', ({ seconds }) => seconds.count],
  ['uncertain', ({ seconds }) => seconds.uncertain],
  ['ended', ({ ended }) => ended],
  ['runs_a_sample', ({ runs }) => runs],
  ['flop', ({ flop }) => flop],
  ['bytes', ({ bytes }) => bytes],
  ['flop_per_s', ({ flop, seconds }) => flop && flop / seconds.median],
  ['bytes_per_s', ({ bytes, seconds }) => bytes && bytes / seconds.median],
  ['share_of_roof', ({ share }) => share],
  ['launches', ({ launches }) => launches],
  ['compile_ms', ({ compile }) => compile],
  ['error_ulp', ({ ulp }) => ulp],
]

const quoted = (cell: Cell): string => {
  const text = cell === undefined ? '' : String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export const toCsv = ({ figures }: Report): string =>
  [columns.map(([name]) => name), ...figures.map((one) => columns.map(([, of]) => of(one)))]
    .map((cells) => `${cells.map(quoted).join(',')}\r\n`)
    .join('')
