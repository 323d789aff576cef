/** @file Tables in Markdown. */

const cell = (text: string): string =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ')
const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`

/** The lines of a table. @param names  columns to the left; the others are figures, to the right */
export const markdownTable = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  names: number,
): readonly string[] => [line(head), line(head.map((_, i) => (i < names ? '---' : '---:'))), ...rows.map(line)]
