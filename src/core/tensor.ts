/**
 * @file The tensor: a handle on a storage through a view, with an edge into the graph when it needs a gradient.
 * Operations are not here: ops/ has them, and methods.ts puts them on this class. Nothing is computed here but reading
 * back to the host.
 */
import { arrayOf, type Device, type DType } from './device.ts'
import { fail } from './errors.ts'
import { numbersOf } from './half.ts'
import type { TypedArray } from './kernel.ts'
import { type Handle, register, remedyOf, type Scope, type Ticket, unregister } from './scope.ts'
import {
  contiguousView,
  eachAddress,
  isContiguous,
  type Shape,
  showShape,
  sizeOf,
  type View,
  viewRange,
} from './shape.ts'
import { Storage } from './storage.ts'

/** Where a gradient goes: a node's output or a leaf. Defined by graph.ts; a tensor only counts on it. */
export interface GradSource {
  readonly id: number
  /** Name of the op that made the tensor, or 'leaf'. */
  readonly name: string
  retain(): void
  release(): void
}

/** The place of a tensor in the graph: output `index` of `source`. */
export interface Edge {
  readonly source: GradSource
  readonly index: number
}

/** Nested arrays of the shape of a tensor, as `array()` gives them. */
export type Nested<T> = T | Nested<T>[]

let tensorsMade = 0
let tensorsLive = 0

/** Tensors alive: handles neither disposed nor collected. */
export const liveTensors = (): number => tensorsLive

class Hold implements Ticket {
  storage: Storage | null
  edge: Edge | null
  constructor(storage: Storage, edge: Edge | null) {
    this.storage = storage
    this.edge = edge
  }
  release(): void {
    if (!this.storage) return
    this.storage.release()
    this.edge?.source.release()
    this.storage = null
    this.edge = null
    tensorsLive--
  }
}

/**
 * An n-dimensional array: a view (shape, strides, offset) of a storage on a device, and its place in the graph. Make
 * one with `tensor`, `zeros`, `randn` …; ops are functions and methods.
 */
export class Tensor implements Handle {
  /** Counts up; errors name tensors by it. */
  readonly id: number
  readonly dtype: DType
  /** Internal to scope.ts. */
  owner: Scope | null = null
  /** Internal: what on the way here let no gradient pass, for errors: an op's name, not the op. */
  cut: string | undefined
  private _layout: View
  private readonly hold: Hold

  /** Internal: takes over one reference of `storage`. Users call `tensor`, `zeros` and the like. */
  constructor(storage: Storage, view: View, edge: Edge | null = null, dtype: DType = storage.dtype) {
    this.id = ++tensorsMade
    this.dtype = dtype
    this._layout = view
    this.hold = new Hold(storage, edge)
    edge?.source.retain()
    tensorsLive++
    register(this)
  }

  /** An uninitialised tensor of its own storage. */
  static alloc(device: Device, dtype: DType, shape: Shape, label: string): Tensor {
    return new Tensor(new Storage(device, dtype, sizeOf(shape), label), contiguousView(shape))
  }

  /** The memory under the tensor. @throws HandgradError if the tensor was disposed */
  get storage(): Storage {
    return this.hold.storage ?? fail('tensor', `${this.title} was disposed`, remedyOf(this))
  }

  /** How the elements lie on the storage. */
  get layout(): View {
    return this._layout
  }
  get shape(): Shape {
    return this._layout.shape
  }
  /** Number of dims. */
  get ndim(): number {
    return this._layout.shape.length
  }
  /** Number of elements. */
  get numel(): number {
    return sizeOf(this._layout.shape)
  }
  get device(): Device {
    return this.storage.device
  }
  /** True if elements follow each other in memory in row-major order. */
  get isContiguous(): boolean {
    return isContiguous(this._layout)
  }
  get disposed(): boolean {
    return this.hold.storage === null
  }
  /** Its place in the graph, null for a constant. */
  get edge(): Edge | null {
    return this.hold.edge
  }
  /** `tensor #17 [2, 3]`, for error texts. */
  get title(): string {
    return `tensor #${this.id} ${showShape(this.shape)}`
  }

  /** Internal: make a constant a leaf, or a leaf a constant. */
  setEdge(edge: Edge | null): void {
    edge?.source.retain()
    this.hold.edge?.source.release()
    this.hold.edge = edge
  }

  /** Internal: take over what `other` holds, so that whoever has this handle sees the new value. `other` is used up. */
  become(other: Tensor): void {
    const storage = other.storage.retain()
    this.setEdge(other.edge)
    this.hold.storage?.release()
    this.hold.storage = storage
    this._layout = other._layout
    // Read-only to users; a handle changes its dtype here alone.
    ;(this as { dtype: DType }).dtype = other.dtype
    this.cut = other.cut
    other.dispose()
  }

  /**
   * Release the memory now. Using the tensor afterwards is an error. Scopes and the garbage collector do it for you.
   */
  dispose(): void {
    if (this.disposed) return
    unregister(this)
    this.hold.release()
  }
  /** As `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose()
  }
  ticket(): Ticket {
    return this.hold
  }

  /**
   * The elements in row-major order, copied to the host: Float32Array, Float64Array, Int32Array, Uint32Array of 0 and
   * 1, or of 16 bits Uint16Array of the bits. The values are those at the time of the call.
   */
  async data(): Promise<TypedArray> {
    const { storage, layout, numel } = this
    if (numel === 0) return new arrayOf[this.dtype](0)
    const [low, high] = viewRange(layout)
    const raw = await storage.device.read(storage.block, low, high - low + 1)
    if (isContiguous(layout)) return raw
    const out = new arrayOf[this.dtype](numel)
    eachAddress(layout, (address, i) => {
      out[i] = raw[address - low]
    })
    return out
  }

  /** The elements as nested arrays of the tensor's shape; a 0-d tensor gives a number (or boolean). */
  async array(): Promise<Nested<number> | Nested<boolean>> {
    const flat = await numbersOf(this)
    return this.dtype === 'bool' ? nest(Array.from(flat, Boolean), this.shape) : nest(Array.from(flat), this.shape)
  }

  /**
   * The one element of a tensor of size 1, as a number: 0 or 1 of a bool.
   * @throws HandgradError if there are more, or none
   */
  async item(): Promise<number> {
    if (this.numel !== 1)
      fail('item', `${this.title} has ${this.numel} elements`, 'item() is for one; data() gives all')
    return (await numbersOf(this))[0]
  }

  /** JS has no operator overloading; `x + 1` and `x < y` would compare handles. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'string') return this.toString()
    return fail(
      'tensor',
      `a JS operator was used on ${this.title}`,
      'write x.add(y), x.mul(y), x.lt(y) …, or await x.item()',
    )
  }

  /** One line: shape, dtype, device, and the op that made it. */
  toString(): string {
    if (this.disposed) return `Tensor(#${this.id}, disposed)`
    const from = this.edge
      ? `, ${this.edge.source.name === 'leaf' ? 'requiresGrad' : `from ${this.edge.source.name}`}`
      : ''
    return `Tensor(${showShape(this.shape)}, ${this.dtype}, ${this.device.name}${from})`
  }
}

function nest<T>(flat: T[], shape: Shape): Nested<T> {
  if (shape.length === 0) return flat[0]
  const [n, ...rest] = shape
  const step = sizeOf(rest)
  return Array.from({ length: n }, (_, i) => nest(flat.slice(i * step, (i + 1) * step), rest))
}
