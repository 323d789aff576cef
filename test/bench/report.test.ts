/** @file Reports in all their forms, of a report that no device made. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { generator } from '../../src/bench/numbers.ts'
import { decades } from '../../src/bench/report/axes.ts'
import { bars, fitted } from '../../src/bench/report/bars.ts'
import { bytesText } from '../../src/bench/report/cells.ts'
import { toCsv } from '../../src/bench/report/csv.ts'
import { familiesOf } from '../../src/bench/report/curves.ts'
import { entriesOf } from '../../src/bench/report/entries.ts'
import { reportFiles } from '../../src/bench/report/files.ts'
import { readReport, toJson } from '../../src/bench/report/json.ts'
import { around, boxOf, Labels } from '../../src/bench/report/labels.ts'
import { laddersOf } from '../../src/bench/report/ladder.ts'
import { toMarkdown } from '../../src/bench/report/markdown.ts'
import { toHtml } from '../../src/bench/report/page.ts'
import { roofline } from '../../src/bench/report/roofline.ts'
import { reachOf } from '../../src/bench/report/strips.ts'
import { withoutFolder } from '../../src/cli/bench.ts'
import { plain } from '../../src/text/terminal.ts'
import { sample } from './sample.ts'

const report = sample()

test('JSON is read back as it was, infinities too; what is not a report is refused', () => {
  const wrong = { ...report, figures: [{ ...report.figures[0], ulp: Number.POSITIVE_INFINITY }] }
  expect(readReport(toJson(wrong), 'a.json')).toEqual(wrong)
  const refused: readonly (readonly [string, string])[] = [
    ['{', 'a.json holds no JSON'],
    ['[]', 'a.json is not a report of bench'],
    ['{}', 'a.json is not a report of bench'],
    [JSON.stringify({ ...report, schema: 2 }), 'a.json has the schema 2, read is 1'],
    [JSON.stringify({ ...report, environment: {} }), 'a.json: environment names no device'],
    [JSON.stringify({ ...report, figures: [{}] }), 'a.json: figure 0 has no suite'],
    [JSON.stringify({ ...report, skipped: 1 }), 'a.json: figures or skipped is not a list'],
    [JSON.stringify({ ...report, probe: undefined }), 'a.json: drift or probe has no suites'],
    [JSON.stringify({ ...report, peaks: 3 }), 'a.json: peaks has no flops'],
  ]
  for (const [text, message] of refused) expect(() => readReport(text, 'a.json')).toThrow(message)
})

/** Every key of a value, at any depth, but names of suites. */
function keys(value: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const one of value) keys(one, found)
  else if (typeof value === 'object' && value !== null)
    for (const [key, one] of Object.entries(value)) {
      found.add(key)
      if (key !== 'drift' && key !== 'probe') keys(one, found)
    }
  return found
}

test('the page of the schema names every field', () => {
  const page = readFileSync(new URL('../../bench/schema.md', import.meta.url), 'utf8')
  const all = [...keys(JSON.parse(toJson(report)))]
  expect(all.length).toBeGreaterThan(40)
  expect(all.filter((key) => !page.includes(`\`${key}\``))).toEqual([])
})

/** RFC 4180. */
function csvRows(text: string): string[][] {
  const rows: string[][] = [[]]
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows[rows.length - 1].push(quoted === undefined ? bare : quoted.replaceAll('""', '"'))
    if (end !== ',') rows.push([])
  }
  return rows.slice(0, -1)
}

test('CSV has a line for each figure, with its numbers in full and names as they are', () => {
  const [head, ...rows] = csvRows(toCsv(report))
  expect(rows).toHaveLength(report.figures.length)
  for (const [i, row] of rows.entries()) {
    const one = report.figures[i]
    const cell = (name: string) => row[head.indexOf(name)]
    expect(row).toHaveLength(head.length)
    expect([cell('suite'), cell('case'), cell('variant'), cell('clock')]).toEqual([
      ...[one.suite, one.name, one.variant ?? '', one.clock],
    ])
    expect(Number(cell('median_s'))).toBe(one.seconds.median)
    expect(cell('flop_per_s')).toBe(one.flop ? String(one.flop / one.seconds.median) : '')
  }
})

test('Markdown: every table has as many cells in each row, and all parts are there', () => {
  const text = toMarkdown(report)
  const counts = text
    .split('\n\n')
    .filter((part) => part.startsWith('|'))
    .map((part) => new Set(part.split('\n').map((line) => line.replaceAll('\\|', '').split('|').length)))
  expect(counts.map(({ size }) => size)).toEqual([1, 1, 1, 1, 1])
  expect(text).toContain("**The machine's own speed moved meanwhile in matmul (21 %): measure again.**")
  expect(text).toContain('| rows \\| 7 | softmax |  | wrong: element 3 is NaN, right is 0.5 |')
  expect(text).toContain('| multiply-add, f32 | 1.40 TFLOP/s | 1.37 TFLOP/s – 1.41 TFLOP/s | 30 | gpu |')
  expect(toMarkdown({ ...report, drift: {} })).not.toContain('measure again')
})

test.each([40, 60, 80, 120])('bars fit %i columns, and are as long as what they say', (columns) => {
  for (const figures of [report.figures, report.figures.map((one) => ({ ...one, share: undefined }))]) {
    const lines = bars(figures, { ...plain, columns }).split('\n')
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(columns)
    const shares = lines.flatMap((line) => {
      const [, drawn, percent] = /([█▏▎▍▌▋▊▉]*░*) +(\d+(?:\.\d)?) %$/.exec(line) ?? []
      return drawn === undefined ? [] : [[drawn.replaceAll('░', '').length / drawn.length, Number(percent) / 100]]
    })
    for (const [drawn, said] of shares) expect(Math.abs(drawn - said)).toBeLessThan(0.13)
    expect(shares.length).toBe(figures[0].share === undefined ? 0 : entriesOf({ figures }).length)
  }
  expect(fitted('abcdefghij', 6)).toBe('abc…ij')
})

test('points stand where their numbers are, and roofs are above none by more than noise', () => {
  const page = roofline(report)
  const [wide] = page.split('class="plot narrow"')
  const said = [
    ...wide.matchAll(/aria-label="matmul: ([^;]*);[^"]*; ([\d.]+) ([GT])FLOP\/s[^"]*"><circle[^>]*cy="([\d.]+)"/g),
  ]
  expect(said).toHaveLength(40)
  const heights = said.map(([, , value, prefix, y]) => [
    Math.log10(Number(value) * (prefix === 'T' ? 1e3 : 1)),
    Number(y),
  ])
  // Equal steps of the logarithm are equal steps of the drawing.
  const [[v0, y0], [v1, y1]] = [
    heights.reduce((a, b) => (b[0] < a[0] ? b : a)),
    heights.reduce((a, b) => (b[0] > a[0] ? b : a)),
  ]
  for (const [v, y] of heights) expect(Math.abs(y - (y0 + ((v - v0) / (v1 - v0)) * (y1 - y0)))).toBeLessThan(1.5)
  const ceiling = Number(/class="guide" d="M[\d.]+ ([\d.]+)L/.exec(wide)?.[1])
  expect(Math.min(...heights.map(([, y]) => y))).toBeGreaterThan(ceiling)
  expect(roofline({ ...report, peaks: null })).not.toContain('class="guide')
  expect(roofline({ ...report, figures: [] })).toBe('')
})

test('ladders go from the slowest to the fastest, of rotated inputs, where there are several variants', () => {
  const ladders = laddersOf(entriesOf(report))
  expect(ladders.size).toBe(8)
  const rungs = ladders.get('matmul|NN 256×256×256') ?? []
  expect(rungs.map(({ one }) => one.variant)).toEqual(['naive', 'tile', 'subgroup', 'shared'])
  expect(rungs.every(({ one }) => one.inputs === 'rotated' && one.clock === 'gpu')).toBe(true)
})

test('families are cases whose names differ in one number', () => {
  const named = (names: readonly string[]) =>
    familiesOf(entriesOf({ figures: names.map((name) => ({ ...report.figures[0], name })) }))
  expect(named(['NN 64×64×64', 'NN 128×128×128', 'NN 9×9×9', 'NT 3×3×3']).map(({ name }) => name)).toEqual([
    'matmul: NN N×N×N',
  ])
  const [rows] = named(['rows 1024×16', 'rows 1024×32', 'rows 1024×64'])
  expect([rows.name, [...rows.sizes.values()]]).toEqual(['matmul: rows 1024×N', [16, 32, 64]])
  expect(named(['a 1×2', 'a 2×2', 'a 3×4'])).toEqual([])
  expect(named(['a 1', 'a 2'])).toEqual([])
})

test('labels never overlap each other, nor points, and stay inside', () => {
  const next = generator(3)
  const area = { x: 0, y: 0, width: 400, height: 300 }
  const labels = new Labels(area)
  const points = Array.from({ length: 60 }, () => [400 * next(), 300 * next()] as const)
  for (const [x, y] of points) labels.avoid(x, y, 4)
  const boxes = points.flatMap(([x, y], i) => {
    const text = `case ${i}`
    const place = labels.put(text, around(x, y, 4))
    return place ? [boxOf(text, place)] : []
  })
  expect(boxes.length).toBeGreaterThan(15)
  expect(boxes.length).toBeLessThan(60)
  for (const [i, a] of boxes.entries()) {
    expect(a.x >= 0 && a.y >= 0 && a.x + a.width <= 400 && a.y + a.height <= 300).toBe(true)
    for (const b of boxes.slice(i + 1))
      expect(a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height).toBe(false)
  }
})

test('axes and strips have ends that hold what they show', () => {
  expect(decades(1, 1e4)).toEqual([1, 10, 100, 1000, 10000])
  expect(decades(15, 120).sort((a, b) => a - b)).toEqual([20, 50, 100])
  const spread = { median: 1, quartiles: [0.95, 1.1], p10: 0.9, p90: 1.2, count: 9, uncertain: 0 } as const
  const figure = { ...report.figures[0], seconds: spread }
  expect(reachOf([figure])).toBe(1.25)
  expect(reachOf([{ ...figure, seconds: { ...spread, p10: 0.01 } }])).toBe(3)
  expect([bytesText(512), bytesText(65536), bytesText(1500), bytesText(3e9)]).toEqual([
    '512 B',
    '64 KiB',
    '1.5 kB',
    '3 GB',
  ])
})

test('a page loads nothing, has every part, and markup in names is text', () => {
  const page = toHtml(report)
  const [shown] = page.split('<script>')
  expect(/https?:|src=|@import|url\(/.exec(page)?.[0]).toBe(undefined)
  expect(/NaN[^,]|undefined|Infinity|transposes <b>/.exec(shown)?.[0]).toBe(undefined)
  expect(page.includes('transposes &#60;b&#62;')).toBe(true)
  for (const part of [
    'Roofline',
    'Size',
    'Ladders',
    'Figures',
    'Spread',
    'Peaks',
    'Not timed',
    'Where it was measured',
  ])
    expect(page.includes(`<h2>${part}</h2>`), part).toBe(true)
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
  expect(new Set(ids).size).toBe(ids.length)
  const links = new Set([...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id))
  expect([...links].filter((id) => !ids.includes(id))).toEqual([])
  expect(links.size).toBe(entriesOf(report).length)
  expect(toHtml({ ...report, peaks: null }).includes('The peaks were not measured')).toBe(true)
  const bare = toHtml({ ...report, figures: [], skipped: [] })
  expect(bare.includes('<h2>Ladders</h2>')).toBe(false)
})

test('a run leaves four files, and no folder in them', () => {
  expect(Object.keys(reportFiles)).toEqual(['bench.json', 'bench.csv', 'bench.md', 'bench.html'])
  expect(withoutFolder(['matmul', '--out', '/home/me/x', '--seconds', '2', '--out=y'])).toEqual([
    'matmul',
    '--seconds',
    '2',
  ])
})
