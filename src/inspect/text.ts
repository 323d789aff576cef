/**
 * @file What a drawn node says, the same in every format: its name, attributes, shape, value and gradient in a few
 * words.
 */
import type { Graph, GraphNode, Heat, Summary } from './graph.ts'

/** A number in few characters: six digits where it is exact to look at, three in ranges. */
export function short(v: number, digits = 6): string {
  if (!Number.isFinite(v)) return Number.isNaN(v) ? 'NaN' : v > 0 ? '∞' : '−∞'
  if (v === 0) return '0'
  const size = Math.abs(v)
  const text =
    size >= 1e6 || size < 1e-4 ? v.toExponential(Math.min(digits, 4) - 1) : String(Number(v.toPrecision(digits)))
  return text.replace('-', '−').replace('e-', 'e−').replace('e+', 'e')
}

/** Numbers of one line; more of them, and those of several rows, are a matrix. */
const ONE_LINE = 4

/** True if the numbers stand behind `value` or `grad`. */
const fitsLine = (values: readonly number[], cols: number): boolean =>
  values.length <= ONE_LINE && values.length === cols

/** `3.5`, `[1, 2]`; `−1.2 … 3.4` and `mean 0.1 ± 0.8`; no figures where the numbers stand below. */
function summarise({ bad, min, max, mean, std, values }: Summary, cols: number): string[] {
  if (values?.length === 1) return [short(values[0])]
  if (values && fitsLine(values, cols)) return [`[${values.map((v) => short(v, 4)).join(', ')}]`]
  if (values) return bad === 0 ? [] : [`${bad} NaN or ∞`]
  if (min === max && bad === 0) return [`${short(min)} everywhere`]
  const some = Number.isFinite(min)
    ? [`${short(min, 3)} … ${short(max, 3)}`, `mean ${short(mean, 3)} ± ${short(std, 3)}`]
    : []
  if (bad === 0) return some
  const [range = '', ...rest] = some
  return [`${bad} NaN or ∞${range && `, else ${range}`}`, ...rest]
}

/** The rows of a small matrix, numbers below each other; none where it fits the line or is too large. */
function rowsOf({ values = [] }: Summary, cols: number): string[] {
  if (fitsLine(values, cols)) return []
  const texts = aligned(values, cols > ONE_LINE ? 2 : 3)
  const width = Math.max(...texts.map((text) => text.length))
  return Array.from({ length: values.length / cols }, (_, row) =>
    texts
      .slice(row * cols, (row + 1) * cols)
      .map((text) => text.padStart(width, NARROW))
      .join(NARROW + NARROW),
  )
}

/**
 * Numbers with as many decimals each as show `digits` digits of the largest. What is rounded away is 0.00, an exact
 * zero 0.
 */
function aligned(values: readonly number[], digits: number): string[] {
  const finite = values.filter(Number.isFinite)
  const most = finite.reduce((max, v) => Math.max(max, Math.abs(v)), 0)
  const decimals = digits - 1 - Math.floor(Math.log10(most))
  if (finite.every(Number.isInteger) || decimals < 0 || decimals > 6) return values.map((v) => short(v, digits))
  return values.map((v) => (v === 0 || !Number.isFinite(v) ? short(v) : v.toFixed(decimals).replace('-', '−')))
}

/** A space that neither SVG nor HTML folds. */
const NARROW = '\u00a0'

const show = (value: unknown): string => {
  if (typeof value === 'number') return short(value)
  return Array.isArray(value) ? `[${value.map(show).join(', ')}]` : String(value)
}

/** The op with its numbers: `pow b=3`, `permute dims=[1, 0]`; `split, 0`; a leaf's name; a module's name and class. */
export function titleOf({ op, name, attrs, kind }: GraphNode): string {
  if (kind === 'leaf' || kind === 'constant') return name ?? op
  const worth = Object.entries(attrs).filter(([, value]) => value !== null && value !== false && value !== undefined)
  const title = [op, ...worth.map(([key, value]) => `${key}=${show(value)}`)].join(' ')
  if (!name) return title
  return kind === 'module' ? `${name}: ${title}` : `${name} = ${title}`
}

/** Shape and dtype; the usual float32 goes without saying. */
export const typeOf = ({ shape, dtype }: GraphNode): string =>
  `[${shape.join(', ')}]${dtype === 'float32' ? '' : ` ${dtype}`}`

/** A value in a few lines: figures, and the numbers of a small matrix below each other. */
export function summaryLines(summary: Summary, { shape }: GraphNode): string[] {
  const cols = shape.at(-1) ?? 1
  return [...summarise(summary, cols), ...rowsOf(summary, cols)]
}

/** What a box says of its value or its gradient: a line or two, and the numbers or the map below. */
export interface Part {
  readonly kind: 'value' | 'grad'
  readonly lines: readonly string[]
  readonly numbers: readonly string[]
  readonly heat?: Heat
}

/** The line below the title: shape, dtype, a module's parameters; nothing for the usual number. */
export function typeLine(node: GraphNode): string {
  const { shape, dtype, parameters, outputs } = node
  // Each output of such an op says this of itself.
  if (outputs > 0) return ''
  const type = shape.length > 0 || dtype !== 'float32' ? typeOf(node) : ''
  const own = parameters > 0 ? `${parameters.toLocaleString('en-US')} parameter${parameters === 1 ? '' : 's'}` : ''
  return [type, own].filter(Boolean).join(', ')
}

/** Value and gradient, where backward was captured. */
export function partsOf(node: GraphNode, { captured }: Graph): Part[] {
  if (!captured || node.outputs > 0) return []
  const cols = node.shape.at(-1) ?? 1
  const part = (kind: Part['kind'], summary: Summary | null, none: string): Part => {
    const [first = '', ...more] = summary ? summarise(summary, cols) : [none]
    const heat = summary?.heat && { heat: summary.heat }
    return {
      kind,
      lines: [`${kind} ${first}`.trimEnd(), ...more],
      numbers: summary ? rowsOf(summary, cols) : [],
      ...heat,
    }
  }
  const value = part('value', node.value, 'not kept')
  return node.kind === 'constant' ? [value] : [value, part('grad', node.grad, 'none arrived')]
}

/** The lines below the title, where nothing but text can be drawn. */
export const linesOf = (node: GraphNode, graph: Graph): string[] =>
  [typeLine(node), ...partsOf(node, graph).flatMap(({ lines, numbers }) => [lines.join(', '), ...numbers])].filter(
    Boolean,
  )

/** What every drawing says where no backward pass was captured: nothing is shown as 0. */
export const notRun = 'backward not run yet: inspect.backward(loss) shows values and gradients'
