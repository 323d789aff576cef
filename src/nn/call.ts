/**
 * @file The one way into a module: `model.forward(x)`. A class's own `forward` is wrapped when its first object is made
 * (module.ts), so that a call runs hooks, ops know the module that they were made in, and errors name its path.
 */
import { describe, fail, HandgradError } from '../core/errors.ts'
import { calling, type ModuleFrame, pathOf } from '../core/frame.ts'
import { Tensor } from '../core/tensor.ts'

/** What a call needs to know of a module. */
export interface Callable {
  /** The modules inside it by their paths, itself by ''. */
  namedModules(): Iterable<readonly [path: string, module: object]>
  /** Its class and sizes: `Linear(784, 256)`. */
  title(): string
}

/** What is run around a module's `forward`. */
export interface Hooks {
  /** Given the arguments; what it returns takes their place. */
  before: readonly ((args: readonly unknown[]) => readonly unknown[])[]
  /** Given the arguments and the result; what it returns is the result. */
  after: readonly ((args: readonly unknown[], output: unknown) => unknown)[]
}

/** Of the modules that have, or had, some. */
const hooksOf = new WeakMap<object, Hooks>()

/** Add to a module's hooks. @returns what takes it away again */
export function addHook<K extends keyof Hooks>(module: object, which: K, hook: Hooks[K][number]): () => void {
  const hooks = hooksOf.get(module) ?? { before: [], after: [] }
  hooksOf.set(module, hooks)
  // A list that a call goes through stays what it is.
  const set = (list: readonly Hooks[K][number][]) => Object.assign(hooks, { [which]: list })
  set([...hooks[which], hook])
  return () => void set(hooks[which].filter((other) => other !== hook))
}

/** Whether a call of a module is a call of `own`, the forward that its class was written with, and of nothing else. */
export function isPlain(module: object, own: unknown): boolean {
  const hooks = hooksOf.get(module)
  const forward: unknown = Reflect.get(module, 'forward')
  const inner = wrapped.get(forward as Forward) ?? forward
  return inner === own && !(hooks && hooks.before.length + hooks.after.length > 0)
}

type Forward = (this: Callable, ...args: unknown[]) => unknown
/** Of those that are wrapped, what is inside. */
const wrapped = new WeakMap<Forward, Forward>()

/** Wrap the `forward` that objects of this prototype have, once. */
export function wrapForward(prototype: object): void {
  let owner: object | null = prototype
  while (owner && !Object.hasOwn(owner, 'forward')) owner = Object.getPrototypeOf(owner)
  const inner: unknown = owner && Reflect.get(owner, 'forward')
  if (!owner || typeof inner !== 'function' || wrapped.has(inner as Forward)) return
  const forward: Forward = function (...args) {
    // `super.forward(x)` is part of the call that it stands in.
    return Reflect.get(this, 'forward') === forward ? call(this, inner as Forward, args) : inner.apply(this, args)
  }
  wrapped.set(forward, inner as Forward)
  Object.defineProperty(owner, 'forward', { value: forward, writable: true, configurable: true })
}

function call(module: Callable, forward: Forward, given: unknown[]): unknown {
  const frame: ModuleFrame = { module, outer: calling.now }
  const hooks = hooksOf.get(module)
  calling.now = frame
  try {
    if (!hooks) return forward.apply(module, given)
    const args = hooks.before.reduce<readonly unknown[]>((args, hook) => hook(args), given)
    const output = forward.apply(module, [...args])
    return hooks.after.reduce((y, hook) => hook(args, y), output)
  } catch (error) {
    if (error instanceof HandgradError && frame.outer) placeError(error, frame)
    throw error
  } finally {
    calling.now = frame.outer
  }
}

/** Where a running module stands: its path from the outermost one that runs, and its title. */
export function placeOf(frame: ModuleFrame): string {
  const path = pathOf(frame)
  const title = (frame.module as Callable).title()
  return path ? `${path} (${title.replace(/\((.*)\)$/s, ' $1').trim()})` : title
}

const placed = new WeakSet<HandgradError>()

/** The error of a module itself, which says where. */
export function refuse(frame: ModuleFrame, what: string, todo?: string): never {
  const error = new HandgradError(placeOf(frame), what, todo)
  placed.add(error)
  throw error
}

/** Say once, in an error of an op, which module it was called in. */
function placeError(error: HandgradError, frame: ModuleFrame): void {
  if (placed.has(error)) return
  placed.add(error)
  const { message, stack } = error
  error.message = `${placeOf(frame)}: ${message}`
  // Node and browsers print the stack, which begins with the message as it was.
  if (stack) error.stack = stack.replace(message, () => error.message)
}

/** What a hook put in the place of a tensor. */
export function checkReplaced(op: string, before: unknown, after: unknown): void {
  if (before instanceof Tensor && !(after instanceof Tensor))
    fail(op, `a hook gave ${describe(after)} for a tensor`, 'return a tensor at once, or nothing to change nothing')
}
