/** @file `handgrad bench compare OLD.json NEW.json`: two reports of benchmarks held against each other. */
import { compareReports, isSlower } from '../bench/compare.ts'
import { comparisonTable } from '../bench/report/comparison.ts'
import { readReport } from '../bench/report/json.ts'
import { digits } from '../bench/report/table.ts'
import { fail, shown } from '../core/errors.ts'
import { readBytes } from '../io/files.ts'
import { terminalOf, wrapped } from '../text/terminal.ts'

/** Whether the arguments of `handgrad bench` are of two reports. */
export const isComparison = ([word]: readonly string[]): boolean => word === 'compare'

/** Run the command: code 1 where something is slower. */
export async function compareFiles(files: readonly string[]): Promise<void> {
  const [before, now] = files
  if (files.length !== 2 || !files.every((file) => file.endsWith('.json')))
    fail(
      'bench',
      `compare takes two reports, and was given ${files.length === 0 ? 'none' : files.map((file) => shown(file)).join(' ')}`,
      'handgrad bench compare OLD.json NEW.json; commits are compared in a clone, by npm run bench -- compare REV',
    )
  const read = async (file: string) => readReport(new TextDecoder().decode(await readBytes('bench', file)), file)
  const { judged, alone, notes } = compareReports(await read(before), await read(now))
  const terminal = terminalOf()
  console.log(comparisonTable(judged, (v) => `${digits(v)} probes`, terminal))
  if (alone > 0) console.log(`${alone} figures are in one of them only.`)
  for (const note of notes) console.log(wrapped(note, terminal.columns))
  if (isSlower(judged)) process.exitCode = 1
}
