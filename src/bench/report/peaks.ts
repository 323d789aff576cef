/** @file What a device can do at most, as a table for the terminal. */
import { plain, type Terminal } from '../../text/terminal.ts'
import type { PeakRow, Peaks } from '../figure.ts'
import { aligned, digits, rateOf, time } from './table.ts'

/** `12.3 GB/s`, and the quartiles in the same unit. */
function shown({ unit, value, quartiles }: PeakRow): [string, string] {
  const text = unit === 's' ? time(value) : rateOf(value, 1, unit === '1/s' ? '/s' : unit)
  const scale = Number.parseFloat(text) / value
  return [text, quartiles.map((one) => digits(one * scale)).join(' – ')]
}

export const peaksTable = ({ rows }: Peaks, terminal: Terminal = plain): string =>
  aligned(
    [
      ['', 'clock', 'median', 'quartiles', 'samples'],
      ...rows.map((row) => [row.name, row.clock === 'gpu' ? 'GPU' : row.clock, ...shown(row), String(row.count)]),
    ],
    terminal,
  )
