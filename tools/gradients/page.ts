/** @file docs/made/gradients.md as text, from what measure.ts sent. Pure, so that a test can call it. */

import { TOLERANCE } from '../../test/table/differences.ts'
import type { OpName, Row } from '../../test/table/table.ts'
import type { Api } from '../optable/api.ts'
import { family, grouped } from '../optable/families.mjs'

/** Worst errors of an op: contiguous, strided, broadcast; null where there was nothing to measure. */
export type Cells = readonly [number | null, number | null, number | null]

/** What a measuring process sends: first what it is, then each op. Float64 sends two groups of cells, first and second order. */
export type Message =
  | { readonly adapters: readonly string[] }
  | { readonly device: string; readonly about: string }
  | { readonly op: OpName; readonly cells: readonly Cells[]; readonly failures: readonly Failed[] }

/** A check that failed, and in which of the three cells; −1: in all of them (a leak, a dtype, a kernel that does not compile). */
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

/** The row of one op: its cells, then why those are missing that are. */
function line(name: OpName, { columns, rows }: Page): string {
  const { order } = rows[name]
  const why = new Set<string>()
  const cells = columns.flatMap(({ cells, failures }, i) => {
    const groups = cells.get(name) ?? []
    const failed = (layout: number) =>
      failures.some(({ op, column }) => op === name && (column < 0 || column === layout))
    return groups.flatMap((group, g) =>
      group.map((value, layout) => {
        if (value === null && failed(layout)) return '✗'
        if (value !== null) return `${digits(value)}${failed(layout) ? ' ✗' : ''}`
        // Only differences need derivatives; a float32 cell without one has the values' error.
        const missing = i === 0 && order !== 2 && order.upTo <= g
        if (missing) why.add(`${order.upTo === 0 ? '∂' : '∂²'}: ${order.reason}`)
        else why.add(`${layoutNames[layout]}: ${nothing[layout]}`)
        return 'n/a'
      }),
    )
  })
  return `| ${name} | ${cells.join(' | ')} | ${[...why].join('; ')} |`
}

export function page(given: Page): string {
  const { columns, rows, api, machine, date } = given
  const [float64, ...float32] = columns
  const names = Object.keys(rows) as OpName[]
  const families = grouped(names.map((name) => ({ name, family: api.find((f) => f.name === name)?.family ?? 'other' })))
  const titles = ['∂', '∂²', ...float32.map(({ device }) => device)]
  const head = ['op', ...titles.flatMap((title) => [title, 's', 'b']), 'n/a because']
  const twice = names.filter((name) => rows[name].order === 2).length
  const smooth = names.filter((name) => rows[name].order === 2 || rows[name].order.upTo > 0).length
  const failures = columns.flatMap((column) => failureLines(column).map((text) => `- ${text}`))
  const worstOf = (group: number) =>
    Math.max(...[...float64.cells.values()].flatMap((cells) => cells[group].filter((x) => x !== null)))
  return [
    '# Gradients, measured',
    '',
    'The worst error of every op, on every device, in every memory layout. Made by `npm run gradcheck`; not to be edited.',
    '',
    `- ${names.length} ops: ${smooth} differentiable, ${twice} of them twice; the others give integers or bools, or say why not`,
    `- ${date}, ${machine}`,
    ...float32.filter(({ about }) => about).map(({ device, about }) => `- ${device}: ${about}`),
    '',
    '**∂, ∂²**: the gradient, and the gradient of the gradient, on the CPU in float64, against central differences along random',
    'directions with random cotangents: |rule − difference| / max(1, |rule|, |difference|). Differences leave about 1e-10 (∂) and',
    `1e-9 (∂²) of noise themselves; a proof fails at ${digits(TOLERANCE.first)} and ${digits(TOLERANCE.second)}. Worst of all: ${digits(worstOf(0))} and ${digits(worstOf(1))}.`,
    '',
    `**${float32.map(({ device }) => device).join(', ')}**: values and gradients in float32 against those in float64, the worst of both, in units in the last place (2⁻²³ relative)`,
    'of the largest element of the result (of 1, where all of it cancels to less than 1e-6). How much each op may be off is in its row of [the op table](../../test/table/table.ts).',
    '',
    'Three cells each: contiguous inputs, **s**trided (transposed, and cut out of a larger tensor), **b**roadcast (the first axis',
    'expanded, without memory of its own). ✗ marks an op that failed.',
    ...(failures.length > 0 ? ['', '## Failures', '', ...failures] : []),
    ...families.flatMap(([key, members]) => [
      '',
      `## ${family(key).title}`,
      '',
      `| ${head.join(' | ')} |`,
      `| --- |${head
        .slice(1, -1)
        .map(() => ' --: |')
        .join('')} --- |`,
      ...members.map(({ name }) => line(name, given)),
    ]),
    '',
  ].join('\n')
}
