/**
 * @file What a drawn node says, the same in every format: its name, attributes, shape, value and gradient in a few
 * words.
 */
import type { Graph, GraphNode, Summary } from './graph.ts'

/** A number in few characters: six digits where it is exact to look at, three in ranges. */
export function short(v: number, digits = 6): string {
  if (!Number.isFinite(v)) return Number.isNaN(v) ? 'NaN' : v > 0 ? '∞' : '−∞'
  if (v === 0) return '0'
  const size = Math.abs(v)
  const text =
    size >= 1e6 || size < 1e-4 ? v.toExponential(Math.min(digits, 4) - 1) : String(Number(v.toPrecision(digits)))
  return text.replace('-', '−').replace('e-', 'e−').replace('e+', 'e')
}

/** `3.5`, `[1, 2]`, or `−1.2 … 3.4, mean 0.1 ± 0.8`. */
function summarise({ bad, min, max, mean, std, values }: Summary): string {
  if (values?.length === 1) return short(values[0])
  if (values) return `[${values.map((v) => short(v, 4)).join(', ')}]`
  if (min === max && bad === 0) return `${short(min)} everywhere`
  const some = Number.isFinite(min)
    ? `${short(min, 3)} … ${short(max, 3)}, mean ${short(mean, 3)} ± ${short(std, 3)}`
    : ''
  return bad === 0 ? some : `${bad} NaN or ∞${some && `, else ${some}`}`
}

const show = (value: unknown): string => {
  if (typeof value === 'number') return short(value)
  return Array.isArray(value) ? `[${value.map(show).join(', ')}]` : String(value)
}

/** The op with its numbers: `pow b=3`, `permute dims=[1, 0]`; a leaf's name. */
export function titleOf({ op, name, attrs, kind }: GraphNode): string {
  if (kind !== 'op') return name ?? op
  const worth = Object.entries(attrs).filter(([, value]) => value !== null && value !== false && value !== undefined)
  const title = [op, ...worth.map(([key, value]) => `${key}=${show(value)}`)].join(' ')
  return name ? `${name} = ${title}` : title
}

/** Shape and dtype; the usual float32 goes without saying. */
export const typeOf = ({ shape, dtype }: GraphNode): string =>
  `[${shape.join(', ')}]${dtype === 'float32' ? '' : ` ${dtype}`}`

/** The lines below the title. */
export function linesOf(node: GraphNode, { captured }: Graph): string[] {
  const lines = node.shape.length > 0 || node.dtype !== 'float32' ? [typeOf(node)] : []
  if (!captured) return lines
  lines.push(`value ${node.value ? summarise(node.value) : 'not kept'}`)
  if (node.kind !== 'constant') lines.push(`grad ${node.grad ? summarise(node.grad) : 'none arrived'}`)
  return lines
}

/** What every drawing says where no backward pass was captured: nothing is shown as 0. */
export const notRun = 'backward not run yet: inspect.backward(loss) shows values and gradients'
