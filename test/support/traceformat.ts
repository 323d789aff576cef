/**
 * @file The Trace Event Format as its document has it (Duca and Sinclair, “Trace Event Format”): what a reader needs of
 * metadata and complete events. Returns what is wrong, in words.
 */

const METADATA = ['process_name', 'process_labels', 'process_sort_index', 'thread_name', 'thread_sort_index']

type Fields = Readonly<Record<string, unknown>>

/** What a viewer would refuse or misread in a file's text. */
export function faultsOf(text: string): string[] {
  const trace = JSON.parse(text) as { traceEvents?: unknown; displayTimeUnit?: unknown }
  const faults: string[] = []
  if (!Array.isArray(trace.traceEvents)) return ['traceEvents is not a list']
  if (trace.displayTimeUnit !== undefined && !['ms', 'ns'].includes(trace.displayTimeUnit as string))
    faults.push(`displayTimeUnit is ${trace.displayTimeUnit}`)
  const events = trace.traceEvents as Fields[]
  for (const [i, event] of events.entries()) faults.push(...eventFaults(event).map((fault) => `event ${i}: ${fault}`))
  return faults
}

function eventFaults(event: Fields): string[] {
  const { ph, name, cat, ts, dur, pid, tid, args } = event
  const faults: string[] = []
  if (typeof name !== 'string' || name === '') faults.push('name is not a text')
  if (!Number.isInteger(pid)) faults.push('pid is not a whole number')
  if (!Number.isInteger(tid)) faults.push('tid is not a whole number')
  if (typeof args !== 'object' || args === null) faults.push('args is not an object')
  if (ph === 'M') {
    if (!METADATA.includes(name as string)) faults.push(`there is no metadata ${name}`)
    const key = String(name).endsWith('sort_index') ? 'sort_index' : 'name'
    if ((args as Fields)?.[key] === undefined) faults.push(`args has no ${key}`)
  } else if (ph === 'X') {
    if (typeof cat !== 'string' || cat === '') faults.push('cat is not a text')
    if (!(Number.isFinite(ts) && (ts as number) >= 0)) faults.push(`ts is ${ts}`)
    if (!(Number.isFinite(dur) && (dur as number) >= 0)) faults.push(`dur is ${dur}`)
  } else faults.push(`ph is ${ph}`)
  return faults
}

/** Pairs of events of one thread of which neither lies in the other: a viewer draws them wrongly. */
export function crossed(
  events: readonly { readonly name: string; readonly ts: number; readonly dur: number }[],
): string[] {
  const open: { name: string; end: number }[] = []
  const found: string[] = []
  // Times are rounded to nanoseconds.
  const slack = 0.002
  for (const { name, ts, dur } of [...events].sort((a, b) => a.ts - b.ts || b.dur - a.dur)) {
    while (open.length > 0 && open[open.length - 1].end <= ts + slack) open.pop()
    const outer = open.at(-1)
    if (outer && ts + dur > outer.end + slack) found.push(`${name} reaches out of ${outer.name}`)
    open.push({ name, end: ts + dur })
  }
  return found
}
