/** @file How a proof tells of many measurements. */
import { medianInterval, quantile, sortedCopy } from '../../src/bench/stats.ts'

/** A median with its 95 % interval, in four digits. */
export function middle(values: readonly number[]) {
  const sorted = sortedCopy(values)
  const round = (x: number) => Number(x.toPrecision(4))
  return { median: round(quantile(sorted, 0.5)), interval: medianInterval(sorted).map(round) }
}
