/** @file Shared reports: what they leave out, what they are called, and the table of several devices. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { pageOf } from '../../bench/devices.ts'
import { compareReports, isSlower } from '../../src/bench/compare.ts'
import type { Report } from '../../src/bench/figure.ts'
import { readReport, toJson } from '../../src/bench/report/json.ts'
import { toHtml } from '../../src/bench/report/page.ts'
import { shared, shareName } from '../../src/bench/share.ts'
import { bench } from '../../src/cli/bench.ts'
import { sample } from './sample.ts'

afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})

const report = sample()
const folder = mkdtempSync(join(tmpdir(), 'handgrad-share-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const software: Report = {
  ...report,
  environment: {
    ...report.environment,
    adapter: {
      ...{ vendor: 'mesa', architecture: 'software', device: '', software: true },
      description: 'llvmpipe: Mesa | 25.0.7',
    },
  },
  peaks: null,
  figures: report.figures.filter(({ suite }) => suite === 'matmul'),
}
const cpu: Report = { ...report, environment: { ...report.environment, adapter: null } }

test('what is shared is a report, of the device and not of the hour', () => {
  const short = shared(report)
  expect([short.environment.load, short.environment.flags]).toEqual([null, []])
  expect(new Set(short.figures.map(({ clock }) => clock))).toEqual(new Set(['gpu']))
  expect(short.figures).toHaveLength(report.figures.length / 3)
  expect(readReport(toJson(short), 'x.json')).toEqual(short)
  for (const [i, one] of short.figures.entries()) {
    const full = report.figures[3 * i].seconds.median
    expect(Math.abs(one.seconds.median / full - 1)).toBeLessThan(5e-4)
    expect(String(one.seconds.median).length).toBeLessThan(12)
  }
  expect(toHtml(short).includes('<h2>Roofline</h2>')).toBe(true)
  expect(isSlower(compareReports(report, short).judged)).toBe(false)
  expect(compareReports(report, short).judged).toHaveLength(short.figures.length)
  expect(toJson(short).length).toBeLessThan(toJson(report).length / 2.5)
})

test('files are called as the device', () => {
  expect([report, software, cpu].map(shareName)).toEqual([
    'acme-one-0x1.json',
    'mesa-software-llvmpipe.json',
    'cpu-8-acme.json',
  ])
})

test('the table of devices: hardware first, peaks, and the fastest case of each suite', () => {
  const files = { 'b.json': cpu, 'a.json': software, 'c.json': report }
  const at = mkdtempSync(join(tmpdir(), 'handgrad-devices-'))
  for (const [name, one] of Object.entries(files)) writeFileSync(join(at, name), toJson(shared(one)))
  const page = pageOf(at)
  rmSync(at, { recursive: true })
  const rows = (title: string) =>
    (page.split(`## ${title}\n`)[1] ?? '')
      .split('\n## ')[0]
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .slice(2)
  expect(rows('Peaks').map((row) => row.split(' | ')[0])).toEqual([
    ...['| Acme <One>: driver 1.2', '| llvmpipe: Mesa \\| 25.0.7 (software)', '| CPU: 8 × Acme'],
  ])
  expect(rows('Peaks')[0]).toContain('| 1.40 TFLOP/s | 2.60 TFLOP/s | 900 GB/s | 60.0 GB/s | 4.20 µs |')
  expect(rows('matmul')).toHaveLength(3)
  expect(rows('softmax')).toHaveLength(2)
  // Of all rates the largest.
  const rates = report.figures.filter(({ suite, clock }) => suite === 'matmul' && clock === 'gpu')
  const top = rates.reduce((a, b) => ((b.flop ?? 0) / b.seconds.median > (a.flop ?? 0) / a.seconds.median ? b : a))
  expect(rows('matmul')[0]).toContain(`| ${top.name}, ${top.variant}, ${top.inputs} |`)
  expect(() => pageOf(join(folder, 'none'))).toThrow('bench/devices has no report')
})

test('handgrad bench compare ends with code 1 where something is slower', async () => {
  const at = mkdtempSync(join(tmpdir(), 'handgrad-compare-'))
  const lines: string[] = []
  vi.spyOn(console, 'log').mockImplementation((text: string) => void lines.push(text))
  const [old, same, slow] = ['old', 'same', 'slow'].map((name) => join(at, `${name}.json`))
  writeFileSync(old, toJson(report))
  writeFileSync(same, toJson(sample({}, 8)))
  writeFileSync(slow, toJson(sample({ matmul: 1.3 }, 8)))
  await bench(['compare', old, same])
  expect(process.exitCode).toBe(undefined)
  expect(lines.join('\n')).toContain('58 figures: 0 slower, 0 faster.')
  await bench(['compare', old, slow])
  expect(process.exitCode).toBe(1)
  expect(lines.join('\n')).toContain('58 figures: 40 slower, 0 faster.')
  expect(lines.join('\n')).toContain('Two reports are a weaker ground')
  await expect(bench(['compare', 'HEAD~1'])).rejects.toThrow(
    'commits are compared in a clone, by npm run bench -- compare',
  )
  rmSync(at, { recursive: true })
})
