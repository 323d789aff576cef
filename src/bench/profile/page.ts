/** @file A profile as one HTML page: sums, the longest rows as bars, one step on a line of time, tables. */
import { htmlPage, escapeMarkup as text } from '../../text/markup.ts'
import { time } from '../report/table.ts'
import type { ProfileData, ProfileRow } from './data.ts'
import type { StepEvents } from './events.ts'
import { pageStyle, partStyle } from './style.ts'
import { cellsOf, clockTexts, count, headOf, kernelOf, percent, size, titleOf, work } from './text.ts'
import { timelineOf } from './timeline.ts'

/** Bars of the chart. */
const BARS = 12

export function pageOf(title: string, data: ProfileData, steps: readonly StepEvents[]): string {
  const { body } = sectionOf(data, steps, 'h2')
  const lead = `Mean of ${data.steps} steps on ${data.device}.`
  const header = `<header><h1>${text(title)}</h1><p>${text(lead)}</p></header>`
  return htmlPage(title, pageStyle + partStyle, `${header}\n<main>\n${body}</main>`)
}

/** The page without its head. @param level  of its headings */
export function sectionOf(
  data: ProfileData,
  steps: readonly StepEvents[],
  level: 'h2' | 'h3',
): { style: string; body: string } {
  const { note } = clockTexts(data)
  const heading = (title: string): string => `<${level}>${title}</${level}>\n`
  const body = [
    `<div class="pf-tiles">${tiles(data)}</div>`,
    `${heading('Where the time goes')}${bars(data)}`,
    `${heading('One step')}${timelineOf(steps, data.clock, data.device)}`,
    `${heading('Ops, shapes, kernels')}<p>${text(`Of one step, mean of ${data.steps}. ${note}`)}</p>`,
    scrolled('ops, shapes and kernels', table(headOf(data), data.rows.map(cellsOf))),
    data.modules.length > 0 ? heading('Modules') + modules(data) : '',
  ]
  return { style: partStyle, body: `<div class="profile">\n${body.join('\n')}\n</div>\n` }
}

function tiles({ totals, clock, first, plain }: ProfileData): string {
  const { wall, host, device, gaps, dispatches, bytes, flops, allocations, allocatedBytes } = totals
  const all: [value: string, name: string][] = [
    [time(wall), 'a step, until the device is done'],
    [time(host), 'of the host’s thread'],
  ]
  if (device !== null) all.push([time(device), clock === 'timestamps' ? 'GPU in kernels' : 'in kernels'])
  if (gaps !== null) all.push([time(gaps), 'GPU between kernels'])
  all.push(
    [count(dispatches), 'dispatches'],
    [size(bytes), 'read and written at least'],
    [work(flops), 'counted'],
    [size(allocatedBytes), `in ${count(allocations)} allocations`],
  )
  if (plain) all.push([time(plain.wall), 'a step without the profiler'])
  if (first) all.push([time(first.more), 'more for the first step: compilation, memory'])
  return all.map(([value, name]) => `<div><b>${text(value)}</b><span>${text(name)}</span></div>`).join('')
}

/** A row's place among the colours. */
const lookOf = ({ backward, kernel }: ProfileRow): string => (backward ? 'back' : kernel ? 'fore' : 'none')

function bars({ rows, clock }: ProfileData): string {
  const shown = rows.filter(({ share }) => share > 0).slice(0, BARS)
  const longest = shown[0]?.share ?? 1
  const items = shown.map((row) => {
    const took = time((clock === null ? row.host : row.device) ?? 0)
    const label = `${titleOf(row)} <small>${text([row.shape, kernelOf(row)].filter(Boolean).join(' · '))}</small>`
    const bar = `<i class="${lookOf(row)}" style="width:${((100 * row.share) / longest).toFixed(2)}%"></i>`
    return `<li><span>${label}</span><b>${text(`${took} · ${percent(row.share)}`)}</b><span class="pf-bar">${bar}</span></li>`
  })
  const rest = rows.slice(shown.length).reduce((sum, { share }) => sum + share, 0)
  const more = rest >= 0.0005 ? `<p>${text(`All others together: ${percent(rest)}.`)}</p>` : ''
  const of = clock === null ? 'of the host’s thread' : clock === 'timestamps' ? 'on the GPU' : 'in kernels'
  const legend = `<p class="pf-legend"><span><i class="fore"></i>forward and optimizer</span><span><i class="back"></i>backward</span></p>`
  return `<p>${text(`Time ${of}, by op, shape and kernel; ∂ is a gradient’s rule.`)}</p>${legend}<ol class="pf-bars">${items.join('')}</ol>${more}`
}

function modules({ modules, clock }: ProfileData): string {
  const head = ['module', ...(clock === null ? [] : [clockTexts({ clock }).head]), 'host', 'dispatches']
  const rows = modules.map(({ path, device, host, dispatches }) => [
    path,
    ...(device === null ? [] : [time(device)]),
    time(host),
    count(dispatches),
  ])
  const about = 'Each with all that is in it, forward and backward; what is outside of modules is in none.'
  return `<p>${about}</p>\n${scrolled('modules', table(head, rows, 1))}`
}

/** What is wider than the page, in a box that scrolls, also by keys. */
const scrolled = (label: string, body: string): string =>
  `<div class="pf-scroll" role="region" aria-label="${text(label)}" tabindex="0">${body}</div>`

/** @param texts  columns from the left that are words; the others are figures */
function table(head: readonly string[], rows: readonly (readonly string[])[], texts = 3): string {
  const look = (i: number): string => (i < texts ? ' class="text"' : '')
  const heads = head.map((name, i) => `<th scope="col"${look(i)}>${text(name)}</th>`)
  const body = rows.map(([name, ...cells]) => {
    const rest = cells.map((cell, i) => `<td${look(i + 1)}>${text(cell)}</td>`)
    return `<tr><th scope="row" class="text">${text(name)}</th>${rest.join('')}</tr>`
  })
  return `<table><thead><tr>${heads.join('')}</tr></thead><tbody>${body.join('\n')}</tbody></table>`
}
