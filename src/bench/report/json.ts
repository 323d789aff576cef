/** @file Reports as JSON, and back. The schema in words is bench/schema.md. */
import { fail, shown } from '../../core/errors.ts'
import { type Report, SCHEMA } from '../figure.ts'

/** JSON has no infinity: it is written as text. */
export const toJson = (report: Report): string =>
  `${JSON.stringify(report, (_, value) => (value === Number.POSITIVE_INFINITY ? 'Infinity' : value), 1)}\n`

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x)
const isTime = (x: unknown): boolean => typeof x === 'number' && x >= 0

/** What figures and lists must have to be shown and compared. */
function faultOf(report: Record<string, unknown>): string | undefined {
  const { environment, figures, skipped, drift, probe, peaks } = report
  if (!isObject(environment) || typeof environment.device !== 'string') return 'environment names no device'
  if (!Array.isArray(figures) || !Array.isArray(skipped)) return 'figures or skipped is not a list'
  if (!isObject(drift) || !isObject(probe)) return 'drift or probe has no suites'
  if (peaks !== null && !(isObject(peaks) && isObject(peaks.flops) && Array.isArray(peaks.bandwidth)))
    return 'peaks has no flops or no bandwidth'
  const at = figures.findIndex(
    (one) =>
      !isObject(one) ||
      ['suite', 'name', 'inputs', 'clock'].some((key) => typeof one[key] !== 'string') ||
      !isObject(one.seconds) ||
      ![one.seconds.median, one.seconds.p10, one.seconds.p90].every(isTime) ||
      !(Array.isArray(one.seconds.quartiles) && one.seconds.quartiles.every(isTime)),
  )
  return at < 0 ? undefined : `figure ${at} has no suite, name, inputs, clock or seconds`
}

/** @param name  of the file, for errors @throws HandgradError if it is not a report, or one of another schema */
export function readReport(text: string, name: string): Report {
  const file = shown(name)
  let found: unknown
  try {
    found = JSON.parse(text, (_, value) => (value === 'Infinity' ? Number.POSITIVE_INFINITY : value))
  } catch (error) {
    fail('bench', `${file} holds no JSON: ${(error as Error).message}`, 'give a bench.json')
  }
  if (!isObject(found) || !('schema' in found)) fail('bench', `${file} is not a report of bench`, 'give a bench.json')
  if (found.schema !== SCHEMA)
    fail('bench', `${file} has the schema ${shown(String(found.schema))}, read is ${SCHEMA}`, 'measure again')
  const fault = faultOf(found)
  if (fault) fail('bench', `${file}: ${fault}`, 'give a bench.json as it was written')
  // faultOf has looked at the parts that are read, which no type can say of JSON; the rest is shown as it is.
  return found as unknown as Report
}
