/** @file What is said of a list of samples: its median and how sure that is. */

/** A list of seconds, in short. */
export interface Spread {
  readonly median: number
  /** First and third quartile. */
  readonly quartiles: readonly [number, number]
  readonly p10: number
  readonly p90: number
  readonly count: number
  /** Half the width of the 95 % interval of the median, as a share of it. */
  readonly uncertain: number
}

/** The q-quantile of a sorted list, by straight lines between its values (type 7 of Hyndman and Fan 1996). */
export function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1)
  const low = Math.floor(at)
  const high = Math.min(low + 1, sorted.length - 1)
  return sorted[low] + (at - low) * (sorted[high] - sorted[low])
}

export const sortedCopy = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b)
export const median = (values: readonly number[]): number => quantile(sortedCopy(values), 0.5)

/**
 * The 95 % interval of the median whatever the distribution: the order statistics n/2 ± 1.96·√n/2 (the normal
 * approximation of the binomial; Conover, Practical Nonparametric Statistics, 3.2). Of fewer than six samples none
 * covers 95 %: the whole range is given.
 */
export function medianInterval(sorted: readonly number[]): readonly [number, number] {
  const { length: n } = sorted
  const reach = (1.96 * Math.sqrt(n)) / 2
  const low = Math.max(0, Math.floor(n / 2 - reach))
  const high = Math.min(n - 1, Math.ceil(n / 2 + reach) - 1)
  return n < 6 ? [sorted[0], sorted[n - 1]] : [sorted[low], sorted[high]]
}

/** @throws Error if there are no samples */
export function spreadOf(samples: readonly number[]): Spread {
  if (samples.length === 0) throw new Error('bench: a figure of no samples')
  const sorted = sortedCopy(samples)
  const middle = quantile(sorted, 0.5)
  const [low, high] = medianInterval(sorted)
  return {
    median: middle,
    quartiles: [quantile(sorted, 0.25), quantile(sorted, 0.75)],
    p10: quantile(sorted, 0.1),
    p90: quantile(sorted, 0.9),
    count: sorted.length,
    uncertain: middle > 0 ? (high - low) / 2 / middle : 0,
  }
}
