/** @file A comparison as a table. */
import { plain, type Terminal } from '../../text/terminal.ts'
import { ALARMS, type Judged } from '../compare.ts'
import { aligned } from './table.ts'

const HEAD = ['figure', 'before', 'now', 'now / before', 'range', 'chance', 'verdict'] as const

const chanceText = (p: number): string => (p < 1e-4 ? '< 0.0001' : p >= 0.995 ? '1' : p.toPrecision(2))

/** Head and rows of the table. @param shown  a time or a ratio, as text */
export function comparisonCells(judged: readonly Judged[], shown: (value: number) => string): string[][] {
  const rows = judged.map(({ name, before, now, ratio, range, chance, verdict }) => [
    name,
    shown(before),
    shown(now),
    ratio.toFixed(3),
    range.map((v) => v.toFixed(2)).join(' – '),
    chanceText(chance),
    verdict === 'same' ? '' : verdict,
  ])
  return [[...HEAD], ...rows]
}

/** The table for a terminal, and what its columns say. */
export function comparisonTable(
  judged: readonly Judged[],
  shown: (value: number) => string,
  terminal: Terminal = plain,
): string {
  const count = (verdict: string) => judged.filter((one) => one.verdict === verdict).length
  return [
    aligned(comparisonCells(judged, shown), terminal),
    `${judged.length} figures: ${count('slower')} slower, ${count('faster')} faster. chance: of so much by accident, ` +
      `corrected for all figures (Holm); slower is what is below ${ALARMS} and large enough.`,
  ].join('\n')
}
