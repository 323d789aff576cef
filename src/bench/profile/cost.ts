/**
 * @file What a launch costs by its contract: bytes that its bindings name, and operations where the kernel's params say
 * how many there are. A kernel that is not listed has no count: nothing is guessed.
 */
import { type Block, bytesOf, type Launch } from '../../core/device.ts'
import { Live, type ParamValue } from '../../core/kernel.ts'

type Params = Readonly<Record<string, ParamValue>>

const numberOf = (p: Params, name: string): number => {
  const value = p[name]
  return value instanceof Live ? value.value : (value as number)
}
const vectorOf = (p: Params, name: string): readonly number[] => p[name] as readonly number[]
const product = (list: readonly number[]): number => list.reduce((a, b) => a * b, 1)

/** Pairs of a query and a key that may see each other, in one matrix. */
function pairs(p: Params): number {
  const [rows, cols] = [numberOf(p, 'rows'), numberOf(p, 'cols')]
  const causal = numberOf(p, 'causal')
  if (causal === 0) return rows * cols
  // Query i sees keys 0 … i + shift: none, then rising numbers of keys, then all.
  const shift = causal === 2 ? cols - rows : 0
  const none = Math.min(rows, Math.max(0, -shift))
  const rising = Math.min(rows, Math.max(0, cols - shift)) - none
  const first = none + shift + 1
  return (rising * (2 * first + rising - 1)) / 2 + (rows - none - rising) * cols
}

/** Multiply-adds of attention for each pair: so many products of a query with a key, so many with a value. */
const attending =
  (keys: number, values: number) =>
  (p: Params): number =>
    2 * numberOf(p, 'batch') * pairs(p) * (keys * numberOf(p, 'e') + values * numberOf(p, 'ev'))

/** Every weight with every window, as if none reached past the edge. */
function convolving(p: Params): number {
  const [rows, cols] = [vectorOf(p, 'rows'), vectorOf(p, 'cols')]
  const [windows, taps] = [rows[0] * cols[0], rows[2] * cols[2]]
  return 2 * product(vectorOf(p, 'counts')) * windows * taps
}

/** Codes of the pointwise kernel that move or convert, and compute nothing. */
const MOVES = ['COPY', 'WHERE', 'F32_TO_I32', 'F32_TO_BOOL', 'I32_TO_F32', 'I32_TO_BOOL', 'BOOL_TO_F32']

/**
 * Operations of one launch, by kernel. A multiply-add counts as two; an elementwise function as one for each element,
 * however it is computed; attention by its products alone, without the softmax.
 */
const counts: Readonly<Record<string, (p: Params, launch: Launch) => number>> = {
  matmul: (p) => 2 * numberOf(p, 'batch') * numberOf(p, 'm') * numberOf(p, 'n') * numberOf(p, 'k'),
  conv2d: convolving,
  conv2d_grad_weight: convolving,
  attention: attending(1, 1),
  // The scores again, the gradient of the weights, and that of the queries.
  attention_grad_q: attending(2, 1),
  // The scores again, the gradients of the weights, of the keys and of the values.
  attention_grad_kv: attending(2, 2),
  pointwise: (p, { kernel, constants }) =>
    MOVES.some((name) => kernel.consts[name] === constants?.OP) ? 0 : numberOf(p, 'size'),
  // How many elements come first, then the sizes of two axes.
  reduce: (p) => vectorOf(p, 'kept')[0] * vectorOf(p, 'reduced')[0],
}

/** Operations of a launch; undefined where its kernel has no count. */
export const flopsOf = (launch: Launch): number | undefined => counts[launch.kernel.name]?.(launch.params, launch)

/**
 * Bytes that a launch reads and writes at least, each element of a binding once.
 * @param elements  how many of a block are looked at, where a view shows fewer than it has
 */
export function bytesMoved(launch: Launch, elements?: ReadonlyMap<Block, number>): number {
  const { kernel, blocks, params, whole } = launch
  const [read, written] = [new Map<Block, number>(), new Map<Block, number>()]
  const most = reach(params)
  blocks.forEach((block, i) => {
    const role = kernel.bindings[i]?.role
    if (!block || !role) return
    // Of a table only the rows that are asked for.
    const rows = kernel.name === 'gather' && kernel.bindings[i].name === 'x'
    const limit = rows ? numberOf(params, 'count') * numberOf(params, 'cols') : most
    const bytes = Math.min(block.length, elements?.get(block) ?? block.length, limit) * bytesOf[block.dtype]
    if (role !== 'out' && !(role === 'inout' && whole)) read.set(block, bytes)
    if (role !== 'in') written.set(block, bytes)
  })
  return [...read.values(), ...written.values()].reduce((a, b) => a + b, 0)
}

/** Elements that a kernel of several parameters at a time looks at, in what they share: an optimizer's state. */
const reach = ({ sizes }: Params): number =>
  Array.isArray(sizes) ? sizes.reduce((a: number, b: number) => a + b, 0) : Number.POSITIVE_INFINITY
