/** @file How samples are spread: a strip for each figure, from p10 to p90, quartiles thick, around its median. */

import { scrolled } from '../../report/charts.ts'
import { escapeMarkup } from '../../text/markup.ts'
import type { Figure, Report } from '../figure.ts'
import { suitesOf } from './cells.ts'
import { digits, time, titleOf } from './table.ts'

/** What an axis may reach to, as a multiple of the median; strips that reach further are cut, their numbers are not. */
const REACHES = [1.05, 1.1, 1.25, 1.5, 2, 3] as const

/** The least that holds all strips of a suite. */
export function reachOf(figures: readonly Figure[]): number {
  const most = Math.max(...figures.map(({ seconds: { p10, median, p90 } }) => Math.max(p90 / median, median / p10)))
  return REACHES.find((reach) => reach >= most) ?? REACHES[REACHES.length - 1]
}

/** Per cent of the strip's width: the median is in the middle, the axis logarithmic. */
function at(ratio: number, reach: number): number {
  const t = 50 + (50 * Math.log(ratio)) / Math.log(reach)
  return Number.isFinite(t) ? Math.min(100, Math.max(0, t)) : 0
}

function strip({ seconds: { p10, p90, quartiles, median } }: Figure, reach: number): string {
  const [from, low, high, to] = [p10, ...quartiles, p90].map((v) => at(v / median, reach))
  const part = (look: string, a: number, b: number) =>
    `<i class="${look}" style="left:${a.toFixed(1)}%;width:${Math.max(0.6, b - a).toFixed(1)}%"></i>`
  return `<div class="strip">${part('tail', from, to)}${part('half', low, high)}<i class="mid"></i></div>`
}

const CLOCKS = { gpu: 'GPU', wall: 'wall', host: 'host' } as const
/** How far the quartiles are from each other. */
const wide = ({ seconds: { quartiles, median } }: Figure): string =>
  `${((100 * (quartiles[1] - quartiles[0])) / median).toFixed(1)} %`

export function strips({ figures }: Report): string {
  return suitesOf(figures)
    .map((suite) => {
      const own = figures.filter((one) => one.suite === suite)
      const reach = reachOf(own)
      const axis = `<div class="ends"><span>÷ ${digits(reach)}</span><span>median</span><span>× ${digits(reach)}</span></div>`
      const rows = own.map((one) => {
        const { p10, median, p90, count } = one.seconds
        const cells = [time(p10), time(median), time(p90), wide(one), String(count)]
        return `<tr><th scope="row">${escapeMarkup(`${titleOf(one)}, ${CLOCKS[one.clock]}`)}</th><td>${strip(one, reach)}</td>${cells.map((text) => `<td>${text}</td>`).join('')}</tr>`
      })
      const heads = ['p10', 'median', 'p90', 'q3 − q1', 'samples'].map((text) => `<th scope="col">${text}</th>`)
      const table = `<table class="plain strips"><thead><tr><th scope="col">figure</th><td>${axis}</td>${heads.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`
      return `<details><summary>${escapeMarkup(suite)}: ${own.length} figures</summary>${scrolled(`the spread of ${suite}`, table)}</details>`
    })
    .join('\n')
}
