/** @file The look of a profile, light and dark, from the width of a phone up: its page, and its part of others. */
import { palette } from '../../text/palette.ts'

export const pageStyle: string = `${palette}
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 1180px; padding: 32px 24px 64px; background: var(--bg); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif }
h1 { font-size: 28px; margin: 0 0 4px } h2 { font-size: 19px; margin: 32px 0 8px }
p { margin: 0 0 14px; color: var(--dim) }
@media (max-width: 480px) { body { padding: 20px 12px 40px } }
@media print { body { max-width: none; padding: 0 } }
`

export const partStyle: string = `
.profile h3 { font-size: 16px; margin: 24px 0 8px } .profile p { font-size: 14px }
.profile i.fore, .profile rect.op, .profile rect.kernel { background: var(--blue); fill: var(--blue) }
.profile i.back, .profile rect.backward { background: var(--node-above); fill: var(--node-above) }
.profile i.none { background: var(--dim) }
.profile rect.step { fill: var(--node-line) } .profile rect.module { fill: var(--node-module-line) }
.pf-tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr)); gap: 12px }
.pf-tiles div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 10px 14px }
.pf-tiles b { display: block; font-size: 20px; font-variant-numeric: tabular-nums } .pf-tiles span { color: var(--dim); font-size: 13px }
.pf-legend { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 13px } .pf-legend i { display: inline-block; width: 14px; height: 10px; border-radius: 2px; margin-right: 6px }
.pf-bars { list-style: none; margin: 0 0 14px; padding: 14px; background: var(--card); border: 1px solid var(--line); border-radius: 10px }
.pf-bars li { display: grid; grid-template-columns: 1fr auto; gap: 0 12px; padding: 5px 0; align-items: baseline }
.pf-bars li > span:first-child { overflow-wrap: anywhere; min-width: 0 } .pf-bars small { color: var(--dim); font-size: 12.5px }
.pf-bars b { font-weight: 600; font-size: 13px; font-variant-numeric: tabular-nums; white-space: nowrap }
.pf-bar { grid-column: 1 / -1; height: 10px; border-radius: 3px; background: var(--line) } .pf-bar i { display: block; height: 100%; border-radius: 3px; min-width: 2px }
.pf-time { display: grid; grid-template-columns: auto 1fr; gap: 0 10px; margin: 0; padding: 14px; background: var(--card); border: 1px solid var(--line); border-radius: 10px }
.pf-time > div { min-width: 0 } .pf-time svg { display: block; width: 100% } .pf-time rect { stroke: var(--card); stroke-width: 1px; vector-effect: non-scaling-stroke }
.pf-time rect:hover { opacity: .7 }
.pf-lanes span { display: block; height: 20px; font-size: 12px; line-height: 18px; color: var(--dim) }
.pf-ticks { display: flex; justify-content: space-between; font-size: 12px; color: var(--dim); font-variant-numeric: tabular-nums; padding-top: 4px }
.pf-scroll { overflow: auto; max-height: 640px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 6px 10px }
.pf-scroll table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; width: 100% }
.pf-scroll th, .pf-scroll td { text-align: right; padding: 4px 8px; border-bottom: 1px solid var(--line); white-space: nowrap }
.pf-scroll tr:last-child > * { border-bottom: 0 } .pf-scroll thead th { position: sticky; top: -6px; background: var(--card); color: var(--dim); font-weight: 600 }
.pf-scroll .text { text-align: left } .pf-scroll th.text { font-weight: 600 }
@media (max-width: 480px) { .pf-ticks span:nth-child(even) { display: none } }
@media print { .pf-scroll { overflow: visible; max-height: none } .pf-scroll thead th { position: static } body { print-color-adjust: exact } tr, li { break-inside: avoid } }
`
