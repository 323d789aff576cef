/**
 * @file The arithmetic of bench/proofs: what it calls a line, and what it calls a leak. The measurements are not tests.
 */
import { expect, test } from 'vitest'
import { compared } from '../../bench/proofs/delays.ts'
import { lineOf, ofRounds, straight } from '../../bench/proofs/line.ts'
import type { Figure } from '../../src/bench/figure.ts'
import { spreadOf } from '../../src/bench/stats.ts'

test('points on a line are fitted exactly, those below 1 ms do not count', () => {
  const counts = [10, 1000, 2000, 5000]
  const points = counts.map((n) => [n, 2e-4 + 1e-6 * n] as const)
  const { a, b } = straight(points)
  expect(a).toBeCloseTo(2e-4, 10)
  expect(b).toBeCloseTo(1e-6, 12)
  const bent = lineOf('gpu', 'median', [[10, 9e-4], ...points.slice(1)])
  expect(bent.worst).toBeLessThan(1e-9)
  expect(bent.holds).toBe(true)
  expect(bent.points[0].off).toBeLessThan(-0.5)
})

test('rounds that are slower altogether bend no line, a point that is slower does', () => {
  const counts = [1000, 2000, 4000, 8000]
  const speeds = [1, 1.5, 0.8, 1.2, 1.9]
  const samples = counts.map((n) => speeds.map((speed) => speed * (1e-3 + 1e-6 * n)))
  const fitted = (all: number[][]) =>
    lineOf(
      'gpu',
      'round',
      ofRounds(all).map((list, i) => [counts[i], list[2]]),
    )
  expect(fitted(samples).worst).toBeLessThan(1e-9)
  expect(fitted(samples.map((list, i) => (i === 2 ? list.map((x) => 1.2 * x) : list))).holds).toBe(false)
})

test('a curve is not a line', () => {
  const curve = [1000, 2000, 4000, 8000].map((n) => [n, 1e-3 + 1e-9 * n * n] as const)
  const { worst, holds } = lineOf('wall', 'median', curve)
  expect(worst).toBeGreaterThan(0.03)
  expect(holds).toBe(false)
})

const figure = (name: string, seconds: number, noise = 0.01): Figure => ({
  suite: 'proof',
  name,
  inputs: 'hot',
  clock: 'wall',
  seconds: spreadOf([1, 1, 1 - noise, 1 + noise, 1, 1 - noise, 1 + noise, 1].map((x) => x * seconds)),
  runs: 1,
  compile: 20,
  ended: 'time',
})
const rows = (compile: number, first: number, upload: number) => [
  figure('pipeline, compiled on a fresh device', compile),
  figure('first run on a fresh device', first),
  figure('upload, 16 MiB', upload),
]
const plain = { kernel: [figure('add', 1e-4)], costs: rows(0.02, 0.001, 0.004) }

test('a delay in its own row is found, and the kernel holds', () => {
  const {
    found,
    kernelHolds,
    rows: grown,
  } = compared('upload', plain, { ...plain, costs: rows(0.02, 0.001, 0.106) }, plain)
  expect(found).toBe(true)
  expect(kernelHolds).toBe(true)
  expect(grown['upload, 16 MiB']).toBeGreaterThan(0.09)
})

test('a delay in another row, in two rows or in none is not found', () => {
  for (const costs of [rows(0.12, 0.001, 0.004), rows(0.12, 0.001, 0.106), rows(0.02, 0.001, 0.004)])
    expect(compared('upload', plain, { ...plain, costs }, plain).found).toBe(false)
})

test('a kernel that the delay leaks into does not hold, nor does one that is not known well', () => {
  const costs = rows(0.02, 0.001, 0.106)
  expect(compared('upload', plain, { costs, kernel: [figure('add', 1.1e-4)] }, plain).kernelHolds).toBe(false)
  expect(compared('upload', plain, { costs, kernel: [figure('add', 1e-4, 0.5)] }, plain).kernelHolds).toBe(false)
  // The machine became slower for good, with no delay planted any more.
  const slower = { ...plain, kernel: [figure('add', 1.1e-4)] }
  expect(compared('upload', plain, { costs, kernel: [figure('add', 1.1e-4)] }, slower).kernelHolds).toBe(true)
})
