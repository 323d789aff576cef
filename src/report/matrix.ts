/** @file A confusion matrix in the terminal. */
import type { Confusion } from '../metrics/confusion.ts'

/** Rows are true classes, columns predictions; zeros are dots, so that mistakes stand out. */
export function matrixText(confusion: Confusion): string {
  const { counts, classes } = confusion
  const width = Math.max(5, ...counts.flat().map((count) => String(count).length + 2))
  const names = Array.from({ length: classes }, (_, i) => String(i))
  const cells = (list: readonly string[]) => list.map((text) => text.padStart(width)).join('')
  const report = confusion.report()
  const rows = counts.map((row, i) => {
    const recall = `${(100 * report[i].recall).toFixed(1)}%`
    return `${names[i].padStart(4)} │${cells(row.map((count) => (count === 0 ? '·' : String(count))))}   ${recall.padStart(6)}`
  })
  const rule = `${'─'.repeat(5)}┼${'─'.repeat(width * classes)}`
  return [`true │${cells(names)}   recall`, rule, ...rows].join('\n')
}
