/**
 * @file The graph as a picture: boxes with title, shape, value and gradient, and arrows along the flow of values. Which
 * texts and maps are in a box is said in text.ts.
 */
import { describe, fail } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import { escapeMarkup } from '../text/markup.ts'
import { type DrawOptions, drawOptions, graphOf } from './dot.ts'
import type { Graph, GraphNode, Heat } from './graph.ts'
import { type Layout, layOut } from './layout.ts'
import { notRun, type Part, partsOf, titleOf, typeLine, typeOf } from './text.ts'

/** Options of {@link toSVG}. */
export interface SVGOptions extends DrawOptions {
  /** Pixels that a page has for it; default 960. A drawing that needs more, in either direction, is made smaller. */
  width?: number
}

/** Width of a character, height of a line, padding of a box, in pixels at 11 px of a monospaced font. */
const CHAR = 6.7
const LINE = 15
const PAD = 8
/** Pixels of a part of a map, the space below a map, and between a value and a gradient beside it. */
const PART = 5
const BELOW = 5
const BESIDE = 16
/** Shades of a map on each side of 0. */
const SHADES = 5
/** More boxes make no picture. */
const MAX_BOXES = 2000
const LEGEND = 'maps: blue below 0, orange above, the stronger the larger'
/** What a page holds: a column of text on a wide screen. */
const PAGE = 960

/** Fill and stroke; pages may set the variables. */
const paint = {
  op: 'fill:var(--node-op,#fff);stroke:var(--node-line,#64748b)',
  leaf: 'fill:var(--node-leaf,#dbeafe);stroke:var(--node-leaf-line,#2563eb)',
  constant: 'fill:var(--node-constant,#f1f5f9);stroke:var(--node-line,#94a3b8);stroke-dasharray:4 3',
  output: 'fill:var(--node-op,#fff);stroke:var(--node-line,#64748b)',
  module: 'fill:var(--node-module,#ede9fe);stroke:var(--node-module-line,#7c3aed)',
}

type Point = { readonly x: number; readonly y: number }
type Position = { readonly along: number; readonly across: number }

const round = (v: number): number => Math.round(v * 10) / 10

/**
 * A self-contained SVG. Matrices up to 8 × 8 are shown as numbers; larger ones as range, mean, standard deviation and a
 * map of their values, blue below 0 and orange above it.
 * @param of  what inspect.backward() or inspect.graph() gave, or a tensor
 * @throws HandgradError beyond 2,000 nodes, and if a tensor needs no gradient, backward has released its graph, modules
 *   are to be folded and there are none, or an argument is not what it should be
 */
export function toSVG(of: Graph | Tensor, options?: SVGOptions): string {
  const op = 'inspect.toSVG'
  const { width: page, ...given } = optionsOf(op, options, { ...drawOptions, width: PAGE })
  const { direction } = given
  if (typeof page !== 'number' || !(page > 0)) fail(op, `width is ${describe(page)}`, 'give pixels, a number above 0')
  const found = graphOf(op, of, given)
  const { nodes, edges, captured } = found
  if (nodes.length > MAX_BOXES)
    fail(op, `the graph has ${nodes.length} nodes, more than ${MAX_BOXES}`, 'draw a smaller loss, or use toDot')
  const contents = nodes.map((node) => contentOf(node, found))
  const pairs = edges.map(({ from, to }) => [from, to] as const)
  const place = (down: boolean): Drawing => {
    const boxes = contents.map(({ width, height }) =>
      down ? { along: height, across: width } : { along: width, across: height },
    )
    const layout = layOut(boxes, pairs, { layerGap: down ? 34 : 44, boxGap: down ? 20 : 14 })
    return { down, layout, width: Math.ceil((down ? layout.across : layout.along) + 2 * PAD) }
  }
  let drawing = place(direction === 'down')
  if (!direction && drawing.width > page) {
    const other = place(true)
    if (other.width < drawing.width) drawing = other
  }
  const { down, layout } = drawing
  const note = !captured ? notRun : nodes.some(({ value, grad }) => value?.heat || grad?.heat) ? LEGEND : ''
  const top = note ? PAD + 22 : PAD
  const at = ({ along, across }: Position): Point =>
    down ? { x: round(across + PAD), y: round(along + top) } : { x: round(along + PAD), y: round(across + top) }
  const width = Math.max(drawing.width, note === '' ? 0 : Math.ceil(note.length * CHAR + 2 * PAD))
  const height = Math.ceil((down ? layout.along : layout.across) + top + PAD)
  const scale = Math.min(1, page / width)

  const arrows = layout.routes.map((route) => `<path marker-end="url(#handgrad-tip)" d="${curve(route, at)}"/>`)
  const drawn = nodes.map((node, i) => box(node, contents[i], at(layout.centres[i])))
  const colour = captured ? 'var(--node-dim,#64748b)' : 'var(--node-warn,#b45309)'
  const above = note ? [`<text x="${PAD}" y="20" style="fill:${colour}">${escapeMarkup(note)}</text>`] : []
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.floor(width * scale)}" height="${Math.ceil(height * scale)}" viewBox="0 0 ${width} ${height}" role="img"`,
    ' aria-label="computation graph" style="font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:var(--node-text,#0f172a)">',
    '<defs><marker id="handgrad-tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">',
    '<path d="M0 0L8 4L0 8z" style="fill:var(--node-line,#64748b)"/></marker></defs>',
    `<g style="fill:none;stroke:var(--node-line,#64748b);stroke-width:1.2">${arrows.join('')}</g>`,
    ...above,
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

/** A layout in one direction. */
interface Drawing {
  readonly down: boolean
  readonly layout: Layout
  readonly width: number
}

interface Size {
  readonly width: number
  readonly height: number
}

/** What is in a box, each at its place in it. */
interface Content extends Size {
  readonly texts: readonly { readonly text: string; readonly at: Point; readonly style: string }[]
  readonly maps: readonly { readonly kind: Part['kind']; readonly heat: Heat; readonly at: Point }[]
}

const styles = {
  title: 'font-weight:700',
  type: 'fill:var(--node-dim,#64748b)',
  value: '',
  grad: 'fill:var(--node-grad,#b91c1c)',
}

const widthOf = (lines: readonly string[]): number => Math.max(0, ...lines.map((line) => line.length)) * CHAR

/** Value and gradient below each other, or side by side where one of them is a matrix. */
function contentOf(node: GraphNode, graph: Graph): Content {
  const texts: Content['texts'][number][] = []
  const maps: Content['maps'][number][] = []
  const write = (lines: readonly string[], style: string, x: number, y: number): number => {
    for (const [i, text] of lines.entries()) texts.push({ text, at: { x, y: y + 10 + i * LINE }, style })
    return y + lines.length * LINE
  }
  const head = [titleOf(node)]
  const type = [typeLine(node)].filter(Boolean)
  const parts = partsOf(node, graph)
  const beside = parts.some(({ heat, numbers }) => heat || numbers.length > 0)
  const top = write(type, styles.type, PAD, write(head, styles.title, PAD, PAD))
  let [x, y, right, bottom] = [PAD, top, PAD + widthOf([...head, ...type]), top]
  const put = ({ kind, lines, numbers, heat }: Part) => {
    const shown = beside ? lines : [lines.join(', ')]
    y = write([...shown, ...numbers], styles[kind], x, y)
    if (heat) {
      maps.push({ kind, heat, at: { x, y } })
      y += heat.rows * PART + BELOW
    }
    const width = Math.max(widthOf([...shown, ...numbers]), (heat?.cols ?? 0) * PART)
    right = Math.max(right, x + width)
    bottom = Math.max(bottom, y)
    if (beside) [x, y] = [x + width + BESIDE, top]
  }
  for (const part of parts) put(part)
  return { texts, maps, width: right + PAD, height: bottom + PAD - 3 }
}

function box(node: GraphNode, { texts, maps, width, height }: Content, centre: Point): string {
  const [x, y] = [round(centre.x - width / 2), round(centre.y - height / 2)]
  const drawn = texts.map(
    ({ text, at, style }) =>
      `<text x="${round(x + at.x)}" y="${round(y + at.y)}"${style && ` style="${style}"`}>${escapeMarkup(text)}</text>`,
  )
  const shades = maps.map(
    ({ kind, heat, at }) => `<g class="${kind}">${mapOf(heat, round(x + at.x), round(y + at.y))}</g>`,
  )
  const rect = `<rect x="${x}" y="${y}" width="${round(width)}" height="${round(height)}" rx="6" style="${paint[node.kind]}"/>`
  return `<g><title>${escapeMarkup(`${titleOf(node)} ${typeOf(node)}`)}</title>${rect}${drawn.join('')}${shades.join('')}</g>`
}

/** Parts of a matrix, shaded by their size next to the largest: a path for each shade, so that the file stays small. */
export function mapOf({ rows, cols, values }: Heat, x = 0, y = 0): string {
  const most = values.reduce((max, v) => (Number.isFinite(v) ? Math.max(max, Math.abs(v)) : max), 0)
  const paths = new Map<number, string>()
  values.forEach((v, i) => {
    const shade = Math.ceil((Math.abs(v) / most) * SHADES) * Math.sign(v)
    if (!shade) return
    const corner = `${round(x + (i % cols) * PART)} ${round(y + Math.floor(i / cols) * PART)}`
    paths.set(shade, `${paths.get(shade) ?? ''}M${corner}h${PART}v${PART}h-${PART}z`)
  })
  const shades = [...paths].map(([shade, d]) => {
    const fill = shade < 0 ? 'var(--node-below,#2563eb)' : 'var(--node-above,#ea580c)'
    return `<path d="${d}" style="fill:${fill};fill-opacity:${Math.abs(shade) / SHADES}"/>`
  })
  const size = `width="${cols * PART}" height="${rows * PART}"`
  const paper = `<rect x="${x}" y="${y}" ${size} style="fill:var(--node-op,#fff);stroke:var(--node-line,#94a3b8);stroke-width:.5"/>`
  return paper + shades.join('')
}
