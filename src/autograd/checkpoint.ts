/**
 * @file Activations that are computed again in place of being kept. The graph of a checkpointed function is recorded as
 * ever, node by node; only what its ops would keep of the values made inside is left out, and numbered. The first rule
 * that asks for one runs the function again, which fills in all of them. So gradients, hooks, second derivatives and
 * drawings are those of the function itself.
 * @see Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost"
 */
import { describe, fail } from '../core/errors.ts'
import { calling } from '../core/frame.ts'
import { enableGrad, gradEnabled, keeping, Leaf, type Meta, plain, restore, type Saved, save } from '../core/graph.ts'
import { casting } from '../core/op.ts'
import { checkAtOnce, scope } from '../core/scope.ts'
import { contiguousView, showShape } from '../core/shape.ts'
import { type Storage, storagesMade } from '../core/storage.ts'
import { Tensor } from '../core/tensor.ts'
import { again } from '../ops/base/again.ts'
import { type Draw, defaultGenerator } from '../ops/base/generator.ts'
import { type AutocastDType, castingTo } from './autocast.ts'

const op = 'checkpoint'

/** A value in which each object of a class, also in lists and records, has another one in its place. */
function mapped<T extends object>(
  value: unknown,
  of: abstract new (...args: never[]) => T,
  f: (x: T) => unknown,
): unknown {
  if (value instanceof of) return f(value)
  if (Array.isArray(value)) return value.map((one) => mapped(one, of, f))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapped(one, of, f)]))
}

/** Shapes and dtypes of all tensors in a value, in order. */
function textsOf(value: unknown): string {
  const found: string[] = []
  mapped(value, Tensor, (x) => found.push(textOf(x)))
  return found.join(', ')
}

const textOf = ({ shape, dtype }: Tensor): string => `${dtype} ${showShape(shape)}`

/** An input, kept until it is asked for again. */
class Input {
  readonly saved: Saved
  private readonly meta: Meta | null
  constructor(x: Tensor) {
    this.saved = save(x)
    this.meta = x.edge && { shape: x.shape, dtype: x.dtype, device: x.device }
  }
  /** A tensor that needs a gradient if the input did, so that the same is recorded; none is taken there. */
  give(): Tensor {
    return restore(op, 'input', this.saved, this.meta && { source: new Leaf(this.meta), index: 0 })
  }
}

/** A value that an op would have kept. Nodes count on it as on a storage. */
class Slot {
  /** Not that of a value: there is none to be looked at. */
  readonly version = 0
  readonly text: string
  private readonly title: string
  private readonly call: Call
  private users = 0
  private found: Saved | null = null

  constructor(call: Call, x: Tensor) {
    this.call = call
    this.title = x.title
    this.text = textOf(x)
  }
  /** What a node has of it. */
  get saved(): Saved {
    const { title } = this
    // Nodes count on a storage, and look at its version; the rest of one is read where there is no `again`.
    const storage = this as unknown as Storage
    return { storage, view: contiguousView([]), version: -1, title, again: (...asked) => this.take(...asked) }
  }
  retain(): this {
    if (this.users++ === 0) this.call.retain()
    return this
  }
  release(): void {
    if (--this.users > 0) return
    this.fill(null)
    this.call.release()
  }
  fill(saved: Saved | null): void {
    if (this.users > 0) saved?.storage.retain()
    this.found?.storage.release()
    this.found = this.users > 0 ? saved : null
  }
  /** The value, which is its taker's then: another walk computes it once more. */
  private take(...[by, name, , edge]: Parameters<typeof restore>): Tensor {
    if (!this.found) this.call.repeat()
    try {
      return restore(by, name, this.found as Saved, edge) // each slot is filled, or repeat() throws
    } finally {
      this.fill(null)
    }
  }
}

/** The newest storage before the outermost function that runs now. */
let before: number | null = null

type Function = (...inputs: unknown[]) => unknown

/** One call of a checkpointed function. */
class Call {
  private readonly f: Function
  private readonly inputs: Input[] = []
  /** What f is given, with inputs in the place of tensors. */
  private readonly given: unknown
  private readonly frame = calling.now
  private readonly dtype = casting.dtype as AutocastDType | null // it was checked
  private readonly random = defaultGenerator.state()
  private readonly draws: { readonly blocks: number; readonly draw: Draw }[] = []
  /** By their order; null: kept as ever, since it is there anyway. */
  private readonly slots: (Slot | null)[] = []
  private outputs = ''
  private users = 0
  private runs = true

  constructor(f: Function, given: readonly unknown[]) {
    this.f = f
    this.given = mapped(given, Tensor, (x) => {
      const input = new Input(x)
      this.inputs.push(input)
      return input
    })
  }

  retain(): void {
    if (this.users++ === 0) for (const { saved } of this.inputs) saved.storage.retain()
  }
  release(): void {
    if (--this.users === 0) for (const { saved } of this.inputs) saved.storage.release()
  }

  /** The first time: what is made inside gets slots. */
  first(given: readonly unknown[]): unknown {
    const outer = before
    const since = (before ??= storagesMade)
    const keep = (x: Tensor): Saved | null => {
      const slot = x.storage.id > since ? new Slot(this, x) : null
      this.slots.push(slot)
      return slot?.saved ?? null
    }
    const { draw } = defaultGenerator
    const drawn = (blocks: number): Draw => {
      const mine = draw.call(defaultGenerator, blocks)
      this.draws.push({ blocks, draw: mine })
      return mine
    }
    try {
      const result = scope(() => this.run(given, keep, drawn))
      this.outputs = textsOf(result)
      return result
    } finally {
      before = outer
      this.runs = false
    }
  }

  /** Once more, to fill the slots that are counted on. */
  repeat(): void {
    if (this.runs) fail(op, 'the function goes backward through what it computes', 'do so outside of it')
    const { since } = again
    const now = defaultGenerator.state()
    let [saves, draws] = [0, 0]
    const keep = (x: Tensor): null => {
      const slot = this.slots[saves++]
      if (slot !== null && slot?.text !== textOf(x)) refuse(`${textOf(x)} is kept, not ${slot?.text ?? 'nothing'}`)
      slot?.fill(plain(x))
      return null
    }
    const drawn = (blocks: number): Draw => {
      const one = this.draws[draws++]
      return one?.blocks === blocks ? one.draw : refuse('other random numbers are drawn')
    }
    this.runs = true
    try {
      scope(() => {
        const given = mapped(this.given, Input, (input) => input.give()) as unknown[]
        again.since = storagesMade
        defaultGenerator.restore({ ...this.random, blocks: now.blocks })
        const outputs = textsOf(castingTo(this.dtype, () => enableGrad(() => this.run(given, keep, drawn))))
        if (outputs !== this.outputs) refuse(`it gives ${outputs || 'no tensors'}, not ${this.outputs || 'none'}`)
        if (draws < this.draws.length) refuse('fewer random numbers are drawn')
        if (saves < this.slots.length) refuse(`${saves} values are kept, not ${this.slots.length}`)
      })
    } catch (error) {
      for (const slot of this.slots) slot?.fill(null)
      throw error
    } finally {
      this.runs = false
      again.since = since
      defaultGenerator.restore(now)
    }
  }

  /** Run f where the call stood, with its own ways to keep values and to draw. */
  private run(given: readonly unknown[], keep: typeof keeping.by, drawn: (blocks: number) => Draw): unknown {
    const [{ by }, { now, back }, { draw }] = [keeping, calling, defaultGenerator]
    keeping.by = keep
    calling.now = this.frame
    calling.back = null
    defaultGenerator.draw = drawn
    try {
      const result = this.f(...given)
      checkAtOnce(op, 'the function', result, 'await outside of it')
      return result
    } finally {
      keeping.by = by
      Object.assign(calling, { now, back })
      defaultGenerator.draw = draw
    }
  }
}

const refuse = (what: string): never =>
  fail(op, `the second time, ${what}`, 'the function must compute the same of its inputs, weights and random numbers')

/**
 * fn(...inputs), whose values inside are not kept for backward but computed again there: memory for time. Gradients,
 * also those of tensors that fn uses besides its inputs, have the same bits as without. Random numbers are those of the
 * first run, modules stand where they stood, and what fn changes in place (running statistics) is changed once. What fn
 * reads from around it, and is not kept for backward, must stay as it is until then. Tensors
 * made inside are freed, as by `scope`, but for those that it returns.
 *
 *     const y = checkpoint((x) => block.forward(x), x)
 *
 * @param fn      synchronous, computes the same each time; under `noGrad` it is called, and that is all
 * @param inputs  tensors, lists and records of them, anything else
 * @returns       what fn returns: tensors, lists, records
 * @throws HandgradError if fn is not a function or returns a promise; in backward, if it computes something else the
 *   second time, an input was changed in place since, or it goes backward through what it computes itself
 * @see Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost"
 */
export function checkpoint<T extends readonly unknown[], R>(fn: (...inputs: T) => R, ...inputs: T): R {
  if (typeof fn !== 'function') fail(op, `fn is ${describe(fn)}`, 'give a function, then its inputs')
  // The cast: what is given again are the inputs that were given.
  if (gradEnabled()) return new Call((...again) => fn(...(again as unknown as T)), inputs).first(inputs) as R
  const result = fn(...inputs)
  checkAtOnce(op, 'the function', result, 'await outside of it')
  return result
}
