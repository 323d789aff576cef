/**
 * @file The base class of models: it finds parameters, buffers and other modules in its fields, names them as PyTorch
 * does, and moves, saves and loads them. How a module is called is in call.ts, what is counted of a call in summary.ts;
 * layers are in files by family, first values in init.ts.
 */

import { zeroGrad } from '../autograd/backward.ts'
import { bytesOf, type Device, type DType, isFloat } from '../core/device.ts'
import { describe, fail, nearest } from '../core/errors.ts'
import { calling } from '../core/frame.ts'
import { noGrad, setRequiresGrad } from '../core/graph.ts'
import { keep, scope } from '../core/scope.ts'
import { sameShape, showShape } from '../core/shape.ts'
import { showAsText } from '../core/show.ts'
import { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import { cast } from '../ops/index.ts'
import { copy_ } from '../ops/methods.ts'
import { addHook, checkReplaced, refuse, wrapForward } from './call.ts'

/** What a tensor is to a module. A frozen parameter (`requiresGrad = false`) stays a parameter. */
const roles = new WeakMap<Tensor, 'parameter' | 'buffer'>()

/**
 * Make a tensor a parameter: a leaf that outlives every scope and that a module finds in its fields.
 * @returns x
 * @throws HandgradError if x is not a tensor, the result of an op that was recorded, or not of floats
 */
export function parameter(x: Tensor): Tensor {
  if (!(x instanceof Tensor))
    fail('parameter', `${describe(x)} is not a tensor`, 'give randn(…), zeros(…) or tensor(…)')
  roles.set(x, 'parameter')
  return keep(setRequiresGrad(x, true))
}

/**
 * Make a tensor a buffer: saved, loaded and moved with its module, but not trained (running statistics, masks).
 * @returns x
 * @throws HandgradError if x is not a tensor, or needs a gradient
 */
export function buffer(x: Tensor): Tensor {
  if (!(x instanceof Tensor)) fail('buffer', `${describe(x)} is not a tensor`, 'give zeros(…) or tensor(…)')
  if (x.edge)
    fail('buffer', `${x.title} needs a gradient`, 'a buffer is not trained; use parameter(x), or buffer(x.detach())')
  roles.set(x, 'buffer')
  return keep(x)
}

/** Tensors by name, in the order of the fields. */
export type StateDict = Record<string, Tensor>

/** Names that a state dict lacks, or has too many. */
export interface LoadResult {
  readonly missing: string[]
  readonly unexpected: string[]
}

/** Parameters by name: a name, or all under it; `*` stands for any text: `encoder`, `*.bias`, `layers.*.norm`. */
export type NamePattern = string | RegExp

/**
 * A model or a part of one. Fields may hold parameters, buffers, modules, and arrays and maps of these; their names
 * join to PyTorch's: `fc.weight`, `layers.0.bias`. A parameter in any other kind of field is an error, because it would
 * be forgotten. (JS shows nobody what is in `#private` fields and closures: keep parameters out of them.)
 * ```ts
 * class Net extends nn.Module {
 *   fc = new nn.Linear(784, 10)
 *   scale = nn.parameter(tensor(1))
 *   forward(x: Tensor) { return this.fc.forward(x).mul(this.scale) }
 * }
 * ```
 */
export abstract class Module {
  /** True until `eval()`: layers such as dropout behave differently in training. */
  training = true

  constructor() {
    wrapForward(new.target.prototype)
  }

  /** The fields that are searched, by name. Containers whose names should not show override it. */
  protected fields(): Iterable<[name: string, value: unknown]> {
    return Object.entries(this)
  }

  /** The sizes of a layer, for printing. */
  protected sizes(): string {
    return ''
  }

  /** Its class and sizes: `Linear(784, 256)`. */
  title(): string {
    return `${this.constructor.name}(${this.sizes()})`
  }

  /** Refuse an input, in the name of this module's place in the model: `fc1 (Linear 784, 256): what (todo)`. */
  protected refuse(what: string, todo?: string): never {
    const { now } = calling
    return refuse(now?.module === this ? now : { module: this, outer: null }, what, todo)
  }

  /**
   * Run `hook` after each `forward` of this module.
   * @param hook  given the module, the arguments of the call and its result; what it returns takes the result's place
   * @returns a function that takes the hook away
   * @throws HandgradError if `hook` is not a function; in a call, if a tensor is to be replaced by something else
   */
  registerForwardHook(hook: ForwardHook): () => void {
    const op = 'registerForwardHook'
    if (typeof hook !== 'function') fail(op, `the hook is ${describe(hook)}`, 'give a function')
    return addHook(this, 'after', (args, output) => {
      const replaced: unknown = hook(this, args, output)
      if (replaced === undefined) return output
      checkReplaced(op, output, replaced)
      return replaced
    })
  }

  /**
   * Run `hook` before each `forward` of this module.
   * @param hook  given the module and the arguments of the call; a list that it returns takes their place, anything
   *   else that of the first
   * @returns a function that takes the hook away
   * @throws HandgradError if `hook` is not a function; in a call, if a tensor is to be replaced by something else
   */
  registerForwardPreHook(hook: ForwardPreHook): () => void {
    const op = 'registerForwardPreHook'
    if (typeof hook !== 'function') fail(op, `the hook is ${describe(hook)}`, 'give a function')
    return addHook(this, 'before', (args) => {
      const replaced: unknown = hook(this, args)
      if (replaced === undefined) return args
      const list = Array.isArray(replaced) ? replaced : [replaced, ...args.slice(1)]
      args.forEach((arg, i) => {
        checkReplaced(op, arg, list[i])
      })
      return list
    })
  }

  /** This module and those inside it, each once, the outer ones first. */
  namedModules(): [name: string, module: Module][] {
    return [...this.#tree()].map(({ path, module }): [string, Module] => [path, module])
  }
  /** As `namedModules`, without names. */
  modules(): Module[] {
    return this.namedModules().map(([, module]) => module)
  }

  /** Parameters, each once, a module's own before those of the modules in it. */
  namedParameters(): [name: string, parameter: Tensor][] {
    return once(this.#tensors('parameter', false))
  }
  /** As `namedParameters`, without names. */
  parameters(): Tensor[] {
    return this.namedParameters().map(([, x]) => x)
  }

  /** Buffers, each once. */
  namedBuffers(): [name: string, buffer: Tensor][] {
    return once(this.#tensors('buffer', false))
  }
  /** As `namedBuffers`, without names. */
  buffers(): Tensor[] {
    return this.namedBuffers().map(([, x]) => x)
  }

  /**
   * Parameters and buffers by name: the tensors themselves, not copies. A shared one appears under each of its names.
   */
  stateDict(): StateDict {
    const dict: StateDict = {}
    for (const { path, module } of this.#tree(true)) {
      for (const [name, x] of [...module.#own('parameter'), ...module.#own('buffer')]) dict[joined(path, name)] = x
    }
    return dict
  }

  /**
   * Copy values into parameters and buffers. Everything is checked before anything changes.
   * @param options.strict  false: names may be missing or unknown; they are returned. Default true: they are an error
   * @throws HandgradError if `dict` is not an object of tensors, or names, shapes, dtypes or devices do not fit, naming
   *   them all
   */
  loadStateDict(dict: Readonly<Record<string, Tensor>>, options?: { strict?: boolean }): LoadResult {
    const op = 'loadStateDict'
    const { strict } = optionsOf(op, options, { strict: true })
    if (typeof dict !== 'object' || dict === null || Symbol.iterator in dict)
      fail(op, `the weights are ${describe(dict)}`, 'give tensors by name, as stateDict() does')
    const own = this.stateDict()
    const missing = Object.keys(own).filter((name) => !Object.hasOwn(dict, name))
    const unexpected = Object.keys(dict).filter((name) => !Object.hasOwn(own, name))
    const names = [missing.length && `${quoted(missing)} missing`, unexpected.length && `${quoted(unexpected)} unknown`]
    const faults = strict ? names.filter((part) => part !== 0) : []
    const odd = Object.entries(own).flatMap(([name, x]) =>
      Object.hasOwn(dict, name) ? misfit(name, x, dict[name]) : [],
    )
    if (odd.length > 0) faults.push(odd.join('; '))
    if (faults.length > 0)
      fail(op, faults.join(', '), odd.length > 0 ? undefined : 'pass { strict: false } to load what fits')
    noGrad(() =>
      scope(() => {
        for (const [name, x] of Object.entries(own)) {
          if (!Object.hasOwn(dict, name)) continue
          copy_(x, dict[name].dtype === x.dtype ? dict[name] : cast(dict[name], x.dtype))
        }
      }),
    )
    return { missing, unexpected }
  }

  /** Set `training` here and in all modules inside. @returns this */
  train(on = true): this {
    for (const module of this.modules()) module.training = on
    return this
  }
  /** `train(false)`. @returns this */
  eval(): this {
    return this.train(false)
  }

  /** Forget the gradients of all parameters. */
  zeroGrad(): void {
    for (const x of this.#given('parameters')) zeroGrad(x)
  }

  /**
   * Freeze parameters: `requiresGrad` is false until `unfreeze`. They stay in the state dict.
   * @param pattern  which ones, by name; default: all
   * @returns their names
   * @throws HandgradError if no parameter has such a name
   */
  freeze(pattern?: NamePattern): string[] {
    return this.#setFrozen('freeze', pattern, true)
  }
  /** The contrary of {@link freeze}. @throws HandgradError if no parameter has such a name */
  unfreeze(pattern?: NamePattern): string[] {
    return this.#setFrozen('unfreeze', pattern, false)
  }

  /** Call `f` with every module inside, then with this one: `net.apply((m) => …)`, for first values. @returns this */
  apply(f: (module: Module) => void): this {
    if (typeof f !== 'function') fail('Module.apply', `${describe(f)} is not a function`, 'give (module) => …')
    for (const module of this.modules().reverse()) f(module)
    return this
  }

  /**
   * Put another module in the place of the one at `path`, as `namedModules` has it: `net.replace('body.2', new
   * nn.Linear(3, 5))`. Make the optimizer afterwards.
   * @returns the module that stood there
   * @throws HandgradError if there is no module at `path`, or `module` is not one
   */
  replace(path: string, module: Module): Module {
    const op = 'Module.replace'
    if (!(module instanceof Module)) fail(op, `${describe(module)} is not a module`, 'give new nn.Linear(…), say')
    for (const [name, child] of this.#children()) {
      if (path === name) {
        this.put(name, module)
        return child
      }
      if (path.startsWith(`${name}.`)) return child.replace(path.slice(name.length + 1), module)
    }
    const known = this.namedModules().flatMap(([name]) => name || [])
    return fail(op, `${this.constructor.name} has no module ${String(path)}`, instead(path, known))
  }

  /** Set what `fields` lists as `name`. Containers whose names differ from their fields override it. */
  protected put(name: string, module: Module): void {
    const steps = name.split('.')
    const last = steps.pop() as string
    const into = (holder: object, step: string): unknown =>
      holder instanceof Map ? holder.get(keyOf(holder, step)) : Reflect.get(holder, step)
    const holder = steps.reduce<object>((at, step) => into(at, step) as object, this)
    if (holder instanceof Map) holder.set(keyOf(holder, last), module)
    else Reflect.set(holder, last, module)
  }

  /**
   * Move parameters and buffers to a device, or make those of floats another dtype; their handles stay the same,
   * gradients are forgotten. Make the optimizer afterwards.
   * @param target  a device, 'float32', 'float64', 'float16' or 'bfloat16'
   * @returns this
   * @throws HandgradError if `target` is neither, or the device lacks the dtype
   */
  async to(target: Device | DType): Promise<this> {
    const all = [...this.#given('parameters'), ...this.#given('buffers')]
    if (typeof target === 'string') {
      if (!(Object.hasOwn(bytesOf, target) && isFloat(target)))
        fail('Module.to', `the dtype is ${describe(target)}`, 'float32, float64, float16 or bfloat16')
      const moving = all.filter((x) => isFloat(x.dtype) && x.dtype !== target)
      const copies = noGrad(() => moving.map((x) => cast(x, target)))
      copies.forEach((copy, i) => {
        moving[i].become(keep(setRequiresGrad(copy, moving[i].requiresGrad)))
      })
      return this
    }
    if (typeof target?.run !== 'function')
      fail('Module.to', `${describe(target)} is not a device`, "give await device('cpu') or device('webgpu')")
    const moving = all.filter((x) => x.device !== target)
    // All reads are asked for at once, so the module moves as it is now; nothing changes until all have arrived.
    const copies = await Promise.allSettled(moving.map((x) => x.to(target)))
    const failed = copies.find((copy) => copy.status === 'rejected')
    copies.forEach((copy, i) => {
      if (copy.status !== 'fulfilled') return
      if (failed) copy.value.dispose()
      else moving[i].become(copy.value)
    })
    if (failed) throw failed.reason
    return this
  }

  /** The tree of modules in PyTorch's layout, each with the numbers in its parameters. */
  toString(): string {
    return this.#drawn(new Set())
  }

  /** @param above  modules that this one is in: one that holds its owner is not drawn inside of itself */
  #drawn(above: ReadonlySet<Module>): string {
    const { name } = this.constructor
    if (above.has(this)) return `${name}(…)`
    const inside = new Set(above).add(this)
    const inner = this.#children().map(([field, module]) => `\n(${field}): ${module.#drawn(inside)}`)
    const rows = inner.join('').replaceAll('\n', '\n  ')
    return `${name}(${this.sizes()}${rows && `${rows}\n`})${this.#counted()}`
  }

  /** How many numbers are in the parameters, for printing; also where they cannot be listed. */
  #counted(): string {
    try {
      const count = this.parameters().reduce((all, x) => all + x.numel, 0)
      return count > 0 ? `, ${count.toLocaleString('en-US')} parameter${count > 1 ? 's' : ''}` : ''
    } catch (error) {
      return `, ${(error as Error).message}`
    }
  }

  #setFrozen(op: string, pattern: NamePattern | undefined, frozen: boolean): string[] {
    const named = this.namedParameters()
    const test = matcher(op, pattern)
    const found = named.filter(([name]) => test(name))
    if (found.length === 0) {
      const known = named.map(([name]) => name)
      const near = nearest(String(pattern), known)
      fail(
        op,
        `no parameter is named ${String(pattern)}`,
        near ? `did you mean ${near}?` : `there are ${quoted(known)}`,
      )
    }
    for (const [, x] of found) x.requiresGrad = !frozen
    return found.map(([name]) => name)
  }

  /** `parameters()` or `buffers()`, which a class may have of its own. */
  #given(which: 'parameters' | 'buffers'): Tensor[] {
    const list: unknown = this[which]()
    const bad = Array.isArray(list) ? list.find((x) => !(x instanceof Tensor)) : list
    if (Array.isArray(list) && list.every((x) => x instanceof Tensor)) return list
    return fail(which, `${this.constructor.name}.${which}() gave ${describe(bad)}`, 'return a list of tensors')
  }

  /** The module's own tensors of one role. @throws HandgradError if a field hides a parameter */
  #own(role: 'parameter' | 'buffer'): [name: string, x: Tensor][] {
    const found: [string, Tensor][] = []
    for (const [name, value] of this.#held()) {
      if (value instanceof Module) continue
      if (!(value instanceof Tensor)) {
        const where = hidden(value, name)
        const todo = 'put it in a field, an array, a Map or a Module'
        if (where)
          fail('parameters', `${this.constructor.name}.${where} holds a parameter where none is looked for`, todo)
        continue
      }
      const is = roles.get(value)
      if (is === role) found.push([name, value])
      if (!is && value.edge?.source.name === 'leaf') {
        const todo = 'make it one with nn.parameter(…), or hold it in a #private field'
        fail('parameters', `${this.constructor.name}.${name} needs a gradient but is not a parameter`, todo)
      }
    }
    return found
  }

  *#tensors(role: 'parameter' | 'buffer', repeats: boolean): Generator<[string, Tensor]> {
    for (const { path, module } of this.#tree(repeats)) {
      for (const [name, x] of module.#own(role)) yield [joined(path, name), x]
    }
  }

  /**
   * The tree of modules, outer ones first. `repeats`: a shared module at each of its places (but never inside itself).
   */
  *#tree(repeats = false, path = '', above = new Set<Module>()): Generator<{ path: string; module: Module }> {
    if (above.has(this)) return
    if (Object.hasOwn(this, 'forward')) {
      const what = `${this.constructor.name} has its forward in a field, which no hook sees`
      fail('Module', what, 'write a method: forward(x) { … }')
    }
    above.add(this)
    yield { path, module: this }
    for (const [name, module] of this.#children()) yield* module.#tree(repeats, joined(path, name), above)
    if (repeats) above.delete(this)
  }

  /** What the fields hold by name, arrays and maps opened. */
  *#held(): Generator<[name: string, value: object]> {
    const open = function* (name: string, value: unknown): Generator<[string, object]> {
      if (typeof value !== 'object' || value === null) return
      if (Array.isArray(value)) {
        for (let i = 0; i < value.length; i++) if (typeof value[i] === 'object') yield* open(`${name}.${i}`, value[i])
      } else if (value instanceof Map) for (const [key, item] of value) yield* open(`${name}.${String(key)}`, item)
      else yield [name, value]
    }
    const fields: unknown = this.fields()
    const pairs = Array.isArray(fields) || typeof (fields as Iterable<unknown>)?.[Symbol.iterator] === 'function'
    for (const field of pairs ? (fields as Iterable<unknown>) : [fields]) {
      if (!(Array.isArray(field) && typeof field[0] === 'string'))
        fail('parameters', `${this.constructor.name}.fields() gave ${describe(field)}`, 'return pairs [name, value]')
      yield* open(field[0], field[1])
    }
  }

  #children(): [name: string, module: Module][] {
    return [...this.#held()].filter((entry): entry is [string, Module] => entry[1] instanceof Module)
  }
}

showAsText(Module)

/** Sees the result of a call. */
export type ForwardHook = (module: Module, args: readonly unknown[], output: unknown) => unknown
/** Sees the arguments of a call. */
export type ForwardPreHook = (module: Module, args: readonly unknown[]) => unknown

/** The key of a map whose text is a step of a path. */
const keyOf = (map: ReadonlyMap<unknown, unknown>, step: string): unknown =>
  [...map.keys()].find((key) => String(key) === step)

/** Whether a name is meant by a pattern. */
function matcher(op: string, pattern: NamePattern | undefined): (name: string) => boolean {
  if (pattern === undefined) return () => true
  if (pattern instanceof RegExp) return (name) => name.search(pattern) >= 0
  if (typeof pattern !== 'string')
    fail(op, `the pattern is ${describe(pattern)}`, "give a name, 'encoder.*' or a RegExp")
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  const whole = new RegExp(`^${parts.join('.*')}(\\..*)?$`, 's')
  return (name) => whole.test(name)
}

const joined = (path: string, name: string): string => (path ? `${path}.${name}` : name)

function once(named: Iterable<[string, Tensor]>): [string, Tensor][] {
  const seen = new Set<Tensor>()
  return [...named].filter(([, x]) => !seen.has(x) && seen.add(x))
}

/** Objects looked into before giving up: a field may hold a data set. */
const MAX_OBJECTS = 10_000

/** Where in a value that is not a module a parameter is, or ''. */
function hidden(value: object, name: string): string {
  const seen = new Set<object>([value])
  const queue: [object, string][] = [[value, name]]
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [object, path] = next
    if (object instanceof Tensor && roles.get(object) === 'parameter') return path
    if (object instanceof Module && object.parameters().length > 0) return path
    if (object instanceof Tensor || object instanceof Module || ArrayBuffer.isView(object)) continue
    const entries = object instanceof Map || object instanceof Set ? [...object.entries()] : Object.entries(object)
    for (const [key, item] of entries) {
      if (typeof item !== 'object' || item === null || seen.has(item) || seen.size > MAX_OBJECTS) continue
      seen.add(item)
      queue.push([item, object instanceof Set ? path : `${path}.${String(key)}`])
    }
  }
  return ''
}

/** What could be meant by a name that is not known. */
function instead(name: unknown, known: readonly string[]): string {
  const near = nearest(String(name), known)
  return near ? `did you mean ${near}?` : `there are ${quoted(known) || 'none'}`
}

const quoted = (names: readonly string[]): string =>
  names.length > 6 ? `${names.slice(0, 6).join(', ')} and ${names.length - 6} more` : names.join(', ')

/** Why a value cannot be copied into a tensor. */
function misfit(name: string, x: Tensor, value: unknown): string[] {
  if (!(value instanceof Tensor)) return [`${name} is ${describe(value)}, not a tensor`]
  if (value.disposed) return [`${name} was disposed`]
  if (!sameShape(x.shape, value.shape))
    return [`${name} is ${showShape(value.shape)}, the module's ${showShape(x.shape)}`]
  if (x.dtype !== value.dtype && !(isFloat(x.dtype) && isFloat(value.dtype)))
    return [`${name} is ${value.dtype}, the module's ${x.dtype}`]
  if (x.device !== value.device)
    return [`${name} is on ${value.device.name}, the module's on ${x.device.name}: move it with to(device)`]
  return []
}
