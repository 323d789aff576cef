/** @file Comparisons: exact tests against counting, false alarms and planted slowdowns by simulation, two reports. */
import { expect, test } from 'vitest'
import { ALARMS, comparePairs, compareReports, isSlower, type Pairs, roundsFor } from '../../src/bench/compare.ts'
import { generator } from '../../src/bench/numbers.ts'
import { comparisonTable } from '../../src/bench/report/comparison.ts'
import { holm, normalTail, signedRank } from '../../src/bench/significance.ts'
import { plain } from '../../src/text/terminal.ts'
import { sample } from './sample.ts'

test('the signed-rank test is what counting all signs gives', () => {
  const next = generator(5)
  for (let n = 1; n <= 9; n++) {
    const d = Array.from({ length: n }, () => next() - 0.4)
    const ranks = d.map((x) => d.filter((y) => Math.abs(y) <= Math.abs(x)).length)
    const scores = ranks.map((rank) => Math.min(rank, Math.ceil(n / 3)))
    const sum = scores.reduce((total, rank, i) => (d[i] > 0 ? total + rank : total), 0)
    let atLeast = 0
    for (let signs = 0; signs < 2 ** n; signs++)
      if (scores.reduce((total, rank, i) => ((signs >> i) & 1 ? total + rank : total), 0) >= sum) atLeast++
    expect(signedRank(d)).toBe(atLeast / 2 ** n)
  }
  expect(signedRank([1, 2, 3, 4, 5])).toBe(1 / 32)
  expect(signedRank([0, 0, 0])).toBe(1)
  // Of two of one size the one against counts more.
  expect(signedRank([1, 1, 1, -1])).toBe(signedRank([1, 2, 3, -4]))
  // One that was held up for long is one against, and no more.
  expect(signedRank([1, 2, 3, 4, 5, 6, 7, 8, -9])).toBe(signedRank([1, 2, 3, 4, 5, 6, 7, 9, -8]))
})

test("Holm's values are those of the definition", () => {
  expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02])
  expect(holm([0.5, 0.9])).toEqual([1, 1])
  expect(holm([])).toEqual([])
  for (const [z, p] of [
    [0, 0.5],
    [1.959964, 0.025],
    [3.090232, 0.001],
    [-1.644854, 0.95],
  ])
    expect(Math.abs(normalTail(z) - p)).toBeLessThan(1e-6)
})

/**
 * Medians of processes as a shared machine gives them: noise of 3 %, one process in twenty held up by up to a half, and
 * rounds that are slower or faster for both by 10 %.
 */
function simulated(figures: number, rounds: number, slowdown: number, next: () => number): Pairs[] {
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  const round = Array.from({ length: rounds }, () => 0.1 * normal())
  const time = (i: number) => Math.exp(round[i] + 0.03 * normal()) * (next() < 0.05 ? 1 + 0.5 * next() : 1)
  return Array.from({ length: figures }, (_, k) => ({
    name: `figure ${k}`,
    before: round.map((_, i) => time(i)),
    now: round.map((_, i) => time(i) * (k === 0 ? slowdown : 1)),
  }))
}

test.each([
  [1, 2000],
  [20, 600],
  [100, 250],
])('%i figures: a version against itself raises no alarm, a slowdown of a tenth is found', (figures, repeats) => {
  const next = generator(17)
  const rounds = roundsFor(figures)
  let [alarms, found] = [0, 0]
  for (let i = 0; i < repeats; i++) {
    if (isSlower(comparePairs(simulated(figures, rounds, 1, next)))) alarms++
    if (isSlower(comparePairs(simulated(figures, rounds, 1.1, next)).slice(0, 1))) found++
  }
  expect(alarms / repeats).toBeLessThanOrEqual(ALARMS)
  expect(found / repeats).toBeGreaterThanOrEqual(0.95)
})

test('the simulation can fail: without a correction there are alarms, with few rounds nothing is found', () => {
  const next = generator(17)
  let [alarms, found] = [0, 0]
  for (let i = 0; i < 200; i++) {
    const pairs = simulated(100, 14, 1, next)
    const chances = pairs.map(({ before, now }) => signedRank(now.map((t, k) => Math.log(t / before[k]))))
    if (Math.min(...chances) <= ALARMS) alarms++
    const [first] = comparePairs(simulated(20, 8, 1.1, next))
    if (first.verdict === 'slower') found++
  }
  expect(alarms / 200).toBeGreaterThan(0.3)
  expect(found).toBe(0)
})

test('what is surely slower by less than 3 % is not called so; faster is', () => {
  const before = Array.from({ length: 16 }, (_, i) => 1 + i / 100)
  const by = (factor: number) => ({ name: '', before, now: before.map((t) => factor * t) })
  const judged = comparePairs([by(1.02), by(1.2), by(0.8)])
  expect(judged.map(({ verdict }) => verdict)).toEqual(['same', 'slower', 'faster'])
  expect(judged.every(({ chance }) => chance < ALARMS)).toBe(true)
  expect(judged[1].ratio).toBeCloseTo(1.2, 12)
})

test('two reports: by the ratio to the probe, and it says that this is weaker', () => {
  const before = sample()
  expect(isSlower(compareReports(before, sample({}, 8)).judged)).toBe(false)
  const slower = compareReports(before, sample({ softmax: 1.25 }, 8))
  expect([
    ...new Set(slower.judged.filter(({ verdict }) => verdict === 'slower').map(({ name }) => name.split(':')[0])),
  ]).toEqual(['softmax'])
  expect(slower.judged.filter(({ verdict }) => verdict === 'slower')).toHaveLength(12)
  expect(slower.notes).toEqual([
    'Two reports are a weaker ground than versions in turn: one run of each, held against its probe.',
  ])
  expect(slower.alone).toBe(0)
  // The whole machine is slower by a half, the probe with it.
  const all = { matmul: 1.5, softmax: 1.5, 'transposes <b>': 1.5 }
  const loaded = sample(all, 8)
  const probe = Object.fromEntries(
    Object.entries(loaded.probe).map(([suite, one]) => [suite, { ...one, median: 1.5 * one.median }]),
  )
  expect(isSlower(compareReports(before, { ...loaded, probe }).judged)).toBe(false)
  expect(isSlower(compareReports(before, loaded).judged)).toBe(true)
  const elsewhere = { ...before, environment: { ...before.environment, processor: '2 × Other' } }
  expect(compareReports(before, elsewhere).notes.join()).toContain('different machines')
  expect(compareReports(before, { ...before, figures: before.figures.slice(3) }).alone).toBe(1)
})

test('the table says what was found, and fits its terminal', () => {
  const { judged } = compareReports(sample(), sample({ softmax: 1.25 }, 8))
  for (const columns of [60, 80, 140]) {
    const lines = comparisonTable(judged, (v) => v.toPrecision(3), { ...plain, columns })
      .split('\n')
      .slice(0, -1)
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(columns)
  }
  expect(comparisonTable(judged, String)).toContain('58 figures: 12 slower, 0 faster.')
})
