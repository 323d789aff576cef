/** @file The graph as text for other programs: Graphviz' DOT, and Mermaid for Markdown. */
import type { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import { type Graph, type GraphOptions, graph, graphOptions } from './graph.ts'
import { linesOf, notRun, titleOf } from './text.ts'

/** A graph given as such, or the one behind a tensor. */
export const graphOf = (of: Graph | Tensor, options?: GraphOptions): Graph => ('nodes' in of ? of : graph(of, options))

const fills = { op: '#ffffff', leaf: '#dbeafe', constant: '#f1f5f9' }

/**
 * DOT, for `dot -Tsvg`: a box for each node with its shape, value and gradient.
 * @param of  what inspect.backward() or inspect.graph() gave, or a tensor
 * @throws HandgradError if a tensor needs no gradient, or backward has released its graph
 */
export function toDot(of: Graph | Tensor, options?: GraphOptions): string {
  const found = graphOf(of, optionsOf('inspect.toDot', options, graphOptions))
  const quote = (text: string) => `"${text.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n')}"`
  const lines = [
    'digraph {',
    '  rankdir=LR',
    '  node [shape=box, style="rounded,filled", fontname=monospace, fontsize=10]',
  ]
  if (!found.captured) lines.push(`  label=${quote(notRun)}`)
  for (const node of found.nodes) {
    const label = quote([titleOf(node), ...linesOf(node, found)].join('\n'))
    lines.push(`  n${node.id} [label=${label}, fillcolor="${fills[node.kind]}"]`)
  }
  for (const { from, to, input } of found.edges) lines.push(`  n${from} -> n${to} [label=${quote(input)}, fontsize=8]`)
  return `${[...lines, '}'].join('\n')}\n`
}

/**
 * Mermaid, for Markdown pages: the same boxes as a flowchart.
 * @param of  what inspect.backward() or inspect.graph() gave, or a tensor
 * @throws HandgradError if a tensor needs no gradient, or backward has released its graph
 */
export function toMermaid(of: Graph | Tensor, options?: GraphOptions): string {
  const found = graphOf(of, optionsOf('inspect.toMermaid', options, graphOptions))
  const quote = (text: string) => `"${text.replace(/[&<>"#]/g, (c) => `#${c.charCodeAt(0)};`).replace(/\n/g, '<br/>')}"`
  const lines = ['flowchart LR']
  if (!found.captured) lines.push(`  note[${quote(notRun)}]`)
  for (const node of found.nodes) {
    lines.push(`  n${node.id}[${quote([titleOf(node), ...linesOf(node, found)].join('\n'))}]:::${node.kind}`)
  }
  for (const { from, to } of found.edges) lines.push(`  n${from} --> n${to}`)
  for (const [kind, fill] of Object.entries(fills))
    lines.push(`  classDef ${kind} fill:${fill},stroke:#64748b,color:#0f172a`)
  return `${lines.join('\n')}\n`
}
