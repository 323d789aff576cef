/** @file A recording as one HTML file. Its script is {@link play}, written out as text. */
import { escapeMarkup, htmlPage } from '../../text/markup.ts'
import type { Graph, Summary } from '../graph.ts'
import { mapOf, toSVG } from '../svg.ts'
import { partsOf, summaryLines } from '../text.ts'
import { label } from './formulas.ts'
import type { Frame, Share } from './frames.ts'
import { play } from './play.ts'
import { style } from './style.ts'

/** What the script is given. */
export interface Played {
  readonly frames: readonly Shown[]
  readonly edges: readonly (readonly [from: number, to: number])[]
}

/** A frame as texts. */
export interface Shown {
  readonly phase: string
  readonly node: number
  readonly title: string
  readonly formula: string
  /** Each with a heading, then lines. */
  readonly parts: readonly { readonly head: string; readonly lines: readonly string[]; readonly kind: string }[]
  /** Nodes that are given something. */
  readonly to: readonly number[]
  /** The lines, and the map of a large matrix, that the box shows from here on as its value, where that changes. */
  readonly value: readonly string[] | null
  readonly map: string
}

export function pageOf(graph: Graph, frames: readonly Frame[], title: string): string {
  const named = { ...graph, nodes: graph.nodes.map((node) => ({ ...node, name: label(graph, node.id) })) }
  const svg = toSVG(named, { width: 1100 }).replace(/(<svg[^>]*?) width="\d+" height="\d+"/, '$1')
  const data = {
    frames: frames.map((frame) => shown(graph, frame)),
    edges: graph.edges.map(({ from, to }) => [from, to]),
  }
  const json = JSON.stringify(data).replaceAll('<', '\\u003c')
  return htmlPage(
    title,
    style,
    `<h1>${escapeMarkup(title)}</h1>
<p>${frames.length} moments: arrow keys step, space plays, home and end jump, a click on a box shows its own.</p>
<div class="controls">
<button id="back" aria-label="back">◀</button><button id="play" aria-label="play">▶ play</button><button id="next" aria-label="next">▶</button>
<input id="at" type="range" min="0" max="${frames.length}" value="0" aria-label="moment">
<output id="count" for="at"></output>
</div>
<main><div id="graph" tabindex="-1">${svg}</div><section id="panel" aria-live="polite"></section></main>
<script type="application/json" id="data">${json}</script>
<script>
(${play})(JSON.parse(document.getElementById('data').textContent))
</script>`,
  )
}

/** What its box says after an update, as it was drawn before. */
function boxed(graph: Graph, { phase, node, parameter, value }: Frame): Pick<Shown, 'value' | 'map'> {
  if (phase !== 'update' || parameter) return { value: null, map: '' }
  const own = { ...graph.nodes[node], value }
  const [{ lines, numbers, heat }, grad] = partsOf(own, graph)
  const beside = [heat, grad?.heat, ...numbers, ...(grad?.numbers ?? [])].some(Boolean)
  return { value: [...(beside ? lines : [lines.join(', ')]), ...numbers], map: heat ? mapOf(heat) : '' }
}

function shown(graph: Graph, frame: Frame): Shown {
  const node = graph.nodes[frame.node]
  const { phase, formula, parameter, value, grad, before, received, given } = frame
  const lines = (summary: Summary | null, of = node) => (summary ? summaryLines(summary, of) : ['not known'])
  const parts: Shown['parts'][number][] = []
  const put = (head: string, lines: readonly string[], kind = 'value') => parts.push({ head, lines, kind })
  const share = ({ formula, grad, to }: Share) => [formula, ...lines(grad, graph.nodes[to])]
  if (node.outputs > 0) put(phase === 'forward' ? 'values' : 'gradients', ['those of its outputs'])
  else if (phase === 'forward') put('value', lines(value))
  if (phase === 'update') {
    put('before', lines(before))
    put('gradient', lines(grad), 'grad')
    put('after', lines(value))
  }
  if (phase === 'backward') {
    if (node.outputs === 0)
      put(received.length > 1 ? `gradient, the sum of ${received.length}` : 'gradient', lines(grad), 'grad')
    for (const one of received) put(`from ${label(graph, one.from)}`, share(one), 'grad')
    if (received.length === 0 && frame.node === graph.nodes.length - 1)
      put('where it comes from', ['backward() begins with it'], 'grad')
    if (before) put('.grad held before', lines(before), 'grad')
    for (const one of given) put(`to ${label(graph, one.to)}, it adds`, share(one), 'grad')
  }
  const name = parameter ? `${label(graph, frame.node)}: ${parameter}` : label(graph, frame.node)
  return {
    phase,
    node: frame.node,
    title: node.kind === 'op' ? `${name}, ${node.op}` : name,
    formula,
    parts,
    to: given.map(({ to }) => to),
    ...boxed(graph, frame),
  }
}
