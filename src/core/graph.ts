/**
 * @file The computation graph as data. A node is an op, its attributes, edges to where its inputs came from, and what
 * it saved; never a tensor handle. The walk backward is in walk.ts; how one op's gradient is computed in op.ts and
 * ops/.
 *
 * Nodes are counted: by the tensors that stand on them and by the nodes after them. The last one to go frees what was
 * saved.
 */

import { type Device, type DType, isFloat } from './device.ts'
import { describe, fail } from './errors.ts'
import { calling } from './frame.ts'
import { remedyOf, synchronous } from './scope.ts'
import { type Shape, sameShape, showShape, type View } from './shape.ts'
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
  /** Of the tensor that an op took, which nothing else may remember. */
  readonly id?: number
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
  /** Gives the value where it is not what the storage holds; the version is none then, -1. */
  readonly again?: typeof restore
}

/** Sees a gradient as backward computes it; a tensor that it returns takes its place. */
export type Hook = (grad: Tensor) => Tensor | void

/** What may hang on an edge of the graph: hooks, and a gradient that is kept. */
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
  /** The call of a module that it was made in. */
  readonly frame = calling.now
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

/** What keeps values in a way of its own while a callback runs; it gives null for those that are kept as ever. */
export const keeping: { by: ((x: Tensor) => Saved | null) | null } = { by: null }

/** A tensor's value, as it is. */
export const plain = ({ storage, layout, title }: Tensor): Saved => {
  return { storage, view: layout, version: storage.version, title }
}

/** Remember a tensor's value for backward. */
export const save = (x: Tensor): Saved => keeping.by?.(x) ?? plain(x)

/** A saved value as a tensor again, with its edge. @throws HandgradError if it was changed since */
export function restore(op: string, name: string, saved: Saved, edge: Edge | null): Tensor {
  if (saved.again) return saved.again(op, name, saved, edge)
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

/**
 * Run a synchronous callback without recording the graph.
 * @throws HandgradError if `f` is not a function or returns a promise
 */
export const noGrad = <T>(f: () => T): T => withGrad('noGrad', false, f)

/**
 * Run a synchronous callback that records the graph, inside a `noGrad`.
 * @throws HandgradError if `f` is not a function or returns a promise
 */
export const enableGrad = <T>(f: () => T): T => withGrad('enableGrad', true, f)

// ---- leaves and slots

/** Why a tensor has no place in the graph. */
export const whyConstant = ({ cut }: Tensor): string =>
  cut ? `${cut} lets no gradient pass` : 'no input that it was computed from has requiresGrad'

/** Where a tensor stands in the graph; a disposed one says so itself. */
export const edgeOf = (op: string, x: Tensor): Edge =>
  (x?.storage && x.edge) ??
  fail(
    op,
    `${x?.title ?? describe(x)} needs no gradient`,
    x?.cut ? whyConstant(x) : 'make it with { requiresGrad: true }',
  )

/** What hangs on a tensor in the graph. @throws HandgradError if the tensor needs no gradient */
export function slotOf(op: string, x: Tensor): GradSlot {
  const edge = edgeOf(op, x)
  return edge.source instanceof Leaf ? edge.source.slot : (edge.source as Node).slot(edge.index)
}

export const isLeaf = (x: Tensor): boolean => x.edge === null || x.edge.source instanceof Leaf

/** Make a constant a leaf of the graph (or a leaf a constant). */
export function setRequiresGrad(x: Tensor, on: boolean): Tensor {
  if (!isLeaf(x))
    fail('requiresGrad', `${x.title} is the result of ${x.edge?.source.name}`, 'only leaves can be set; use detach()')
  if (on && !isFloat(x.dtype)) {
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

/**
 * Refuse what user code gave in the place of a tensor like another one: a cotangent, what a rule or a hook returned.
 * @param name   what it is, in words
 * @param other  what it should be like
 * @param todo   what to do where it is not a tensor
 */
export function checkAlike(
  op: string,
  name: string,
  x: unknown,
  other: string,
  { shape, dtype, device }: Meta,
  todo: string,
): asserts x is Tensor {
  if (!(x instanceof Tensor)) fail(op, `${name} is ${describe(x)}, not a tensor`, todo)
  if (x.disposed) fail(op, `${name} is ${x.title}, which was disposed`, remedyOf(x))
  if (!sameShape(x.shape, shape))
    fail(op, `${name} is ${showShape(x.shape)}, ${other} ${showShape(shape)}`, 'they must have one shape')
  if (x.dtype !== dtype) fail(op, `${name} is ${x.dtype}, ${other} ${dtype}`, 'cast it')
  if (x.device !== device) fail(op, `${name} is on ${x.device.name}, ${other} on ${device.name}`, 'move it with to()')
}

/** Another handle on the same value, with the same edge. */
export const alias = (x: Tensor): Tensor => new Tensor(x.storage.retain(), x.layout, x.edge)
