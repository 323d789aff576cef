/**
 * @file Two versions compared, figure by figure: by the medians of processes that ran in turn, or, which says less, by
 * two reports. How sure both are is shown by test/bench/compare.test.ts.
 */
import { type Figure, keyOf, type Report } from './figure.ts'
import { best, rowsOf, titleOf } from './report/table.ts'
import { holm, normalTail, signedRank } from './significance.ts'
import { median, type Spread } from './stats.ts'

/** Of one comparison of all figures: how often it may find something where there is nothing. */
export const ALARMS = 0.01
/** What is smaller is not called slower, however sure it is. */
export const LEAST_EFFECT = 1.03
/** Of two reports: machines differ from run to run by more than within one. */
export const LEAST_EFFECT_OF_REPORTS = 1.1

/** What was measured of one thing in pairs of processes, one of each version: seconds, or any unit. */
export interface Pairs {
  readonly name: string
  readonly before: readonly number[]
  readonly now: readonly number[]
}

export type Verdict = 'slower' | 'faster' | 'same'

export interface Judged {
  readonly name: string
  readonly before: number
  readonly now: number
  /** Time now over time before: above 1 is slower. */
  readonly ratio: number
  /** Its lowest and highest: of the pairs, or of what both spreads allow. */
  readonly range: readonly [number, number]
  /** How likely so much is by chance, corrected for the number of figures: of the direction that it has. */
  readonly chance: number
  readonly verdict: Verdict
}

/**
 * Rounds that a comparison needs. With n pairs no chance is below 2⁻ⁿ, which must be below the alarms allowed, shared
 * among all figures; the rest is for pairs that are disturbed. A tenth is found so in 19 of 20 comparisons where the
 * medians of processes have 3 % of noise and one process in twenty is held up by up to a half
 * (test/bench/compare.test.ts).
 */
export const roundsFor = (figures: number): number => Math.ceil(1.75 * Math.log2(figures / ALARMS)) + 4

function verdicts(
  all: readonly Omit<Judged, 'verdict' | 'chance'>[],
  slower: number[],
  faster: number[],
  least: number,
) {
  const [up, down] = [holm(slower), holm(faster)]
  return all.map((one, i): Judged => {
    const { ratio } = one
    const verdict =
      up[i] <= ALARMS && ratio >= least ? 'slower' : down[i] <= ALARMS && ratio <= 1 / least ? 'faster' : 'same'
    return { ...one, chance: ratio >= 1 ? up[i] : down[i], verdict }
  })
}

/** Processes in turn: the pairs' ratios are tested, so that what a round does to both versions cancels. */
export function comparePairs(all: readonly Pairs[]): Judged[] {
  const logs = all.map(({ before, now }) => now.map((t, i) => Math.log(t / before[i])))
  const found = all.map(({ name, before, now }, i) => ({
    name,
    before: median(before),
    now: median(now),
    ratio: Math.exp(median(logs[i])),
    range: [Math.exp(Math.min(...logs[i])), Math.exp(Math.max(...logs[i]))] as const,
  }))
  const test = (sign: number) => logs.map((pairs) => signedRank(pairs.map((d) => sign * d)))
  return verdicts(found, test(1), test(-1), LEAST_EFFECT)
}

/** A standard error of a median's logarithm, by its 95 % interval. */
const errorOf = ({ uncertain }: Spread): number => uncertain / 1.96

export interface Reports {
  readonly judged: readonly Judged[]
  /** Figures that only one of them has. */
  readonly alone: number
  /** What is to be known before it is believed. */
  readonly notes: readonly string[]
}

/** Of each row the figure that counts, in the units of its suite's probe. */
function ratiosOf({ figures, probe }: Report): Map<string, { readonly one: Figure; readonly probe: Spread }> {
  return new Map(
    rowsOf(figures).flatMap((row) => {
      const one = best(row)
      const own = probe[one.suite]
      return own ? [[keyOf(one), { one, probe: own }] as const] : []
    }),
  )
}

/**
 * Two reports: each figure is divided by the probe of its suite, a fixed piece of arithmetic, so that a machine that is
 * slower altogether is not found slower. Weaker than processes in turn: one run of each, and what is between two runs
 * (clocks, heat, memory's layout) is not in their spreads; therefore less than a tenth is never called slower.
 */
export function compareReports(before: Report, now: Report): Reports {
  const [then, today] = [ratiosOf(before), ratiosOf(now)]
  const both = [...today].flatMap(([key, b]) => {
    const a = then.get(key)
    return a ? [{ a, b }] : []
  })
  const errors = both.map(({ a, b }) =>
    Math.hypot(errorOf(a.one.seconds), errorOf(a.probe), errorOf(b.one.seconds), errorOf(b.probe)),
  )
  const found = both.map(({ a, b }, i) => {
    const [was, is] = [a, b].map(({ one, probe }) => one.seconds.median / probe.median)
    const ratio = is / was
    const wide = Math.exp(1.96 * errors[i])
    return {
      name: `${b.one.suite}: ${titleOf(b.one)}`,
      before: was,
      now: is,
      ratio,
      range: [ratio / wide, ratio * wide] as const,
    }
  })
  const test = (sign: number) =>
    found.map(({ ratio }, i) => normalTail((sign * Math.log(ratio)) / Math.max(errors[i], 1e-9)))
  const of = ({ environment: { adapter, device, processor } }: Report) =>
    `${adapter?.description ?? device}, ${processor}`
  const notes = [
    'Two reports are a weaker ground than versions in turn: one run of each, held against its probe.',
    ...(of(before) === of(now) ? [] : [`They are of different machines: ${of(before)}; ${of(now)}.`]),
    ...(before.environment.runtime === now.environment.runtime
      ? []
      : [`They ran in ${before.environment.runtime} and in ${now.environment.runtime}.`]),
  ]
  return {
    judged: verdicts(found, test(1), test(-1), LEAST_EFFECT_OF_REPORTS),
    alone: then.size + today.size - 2 * both.length,
    notes,
  }
}

export const isSlower = (judged: readonly Judged[]): boolean => judged.some(({ verdict }) => verdict === 'slower')
