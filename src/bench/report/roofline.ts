/**
 * @file The roofline of a report (Williams, Waterman, Patterson: Roofline, CACM 52(4), 2009): operations a second over
 * operations a byte, below what the device can do; and for what only moves numbers, bytes a second over bytes.
 */
import type { Peaks, Report } from '../figure.ts'
import { type Axis, around2 } from './axes.ts'
import { bytesText, suitesOf } from './cells.ts'
import { type Guide, logChart, type Point, type Series } from './chart.ts'
import { aboutOf, type Entry, entriesOf } from './entries.ts'
import { rateOf } from './table.ts'

/** Room on both sides of the points. */
const ROOM = 1.6

const short = (unit: string) => (v: number) =>
  rateOf(v, 1, unit)
    .replace(/\.0+ /, ' ')
    .replace(/(\.\d)0 /, '$1 ')

/** The better of reading and copying, as in roof.ts. */
const levelsOf = ({ bandwidth }: Peaks) =>
  [...bandwidth]
    .sort((a, b) => a.bytes - b.bytes)
    .map(({ bytes, read, copy }) => ({ bytes, rate: Math.max(read, copy) }))

/** Slopes of the caches and of memory, each up to the ceiling, and the ceilings. */
function roofs(peaks: Peaks, low: number, high: number, floor: number): Guide[] {
  const { f32, f16 } = peaks.flops
  const levels = levelsOf(peaks)
  const top = Math.max(...levels.map(({ rate }) => rate))
  const ceiling = (name: string, flops: number, dashed: boolean): Guide => ({
    name: `${name}: ${short('FLOP/s')(flops)}`,
    points: [
      [Math.min(flops / top, high / 2), flops],
      [high, flops],
    ],
    dashed,
  })
  return [
    ceiling('f32', f32, false),
    ...(f16 ? [ceiling('f16', f16, true)] : []),
    ...levels
      .map(({ bytes, rate }, i): Guide => {
        const from = Math.max(low, floor / rate)
        const memory = i === levels.length - 1
        return {
          name: `${memory ? 'memory' : bytesText(bytes)}: ${short('B/s')(rate)}`,
          points: [
            [from, from * rate],
            [Math.min(high, f32 / rate), Math.min(f32, high * rate)],
          ],
          dashed: !memory,
        }
      })
      .reverse(),
  ]
}

/** The fastest of each case with each kind of inputs has its name beside it, where there is room. */
function seriesOf(
  entries: readonly Entry[],
  suites: readonly string[],
  at: (one: Entry) => [number, number],
): Series[] {
  const fastest = new Map<string, Entry>()
  const key = ({ one }: Entry): string => [one.suite, one.name].join('|')
  for (const entry of entries) {
    const known = fastest.get(key(entry))
    if (!known || entry.one.seconds.median < known.one.seconds.median) fastest.set(key(entry), entry)
  }
  return suites.flatMap((name) => {
    const own = entries.filter(({ one }) => one.suite === name)
    const points = own.map((entry): Point => {
      const [x, y] = at(entry)
      const { one, id } = entry
      const label = fastest.get(key(entry)) === entry ? one.name : undefined
      return { x, y, about: aboutOf(one), href: id, hollow: one.inputs === 'hot', ...(label && { label }) }
    })
    return points.length > 0 ? [{ name, points }] : []
  })
}

const KEY = 'full: rotated inputs; hollow: hot ones'

/** '' where no figure counts operations and bytes. */
export function roofline(report: Report): string {
  const { peaks, figures } = report
  const entries = entriesOf(report).filter(({ one }) => one.flop && one.bytes)
  if (entries.length === 0) return ''
  const at = ({ one: { flop = 0, bytes = 0, seconds } }: Entry): [number, number] => [
    flop / bytes,
    flop / seconds.median,
  ]
  const series = seriesOf(entries, suitesOf(figures), at)
  const points = series.flatMap((one) => one.points)
  const ridge = peaks ? peaks.flops.f32 / Math.min(...levelsOf(peaks).map(({ rate }) => rate)) : 0
  const tops = peaks ? [peaks.flops.f32, peaks.flops.f16 ?? 0] : []
  const [low, high] = around2([...points.map(({ x }) => x), ridge], ROOM)
  const [bottom, top] = around2([...points.map(({ y }) => y), ...tops], ROOM)
  const x: Axis = { label: 'operations a byte', low, high, format: (v) => String(Number(v.toPrecision(2))) }
  const y: Axis = { label: '', low: bottom, high: top, format: short('') }
  return logChart({
    title: 'Roofline',
    above: 'FLOP/s',
    x,
    y,
    series,
    guides: peaks ? roofs(peaks, low, high, bottom) : [],
    key: KEY,
  })
}

/** What only moves numbers: bytes a second by bytes. '' where there is nothing of the kind. */
export function movement(report: Report): string {
  const { peaks, figures } = report
  const entries = entriesOf(report).filter(({ one }) => !one.flop && one.bytes)
  if (entries.length === 0) return ''
  const at = ({ one: { bytes = 0, seconds } }: Entry): [number, number] => [bytes, bytes / seconds.median]
  const series = seriesOf(entries, suitesOf(figures), at)
  const points = series.flatMap((one) => one.points)
  const levels = peaks ? levelsOf(peaks) : []
  const [low, high] = around2([...points.map(({ x }) => x), ...levels.map(({ bytes }) => bytes)], ROOM)
  const [bottom, top] = around2([...points.map(({ y }) => y), ...levels.map(({ rate }) => rate)], ROOM)
  const line = levels.map(({ bytes, rate }) => [bytes, rate] as const)
  return logChart({
    title: 'Movement of numbers',
    above: 'B/s',
    x: { label: 'bytes of one run', low, high, format: bytesText },
    y: { label: '', low: bottom, high: top, format: short('') },
    series,
    guides: line.length > 1 ? [{ name: 'read or copied at most', points: line }] : [],
    key: KEY,
  })
}
