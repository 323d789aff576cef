/**
 * @file A backward pass that keeps every node's value and gradient, as figures for a drawing. Values that no op saved
 * are computed again from those that are known; where that is impossible the value stays unknown, and is never made up.
 */

import { Leaf, type Node, noGrad } from '../core/graph.ts'
import type { Op } from '../core/op.ts'
import { openScope } from '../core/scope.ts'
import { type GradSource, Tensor } from '../core/tensor.ts'
import { backwardSteps } from '../core/walk.ts'
import { optionsOf } from '../ops/base/options.ts'
import { detach } from '../ops/base/views.ts'
import {
  type Graph,
  type GraphEdge,
  type GraphOptions,
  graphOptions,
  inputNames,
  isAbsent,
  type Summary,
  type Survey,
  specOf,
  survey,
} from './graph.ts'

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
 * @throws HandgradError as backward()
 */
export async function backward(loss: Tensor, options?: CaptureOptions): Promise<Graph> {
  const op = 'inspect.backward'
  const given = optionsOf(op, options, { ...graphOptions, cotangent: undefined, retainGraph: undefined })
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
    if (tensor) return detach(tensor)
    return saved && saved.storage.version === saved.version ? new Tensor(saved.storage.retain(), saved.view) : null
  })
  const ids = new Map(origins.map(({ edge }, id) => [edge?.source, id]))
  const into = origins.map((): GraphEdge[] => [])
  for (const edge of graph.edges) into[edge.to].push(edge)
  for (const node of order) {
    const id = ids.get(node) as number
    // Of an op with several outputs only the first is known here.
    found[id] ??= again(
      node,
      into[id].filter(({ output }) => output === 0).map(({ from, input }) => [input, found[from]]),
    )
  }
  return found
}

/** Compute a node's first output again. */
function again(node: Node, given: readonly [input: string, value: Tensor | null][]): Tensor | null {
  if (!specOf(node)) return null
  const names = inputNames(node)
  const values = new Map(given)
  const inputs = node.inputMetas.map((meta, i) =>
    isAbsent(meta) ? undefined : (values.get(names?.[i] ?? String(i)) ?? null),
  )
  if (inputs.includes(null)) return null
  return (node.op as Op<unknown>)(inputs as (Tensor | undefined)[], node.attrs)
}

/** Walk backward and keep every gradient that is seen on the way; handles in the order of the drawing's nodes. */
function pass(loss: Tensor, { origins }: Survey, { cotangent, retainGraph }: CaptureOptions): (Tensor | null)[] {
  const seen = new Map<GradSource, Tensor>()
  noGrad(() => {
    for (const { source, arrived } of backwardSteps(loss, cotangent, { retainGraph })) {
      // Of an op with several outputs only the first is drawn. A leaf shows what has added up in its `.grad`.
      const grad = source instanceof Leaf ? source.slot.grad : arrived[0]
      if (grad) seen.set(source, detach(grad))
    }
  })
  return origins.map(({ edge }) => (edge && seen.get(edge.source)) ?? null)
}

async function figures(x: Tensor): Promise<Summary> {
  const data = await x.data()
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
  const values = data.length <= 4 ? { values: Array.from(data) } : {}
  return { bad, min, max, mean, std: Math.sqrt(squares / count), ...values }
}
