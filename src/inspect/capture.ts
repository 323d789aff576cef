/**
 * @file A backward pass that keeps every node's value and gradient, as figures for a drawing. Values that no op saved
 * are computed again from those that are known; where that is impossible the value stays unknown, and is never made up.
 */

import { Leaf, type Node, noGrad } from '../core/graph.ts'
import { numbersOf } from '../core/half.ts'
import type { Op } from '../core/op.ts'
import { openScope } from '../core/scope.ts'
import { type GradSource, Tensor } from '../core/tensor.ts'
import { backwardSteps } from '../core/walk.ts'
import { optionsOf } from '../ops/base/options.ts'
import { detach } from '../ops/base/views.ts'
import {
  checkFlag,
  type Graph,
  type GraphEdge,
  type GraphOptions,
  graphOptions,
  type Heat,
  inputNames,
  isAbsent,
  type Summary,
  type Survey,
  specOf,
  survey,
} from './graph.ts'

/** Matrices up to this size are shown as numbers. */
const MATRIX = 8
/** Parts of a larger one. */
const MAP = { rows: 12, cols: 32 }

export interface CaptureOptions extends GraphOptions {
  /** ∂L/∂y, for a y of several elements. */
  cotangent?: Tensor
  /** Keep the graph for another backward. */
  retainGraph?: boolean
}

/**
 * `backward()` that also keeps what it saw: gradients of leaves arrive in `.grad` as ever, and the graph comes back
 * with the value and the gradient of every node, to be drawn. Costs another forward pass and a copy of every value to
 * the host: for looking, not for training loops.
 * @returns  the graph; await it before the parameters change
 * @throws HandgradError as backward(), and if `retainGraph` is neither true nor false, or `names` are not tensors
 */
export async function backward(loss: Tensor, options?: CaptureOptions): Promise<Graph> {
  const op = 'inspect.backward'
  const given = optionsOf(op, options, { ...graphOptions, cotangent: undefined, retainGraph: undefined })
  checkFlag(op, 'retainGraph', given.retainGraph ?? false)
  using s = openScope()
  const found = survey(op, loss, given)
  const values = s.run(() => noGrad(() => known(found)))
  const grads = s.run(() => pass(loss, found, given))
  // Every read is asked for before the first is waited for.
  const [valueFigures, gradFigures] = await Promise.all(
    [values, grads].map((list) => Promise.all(list.map((x) => x && figures(x)))),
  )
  const nodes = found.graph.nodes.map((node, i) => ({ ...node, value: valueFigures[i], grad: gradFigures[i] }))
  return { ...found.graph, nodes, captured: true }
}

/** The tensor of every node, null where it cannot be had. */
function known({ graph, origins, order }: Survey): (Tensor | null)[] {
  const found: (Tensor | null)[] = origins.map(({ tensor, saved }) => {
    // What an op took: a named constant may be the same memory seen in another way.
    if (saved && saved.storage.version === saved.version) return new Tensor(saved.storage.retain(), saved.view)
    return tensor && detach(tensor)
  })
  /** By source: its outputs that are drawn. */
  const drawn = new Map<GradSource, { id: number; index: number }[]>()
  origins.forEach(({ edge }, id) => {
    if (edge) drawn.set(edge.source, [...(drawn.get(edge.source) ?? []), { id, index: edge.index }])
  })
  const into = graph.nodes.map((): GraphEdge[] => [])
  for (const edge of graph.edges) into[edge.to].push(edge)
  for (const node of order) {
    const outputs = drawn.get(node) ?? []
    if (outputs.every(({ id }) => found[id])) continue
    // An output that is a node of its own stands behind its op, which has the inputs.
    const [{ id }] = outputs
    const op = graph.nodes[id].kind === 'output' ? into[id][0].from : id
    const ys = again(
      node,
      into[op].map(({ from, input }) => [input, found[from]]),
    )
    for (const { id, index } of outputs) found[id] ??= ys?.[index] ?? null
  }
  return found
}

/** Compute a node's outputs again. */
function again(node: Node, given: readonly [input: string, value: Tensor | null][]): Tensor[] | null {
  if (!specOf(node)) return null
  const names = inputNames(node)
  const values = new Map(given)
  const inputs = node.inputMetas.map((meta, i) =>
    isAbsent(meta) ? undefined : (values.get(names?.[i] ?? String(i)) ?? null),
  )
  if (inputs.includes(null)) return null
  return (node.op as Op<unknown>).all(inputs as (Tensor | undefined)[], node.attrs)
}

/** Walk backward and keep every gradient that is seen on the way; handles in the order of the drawing's nodes. */
function pass(loss: Tensor, { origins }: Survey, { cotangent, retainGraph }: CaptureOptions): (Tensor | null)[] {
  const seen = new Map<GradSource, (Tensor | null)[]>()
  noGrad(() => {
    for (const { source, arrived } of backwardSteps(loss, cotangent, { retainGraph })) {
      // A leaf shows what has added up in its `.grad`.
      const grads = source instanceof Leaf ? [source.slot.grad] : arrived
      seen.set(
        source,
        grads.map((grad) => grad && detach(grad)),
      )
    }
  })
  return origins.map(({ edge }) => (edge && seen.get(edge.source)?.[edge.index]) ?? null)
}

/** A tensor in a few numbers; internal to inspect/. */
export async function figures(x: Tensor): Promise<Summary> {
  const data = await numbersOf(x)
  let [min, max, sum, bad] = [Infinity, -Infinity, 0, 0]
  for (const v of data) {
    if (!Number.isFinite(v)) bad++
    else {
      min = Math.min(min, v)
      max = Math.max(max, v)
      sum += v
    }
  }
  const count = data.length - bad
  const mean = sum / count
  let squares = 0
  for (const v of data) if (Number.isFinite(v)) squares += (v - mean) ** 2
  const cols = x.shape.at(-1) ?? 1
  const rows = data.length / cols
  const few = rows <= MATRIX && cols <= MATRIX
  const seen = few ? { values: Array.from(data) } : { heat: heatOf(data, rows, cols) }
  return { bad, min, max, mean, std: Math.sqrt(squares / count), ...(data.length > 0 && seen) }
}

/** Means of at most {@link MAP} parts of a matrix, what is not finite left out. */
function heatOf(data: ArrayLike<number>, rows: number, cols: number): Heat {
  const [height, width] = [Math.min(rows, MAP.rows), Math.min(cols, MAP.cols)]
  const sums = new Float64Array(height * width)
  const counts = new Int32Array(height * width)
  for (let i = 0; i < rows * cols; i++) {
    if (!Number.isFinite(data[i])) continue
    const [row, col] = [Math.floor(i / cols), i % cols]
    const part = Math.floor((row * height) / rows) * width + Math.floor((col * width) / cols)
    sums[part] += data[i]
    counts[part]++
  }
  return { rows: height, cols: width, values: Array.from(sums, (sum, part) => sum / counts[part]) }
}
