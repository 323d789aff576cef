/** @file The graph as text for other programs: Graphviz' DOT, and Mermaid for Markdown. */
import { describe, fail } from '../core/errors.ts'
import { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import { withoutControls } from '../text/markup.ts'
import { type FoldOptions, fold } from './fold.ts'
import { checkNames, type Graph, type GraphOptions, graph, graphOptions } from './graph.ts'
import { layersOf } from './layout.ts'
import { linesOf, notRun, titleOf } from './text.ts'

/** What every drawing can be told. */
export interface DrawOptions extends GraphOptions, FoldOptions {
  /** Where values flow: 'right' suits expressions, 'down' deep models. Default: right where it fits, else down. */
  direction?: 'right' | 'down'
}

export const drawOptions = { ...graphOptions, foldViews: false, foldModules: undefined, direction: undefined }

/** A graph given as such, or the one behind a tensor; folded as the options say, which are checked here. */
export function graphOf(op: string, of: Graph | Tensor, { names, direction, ...folds }: DrawOptions): Graph {
  if (direction !== undefined && direction !== 'right' && direction !== 'down')
    fail(op, `direction is ${describe(direction)}`, "give 'right' or 'down'")
  checkNames(op, names)
  if (!(of instanceof Tensor) && !Array.isArray(of?.nodes))
    fail(op, `${describe(of)} is neither a graph nor a tensor`, 'give the loss, or what inspect.backward(loss) gave')
  return fold(op, of instanceof Tensor ? graph(of, { names }) : of, folds)
}

/** More layers than this go down the page where a drawing's width is not known. */
const LAYERS = 8

const goesDown = ({ nodes, edges }: Graph, direction: DrawOptions['direction']): boolean => {
  const layers = layersOf(
    nodes.length,
    edges.map(({ from, to }) => [from, to] as const),
  )
  return direction ? direction === 'down' : Math.max(...layers) >= LAYERS
}

const fills = { op: '#ffffff', output: '#ffffff', leaf: '#dbeafe', constant: '#f1f5f9', module: '#ede9fe' }

/**
 * DOT, for `dot -Tsvg`: a box for each node with its shape, value and gradient.
 * @param of  what inspect.backward() or inspect.graph() gave, or a tensor
 * @throws HandgradError if a tensor needs no gradient, backward has released its graph, modules are to be folded and
 *   there are none, or an argument is not what it should be
 */
export function toDot(of: Graph | Tensor, options?: DrawOptions): string {
  const drawn = optionsOf('inspect.toDot', options, drawOptions)
  const found = graphOf('inspect.toDot', of, drawn)
  const quote = (text: string) => `"${withoutControls(text).replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n')}"`
  const lines = [
    'digraph {',
    `  rankdir=${goesDown(found, drawn.direction) ? 'TB' : 'LR'}`,
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
 * @throws HandgradError if a tensor needs no gradient, backward has released its graph, modules are to be folded and
 *   there are none, or an argument is not what it should be
 */
export function toMermaid(of: Graph | Tensor, options?: DrawOptions): string {
  const drawn = optionsOf('inspect.toMermaid', options, drawOptions)
  const found = graphOf('inspect.toMermaid', of, drawn)
  const quote = (text: string) =>
    `"${withoutControls(text)
      .replace(/[&<>"#]/g, (c) => `#${c.charCodeAt(0)};`)
      .replace(/\n/g, '<br/>')}"`
  const lines = [`flowchart ${goesDown(found, drawn.direction) ? 'TD' : 'LR'}`]
  if (!found.captured) lines.push(`  note[${quote(notRun)}]`)
  for (const node of found.nodes) {
    lines.push(`  n${node.id}[${quote([titleOf(node), ...linesOf(node, found)].join('\n'))}]:::${node.kind}`)
  }
  for (const { from, to } of found.edges) lines.push(`  n${from} --> n${to}`)
  const kinds = new Set<string>(found.nodes.map(({ kind }) => kind))
  for (const [kind, fill] of Object.entries(fills).filter(([kind]) => kinds.has(kind)))
    lines.push(`  classDef ${kind} fill:${fill},stroke:#64748b,color:#0f172a`)
  return `${lines.join('\n')}\n`
}
