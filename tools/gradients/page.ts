/** @file docs/made/gradients.md as text, from what measure.ts sent. Pure, so that a test can call it. */

import { TOLERANCE } from '../../test/table/differences.ts'
import type { OpName, Row } from '../../test/table/table.ts'
import type { Api } from '../optable/api.ts'
import { family, grouped } from '../optable/families.mjs'

/** Worst errors of an op: contiguous, strided, broadcast; null where there was nothing to measure. */
export type Cells = readonly [number | null, number | null, number | null]

/**
 * What a measuring process sends: first what it is, then each op. Float64 sends two groups of cells, first and second
 * order.
 */
export type Message =
  | { readonly adapters: readonly string[] }
  | { readonly device: string; readonly about: string }
  | { readonly op: OpName; readonly cells: readonly Cells[]; readonly failures: readonly Failed[] }

/**
 * A check that failed, and in which of the three cells; −1: in all of them (a leak, a dtype, a kernel that does not
 * compile).
 */
export interface Failed {
  readonly column: number
  readonly text: string
}

/** All that one process measured. */
export interface Column {
  readonly device: string
  readonly about: string
  readonly cells: ReadonlyMap<OpName, readonly Cells[]>
  readonly failures: readonly (Failed & { readonly op: OpName })[]
}

export interface Page {
  /** Float64 first, then the float32 devices. */
  readonly columns: readonly Column[]
  readonly rows: Readonly<Record<OpName, Row>>
  readonly api: readonly Api[]
  /** Where and when: `Node 24 …, 2 cores`, `2026-11-23`. */
  readonly machine: string
  readonly date: string
}

const layoutNames = ['contiguous', 'strided', 'broadcast'] as const

/** What stands in place of a number, layout by layout. */
const nothing = ['no case', 'no input has two axes', 'no input has a first axis to repeat'] as const

/** Two digits: `0`, `0.5`, `12`, `3e-9`. */
export function digits(x: number): string {
  if (x === 0 || !Number.isFinite(x)) return String(x)
  return x >= 0.01 && x < 1000 ? String(Number(x.toPrecision(2))) : x.toExponential(0)
}

/** Failures in words, at most three of an op. */
export function failureLines({ device, failures }: Column): string[] {
  return [...new Set(failures.map(({ op }) => op))].flatMap((op) => {
    const texts = failures.filter((one) => one.op === op).map(({ text }) => `${op} on ${device}: ${text}`)
    return texts.length > 3 ? [...texts.slice(0, 3), `${op} on ${device}: and ${texts.length - 3} more`] : texts
  })
}

/** The cells of one op by the title of their column, three for each, and why those are missing that are. */
function cellsOf(name: OpName, { columns, rows }: Page): { cells: Map<string, readonly string[]>; why: string } {
  const { order } = rows[name]
  const cells = new Map<string, readonly string[]>()
  const why = new Set<string>()
  for (const [i, column] of columns.entries()) {
    const failed = (layout: number) =>
      column.failures.some((one) => one.op === name && (one.column < 0 || one.column === layout))
    for (const [g, group] of (column.cells.get(name) ?? []).entries()) {
      const texts = group.map((value, layout) => {
        if (value === null && failed(layout)) return '✗'
        if (value !== null) return `${digits(value)}${failed(layout) ? ' ✗' : ''}`
        // Only differences need derivatives; a float32 cell without one has the values' error.
        const missing = i === 0 && order !== 2 && order.upTo <= g
        if (missing) why.add(`${order.upTo === 0 ? '∂' : '∂²'}: ${order.reason}`)
        else why.add(`${layoutNames[layout]}: ${nothing[layout]}`)
        return 'n/a'
      })
      cells.set(i === 0 ? ['∂', '∂²'][g] : column.device, texts)
    }
  }
  return { cells, why: [...why].join('; ') }
}

/** What stands where a device was not measured. */
const UNMEASURED = ['–', '–', '–']

/** The row of one op in a table with these columns; what is not measured now is taken from the row before. */
function line(name: OpName, titles: readonly string[], given: Page, before?: readonly string[]): string {
  const { cells, why } = cellsOf(name, given)
  const all = titles.flatMap((title, i) => cells.get(title) ?? before?.slice(1 + 3 * i, 4 + 3 * i) ?? UNMEASURED)
  return `| ${name} | ${all.join(' | ')} | ${why} |`
}

/** `215 ops: 193 differentiable, …`. */
function countLine(rows: Page['rows']): string {
  const names = Object.keys(rows) as OpName[]
  const twice = names.filter((name) => rows[name].order === 2).length
  const smooth = names.filter((name) => rows[name].order === 2 || rows[name].order.upTo > 0).length
  return `- ${names.length} ops: ${smooth} differentiable, ${twice} of them twice; the others give integers or bools, or say why not`
}

/** Every op of the table by family, in the order of the page. */
function familiesOf({ rows, api }: Page) {
  const names = Object.keys(rows) as OpName[]
  return grouped(names.map((name) => ({ name, family: api.find((f) => f.name === name)?.family ?? 'other' })))
}

/**
 * A page with the rows of some ops measured anew, or added: whoever adds an op need not have every adapter.
 * @throws Error if the family of an op has no table yet
 */
export function withRows(old: string, given: Page, names: readonly OpName[]): string {
  const lines = old.split('\n')
  const cellsIn = (text: string) =>
    text
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
  for (const [key, members] of familiesOf(given)) {
    const own = members.filter(({ name }) => names.includes(name))
    if (own.length === 0) continue
    const title = lines.indexOf(`## ${family(key).title}`)
    const head = lines.findIndex((text, i) => i > title && text.startsWith('| op |'))
    if (title < 0 || head < 0) throw new Error(`gradcheck: the page has no table of ${key} (run npm run gradcheck)`)
    const titles = cellsIn(lines[head])
      .filter((_, i) => i % 3 === 1)
      .slice(0, -1)
    const end = lines.findIndex((text, i) => i > head && !text.startsWith('|'))
    const before = new Map(lines.slice(head + 2, end).map((text) => [cellsIn(text)[0], text]))
    for (const { name } of own) {
      const known = before.get(name)
      before.set(name, line(name, titles, given, known === undefined ? undefined : cellsIn(known)))
    }
    const rows = members.flatMap(({ name }) => before.get(name) ?? [])
    lines.splice(head + 2, end - head - 2, ...rows)
  }
  return lines.map((text) => (/^- \d+ ops: /.test(text) ? countLine(given.rows) : text)).join('\n')
}

export function page(given: Page): string {
  const { columns, rows, machine, date } = given
  const [float64, ...float32] = columns
  const titles = ['∂', '∂²', ...float32.map(({ device }) => device)]
  const head = ['op', ...titles.flatMap((title) => [title, 's', 'b']), 'n/a because']
  const failures = columns.flatMap((column) => failureLines(column).map((text) => `- ${text}`))
  const worstOf = (group: number) =>
    Math.max(...[...float64.cells.values()].flatMap((cells) => cells[group].filter((x) => x !== null)))
  return [
    '# Gradients, measured',
    '',
    'The worst error of every op, on every device, in every memory layout. Made by `npm run gradcheck`; not to be edited.',
    '',
    countLine(rows),
    `- ${date}, ${machine}`,
    ...float32.filter(({ about }) => about).map(({ device, about }) => `- ${device}: ${about}`),
    '',
    '**∂, ∂²**: the gradient, and the gradient of the gradient, on the CPU in float64, against central differences along random',
    'directions with random cotangents: |rule − difference| / max(1, |rule|, |difference|). Differences leave about 1e-10 (∂) and',
    `1e-9 (∂²) of noise themselves; a proof fails at ${digits(TOLERANCE.first)} and ${digits(TOLERANCE.second)}. Worst of all: ${digits(worstOf(0))} and ${digits(worstOf(1))}.`,
    '',
    `**${float32.map(({ device }) => device).join(', ')}**: values and gradients in float32 against those in float64, the worst of both, in units in the last place (2⁻²³ relative)`,
    'of the largest element of the result (of 1, where all of it cancels to less than 1e-6). How much each op may be off is in its row of the op table (`test/table/rows`).',
    '',
    'Three cells each: contiguous inputs, **s**trided (transposed, and cut out of a larger tensor), **b**roadcast (the first axis',
    'expanded, without memory of its own). ✗ marks an op that failed.',
    ...(failures.length > 0 ? ['', '## Failures', '', ...failures] : []),
    ...familiesOf(given).flatMap(([key, members]) => [
      '',
      `## ${family(key).title}`,
      '',
      `| ${head.join(' | ')} |`,
      `| --- |${head
        .slice(1, -1)
        .map(() => ' --: |')
        .join('')} --- |`,
      ...members.map(({ name }) => line(name, titles, given)),
    ]),
    '',
  ].join('\n')
}
