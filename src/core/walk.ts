/**
 * @file The walk backward through the graph: `backward`, `grad`, and the steps that both are made of. Newest node first
 * is an order in which each node comes before its inputs, because a node is always younger than they are. No recursion:
 * chains are long.
 */
import { describe, fail } from './errors.ts'
import { calling } from './frame.ts'
import { alias, checkAlike, edgeOf, enableGrad, type GradSlot, Leaf, Node, noGrad, whyConstant } from './graph.ts'
import { contiguousCopy, fillNew } from './launch.ts'
import { keep } from './scope.ts'
import { type Edge, type GradSource, Tensor } from './tensor.ts'

// ---- the one op that the walk needs

type Add = (a: Tensor, b: Tensor) => Tensor
let add: Add | null = null

/**
 * Set the op that adds cotangents where they meet. It must be recorded under createGraph, so it is an op; the core has
 * none.
 */
export function useAddition(op: Add): void {
  add = op
}

function sum(a: Tensor, b: Tensor): Tensor {
  if (!add) fail('backward', 'gradients meet, and there is no op that adds them', "import the ops: import 'handgrad'")
  return add(a, b)
}

/**
 * A tensor that shares nothing with x: x itself where nothing else holds its memory, so that w.grad may be changed in
 * place.
 */
const ownCopy = (x: Tensor): Tensor =>
  x.isContiguous && x.storage.users === 1 && x.storage.length === x.numel
    ? new Tensor(x.storage.retain(), x.layout)
    : contiguousCopy('backward', x, x.layout)

// ---- options

/** What happens to the graph while it is walked. */
export interface BackwardOptions {
  /** Keep the graph for another backward. Default: `createGraph`. */
  retainGraph?: boolean
  /** Record the backward pass itself, for second derivatives. */
  createGraph?: boolean
}

/** Options of {@link grad}. */
export interface GradOptions extends BackwardOptions {
  /** Cotangents of the outputs, one tensor for one; a 0-d output needs none. */
  gradOutputs?: Tensor | readonly (Tensor | null)[] | null
  /** Give null for inputs that the outputs do not depend on, in place of an error. */
  allowUnused?: boolean
}

/** One output or several. */
export type Outputs = Tensor | readonly Tensor[]

// ---- the two walks

/** As the method `backward` of autograd/backward.ts, of checked options. */
export function backward(y: Tensor, cotangent: Tensor | null | undefined, options: BackwardOptions): void {
  drain(backwardSteps(y, cotangent, options), options)
}

/**
 * The steps of `backward`, to be looked at one by one: a debugger's or a drawing's way through it. Each is to be asked
 * for inside of noGrad, or of enableGrad under createGraph; what is left of the walk is given up by `return()`.
 */
export function backwardSteps(
  y: Tensor,
  cotangent: Tensor | null | undefined,
  options: BackwardOptions,
): Generator<BackwardStep, Grads, void> {
  checkSeed('backward', y, cotangent)
  return steps('backward', [y], [cotangent], options, null)
}

/** As `grad` of autograd/backward.ts, of lists and checked options. */
export function grad(
  ys: readonly Tensor[],
  xs: readonly Tensor[],
  options: GradOptions & { gradOutputs: readonly (Tensor | null)[] },
): (Tensor | null)[] {
  const { gradOutputs } = options
  ys.forEach((one, i) => checkSeed('grad', one, gradOutputs[i]))
  if (gradOutputs.length > ys.length) fail('grad', `gradOutputs has ${gradOutputs.length}, outputs ${ys.length}`)
  const edges = xs.map((x) => edgeOf('grad', x))
  const found = drain(steps('grad', ys, gradOutputs, options, xs), options)
  return edges.map((edge, i) => found.get(edge.source)?.[edge.index] ?? unused(options, xs[i]))
}

/** Walk to the end. */
function drain(walk: Generator<BackwardStep, Grads, void>, options: BackwardOptions): Grads {
  const run = () => {
    let step = walk.next()
    while (!step.done) step = walk.next()
    return step.value
  }
  return options.createGraph ? enableGrad(run) : noGrad(run)
}

/** No gradient arrives at x. */
const unused = ({ allowUnused }: GradOptions, x: Tensor): null =>
  allowUnused ? null : fail('grad', `the outputs do not depend on ${x.title}`, 'pass allowUnused: true to get null')

function checkSeed(op: string, y: Tensor, cotangent?: Tensor | null): void {
  if (!(y instanceof Tensor)) fail(op, `the output is ${describe(y)}, not a tensor`)
  if (!(y.storage && y.edge)) fail(op, `${y.title} needs no gradient`, whyConstant(y))
  if (!cotangent) {
    if (y.numel === 1) return
    fail(op, `${y.title} is not a scalar`, 'give a cotangent of its shape, or take sum() or mean() first')
  }
  checkAlike(op, 'the cotangent', cotangent, 'the output', y, 'options come after: backward(undefined, { … })')
}

// ---- the steps

/** Cotangents of each source's outputs, as far as they have arrived. */
type Grads = Map<GradSource, (Tensor | null)[]>

/** All cotangents of a node or a leaf have arrived. The tensors are the walk's own: it frees them when it goes on. */
export interface BackwardStep {
  readonly source: Node | Leaf
  /** The cotangent of each output, as hooks left it; null where nothing arrived. */
  readonly arrived: readonly (Tensor | null)[]
  /** The gradient of each input, null where none is wanted; none at all for a leaf. */
  readonly gradients: readonly (Tensor | null)[]
}

/**
 * All that the outputs depend on.
 * @param released  what to do about a node that an earlier backward has released
 */
export function reachable(outputs: readonly Tensor[], released: (node: Node) => never): Set<GradSource> {
  const seen = new Set<GradSource>()
  const stack: GradSource[] = outputs.map((y) => (y.edge as Edge).source)
  for (let source = stack.pop(); source; source = stack.pop()) {
    if (seen.has(source)) continue
    seen.add(source)
    if (!(source instanceof Node)) continue
    if (source.released) released(source)
    for (const edge of source.inputs) if (edge) stack.push(edge.source)
  }
  return seen
}

/** The nodes among sources, newest first: each before its inputs. */
export const newestFirst = (sources: Iterable<GradSource>): Node[] =>
  [...sources].filter((source) => source instanceof Node).sort((a, b) => b.id - a.id)

/** The sources on a path to a target; null targets: all of them. */
function leadingTo(targets: readonly Edge[] | null, order: readonly Node[]): (source: GradSource) => boolean {
  if (!targets) return () => true
  const wanted = new Set<GradSource>(targets.map((edge) => edge.source))
  for (let i = order.length - 1; i >= 0; i--) {
    if (order[i].inputs.some((edge) => edge && wanted.has(edge.source))) wanted.add(order[i])
  }
  return (source) => wanted.has(source)
}

function* steps(
  op: string,
  outputs: readonly Tensor[],
  cotangents: readonly (Tensor | null | undefined)[],
  options: GradOptions,
  xs: readonly Tensor[] | null,
): Generator<BackwardStep, Grads, void> {
  const { createGraph = false, retainGraph = createGraph } = options
  const reached = reachable(outputs, (node) =>
    fail(
      op,
      `the graph of ${node.name} was released by an earlier backward`,
      'pass { retainGraph: true } to the first backward, or compute the output again',
    ),
  )
  const targets = xs?.map((x) => x.edge as Edge) ?? null
  targets?.forEach(({ source }, i) => reached.has(source) || unused(options, (xs as Tensor[])[i]))
  const order = newestFirst(reached)
  const wanted = leadingTo(targets, order)
  const isTarget = new Set(targets?.map((edge) => edge.source))
  const grads: Grads = new Map()
  // Freeing a node must not free the ones before it that are still to be walked.
  for (const node of order) node.retain()
  let done = false
  const { back } = calling
  /** Gradients that a rule gave and that have not arrived yet. */
  let onTheWay: (Tensor | null)[] = []
  try {
    // The caller keeps its cotangent: the walk works on handles of its own.
    outputs.forEach((y, i) => {
      const given = cotangents[i]
      const g = given ? alias(given) : fillNew(op, y.shape, 1, y.dtype, y.device)
      arrive(grads, y.edge as Edge, g, createGraph)
    })
    for (const node of order) {
      const arrived = grads.get(node)
      calling.back = node
      if (arrived) {
        if (node.slots) settle(arrived, node.slots, targets === null, createGraph)
        const needs = node.inputs.map((edge) => edge !== null && wanted(edge.source))
        onTheWay = needs.includes(true) ? node.op.backward(node, arrived, needs) : []
        yield { source: node, arrived, gradients: onTheWay }
        node.inputs.forEach((edge, i) => {
          const g = onTheWay[i]
          if (edge && g) arrive(grads, edge, g, createGraph)
          onTheWay[i] = null
        })
        if (!isTarget.has(node)) finish(grads, node, createGraph)
      }
      if (!retainGraph) node.free()
    }
    for (const [source, arrived] of grads) {
      if (!(source instanceof Leaf)) continue
      calling.back = source
      settle(arrived, [source.slot], targets === null, createGraph)
      yield { source, arrived, gradients: [] }
      if (!isTarget.has(source)) finish(grads, source, createGraph)
    }
    done = true
  } finally {
    calling.back = back
    for (const node of order) node.release()
    if (!done) {
      for (const g of onTheWay) g?.dispose()
      for (const source of [...grads.keys()]) finish(grads, source, false)
    }
  }
  return grads
}

/** Add a cotangent to what has arrived at an edge. The walk owns `g`. */
function arrive(grads: Grads, edge: Edge, g: Tensor, createGraph: boolean): void {
  const list = grads.get(edge.source) ?? []
  const before = list[edge.index]
  list[edge.index] = before ? sum(before, g) : g
  if (before && !createGraph) {
    before.dispose()
    g.dispose()
  }
  grads.set(edge.source, list)
}

/** All cotangents of a source are there: run hooks, keep what is to be kept. */
function settle(
  arrived: (Tensor | null)[],
  slots: readonly GradSlot[],
  keepGrads: boolean,
  createGraph: boolean,
): void {
  slots.forEach((slot, i) => {
    if (!arrived[i]) return
    for (const hook of slot.hooks) {
      // Hooks get handles of their own: what they keep outlives the walk.
      const changed = hook(alias(arrived[i] as Tensor))
      if (!changed) continue
      if (!createGraph) arrived[i]?.dispose()
      arrived[i] = alias(changed)
    }
    if (slot.retain && keepGrads) accumulate(slot, arrived[i] as Tensor, createGraph)
  })
}

/** slot.grad += g; the handle that users may hold stays the same. */
function accumulate(slot: GradSlot, g: Tensor, createGraph: boolean): void {
  if (slot.grad) {
    slot.grad.become(sum(slot.grad, g))
    if (slot.shown && !slot.shown.disposed) slot.shown.become(alias(slot.grad))
  } else slot.grad = keep(createGraph ? alias(g) : ownCopy(g))
}

/** The cotangents of a source are used up. */
function finish(grads: Grads, source: GradSource, createGraph: boolean): void {
  const arrived = grads.get(source)
  grads.delete(source)
  if (!createGraph) for (const g of arrived ?? []) g?.dispose()
}
