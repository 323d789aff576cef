/**
 * @file Lifetimes. Users don't manage memory: a handle that user code drops is released by a finalizer. Because
 * finalizers run only when the event loop turns, `scope` frees what a step made at once. Nothing here knows what a
 * handle holds.
 */
import { describe, fail } from './errors.ts'

/** Something that holds device memory through a ticket that can be released without it. */
export interface Handle {
  dispose(): void
  readonly disposed: boolean
  /** The scope that will dispose it; null: the finalizer will. Set by this file only. */
  owner: Scope | null
  /** What to release when the handle itself has been collected. Must not refer to the handle. */
  ticket(): Ticket
}

export interface Ticket {
  release(): void
}

const finalizer = new FinalizationRegistry<Ticket>((ticket) => ticket.release())

let current: Scope | null = null

/** A set of handles that end together. Made by `scope` and `openScope`. */
export class Scope {
  private readonly parent: Scope | null
  private readonly handles = new Set<Handle>()
  closed = false

  constructor(parent: Scope | null) {
    this.parent = parent
  }

  add(handle: Handle): void {
    this.handles.add(handle)
    handle.owner = this
  }

  remove(handle: Handle): void {
    this.handles.delete(handle)
    handle.owner = null
  }

  /**
   * Free everything but `kept`, which moves one scope outwards.
   * @param todo  what to tell those who use what was freed; default: what `scope` says
   */
  close(kept: ReadonlySet<Handle>, todo?: string): void {
    if (this.closed) return
    this.closed = true
    for (const handle of this.handles) {
      if (kept.has(handle)) {
        handle.owner = null
        if (this.parent && !this.parent.closed) this.parent.add(handle)
        else finalizer.register(handle, handle.ticket(), handle)
      } else {
        if (todo) remedies.set(handle, todo)
        handle.dispose()
      }
    }
  }

  /** End and free nothing: what it holds goes where a new handle would go now. */
  release(): void {
    this.closed = true
    for (const handle of this.handles) {
      this.remove(handle)
      register(handle)
    }
  }
}

/** What to do about a handle that was used after its end, where its scope has an advice of its own. */
const remedies = new WeakMap<Handle, string>()

/** What to tell the user of a handle that was disposed. */
export const remedyOf = (handle: Handle): string => remedies.get(handle) ?? 'return it from scope(), or keep(x) it'

/**
 * Put a new handle under the running scope, or under the finalizer. Every handle is registered once, when it is made.
 */
export function register(handle: Handle): void {
  if (current && !current.closed) current.add(handle)
  else finalizer.register(handle, handle.ticket(), handle)
}

/** A handle that was disposed leaves its scope or the finalizer. */
export function unregister(handle: Handle): void {
  if (handle.owner) handle.owner.remove(handle)
  else finalizer.unregister(handle)
}

/**
 * Let handles outlive every scope around them: a gradient moves to its leaf, state to its optimizer. Accepts tensors,
 * and arrays, maps and plain objects of them.
 * @returns its argument
 */
export function keep<T>(value: T): T {
  for (const handle of handlesIn(value)) {
    if (!handle.owner) continue
    handle.owner.remove(handle)
    finalizer.register(handle, handle.ticket(), handle)
  }
  return value
}

/** The handles in a value: itself, or inside arrays, sets, maps and plain objects, however deep. */
function handlesIn(value: unknown, found = new Set<Handle>(), seen = new Set<object>()): Set<Handle> {
  if (value === null || typeof value !== 'object' || seen.has(value)) return found
  seen.add(value)
  if (isHandle(value)) found.add(value)
  else if (Array.isArray(value) || value instanceof Set) for (const item of value) handlesIn(item, found, seen)
  else if (value instanceof Map) for (const item of value.values()) handlesIn(item, found, seen)
  else if (!ArrayBuffer.isView(value)) for (const item of Object.values(value)) handlesIn(item, found, seen)
  return found
}

const isHandle = (value: object): value is Handle => 'ticket' in value && 'dispose' in value

/** Run a synchronous callback; a promise is refused, because it would go on after the state around it was restored. */
export function synchronous<T>(op: string, todo: string, enter: () => () => void, f: () => T): T {
  if (typeof f !== 'function') fail(op, `the callback is ${describe(f)}`, 'give a function')
  const leave = enter()
  let result: T
  try {
    result = f()
  } finally {
    leave()
  }
  checkAtOnce(op, 'the callback', result, todo)
  return result
}

/** Refuse a promise from user code after which the engine goes on at once. */
export function checkAtOnce(op: string, what: string, result: unknown, todo: string): void {
  if (typeof (result as PromiseLike<unknown> | null | undefined)?.then !== 'function') return
  // What the promise becomes is of no use to anyone; its rejection must not end the process.
  Promise.resolve(result).catch(() => {})
  fail(op, `${what} returned a promise`, todo)
}

/**
 * Run `f` and free every tensor made inside, except what it returns (with its graph) and what moved to a longer-lived
 * owner: a leaf's `.grad`, optimizer state, a module's parameters, `keep(x)`. Scopes nest.
 * @param f  a synchronous callback; async code uses {@link openScope}
 * @throws HandgradError if `f` is not a function or returns a promise
 */
export function scope<T>(f: () => T): T {
  const inner = new Scope(current)
  let kept = new Set<Handle>()
  try {
    const result = synchronous(
      'scope',
      'use `using s = openScope()` and s.run(() => …) in async code',
      () => enter(inner),
      f,
    )
    kept = handlesIn(result)
    return result
  } finally {
    inner.close(kept)
  }
}

function enter(inner: Scope): () => void {
  if (inner.closed) fail('openScope', 'the scope was closed', 'run() before the end of its block')
  const outer = current
  current = inner
  return () => {
    current = outer
  }
}

/** A scope that stays open across awaits; see {@link openScope}. */
export interface OpenScope extends Disposable {
  /**
   * Run a synchronous callback whose tensors belong to this scope.
   * @throws HandgradError if `f` is not a function or returns a promise, or the scope was closed
   */
  run<T>(f: () => T): T
  /**
   * Free them all now. The end of the block does it for `using`.
   * @param todo  what the error says to whoever uses one of them afterwards
   */
  dispose(todo?: string): void
  /** End the scope and free nothing: its tensors go to the scope that runs now, or to the garbage collector. */
  release(): void
}

/**
 * A scope for async code. There is no hidden state across an `await`: only what is made inside `run` belongs to it, so
 * two loops that interleave never take each other's tensors.
 * ```ts
 * using s = openScope()
 * const loss = s.run(() => model.forward(x).sum())
 * console.log(await loss.item())
 * ```
 */
export function openScope(): OpenScope {
  const inner = new Scope(null)
  const ended = () => {
    finalizer.unregister(inner)
    return inner
  }
  const dispose = (todo?: string) => ended().close(new Set(), todo)
  const open: OpenScope = {
    run: (f) => synchronous('openScope', 'await outside of run(() => …)', () => enter(inner), f),
    dispose,
    release: () => ended().release(),
    [Symbol.dispose]: () => dispose(),
  }
  // Of a scope that nobody can end any more, the tensors are left to the collector one by one: some may be in use.
  finalizer.register(open, inner, inner)
  return open
}
