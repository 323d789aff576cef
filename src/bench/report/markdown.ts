/** @file A report as Markdown: what is pasted into an issue. */
import type { Report } from '../figure.ts'
import { cellsOf, suitesOf } from './cells.ts'
import { driftText, factsOf, LEGEND, PEAKS_HEAD, peakRows, SKIPPED_HEAD, skippedRows } from './facts.ts'

const cell = (text: string): string =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ')
const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`

/** Names to the left, figures to the right. */
function table(head: readonly string[], rows: readonly (readonly string[])[], names: number): string[] {
  return [line(head), line(head.map((_, i) => (i < names ? '---' : '---:'))), ...rows.map(line), '']
}

export function toMarkdown(report: Report): string {
  const { environment, figures, skipped } = report
  const peaks = peakRows(report)
  const moved = driftText(report)
  return [
    `# Benchmarks on ${environment.device}`,
    '',
    ...(moved ? [`**${moved}**`, ''] : []),
    ...factsOf(report).map(([name, text]) => `- ${name}: ${text}`),
    '',
    ...(peaks.length > 0 ? ['## Peaks', '', ...table(PEAKS_HEAD, peaks, 1)] : []),
    ...suitesOf(figures).flatMap((suite) => {
      const { head, rows } = cellsOf(figures.filter((one) => one.suite === suite))
      const names = head.filter((name) => ['case', 'variant', 'inputs'].includes(name)).length
      return [`## ${suite}`, '', ...table(head, rows, names)]
    }),
    ...(skipped.length > 0 ? ['## Not timed', '', ...table(SKIPPED_HEAD, skippedRows(skipped), 4)] : []),
    LEGEND,
    '',
  ].join('\n')
}
