/** @file A climbed ladder as a page of its own, which loads nothing: bars of each case, then rung by rung with its code. */
import { escapeMarkup, htmlPage } from '../../text/markup.ts'
import type { Report } from '../figure.ts'
import { type Climb, type Climbed, type Ladder, sourceOfRung } from '../ladder.ts'
import { look } from '../report/look.ts'
import { time } from '../report/table.ts'
import { amount, rateText, stepText } from './show.ts'

const STYLE = `${look(1)}
.ladder td small { color: var(--dim) } .code { overflow: auto; font: 12.5px/1.45 ui-monospace, Menlo, Consolas, monospace; padding: 14px; background: var(--card); border: 1px solid var(--line); border-radius: 10px }
`
const HEAD = ['rung', '', 'time', 'rate', 'of roof', 'step', 'loads', 'stores'] as const

/** The page. @param climbed  of a report, or of what has run in the page so far */
export function ladderPage(ladder: Ladder, climbed: readonly Climb[], { environment }: Report): string {
  const { device, adapter, runtime, date } = environment
  const where = [device, adapter?.description, runtime, date].filter(Boolean).join(', ')
  const warning = adapter?.software
    ? '<p class="warn">This adapter is a processor behind the interface of a GPU: it says nothing of GPUs.</p>'
    : ''
  const title = `The ladder of ${ladder.name}`
  const body = [
    `<main><h1>${escapeMarkup(title)}</h1><p>${escapeMarkup(ladder.about)}.</p><p>Measured on ${escapeMarkup(where)}.</p>`,
    warning,
    climbed.length > 0
      ? `<section><h2>What each rung brings</h2>${climbed.map(chart).join('')}</section>`
      : '<p>Nothing was measured yet.</p>',
    ...ladder.rungs.map((_, i) => rungSection(ladder, i, climbed)),
    '</main>',
  ].join('\n')
  return htmlPage(title, STYLE, body)
}

/** Bars of speed: the fastest is full. */
function chart({ name, inputs, least, rungs }: Climb): string {
  const fastest = Math.min(...rungs.map(({ figure }) => figure?.seconds.median ?? Number.POSITIVE_INFINITY))
  const head = HEAD.map((text) => (text ? `<th scope="col">${text}</th>` : '<td></td>')).join('')
  const label = escapeMarkup(`rungs of ${name}`)
  const rows = rungs.map((one, i) => {
    const { rung, figure, loaded, stored, best, step, why = '' } = one
    const median = figure?.seconds.median
    const bar = median === undefined ? '' : `<i style="width:${((100 * fastest) / median).toFixed(1)}%"></i>`
    const cells = [
      median === undefined ? '' : time(median),
      rateText(one),
      figure?.share === undefined ? '' : `${Math.round(100 * figure.share)} %`,
      figure ? `${stepText(step)}${best ? ' (best here)' : ''}` : why,
      amount(loaded),
      amount(stored),
    ]
    const link = `<a href="#rung${i + 1}">${i + 1} ${escapeMarkup(rung.variant)}</a>`
    return `<tr><th scope="row">${link}</th><td class="rung">${bar}</td>${cells.map((text) => `<td>${escapeMarkup(text)}</td>`).join('')}</tr>`
  })
  const caption = escapeMarkup(`${name}, ${inputs} inputs; any kernel moves ${amount(least)} at least`)
  return [
    `<figure class="chartbox"><figcaption>${caption}</figcaption><div class="scrolled" role="region" aria-label="${label}" tabindex="0">`,
    `<table class="plain ladder"><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div></figure>`,
  ].join('')
}

function rungSection(ladder: Ladder, i: number, climbed: readonly Climb[]): string {
  const rung = ladder.rungs[i]
  const { file, text } = sourceOfRung(ladder, rung)
  const measured = climbed.map(({ name, rungs }) => `${name}: ${sentence(rungs[i], i)}`)
  return [
    `<section id="rung${i + 1}"><h2>${i + 1}. ${escapeMarkup(rung.title)} <small>${escapeMarkup(rung.variant)}</small></h2>`,
    `<p>${escapeMarkup(rung.reason)}</p><p><b>Traffic</b>: ${escapeMarkup(rung.traffic)}.</p>`,
    measured.length > 0 ? `<p><b>Measured</b>: ${escapeMarkup(measured.join('; '))}.</p>` : '',
    `<details><summary>${escapeMarkup(`${rung.entry} of ${file}, and what it calls there`)}</summary>`,
    `<pre class="code" tabindex="0"><code>${escapeMarkup(text)}</code></pre></details></section>`,
  ].join('\n')
}

/** `1.2 ms, 2.3 × faster than the rung before`. */
function sentence({ figure, step, total, why = '' }: Climbed, i: number): string {
  if (!figure) return `not measured, ${why}`
  const parts = [time(figure.seconds.median)]
  if (step !== undefined) parts.push(`${stepText(step)} than the rung before`)
  if (total !== undefined && i > 1) parts.push(`${stepText(total)} than the first`)
  return parts.join(', ')
}
