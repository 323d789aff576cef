/**
 * @file What all suites share: timing by benny in interleaved rounds, the figures made of it, the machine they hold
 * for, and where results go. What is measured is in the suites, what it is compared with in peers.ts and peak.ts.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import b from 'benny'
import type { Device } from '../src/node.ts'
import { joined, type Terminal, terminalOf } from '../src/text/terminal.ts'
import type { WebGPUDevice } from '../src/webgpu/device.ts'

/** What a suite is run with. */
export interface Setting {
  readonly device: Device
  /** Sizes that take minutes, too. */
  readonly full: boolean
}

/** A suite: makes its figures on a device, or says null if it is not of that device. */
export type Suite = (setting: Setting) => Promise<readonly Figure[] | null>

/** One result: the median of its samples with their quartiles, and how it compares within the same run. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly median: number
  /** First and third quartile, in the order of the unit. */
  readonly spread: readonly [number, number]
  readonly samples: number
  /** How many times better than something measured in the same run; below 1: worse. */
  readonly ratio?: { readonly to: string; readonly times: number }
  readonly note?: string
}

/** A piece of work. Its time is that of one call, waiting included. */
export interface Case {
  readonly name: string
  run(): void | Promise<void>
}

/** Rounds in which the cases of a group take turns, so that a slow minute of the machine meets them all. */
const ROUNDS = 3

/**
 * Time the cases in turn. benny calls each once before (that compiles pipelines and warms the engine's caches up), then
 * until it has five samples of at least 50 ms, or half a second.
 * @param rounds  how often each case has its turn
 * @returns seconds per call: the samples of each case, by name
 */
export async function time(title: string, cases: readonly Case[], rounds = ROUNDS): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>(cases.map(({ name }) => [name, []]))
  for (let round = 1; round <= rounds; round++) {
    const entries = cases.map(({ name, run }) => b.add(name, run, { maxTime: 0.5 }))
    const { results } = await b.suite(`${title}, round ${round} of ${rounds}`, ...entries)
    for (const { name, details } of results) found.get(name)?.push(...details.sampleResults)
  }
  return found
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]

/** The figure of some samples. `of` turns seconds into the unit. */
export function figure(
  name: string,
  unit: string,
  seconds: readonly number[],
  of: (seconds: number) => number,
  more: Partial<Figure> = {},
): Figure {
  if (seconds.length === 0) throw new Error(`bench: ${name} has no samples`)
  const values = seconds.map(of).sort((x, y) => x - y)
  const spread = [quantile(values, 0.25), quantile(values, 0.75)] as const
  return { name, unit, median: quantile(values, 0.5), spread, samples: values.length, ...more }
}

/** `x` with how many times better than `base` it is. @param to  what to call the base */
export function against(x: Figure, base: Figure, to = base.name): Figure {
  const rate = /\/s$/.test(x.unit)
  return { ...x, ratio: { to, times: rate ? x.median / base.median : base.median / x.median } }
}

/** Stop if a result is wrong: what is fast and wrong is not timed. */
export function verify(what: string, error: number, bound: number): void {
  if (!(error <= bound)) throw new Error(`bench: ${what} is wrong, its error ${error} exceeds ${bound}`)
}

/** Where figures hold. Nothing names the machine's owner or folders. */
export function environment(device: Device) {
  const [processor] = cpus()
  const info = device.kind === 'webgpu' ? (device as WebGPUDevice).info : null
  return {
    device: device.name,
    ...(info && { adapter: [info.vendor, info.architecture, info.description].filter(Boolean).join(', ') }),
    processor: `${cpus().length} × ${processor?.model.trim() ?? 'unknown'}`,
    system: `${process.platform} ${process.arch}, Node ${process.version}`,
    /** Processes that wanted to run, on average of a minute; well above 0 before the start: others were at work. */
    load: Number(loadavg()[0].toFixed(1)),
    date: new Date().toISOString().slice(0, 10),
  }
}

type Saved = { readonly environment: ReturnType<typeof environment>; readonly figures: readonly Figure[] }

const fileOf = (suite: string, device: Device): URL =>
  new URL(`results/${suite}-${device.name.replace(/[^\w-]+/g, '-')}.json`, import.meta.url)

/** What was saved for this suite and adapter, if anything. */
export function saved(suite: string, device: Device): Saved | null {
  const file = fileOf(suite, device)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Saved) : null
}

export function save(suite: string, device: Device, where: Saved['environment'], figures: readonly Figure[]): void {
  mkdirSync(new URL('results/', import.meta.url), { recursive: true })
  const round = (_: string, x: unknown) => (typeof x === 'number' ? Number(x.toPrecision(4)) : x)
  writeFileSync(fileOf(suite, device), `${JSON.stringify({ suite, environment: where, figures }, round, 2)}\n`)
}

/**
 * The figures as a table, next to the saved ones; where the terminal is too narrow for it, each in lines of its own.
 */
export function show(
  figures: readonly Figure[],
  before: readonly Figure[] = [],
  { columns, paint }: Terminal = terminalOf(),
): void {
  const digits = (x: number) => (x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toFixed(2))
  const rows = figures.map((f) => {
    const old = before.find(({ name, unit }) => name === f.name && unit === f.unit)
    const ratio = f.ratio ? `${digits(f.ratio.times)} × ${f.ratio.to}` : ''
    return [
      f.name,
      digits(f.median),
      f.unit,
      f.spread.map(digits).join(' – '),
      ratio,
      old ? digits(old.median) : '',
      f.note ?? '',
    ]
  })
  const table = [['', 'median', 'unit', 'quartiles', 'compared', 'saved', ''], ...rows]
  const widths = table[0].map((_, i) => Math.max(...table.map((row) => row[i].length)))
  const left = (i: number) => i !== 1 && i !== 5
  const pad = (cell: string, i: number) => (left(i) ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))
  const lines = table.map((row) => row.map(pad).join('  ').trimEnd())
  if (Math.max(...lines.map(({ length }) => length)) <= columns) {
    const [head, ...body] = lines
    console.log([paint('bold', head), ...body].join('\n'))
    return
  }
  for (const [name, median, unit, quartiles, ratio, old, note] of rows) {
    const rest = [`quartiles ${quartiles}`, ratio, old && `saved ${old}`, note].filter(Boolean)
    const first = joined([name, `${median} ${unit}`], '  ', columns, '    ')
    console.log(
      `${first.replace(`${median} ${unit}`, (figure) => paint('bold', figure))}\n    ${joined(rest, '; ', columns - 4, '    ')}`,
    )
  }
}
