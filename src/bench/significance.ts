/**
 * @file Is one version slower? An exact test of pairs, and Holm's correction for many figures at once. Both hold for
 * any distribution: times have long tails, and no table of normal ones fits them.
 */

/** Ranks from this share of n on count no more than it. */
const CAP = 1 / 3

/** Scores of the ranks 1 … n. */
export const scoresOf = (n: number): number[] =>
  Array.from({ length: n }, (_, i) => Math.min(i + 1, Math.ceil(CAP * n)))

/** How many subsets of the scores have each sum; known for each n once. */
const known = new Map<number, readonly number[]>()

function subsets(n: number): readonly number[] {
  const found = known.get(n)
  if (found) return found
  const scores = scoresOf(n)
  const counts = new Array<number>(scores.reduce((a, b) => a + b, 0) + 1).fill(0)
  counts[0] = 1
  for (const score of scores) for (let sum = counts.length - 1; sum >= score; sum--) counts[sum] += counts[sum - score]
  known.set(n, counts)
  return counts
}

/**
 * A signed-rank test, one-sided and exact: how likely differences are at least so large together if each might as well
 * have the other sign. As Wilcoxon's (1945; Conover, Practical Nonparametric Statistics, 5.7), but large ranks are all
 * worth the same: a process that was held up for long is one against, and no more.
 * A difference of 0 counts against, and of two of one size the one against has the higher rank: the result is never too
 * small.
 */
export function signedRank(differences: readonly number[]): number {
  const n = differences.length
  if (n === 0) return 1
  const order = [...differences].sort((a, b) => Math.abs(a) - Math.abs(b) || b - a)
  const scores = scoresOf(n)
  const sum = order.reduce((total, d, i) => (d > 0 ? total + scores[i] : total), 0)
  const counts = subsets(n)
  let atLeast = 0
  for (let s = sum; s < counts.length; s++) atLeast += counts[s]
  return atLeast / 2 ** n
}

/**
 * Holm's correction: with it, the chance of a single false alarm among all is at most what one test alone was to have
 * (Holm 1979).
 * @returns corrected values, in the order given
 */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b])
  const corrected = [...values]
  let least = 0
  for (const [k, i] of order.entries()) {
    least = Math.max(least, Math.min(1, (values.length - k) * values[i]))
    corrected[i] = least
  }
  return corrected
}

/** Upper tail of the standard normal distribution (Abramowitz and Stegun 26.2.17: off by less than 7.5e-8). */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z)
  const t = 1 / (1 + 0.2316419 * z)
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * poly
}
