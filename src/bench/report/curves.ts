/** @file Rates over size: cases whose names differ by one number, or by the same number several times. */
import type { Report } from '../figure.ts'
import { around2 } from './axes.ts'
import { logChart, type Series } from './chart.ts'
import { aboutOf, type Entry, entriesOf, grouped } from './entries.ts'
import { rateOf } from './table.ts'

const NUMBER = /\d+/g
/** Sizes that make a curve. */
const LEAST = 3

/** A family of cases: its name with N for what varies, and each entry's N. */
export interface Family {
  readonly name: string
  readonly sizes: ReadonlyMap<Entry, number>
}

/** Families by their names: `NN N×N×N` of `NN 256×256×256`, `NN 512×512×512` and so on. */
export function familiesOf(entries: readonly Entry[]): Family[] {
  const stems = grouped(entries, ({ one }) => [one.suite, one.name.replace(NUMBER, '#')].join(': '))
  return [...stems.values()].flatMap((own) => {
    const numbers = own.map(({ one }) => (one.name.match(NUMBER) ?? []).map(Number))
    const varying = numbers[0].map((_, k) => new Set(numbers.map((row) => row[k])).size > 1)
    const sizes = numbers.map((row) => new Set(row.filter((_, k) => varying[k])))
    if (sizes.some(({ size }) => size !== 1)) return []
    const values = sizes.map((set) => [...set][0])
    if (new Set(values).size < LEAST) return []
    const { suite, name } = own[0].one
    let k = 0
    const pattern = name.replace(NUMBER, (text) => (varying[k++] ? 'N' : text))
    return [{ name: `${suite}: ${pattern}`, sizes: new Map(own.map((entry, i) => [entry, values[i]])) }]
  })
}

/** One chart for each family; '' where there is none. */
export function curves(report: Report): string {
  return familiesOf(entriesOf(report))
    .map(({ name, sizes }) => {
      const entries = [...sizes.keys()].filter(({ one }) => one.flop || one.bytes)
      const moves = entries.some(({ one }) => !one.flop)
      const rate = ({ one: { flop, bytes = 0, seconds } }: Entry) => (moves ? bytes : (flop ?? 0)) / seconds.median
      const size = (entry: Entry) => sizes.get(entry) ?? 0
      if (entries.length === 0) return ''
      const lines = grouped(entries, ({ one }) => [one.variant, one.inputs].filter(Boolean).join(', '))
      const variants = [...new Set(entries.map(({ one }) => one.variant))]
      const series = [...lines].map(([line, own]): Series => {
        const points = [...own].sort((a, b) => size(a) - size(b))
        return {
          name: line,
          // A variant has one colour, for hot inputs hollow and dashed.
          tone: variants.indexOf(own[0].one.variant),
          dashed: own[0].one.inputs === 'hot',
          points: points.map((entry) => ({
            x: size(entry),
            y: rate(entry),
            about: aboutOf(entry.one),
            href: entry.id,
            hollow: entry.one.inputs === 'hot',
          })),
        }
      })
      const ticks = [...new Set(sizes.values())].sort((a, b) => a - b)
      const [low, high] = around2(ticks, 1.15)
      const [bottom, top] = around2(entries.map(rate), 1.4)
      const format = (v: number) =>
        rateOf(v, 1, '')
          .replace(/\.0+ /, ' ')
          .replace(/(\.\d)0 /, '$1 ')
      return logChart({
        title: name,
        above: moves ? 'B/s' : 'FLOP/s',
        x: { label: 'N', low, high, format: String, ticks },
        y: { label: '', low: bottom, high: top, format },
        series,
        guides: [],
        joined: true,
      })
    })
    .join('\n')
}
