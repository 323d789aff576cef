/** @file A report as one HTML page that loads nothing: light, dark, on paper, on a phone, by keys. */
import { scrolled, tableChart } from '../../report/charts.ts'
import { escapeMarkup, htmlPage } from '../../text/markup.ts'
import type { Report } from '../figure.ts'
import { cellsOf, suitesOf } from './cells.ts'
import { curves } from './curves.ts'
import { entriesOf } from './entries.ts'
import { driftText, factsOf, LEGEND, PEAKS_HEAD, peakRows, SKIPPED_HEAD, skippedRows } from './facts.ts'
import { ladders } from './ladder.ts'
import { look } from './look.ts'
import { movement, roofline } from './roofline.ts'
import { script } from './script.ts'
import { strips } from './strips.ts'

const section = (title: string, body: string, about = ''): string =>
  body && `<section><h2>${title}</h2>${about && `<p>${about}</p>`}${body}</section>\n`

/** Columns whose cells are words. */
const WORDS: readonly string[] = ['variant', 'inputs', 'source']

/** The table of a suite; its rows have the ids that points lead to. */
function suiteTable(report: Report, suite: string): string {
  const ids = entriesOf(report).flatMap(({ one, id }) => (one.suite === suite ? [id] : []))
  const { head, rows } = cellsOf(report.figures.filter((one) => one.suite === suite))
  const look = head.map((name) => (WORDS.includes(name) ? ' class="text"' : ''))
  const heads = head.map((name, i) => `<th scope="col"${look[i]}>${escapeMarkup(name)}</th>`)
  const body = rows.map(([name, ...cells], r) => {
    const rest = cells.map((text, i) => `<td${look[i + 1]}>${escapeMarkup(text)}</td>`)
    return `<tr id="${ids[r]}"><th scope="row">${escapeMarkup(name)}</th>${rest.join('')}</tr>`
  })
  const table = `<table class="plain"><thead><tr>${heads.join('')}</tr></thead><tbody>${body.join('')}</tbody></table>`
  return `<details open><summary>${escapeMarkup(suite)}</summary>${scrolled(`figures of ${suite}`, table)}</details>`
}

function facts(report: Report): string {
  const rows = factsOf(report).map(
    ([name, text]) => `<tr><th scope="row">${escapeMarkup(name)}</th><td>${escapeMarkup(text)}</td></tr>`,
  )
  return `<table class="facts"><tbody>${rows.join('')}</tbody></table>`
}

const skippedTable = ({ skipped }: Report): string =>
  skipped.length === 0
    ? ''
    : `<div class="words">${tableChart('what was not timed', SKIPPED_HEAD, skippedRows(skipped))}</div>`

export function toHtml(report: Report): string {
  const { environment, figures, peaks } = report
  const moved = driftText(report)
  const size = curves(report)
  const charts = [roofline(report), movement(report)].join('')
  const most = Math.max(1, ...[...`${charts}${size}`.matchAll(/class="show(\d+)"/g)].map(([, i]) => Number(i) + 1))
  const about =
    'Each point is a kernel with its inputs, below what this device can do: its arithmetic at the top, memory and ' +
    'caches as slopes. Point at one, or go to it by Tab and the arrow keys, for its numbers and its source.' +
    (peaks ? '' : ' The peaks were not measured, so that there are no roofs and no shares of them.')
  const body = [
    '<main>',
    `<h1>Benchmarks on ${escapeMarkup(environment.device)}</h1>`,
    `<p>${escapeMarkup([environment.adapter?.description, environment.runtime, environment.date].filter(Boolean).join('; '))}</p>`,
    moved && `<p class="warn">${escapeMarkup(moved)}</p>`,
    section('Roofline', charts, about),
    section('Size', size && `<div class="curves">${size}</div>`, 'Rates of cases that differ in size only.'),
    section(
      'Ladders',
      ladders(report),
      'Variants of a case from the slowest to the fastest; a bar is a rate, a step the gain over the rung above.',
    ),
    section(
      'Figures',
      suitesOf(figures)
        .map((suite) => suiteTable(report, suite))
        .join('\n'),
      escapeMarkup(LEGEND),
    ),
    section(
      'Spread',
      strips(report),
      'Samples around their median: from the tenth to the ninetieth of a hundred, the middle half thick.',
    ),
    section('Peaks', peaks ? tableChart('peaks', PEAKS_HEAD, peakRows(report)) : ''),
    section('Not timed', skippedTable(report)),
    section('Where it was measured', facts(report)),
    '</main>',
    `<script>${script}</script>`,
  ].join('\n')
  return htmlPage(`Benchmarks on ${environment.device}`, look(most), body)
}
