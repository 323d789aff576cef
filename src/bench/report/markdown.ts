/** @file A report as Markdown: what is pasted into an issue. */
import type { Report } from '../figure.ts'
import { cellsOf, suitesOf } from './cells.ts'
import { driftText, factsOf, LEGEND, PEAKS_HEAD, peakRows, SKIPPED_HEAD, skippedRows } from './facts.ts'
import { markdownTable } from './mdtable.ts'

/** With the empty line that ends a table. */
const table = (...of: Parameters<typeof markdownTable>): string[] => [...markdownTable(...of), '']

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
