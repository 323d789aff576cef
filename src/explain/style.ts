/** @file The look of an explanation's page, light and dark. */
import { palette } from '../text/palette.ts'

export const style: string = `${palette}
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 1280px; padding: 28px 24px 64px; background: var(--bg); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif }
h1 { font-size: 24px; margin: 0 } h2 { font-size: 19px; margin: 30px 0 8px } h3 { font-size: 16px; margin: 0 0 6px }
h4 { font-size: 15px; margin: 14px 0 4px } h5, h6 { font-size: 13px; margin: 10px 0 4px; color: var(--dim) }
h1, h3, h4, h5, h6, p, td, li { overflow-wrap: anywhere }
p, li { color: var(--dim); margin: 2px 0 8px } ul { margin: 0; padding-left: 18px }
.call { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px; margin: 0 0 14px }
table { border-collapse: collapse; font-size: 14px } th { text-align: left; font-weight: 600; padding: 2px 18px 2px 0; vertical-align: top; white-space: nowrap }
td { padding: 2px 0; vertical-align: top; font-variant-numeric: tabular-nums }
.dispatch > .code { display: grid; grid-template: 'p p' 'w t' 'w s' 1fr / minmax(0, 3fr) minmax(0, 2fr); column-gap: 12px; align-items: start }
.dispatch > .code > p { grid-area: p } .column.wgsl { grid-area: w } .column.twin { grid-area: t } .column.source { grid-area: s }
.column .code { font: 12px/1.55 Menlo, Consolas, monospace; border: 1px solid var(--line); border-radius: 8px; overflow: auto; max-height: 420px; padding: 6px 0; tab-size: 2 }
.column .code div { white-space: pre; padding: 0 10px; min-width: max-content } .code i { font-style: normal; color: var(--dim); user-select: none }
.code [data-links] { cursor: pointer } .code .same { background: color-mix(in srgb, var(--amber) 22%, transparent) }
.code .now { background: color-mix(in srgb, var(--blue) 28%, transparent) } .code b { color: var(--amber); font-weight: 600 } .code .same > *, .code .now > * { color: var(--text) }
.player { border: 1px solid var(--line); border-radius: 8px; padding: 10px; margin: 10px 0 }
.controls { display: flex; flex-wrap: wrap; gap: 8px; align-items: center } .controls input { flex: 1 1 90px; min-width: 60px }
button { font: inherit; color: var(--text); background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 3px 11px }
output { display: block; min-height: 3em; margin: 6px 0; font-size: 14px }
.boards { display: flex; flex-wrap: wrap; gap: 16px } figure { margin: 0; max-width: 100% } figcaption { font-size: 13px; color: var(--dim); margin-bottom: 3px }
.board { max-height: 190px; overflow: auto } .board svg { display: block }
rect { fill: var(--node-constant); stroke: var(--line) } rect.past { fill: color-mix(in srgb, var(--blue) 22%, var(--card)) }
rect.read { fill: var(--blue); stroke: var(--blue) } rect.write, rect.atomic { fill: var(--red); stroke: var(--red) } rect.on { fill: var(--text) }
@media (max-width: 800px) { body { padding: 14px 10px 40px } .dispatch > .code { display: block } .call { padding: 10px } th { white-space: normal; padding-right: 10px } }
`
