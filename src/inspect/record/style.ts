/** @file The look of a recording's page, light and dark. */
import { palette } from '../../text/palette.ts'

export const style: string = `${palette}
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 1280px; padding: 24px; background: var(--bg); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif }
h1 { font-size: 24px; margin: 0 } h2 { font-size: 17px; margin: 0; overflow-wrap: anywhere } h3 { font-size: 13px; color: var(--dim); margin: 12px 0 2px }
p { margin: 4px 0 14px; color: var(--dim) } p.formula { color: var(--text); margin: 4px 0 0; font-size: 16px; overflow-wrap: anywhere }
.controls { position: sticky; top: 0; z-index: 1; display: flex; gap: 8px; align-items: center; padding: 8px 0; background: var(--bg) }
.controls input { flex: 1 1 80px; min-width: 60px }
output { color: var(--dim); font-size: 13px; white-space: nowrap }
button { font: inherit; color: var(--text); background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 4px 12px; white-space: nowrap }
main { display: grid; grid-template-columns: minmax(0, 1fr) 320px; gap: 16px; align-items: start }
#graph, #panel { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px; overflow: auto; max-height: 74vh }
#graph svg { display: block; margin: 0 auto }
#panel { border-top: 4px solid var(--dim) } #panel.forward { border-top-color: var(--blue) } #panel.backward { border-top-color: var(--red) } #panel.update { border-top-color: var(--amber) }
pre { margin: 0; font: 13px/1.5 Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere } pre.grad { color: var(--node-grad) }
svg g { cursor: pointer } .later text:not([style*=weight]), .later g, .ungraded text[style*=grad], .ungraded g.grad { visibility: hidden } .later { opacity: .45 }
.now > rect { stroke: var(--blue) !important; stroke-width: 3 } .given > rect { stroke: var(--red) !important; stroke-width: 2.5 }
.flow { stroke: var(--blue); stroke-width: 2 } .flow.backward { stroke: var(--red) }
@media (max-width: 800px) { body { padding: 14px 10px } main { grid-template-columns: minmax(0, 1fr) } #graph { max-height: 46vh } #panel { max-height: none } button { padding: 4px 9px } }
`
