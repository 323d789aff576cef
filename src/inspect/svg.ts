/** @file The graph as a picture: boxes with title, shape, value and gradient, and arrows along the flow of values. */
import { fail } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import { graphOf } from './dot.ts'
import { type Graph, type GraphNode, type GraphOptions, graphOptions } from './graph.ts'
import { layOut } from './layout.ts'
import { linesOf, notRun, titleOf, typeOf } from './text.ts'

/** Options of {@link toSVG}. */
export interface SVGOptions extends GraphOptions {
  /** Where values flow; 'right' (default) for expressions, 'down' for deep models on a page. */
  direction?: 'right' | 'down'
}

/** Width of a character, height of a line, padding of a box, in pixels at 11 px of a monospaced font. */
const CHAR = 6.7
const LINE = 15
const PAD = 8
/** More boxes make no picture. */
const MAX_BOXES = 2000

/** Fill and stroke; pages may set the variables. */
const paint = {
  op: 'fill:var(--node-op,#fff);stroke:var(--node-line,#64748b)',
  leaf: 'fill:var(--node-leaf,#dbeafe);stroke:var(--node-leaf-line,#2563eb)',
  constant: 'fill:var(--node-constant,#f1f5f9);stroke:var(--node-line,#94a3b8);stroke-dasharray:4 3',
}

type Point = { readonly x: number; readonly y: number }
type Position = { readonly along: number; readonly across: number }

const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)
const round = (v: number): number => Math.round(v * 10) / 10

/**
 * A self-contained SVG. 0-d values and gradients are shown as numbers, larger ones as range, mean and standard
 * deviation.
 * @param of  what inspect.backward() or inspect.graph() gave, or a tensor
 * @throws HandgradError beyond 2,000 nodes, and if a tensor needs no gradient, or backward has released its graph
 */
export function toSVG(of: Graph | Tensor, options?: SVGOptions): string {
  const { direction, names } = optionsOf('inspect.toSVG', options, { ...graphOptions, direction: 'right' })
  const found = graphOf(of, { names })
  const { nodes, edges, captured } = found
  if (nodes.length > MAX_BOXES)
    fail(
      'inspect.toSVG',
      `the graph has ${nodes.length} nodes, more than ${MAX_BOXES}`,
      'draw a smaller loss, or use toDot',
    )
  const down = direction === 'down'
  const texts = nodes.map((node) => [titleOf(node), ...linesOf(node, found)])
  const sizes = texts.map((lines) => ({
    width: Math.max(...lines.map((line) => line.length)) * CHAR + 2 * PAD,
    height: lines.length * LINE + 2 * PAD - 3,
  }))
  const boxes = sizes.map(({ width, height }) =>
    down ? { along: height, across: width } : { along: width, across: height },
  )
  const layout = layOut(
    boxes,
    edges.map(({ from, to }) => [from, to] as const),
    { layerGap: down ? 34 : 44, boxGap: down ? 20 : 14 },
  )
  const top = captured ? PAD : PAD + 22
  const at = ({ along, across }: Position): Point =>
    down ? { x: round(across + PAD), y: round(along + top) } : { x: round(along + PAD), y: round(across + top) }
  const width = Math.ceil(
    Math.max((down ? layout.across : layout.along) + 2 * PAD, captured ? 0 : notRun.length * CHAR + 2 * PAD),
  )
  const height = Math.ceil((down ? layout.along : layout.across) + top + PAD)

  const arrows = layout.routes.map((route) => `<path marker-end="url(#handgrad-tip)" d="${curve(route, at)}"/>`)
  const drawn = nodes.map((node, i) => box(node, texts[i], sizes[i], at(layout.centres[i])))
  const warning = captured
    ? []
    : [`<text x="${PAD}" y="20" style="fill:var(--node-warn,#b45309)">${escapeXml(notRun)}</text>`]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img"`,
    ' aria-label="computation graph" style="font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:var(--node-text,#0f172a)">',
    '<defs><marker id="handgrad-tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">',
    '<path d="M0 0L8 4L0 8z" style="fill:var(--node-line,#64748b)"/></marker></defs>',
    `<g style="fill:none;stroke:var(--node-line,#64748b);stroke-width:1.2">${arrows.join('')}</g>`,
    ...warning,
    ...drawn,
    '</svg>\n',
  ].join('\n')
}

/** Straight through layers, an S from each to the next. */
function curve(route: readonly Position[], at: (place: Position) => Point): string {
  const text = (place: Position) => `${at(place).x} ${at(place).y}`
  const parts = route.slice(1).map((to, i) => {
    const from = route[i]
    if (from.across === to.across) return `L${text(to)}`
    const middle = (from.along + to.along) / 2
    return `C${text({ ...from, along: middle })} ${text({ ...to, along: middle })} ${text(to)}`
  })
  return `M${text(route[0])}${parts.join('')}`
}

function box(
  node: GraphNode,
  lines: readonly string[],
  { width, height }: { width: number; height: number },
  centre: Point,
): string {
  const [x, y] = [round(centre.x - width / 2), round(centre.y - height / 2)]
  const texts = lines.map((line, i) => {
    const style =
      i === 0 ? ' style="font-weight:700"' : line.startsWith('grad') ? ' style="fill:var(--node-grad,#b91c1c)"' : ''
    return `<text x="${round(x + PAD)}" y="${round(y + PAD + 10 + i * LINE)}"${style}>${escapeXml(line)}</text>`
  })
  const rect = `<rect x="${x}" y="${y}" width="${round(width)}" height="${round(height)}" rx="6" style="${paint[node.kind]}"/>`
  return `<g><title>${escapeXml(`${titleOf(node)} ${typeOf(node)}`)}</title>${rect}${texts.join('')}</g>`
}
