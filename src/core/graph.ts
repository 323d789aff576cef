/**
 * @file The computation graph as data, and the walk backward through it. A node is an op, its attributes, edges to where its
 * inputs came from, and what it saved; never a tensor handle. How one op's gradient is computed is in op.ts and ops/.
 *
 * Nodes are counted: by the tensors that stand on them and by the nodes behind them. The last one to go frees what was saved.
 */

import type { Device, DType } from './device.ts'
import { describe, fail } from './errors.ts'
import { keep, synchronous } from './scope.ts'
import { type Shape, showShape, type View } from './shape.ts'
import type { Storage } from './storage.ts'
import { type Edge, type GradSource, Tensor } from './tensor.ts'

/** What the graph needs of an op: a name, and the gradients of its inputs from those of its outputs. */
export interface Differentiable {
  readonly name: string
  /**
   * The gradients of a node's inputs, null for those that are not wanted.
   * @param node   the node to go back through
   * @param grads  the cotangent of each output, null where nothing arrived
   * @param needs  per input, whether its gradient is wanted
   */
  backward(node: Node, grads: readonly (Tensor | null)[], needs: readonly boolean[]): (Tensor | null)[]
}

/** Shape, dtype and device of a value that need not be alive. */
export interface Meta {
  readonly shape: Shape
  readonly dtype: DType
  readonly device: Device
}

/** A value kept for backward: storage, view and the version it had. */
export interface Saved {
  readonly storage: Storage
  readonly view: View
  readonly version: number
  readonly title: string
}

/** Sees a gradient as backward computes it; a tensor that it returns takes its place. */
export type Hook = (grad: Tensor) => Tensor | void

/** What may hang on a place of the graph: hooks, and a gradient that is kept. */
export interface GradSlot {
  hooks: Hook[]
  retain: boolean
  grad: Tensor | null
  /** The handle that user code was given; it lives as long as tensors made where `.grad` was asked for. */
  shown: Tensor | null
}

const newSlot = (retain: boolean): GradSlot => ({ hooks: [], retain, grad: null, shown: null })

let sourcesMade = 0
let nodesLive = 0

/** Graph nodes alive, i.e. not yet released. */
export const liveNodes = (): number => nodesLive

/** A tensor that the user made with `requiresGrad`: gradients end here. */
export class Leaf implements GradSource {
  readonly id = ++sourcesMade
  readonly name = 'leaf'
  readonly meta: Meta
  readonly slot = newSlot(true)
  private refs = 0

  constructor(meta: Meta) {
    this.meta = meta
  }
  retain(): void {
    this.refs++
  }
  release(): void {
    if (--this.refs === 0) dropGrad(this.slot)
  }
}

/** One recorded call of an op. */
export class Node implements GradSource {
  readonly id = ++sourcesMade
  readonly op: Differentiable
  readonly attrs: unknown
  /** Shapes and dtypes of inputs and outputs, for rules and drawings. */
  readonly inputMetas: readonly Meta[]
  readonly outputMetas: readonly Meta[]
  /** Per input, where its gradient goes; null for constants. Empty once released. */
  inputs: readonly (Edge | null)[]
  /** Values that the rules named, by name. Empty once released. */
  saved: Readonly<Record<string, Saved>>
  released = false
  slots: GradSlot[] | null = null
  private refs = 0

  constructor(
    op: Differentiable,
    attrs: unknown,
    inputs: readonly (Edge | null)[],
    saved: Readonly<Record<string, Saved>>,
    inputMetas: readonly Meta[],
    outputMetas: readonly Meta[],
  ) {
    this.op = op
    this.attrs = attrs
    this.inputs = inputs
    this.saved = saved
    this.inputMetas = inputMetas
    this.outputMetas = outputMetas
    for (const edge of inputs) edge?.source.retain()
    for (const name in saved) saved[name].storage.retain()
    nodesLive++
  }
  get name(): string {
    return this.op.name
  }
  slot(index: number): GradSlot {
    this.slots ??= this.outputMetas.map(() => newSlot(false))
    return this.slots[index]
  }
  retain(): void {
    this.refs++
  }
  release(): void {
    if (--this.refs > 0) return
    for (const slot of this.slots ?? []) dropGrad(slot)
    this.free()
  }
  /** Let go of saved values and of the nodes before this one. A list in place of recursion: chains are long. */
  free(): void {
    if (this.released) return
    if (freeing) {
      freeing.push(this)
      return
    }
    freeing = [this]
    for (let node = freeing.pop(); node; node = freeing.pop()) node.letGo()
    freeing = null
  }
  private letGo(): void {
    if (this.released) return
    this.released = true
    nodesLive--
    const { saved, inputs } = this
    this.saved = {}
    this.inputs = []
    for (const name in saved) saved[name].storage.release()
    for (const edge of inputs) edge?.source.release()
  }
}

/** Nodes waiting to be freed while another one is. */
let freeing: Node[] | null = null

/** Remember a tensor's value for backward. */
export const save = (x: Tensor): Saved => ({
  storage: x.storage,
  view: x.layout,
  version: x.storage.version,
  title: x.title,
})

/** A saved value as a tensor again, at its place in the graph. @throws HandgradError if it was changed since */
export function restore(op: string, name: string, saved: Saved, edge: Edge | null): Tensor {
  const { storage, view, version, title } = saved
  if (storage.version !== version) {
    const what = `${op} needs its ${name}, ${title}, which ${storage.changedBy} changed in place since`
    fail('backward', what, 'use the op without _, or change a clone()')
  }
  return new Tensor(storage.retain(), view, edge)
}

// ---- grad mode

let recording = true

/** True while ops record the graph. */
export const gradEnabled = (): boolean => recording

function withGrad<T>(op: string, on: boolean, f: () => T): T {
  const enter = () => {
    const before = recording
    recording = on
    return () => {
      recording = before
    }
  }
  return synchronous(op, `await outside of ${op}(() => …)`, enter, f)
}

/** Run a synchronous callback without recording the graph. @throws HandgradError if `f` is no function or returns a promise */
export const noGrad = <T>(f: () => T): T => withGrad('noGrad', false, f)

/**
 * Run a synchronous callback that records the graph, inside a `noGrad`.
 * @throws HandgradError if `f` is no function or returns a promise
 */
export const enableGrad = <T>(f: () => T): T => withGrad('enableGrad', true, f)

// ---- leaves and slots

/** A tensor's place in the graph; a disposed one says so itself. */
const placeOf = (op: string, x: Tensor): Edge =>
  (x?.storage && x.edge) ??
  fail(op, `${x?.title ?? describe(x)} needs no gradient`, 'make it with { requiresGrad: true }')

/** The slot of a tensor's place in the graph. @throws HandgradError if the tensor needs no gradient */
export function slotOf(op: string, x: Tensor): GradSlot {
  const edge = placeOf(op, x)
  return edge.source instanceof Leaf ? edge.source.slot : (edge.source as Node).slot(edge.index)
}

export const isLeaf = (x: Tensor): boolean => x.edge === null || x.edge.source instanceof Leaf

/** Make a constant a leaf of the graph (or a leaf a constant). */
export function setRequiresGrad(x: Tensor, on: boolean): Tensor {
  if (!isLeaf(x))
    fail('requiresGrad', `${x.title} is the result of ${x.edge?.source.name}`, 'only leaves can be set; use detach()')
  if (on && x.dtype !== 'float32' && x.dtype !== 'float64') {
    fail('requiresGrad', `${x.title} is ${x.dtype}`, 'only float tensors have gradients')
  }
  if (on !== (x.edge !== null))
    x.setEdge(on ? { source: new Leaf({ shape: x.shape, dtype: x.dtype, device: x.device }), index: 0 } : null)
  return x
}

/** Forget a gradient; handles that user code was given stay. */
export function dropGrad(slot: GradSlot): void {
  slot.grad?.dispose()
  slot.grad = null
  slot.shown = null
}

// ---- the walk

/** The two ops the walk itself needs; ops/ hands them in, because the graph knows none. */
export interface GradOps {
  add(a: Tensor, b: Tensor): Tensor
  /** A tensor that shares nothing with `x`, contiguous. */
  own(x: Tensor): Tensor
  ones(meta: Meta): Tensor
}
let ops: GradOps
export function useGradOps(these: GradOps): void {
  ops = these
}

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

/** As the method `backward` of ops/autograd.ts, of checked options. */
export function backward(y: Tensor, cotangent: Tensor | null | undefined, options: BackwardOptions): void {
  checkSeed('backward', y, cotangent)
  walk('backward', [y], [cotangent], options, null)
}

/** One output or several. */
export type Outputs = Tensor | readonly Tensor[]

/** As `grad` of ops/autograd.ts, of lists and checked options. */
export function grad(
  ys: readonly Tensor[],
  xs: readonly Tensor[],
  options: GradOptions & { gradOutputs: readonly (Tensor | null)[] },
): (Tensor | null)[] {
  const { gradOutputs } = options
  ys.forEach((one, i) => checkSeed('grad', one, gradOutputs[i]))
  if (gradOutputs.length > ys.length) fail('grad', `gradOutputs has ${gradOutputs.length}, outputs ${ys.length}`)
  const places = xs.map((x) => placeOf('grad', x))
  const found = walk('grad', ys, gradOutputs, options, xs)
  return places.map((edge, i) => found.get(edge.source)?.[edge.index] ?? unused(options, xs[i]))
}

/** No gradient arrives at x. */
const unused = ({ allowUnused }: GradOptions, x: Tensor): null =>
  allowUnused ? null : fail('grad', `the outputs do not depend on ${x.title}`, 'pass allowUnused: true to get null')

function checkSeed(op: string, y: Tensor, cotangent?: Tensor | null): void {
  if (!(y instanceof Tensor)) fail(op, `the output is ${describe(y)}, not a tensor`)
  if (!(y.storage && y.edge))
    fail(op, `${y.title} needs no gradient`, 'no input that it was computed from has requiresGrad')
  if (!cotangent) {
    if (y.numel === 1) return
    fail(op, `${y.title} is not a scalar`, 'give a cotangent of its shape, or take sum() or mean() first')
  }
  if (!(cotangent instanceof Tensor)) {
    fail(op, `the cotangent is ${describe(cotangent)}, not a tensor`, 'options come after: backward(undefined, { … })')
  }
  const [a, b] = [showShape(y.shape), showShape(cotangent.shape)]
  if (a !== b) fail(op, `the cotangent is ${b}, the output ${a}`, 'they must have one shape')
  if (cotangent.dtype !== y.dtype) fail(op, `the cotangent is ${cotangent.dtype}, the output ${y.dtype}`, 'cast it')
  if (cotangent.device !== y.device)
    fail(op, `the cotangent is on ${cotangent.device.name}, the output on ${y.device.name}`, 'move it with to()')
}

type Grads = Map<GradSource, (Tensor | null)[]>

/** All that the outputs depend on. Newest first is an order in which each node comes before its inputs. */
function reachable(op: string, outputs: readonly Tensor[]): Set<GradSource> {
  const seen = new Set<GradSource>()
  const stack: GradSource[] = outputs.map((y) => (y.edge as Edge).source)
  for (let source = stack.pop(); source; source = stack.pop()) {
    if (seen.has(source)) continue
    seen.add(source)
    if (!(source instanceof Node)) continue
    if (source.released) {
      const todo = 'pass { retainGraph: true } to the first backward, or compute the output again'
      fail(op, `the graph of ${source.name} was released by an earlier backward`, todo)
    }
    for (const edge of source.inputs) if (edge) stack.push(edge.source)
  }
  return seen
}

/** The sources on a path to a target; null targets: all of them. */
function leadingTo(targets: readonly Edge[] | null, order: readonly Node[]): (source: GradSource) => boolean {
  if (!targets) return () => true
  const wanted = new Set<GradSource>(targets.map((edge) => edge.source))
  for (let i = order.length - 1; i >= 0; i--) {
    if (order[i].inputs.some((edge) => edge && wanted.has(edge.source))) wanted.add(order[i])
  }
  return (source) => wanted.has(source)
}

function walk(
  op: string,
  outputs: readonly Tensor[],
  cotangents: readonly (Tensor | null | undefined)[],
  options: GradOptions,
  xs: readonly Tensor[] | null,
): Grads {
  const createGraph = options.createGraph ?? false
  const retainGraph = options.retainGraph ?? createGraph
  const reached = reachable(op, outputs)
  const targets = xs?.map((x) => x.edge as Edge) ?? null
  targets?.forEach(({ source }, i) => reached.has(source) || unused(options, (xs as Tensor[])[i]))
  const order = [...reached].filter((source) => source instanceof Node).sort((a, b) => b.id - a.id)
  const wanted = leadingTo(targets, order)
  const isTarget = new Set(targets?.map((edge) => edge.source))
  const grads: Grads = new Map()
  const pass = () => {
    // The caller keeps its cotangent: the walk works on handles of its own.
    outputs.forEach((y, i) => {
      const given = cotangents[i]
      const g = given ? alias(given) : ops.ones({ shape: y.shape, dtype: y.dtype, device: y.device })
      arrive(grads, y.edge as Edge, g, createGraph)
    })
    for (const node of order) {
      const arrived = grads.get(node)
      if (arrived) {
        if (node.slots) settle(arrived, node.slots, targets === null, createGraph)
        const needs = node.inputs.map((edge) => edge !== null && wanted(edge.source))
        const results = needs.includes(true) ? node.op.backward(node, arrived, needs) : []
        node.inputs.forEach((edge, i) => {
          const g = results[i]
          if (edge && g) arrive(grads, edge, g, createGraph)
        })
        if (!isTarget.has(node)) finish(grads, node, createGraph)
      }
      if (!retainGraph) node.free()
    }
    for (const [source, arrived] of grads) {
      if (!(source instanceof Leaf)) continue
      settle(arrived, [source.slot], targets === null, createGraph)
      if (!isTarget.has(source)) finish(grads, source, createGraph)
    }
  }
  // Freeing a node must not free the ones before it that are still to be walked.
  for (const node of order) node.retain()
  let done = false
  try {
    if (createGraph) enableGrad(pass)
    else noGrad(pass)
    done = true
  } finally {
    for (const node of order) node.release()
    if (!done) for (const source of [...grads.keys()]) finish(grads, source, false)
  }
  return grads
}

/** Another handle on the same value at the same place in the graph. */
export const alias = (x: Tensor): Tensor => new Tensor(x.storage.retain(), x.layout, x.edge)

/** Add a cotangent to what has arrived at an edge. The walk owns `g`. */
function arrive(grads: Grads, edge: Edge, g: Tensor, createGraph: boolean): void {
  const list = grads.get(edge.source) ?? []
  const before = list[edge.index]
  list[edge.index] = before ? ops.add(before, g) : g
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
    slot.grad.become(ops.add(slot.grad, g))
    if (slot.shown && !slot.shown.disposed) slot.shown.become(alias(slot.grad))
  } else slot.grad = keep(createGraph ? alias(g) : ops.own(g))
}

/** The cotangents of a source are used up. */
function finish(grads: Grads, source: GradSource, createGraph: boolean): void {
  const arrived = grads.get(source)
  grads.delete(source)
  if (!createGraph) for (const g of arrived ?? []) g?.dispose()
}
