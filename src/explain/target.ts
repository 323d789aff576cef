/**
 * @file What is explained, as a function and its inputs on the interpreter's device: inputs are copied there as they
 * lie in memory, and the op behind a tensor is called again.
 */
import type { Device } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { Leaf, type Node, type Saved, whyConstant } from '../core/graph.ts'
import { floats, type Op } from '../core/op.ts'
import { Philox } from '../core/philox.ts'
import { contiguousView, showShape, sizeOf, type View } from '../core/shape.ts'
import { Storage } from '../core/storage.ts'
import { Tensor } from '../core/tensor.ts'
import { type GraphNode, inputNames, isAbsent, nodeBehind, specOf } from '../inspect/graph.ts'

/** A function to run. */
export interface Target {
  /** '' where the function has none. */
  readonly name: string
  readonly f: (...inputs: never[]) => unknown
  readonly inputs: readonly unknown[]
  /** Names of the inputs, where the op has some. */
  readonly names: readonly string[] | null
  /** The inputs that get a gradient, by name; default: all of floats, or those that ask for one. */
  readonly wanted?: ReadonlySet<string>
  readonly notes: readonly string[]
  /** The op, where it cannot be called again: what is known of it alone is explained. */
  readonly node?: Node
}

/** What `explain` was given. @throws HandgradError if nothing made it */
export function targetOf(op: string, given: unknown, inputs: readonly unknown[]): Target {
  if (typeof given === 'function') {
    const f = given as Target['f']
    return { name: f.name, f, inputs, names: null, notes: [] }
  }
  if (inputs.length > 0)
    fail(op, `${describe(given)} is not a function, and inputs follow it`, 'give the function first')
  return again(nodeOf(op, given))
}

function nodeOf(op: string, given: unknown): Node {
  if (given instanceof Tensor) {
    const source = given.edge?.source
    if (!source) return fail(op, `${given.title} needs no gradient, so what made it is not kept`, whyConstant(given))
    if (source instanceof Leaf) return fail(op, `${given.title} is a leaf: no op made it`, 'give the result of an op')
    return source as Node
  }
  const behind = isGraphNode(given) ? nodeBehind(given) : undefined
  if (isGraphNode(given) && !behind) fail(op, `node ${given.id} is a ${given.kind}, not an op`, 'give one that is')
  return behind ?? fail(op, `${describe(given)} cannot be explained`, 'give a function and its inputs, or a tensor')
}

const isGraphNode = (x: unknown): x is GraphNode =>
  typeof x === 'object' && x !== null && 'attrs' in x && 'kind' in x && 'op' in x

/** The call of a node's op once more, on what was saved, or on numbers in its place. */
function again(node: Node): Target {
  const given = inputNames(node)
  const names = node.inputMetas.map((_, i) => given?.[i] ?? `input ${i}`)
  const unknown: string[] = []
  const fresh: string[] = []
  const inputs = node.inputMetas.map((meta, i) => {
    if (isAbsent(meta)) return undefined
    const saved: Saved | undefined = node.saved[names[i]]
    if (saved && saved.storage.version === saved.version) return new Tensor(saved.storage.retain(), saved.view)
    if (!floats.includes(meta.dtype)) unknown.push(names[i])
    fresh.push(names[i])
    return new Lost(meta.shape)
  })
  const named = (list: readonly string[]) => list.join(' and ')
  const notes = fresh.length > 0 ? [`no value of ${named(fresh)} is kept: random numbers in row-major order`] : []
  const { op } = node
  const common = { name: node.name, inputs, names, wanted: new Set(names.filter((_, i) => node.inputs[i])) }
  if (!specOf(node)) return { ...common, f: nothing, notes: [`${node.name} has a rule of its own and no kernel`], node }
  if (unknown.length > 0)
    return { ...common, f: nothing, notes: [`not run again, for no value of ${named(unknown)} is kept`], node }
  return { ...common, f: (...xs: (Tensor | undefined)[]) => (op as Op<unknown>).all(xs, node.attrs), notes }
}

const nothing = (): readonly Tensor[] => []

/** An input whose values are gone. */
class Lost {
  readonly shape: readonly number[]
  constructor(shape: readonly number[]) {
    this.shape = shape
  }
}

/** An object as `{ … }` makes it: options. */
export const isPlain = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && Object.getPrototypeOf(x) === Object.prototype

/** Tensors in a value: itself, or in lists and options. */
export function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value]
  if (Array.isArray(value)) return value.flatMap(tensorsIn)
  return isPlain(value) ? Object.values(value).flatMap(tensorsIn) : []
}

/** A tensor that came with an input, on the device. */
export interface Copied {
  readonly name: string
  readonly tensor: Tensor
  readonly wantsGrad: boolean
}

/** Copies inputs to a device; tensors that share memory share it there too. */
export class Copier {
  readonly copied: Copied[] = []
  readonly notes = new Set<string>()
  private readonly device: Device
  private readonly storages = new Map<Storage, Storage>()

  constructor(device: Device) {
    this.device = device
  }

  /** An input with its tensors copied: lists and options may hold some. */
  async copy(value: unknown, name: string): Promise<unknown> {
    if (value instanceof Lost) return this.random(value, name)
    if (value instanceof Tensor) return this.tensor(value, name)
    const list = Array.isArray(value)
    if (!list && !isPlain(value)) return value
    const copies: [string, unknown][] = []
    // One after the other, as `copied` has their order.
    for (const [key, one] of Object.entries(value))
      copies.push([key, await this.copy(one, list ? `${name}[${key}]` : key)])
    return list ? copies.map(([, one]) => one) : Object.fromEntries(copies)
  }

  private async tensor(x: Tensor, name: string): Promise<Tensor> {
    const { storage, layout } = x
    let own = this.storages.get(storage)
    if (!own) {
      const dtype = storage.dtype === 'float64' ? 'float32' : storage.dtype
      if (dtype !== storage.dtype) this.notes.add('float64 inputs are run as float32: a GPU has no other')
      own = new Storage(this.device, dtype, storage.length, name)
      this.storages.set(storage, own)
      const data = await storage.device.read(storage.block, 0, storage.length)
      this.device.write(own.block, dtype === storage.dtype ? data : Float32Array.from(data))
      return this.add(name, own, layout, x.edge !== null)
    }
    return this.add(name, own.retain(), layout, x.edge !== null)
  }

  private random({ shape }: Lost, name: string): Tensor {
    const length = sizeOf(shape)
    const storage = new Storage(this.device, 'float32', length, `${name} ${showShape(shape)}`)
    const random = new Philox(1)
    this.device.write(
      storage.block,
      Float32Array.from({ length }, () => random.word() / 2 ** 32),
    )
    return this.add(name, storage, contiguousView(shape), false)
  }

  private add(name: string, storage: Storage, view: View, wantsGrad: boolean): Tensor {
    const tensor = new Tensor(storage, view)
    this.copied.push({ name, tensor, wantsGrad })
    return tensor
  }
}
