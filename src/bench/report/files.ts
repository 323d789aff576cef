/** @file What a run leaves: the same report in four forms. */
import type { Report } from '../figure.ts'
import { toCsv } from './csv.ts'
import { toJson } from './json.ts'
import { toMarkdown } from './markdown.ts'
import { toHtml } from './page.ts'

/** Names of the files, each with what makes it. */
export const reportFiles: Readonly<Record<string, (report: Report) => string>> = {
  'bench.json': toJson,
  'bench.csv': toCsv,
  'bench.md': toMarkdown,
  'bench.html': toHtml,
}
