/** @file A confusion matrix in the terminal. */
import type { Confusion } from '../metrics/confusion.ts'
import { plain, type Terminal } from '../text/terminal.ts'

/**
 * Rows are true classes, columns predictions; zeros are dots, so that mistakes stand out. Where the lines are short,
 * the columns stand closer, and recall is left out last.
 */
export function matrixText(confusion: Confusion, { columns, paint }: Terminal = plain): string {
  const { counts, classes } = confusion
  const digits = Math.max(3, ...counts.flat().map((count) => String(count).length))
  const recalls = confusion.report().map(({ recall }) => `${(100 * recall).toFixed(1)}%`.padStart(9))
  const [head, end] = ['true │', '   recall']
  const room = columns - head.length - end.length
  const width = digits + (classes * (digits + 2) <= room ? 2 : 1)
  const withRecall = classes * width <= room
  const names = Array.from({ length: classes }, (_, i) => String(i))
  const cell = (row: number, count: number, column: number) => {
    const text = (count === 0 ? '·' : String(count)).padStart(width)
    return paint(count === 0 ? 'dim' : row === column ? 'green' : 'red', text)
  }
  const rows = counts.map((row, i) => {
    const cells = row.map((count, column) => cell(i, count, column)).join('')
    return `${names[i].padStart(4)} │${cells}${withRecall ? recalls[i] : ''}`
  })
  const title = `${head}${names.map((name) => name.padStart(width)).join('')}${withRecall ? end : ''}`
  const rule = `${'─'.repeat(5)}┼${'─'.repeat(width * classes)}`
  return [title, paint('dim', rule), ...rows].join('\n')
}
