/** @file The look of pages: light, dark and on paper, from the width of a phone up. */
import { palette } from '../text/palette.ts'

export const style: string = `${palette}
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 1180px; padding: 32px 24px 64px; background: var(--bg); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif }
h1 { font-size: 28px; margin: 0 0 4px } h2 { font-size: 19px; margin: 0 0 10px }
p { margin: 0 0 14px; color: var(--dim) } p b { color: var(--text); font-weight: 600 }
section { margin-top: 28px }
.badge { display: inline-block; padding: 2px 10px; border-radius: 12px; background: var(--amber-bg); color: var(--amber); font-weight: 600; font-size: 13px }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px }
.tiles div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 14px }
.tiles b { display: block; font-size: 22px; font-variant-numeric: tabular-nums } .tiles span { color: var(--dim); font-size: 13px }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 16px; align-items: start }
.pair > * { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px; margin: 0 }
figcaption { font-weight: 600; display: flex; justify-content: space-between; gap: 12px; margin-bottom: 8px }
.legend { font-weight: 400; font-size: 13px; color: var(--dim); display: flex; gap: 14px }
.legend i { display: inline-block; width: 14px; height: 3px; border-radius: 2px; margin: 0 6px 3px 0; vertical-align: middle }
svg.chart { width: 100%; height: auto; display: block } svg.chart text { font: 12px system-ui, sans-serif; fill: var(--dim); font-variant-numeric: tabular-nums }
.grid { stroke: var(--line) } .axis { stroke: var(--dim) }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
.matrix { width: 100%; table-layout: fixed; border-collapse: separate; border-spacing: 2px }
.matrix th { color: var(--dim); font-weight: 600; font-size: 13px; padding: 2px }
.matrix td { text-align: center; padding: 7px 0; border-radius: 4px; font-size: 13px }
.named { table-layout: auto } .named th { text-align: right; white-space: nowrap } .named td { min-width: 24px }
.named thead th { vertical-align: bottom } .named thead span { writing-mode: vertical-rl; transform: rotate(180deg) }
.matrix .right { background: color-mix(in srgb, var(--blue) calc(var(--shade) * .55), transparent) }
.matrix .wrong { background: color-mix(in srgb, var(--red) calc(var(--shade) * .6), transparent) }
.plain { width: 100% } .plain th, .plain td { text-align: right; padding: 5.5px 8px; border-bottom: 1px solid var(--line) }
.plain th:first-child { text-align: left }
.plain tr:last-child > * { border-bottom: 0 } .plain thead th { color: var(--dim); font-weight: 600; font-size: 13px }
.digits { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 10px }
.digits figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 8px; text-align: center; overflow-wrap: anywhere }
.digits figure.wrong { border-color: var(--red) }
.digits img { image-rendering: pixelated; border-radius: 4px; outline: 1px solid var(--line); display: block; margin: 0 auto; max-width: 100% }
.digits figcaption { display: block; margin: 6px 0 0; font-size: 14px; line-height: 1.35 }
.digits small { color: var(--dim); font-weight: 400; white-space: nowrap } .digits em { font-style: normal; font-weight: 400; color: var(--red) }
.pair > * { min-width: 0 } .scrolled { overflow: auto }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px; font-size: 13px } pre { margin: 0 }
.graph { max-height: min(1100px, 90vh) } .graph svg { display: block; margin: 0 auto }
.facts th { text-align: left; font-weight: 600; padding: 3px 22px 3px 0; vertical-align: top; white-space: nowrap } .facts td { color: var(--dim); vertical-align: top; overflow-wrap: anywhere }
@media (max-width: 480px) {
  body { padding: 20px 12px 40px } .pair > * { padding: 8px } .matrix { border-spacing: 1px } .matrix td, .matrix th { font-size: 10px; padding: 5px 0 }
  .plain th, .plain td { padding: 4px 3px; font-size: 12px } figcaption { flex-wrap: wrap } .facts th { padding-right: 10px; white-space: normal }
  svg.chart text { font-size: 18px } svg.chart .upright { display: none }
}
@media print {
  body { max-width: none; padding: 0; print-color-adjust: exact } .scrolled { overflow: visible; max-height: none } figure, tr { break-inside: avoid }
  .graph svg { max-width: 100%; height: auto }
}
`
