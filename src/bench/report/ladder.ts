/** @file The variants of a case as rungs, from the slowest to the fastest, each with its step over the one before. */
import { escapeMarkup } from '../../text/markup.ts'
import type { Report } from '../figure.ts'
import { suitesOf } from './cells.ts'
import { type Entry, entriesOf, grouped } from './entries.ts'
import { digits, percent, speedOf, time } from './table.ts'

/** The rungs of each case that has several variants: of rotated inputs where there are such. */
export function laddersOf(entries: readonly Entry[]): Map<string, Entry[]> {
  const ladders = new Map<string, Entry[]>()
  for (const [key, own] of grouped(entries, ({ one }) => [one.suite, one.name].join('|'))) {
    const rotated = own.filter(({ one }) => one.inputs === 'rotated')
    const rungs = rotated.length > 0 ? rotated : own
    if (new Set(rungs.map(({ one }) => one.variant)).size < 2) continue
    ladders.set(
      key,
      [...rungs].sort((a, b) => b.one.seconds.median - a.one.seconds.median),
    )
  }
  return ladders
}

const HEAD = ['variant', '', 'time', 'rate', 'of roof', 'step'] as const

function ladder(rungs: readonly Entry[]): string {
  const { name, inputs } = rungs[0].one
  const fastest = rungs[rungs.length - 1].one.seconds.median
  const rows = rungs.map(({ one, id }, i) => {
    const { seconds, variant = '', share } = one
    const before = rungs[i - 1]?.one.seconds.median
    const step = before === undefined ? '' : `× ${digits(before / seconds.median)}`
    const cells = [time(seconds.median), speedOf(one), share === undefined ? '' : percent(share), step]
    const width = ((100 * fastest) / seconds.median).toFixed(1)
    return [
      `<tr><th scope="row"><a href="#${id}">${escapeMarkup(variant)}</a></th>`,
      `<td class="rung"><i style="width:${width}%"></i></td>`,
      ...cells.map((text) => `<td>${escapeMarkup(text)}</td>`),
      '</tr>',
    ].join('')
  })
  const head = HEAD.map((text) => (text ? `<th scope="col">${text}</th>` : '<td></td>')).join('')
  const label = `the ladder of ${name}`
  return [
    `<figure><figcaption>${escapeMarkup(`${name}, ${inputs} inputs`)}</figcaption>`,
    `<div class="scrolled" role="region" aria-label="${escapeMarkup(label)}" tabindex="0">`,
    `<table class="plain ladder"><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div></figure>`,
  ].join('')
}

/** Folded by suite; '' where no case has two variants. */
export function ladders(report: Report): string {
  const all = [...laddersOf(entriesOf(report)).values()]
  return suitesOf(report.figures)
    .map((suite) => {
      const own = all.filter(([{ one }]) => one.suite === suite)
      if (own.length === 0) return ''
      const summary = `${suite}: ${own.length} ${own.length === 1 ? 'case' : 'cases'}`
      return `<details open><summary>${escapeMarkup(summary)}</summary><div class="pair">${own.map(ladder).join('')}</div></details>`
    })
    .join('\n')
}
