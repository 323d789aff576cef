/** @file The look of a page of benchmarks, on top of that of all pages (report/style.ts). */
import { style } from '../../report/style.ts'
import { FONT } from './labels.ts'

/** Colours of series (marks.ts): each stands out from a card by 3 : 1 at least, light and dark. */
const LIGHT = ['#2563eb', '#dc2626', '#0f766e', '#9333ea', '#b45309', '#be185d', '#4d7c0f', '#475569']
const DARK = ['#60a5fa', '#f87171', '#2dd4bf', '#c084fc', '#fbbf24', '#f472b6', '#a3e635', '#cbd5e1']
const variables = (colours: readonly string[]): string => colours.map((colour, i) => `--s${i}: ${colour}`).join('; ')

/** @param most  series of one chart: each can be taken out by its box */
export const look = (most: number): string => `${style}
:root { ${variables(LIGHT)} }
@media screen and (prefers-color-scheme: dark) { :root { ${variables(DARK)} } }
a { color: var(--blue) } a:focus-visible, summary:focus-visible, .scrolled:focus-visible { outline: 2px solid var(--blue); outline-offset: 2px }
.warn { background: var(--amber-bg); color: var(--amber); border-radius: 10px; padding: 10px 14px; font-weight: 600 }
figure { margin: 0 } .chartbox { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px; margin-bottom: 16px }
.curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 16px } .curves .chartbox { margin: 0; min-width: 0 }
.series { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 13px; color: var(--dim) }
.series label, .series span { display: inline-flex; align-items: center; gap: 6px } .series input { margin: 0; width: 16px; height: 16px } .series label { min-height: 24px }
.above { font-size: 13px; color: var(--dim); margin: 6px 0 2px }
svg.plot { width: 100%; max-width: 1000px; height: auto; display: block; margin: 0 auto; overflow: visible }
svg.plot text { font: ${FONT}px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; fill: var(--dim); font-variant-numeric: tabular-nums }
svg.plot .tag, svg.plot .roof { fill: var(--text); paint-order: stroke; stroke: var(--card); stroke-width: 3px; stroke-linejoin: round }
svg.plot .roof { fill: var(--dim) } svg.plot path { fill: none } .plot .axis { stroke: var(--dim) }
.guide { stroke: var(--text); stroke-width: 1.6 } .dashed { stroke-dasharray: 5 4; stroke-width: 1.2 } .plot .line { stroke: var(--c); stroke-width: 1.6 }
.plot a circle, svg.plot a path, .series svg :not(.hollow) { fill: var(--c); stroke: var(--c); stroke-width: 1.6 } svg.plot a .hollow, .series svg .hollow { fill: var(--card); stroke: var(--c); stroke-width: 1.6 }
.plot a:hover .tag { font-weight: 700 } .plot a:focus { outline: none } .plot a:focus > :first-child, .plot a:hover > :first-child { stroke: var(--text); stroke-width: 3.5 }
svg.narrow { display: none } .curves svg.narrow { display: block; max-width: 480px }
#tip { position: absolute; z-index: 2; max-width: min(320px, calc(100vw - 24px)); padding: 8px 11px; border-radius: 8px; background: var(--card); color: var(--text); border: 1px solid var(--dim); font-size: 13px; pointer-events: none; box-shadow: 0 4px 14px #0004; overflow-wrap: anywhere }
#tip b, #tip span { display: block }
details { margin-bottom: 12px } summary { cursor: pointer; padding: 4px 0; font-weight: 600 }
.plain th[scope=row] { font-weight: 500 } .plain td { white-space: nowrap } .plain th[scope=row] { white-space: nowrap } .plain .text { text-align: left } .words td { white-space: normal } .words td, .words th { text-align: left; vertical-align: top } tr:target > * { background: var(--amber-bg) }
.ladder .rung { width: 36%; min-width: 70px } .rung i { display: block; height: 12px; border-radius: 3px; background: var(--blue) }
.strips td:nth-child(2) { width: 34%; min-width: 150px } .strip { position: relative; height: 14px } .strip i { position: absolute; display: block }
.strip .tail { top: 6px; height: 2px; background: var(--dim) } .strip .half { top: 2px; height: 10px; background: var(--blue); border-radius: 2px } .strip .mid { left: calc(50% - 1px); width: 2px; top: 0; height: 14px; background: var(--text) }
.ends { display: flex; justify-content: space-between; font-size: 12px; color: var(--dim); font-weight: 400 }
${Array.from({ length: most }, (_, i) => `.chartbox:has(.show${i}:not(:checked)) .s${i}`).join(', ')} { display: none }
@media (max-width: 620px) { svg.wide { display: none } svg.narrow { display: block } .scrolled table { width: max-content; min-width: 100% } .ladder .rung { width: 44px; min-width: 44px } .strips th[scope=row] { white-space: normal; min-width: 130px; max-width: 150px } }
@media print { #tip { display: none } details::details-content { content-visibility: visible; display: block } .plain th, .plain td { font-size: 9px; padding: 2px 3px; white-space: normal } .chartbox { break-inside: avoid } }
`
