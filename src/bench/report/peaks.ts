/** @file What a device can do at most, as a table for the terminal. */
import { plain, type Terminal } from '../../text/terminal.ts'
import type { PeakRow, Peaks } from '../figure.ts'
import { aligned, rateOf, time } from './table.ts'

const shown = (unit: PeakRow['unit'], value: number): string =>
  unit === 's' ? time(value) : rateOf(value, 1, unit === '1/s' ? '/s' : unit)

export const peaksTable = ({ rows }: Peaks, terminal: Terminal = plain): string =>
  aligned(
    [
      ['', 'clock', 'median', 'quartiles', 'samples'],
      ...rows.map(({ name, unit, value, quartiles: [low, high], count, clock }) => [
        name,
        clock === 'gpu' ? 'GPU' : clock,
        shown(unit, value),
        `${shown(unit, low)} – ${shown(unit, high)}`,
        String(count),
      ]),
    ],
    terminal,
  )
