/** @file Rows of a report as its charts have them: each with the id of its row in the page's table. */
import type { Figure, Report } from '../figure.ts'
import { bytesText, intensityText } from './cells.ts'
import { best, percent, type Row, rowsOf, speedOf, time, titleOf } from './table.ts'

export interface Entry {
  readonly row: Row
  /** The figure that its rates are of. */
  readonly one: Figure
  readonly id: string
}

export const entriesOf = ({ figures }: Pick<Report, 'figures'>): Entry[] =>
  rowsOf(figures).map((row, i) => ({ row, one: best(row), id: `f${i}` }))

/** All that is said of a point: numbers, and where its code is. */
export function aboutOf(one: Figure): string {
  const { suite, clock, seconds, share, bytes, launches, ulp, source } = one
  const intensity = intensityText(one)
  return [
    `${suite}: ${titleOf(one)}`,
    `${time(seconds.median)} by the ${clock === 'gpu' ? 'GPU' : clock} clock`,
    speedOf(one),
    share === undefined ? '' : `${percent(share)} of the roof`,
    intensity && `${intensity} FLOP/B`,
    bytes === undefined ? '' : bytesText(bytes),
    launches === undefined ? '' : `${launches} ${launches === 1 ? 'launch' : 'launches'}`,
    ulp === undefined ? '' : `error ${Number(ulp.toPrecision(3))} ulp`,
    source ?? '',
  ]
    .filter(Boolean)
    .join('; ')
}

/** The entries by what a function says of them, in their order. */
export function grouped<T>(all: readonly T[], key: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) groups.set(key(one), [...(groups.get(key(one)) ?? []), one])
  return groups
}
