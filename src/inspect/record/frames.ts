/** @file A watched step as frames: one for each node that computes, passes its gradient on, or is changed. */
import { Leaf } from '../../core/graph.ts'
import { numbersOf } from '../../core/half.ts'
import type { GradSource, Tensor } from '../../core/tensor.ts'
import { figures } from '../capture.ts'
import type { Graph, Summary, Survey } from '../graph.ts'
import { derivative, formulaOf, label, shareOf } from './formulas.ts'
import type { Update, Watch } from './watch.ts'

/** What one op added to the gradient of one of its inputs. */
export interface Share {
  /** The node that gave it, and the one that it was added to. */
  readonly from: number
  readonly to: number
  /** By which rule: `∂g/∂c · b`. */
  readonly formula: string
  readonly grad: Summary
}

/** A moment of a training step. */
export interface Frame {
  readonly phase: 'forward' | 'backward' | 'update'
  /** The node of the graph. */
  readonly node: number
  /** A parameter within a folded module; null where the node itself is meant. */
  readonly parameter: string | null
  /** `c = a + b`, `∂g/∂c`, `w ← w − 0.1 · ∂g/∂w`. */
  readonly formula: string
  /** Forward: what it computes. Update: what it is after the step. Null where it is not known, and in backward. */
  readonly value: Summary | null
  /** Backward and update: the gradient, complete: for a parameter its `.grad`. */
  readonly grad: Summary | null
  /** Update: what it was. Backward: what `.grad` held before this step, null for nothing. */
  readonly before: Summary | null
  /** Backward: what the gradient is the sum of. */
  readonly received: readonly Share[]
  /** Backward: what the node adds to its inputs. */
  readonly given: readonly Share[]
}

const empty = { parameter: null, value: null, grad: null, before: null, received: [], given: [] }
const figured = async (x: Tensor | null | undefined): Promise<Summary | null> => (x ? figures(x) : null)

/** The graph with the values and gradients that were seen. */
export async function graphOf({ graph, origins }: Survey, watch: Watch): Promise<Graph> {
  const grads = new Map<GradSource, readonly (Tensor | null)[]>()
  for (const { node, arrived } of watch.rules) grads.set(node, arrived)
  for (const { leaf, grad } of watch.leaves) grads.set(leaf, [grad])
  const nodes = await Promise.all(
    graph.nodes.map(async (node, id) => {
      const { edge, meta } = origins[id]
      const read = [watch.valueOf(edge, meta.id), edge && grads.get(edge.source)?.[edge.index]]
      const [value, grad] = await Promise.all(read.map(figured))
      return { ...node, value: node.outputs > 0 ? null : value, grad: node.outputs > 0 ? null : grad }
    }),
  )
  return { ...graph, nodes, captured: true }
}

/**
 * The moments of the step.
 * @param whole  every node
 * @param graph  as it is shown
 * @param into   by node of the whole graph, its node in the other
 */
export async function framesOf(watch: Watch, whole: Graph, graph: Graph, into: readonly number[]): Promise<Frame[]> {
  const { origins, order } = watch.survey as Survey
  const leaves = new Map(origins.flatMap(({ edge }, id) => (edge?.source instanceof Leaf ? [[edge.source, id]] : [])))
  const ops = whole.nodes.filter(({ kind }) => kind === 'op').map(({ id }) => id)
  const opOf = new Map(order.map((node, i) => [node, ops[i]]))
  /** Leaves that are in a folded module. */
  const inside = (id: number) => graph.nodes[into[id]].kind === 'module' && whole.nodes[id].kind === 'leaf'
  const nameOf = (id: number) => (inside(id) ? label(whole, id) : label(graph, into[id]))

  const forward = graph.nodes
    .filter(({ kind }) => kind !== 'leaf' && kind !== 'constant')
    .map((node): Frame => {
      return { ...empty, phase: 'forward', node: node.id, formula: formulaOf(graph, node), value: node.value }
    })

  const added: { target: number; share: Share }[] = []
  const last = new Map(watch.rules.map(({ node }, i) => [into[opOf.get(node) as number], i]))
  const backward: Frame[] = []
  for (const [i, { node, gradients }] of watch.rules.entries()) {
    const own = opOf.get(node) as number
    const at = into[own]
    const edges = whole.edges.filter(({ to }) => to === own)
    const taken = gradients.filter((_, k) => node.inputMetas[k].dtype !== undefined)
    for (const [k, { from: target, input }] of edges.entries()) {
      const grad = await figured(taken[k])
      const formula = shareOf(whole, whole.nodes[own], input, nameOf)
      if (grad) added.push({ target, share: { from: at, to: into[target], formula, grad } })
    }
    if (last.get(at) !== i) continue
    const between = added.filter(({ share: { from, to } }) => from !== to).map(({ share }) => share)
    // Outputs that are nodes of their own come first, as they are where gradients arrive.
    const outputs = graph.nodes[at].outputs > 0 ? graph.edges.filter(({ from }) => from === at).map(({ to }) => to) : []
    for (const id of [...outputs, at]) {
      const [received, given] = [between.filter(({ to }) => to === id), between.filter(({ from }) => from === id)]
      const { grad } = graph.nodes[id]
      backward.push({ ...empty, phase: 'backward', node: id, formula: derivative(graph, id), grad, received, given })
    }
  }
  const changes = new Map(watch.updates().map((update) => [update.leaf, update]))
  const update: Frame[] = []
  for (const { leaf, before, grad } of watch.leaves) {
    const id = leaves.get(leaf) as number
    const parameter = inside(id) ? nameOf(id) : null
    const formula = `∂${label(graph, graph.nodes.length - 1)}/∂${nameOf(id)}`
    const [total, earlier] = await Promise.all([figures(grad), figured(before)])
    const received = added.filter(({ target }) => target === id).map(({ share }) => share)
    const more = { node: into[id], parameter, grad: total }
    backward.push({ ...empty, ...more, phase: 'backward', formula, before: earlier, received })
    const change = changes.get(leaf)
    if (!change) continue
    const [was, value, moved] = await Promise.all([
      figures(change.before),
      figures(change.after),
      movement(nameOf(id), formula, change, grad),
    ])
    update.push({ ...empty, ...more, phase: 'update', formula: moved, before: was, value })
  }
  return [...forward, ...backward, ...update]
}

/** `w ← w − 0.1 · ∂L/∂w` where that is what happened, else the name of what changed it. */
async function movement(name: string, gradient: string, update: Update, grad: Tensor): Promise<string> {
  const [before, after, by] = await Promise.all([update.before, update.after, grad].map(numbersOf))
  let largest = 0
  for (let i = 0; i < by.length; i++) if (Math.abs(by[i]) > Math.abs(by[largest])) largest = i
  const rate = (before[largest] - after[largest]) / by[largest]
  // A difference is as exact as the numbers that it is of.
  const eps = grad.dtype === 'float64' ? 2 ** -50 : 2 ** -21
  let plain = Number.isFinite(rate) && rate !== 0
  for (let i = 0; i < by.length && plain; i++)
    plain = Math.abs(before[i] - after[i] - rate * by[i]) <= eps * Math.max(Math.abs(before[i]), Math.abs(after[i]))
  const size = Number(Math.abs(rate).toPrecision(4))
  return plain
    ? `${name} ← ${name} ${rate < 0 ? '+' : '−'} ${size} · ${gradient}`
    : `${name} ← ${update.by}(${name}, ${gradient})`
}
