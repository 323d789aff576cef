/**
 * @file The base class of models: it finds parameters, buffers and other modules in its fields, names them as PyTorch
 * does, and moves, saves and loads them. Layers are in layers.ts, first values in init.ts.
 */

import { zeroGrad } from '../autograd/backward.ts'
import type { Device } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { noGrad, setRequiresGrad } from '../core/graph.ts'
import { floats } from '../core/op.ts'
import { keep, scope } from '../core/scope.ts'
import { sameShape, showShape } from '../core/shape.ts'
import { showAsText } from '../core/show.ts'
import { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import { cast } from '../ops/index.ts'
import { copy_ } from '../ops/methods.ts'

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

  /** The fields that are searched, by name. Containers whose names should not show override it. */
  protected fields(): Iterable<[name: string, value: unknown]> {
    return Object.entries(this)
  }

  /** The sizes of a layer, for printing. */
  protected sizes(): string {
    return ''
  }

  /** This module and those inside it, each once, the outer ones first. */
  namedModules(): [name: string, module: Module][] {
    return [...this.tree()].map(({ path, module }): [string, Module] => [path, module])
  }
  /** As `namedModules`, without names. */
  modules(): Module[] {
    return this.namedModules().map(([, module]) => module)
  }

  /** Parameters, each once, a module's own before those of the modules in it. */
  namedParameters(): [name: string, parameter: Tensor][] {
    return once(this.tensors('parameter', false))
  }
  /** As `namedParameters`, without names. */
  parameters(): Tensor[] {
    return this.namedParameters().map(([, x]) => x)
  }

  /** Buffers, each once. */
  namedBuffers(): [name: string, buffer: Tensor][] {
    return once(this.tensors('buffer', false))
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
    for (const { path, module } of this.tree(true)) {
      for (const [name, x] of [...module.own('parameter'), ...module.own('buffer')]) dict[joined(path, name)] = x
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
    if (strict && missing.length + unexpected.length > 0) {
      const parts = [
        missing.length && `${quoted(missing)} missing`,
        unexpected.length && `${quoted(unexpected)} unknown`,
      ]
      fail(op, parts.filter(Boolean).join(', '), 'pass { strict: false } to load what fits')
    }
    const wrong: string[] = []
    for (const [name, x] of Object.entries(own)) {
      const value = dict[name]
      if (Object.hasOwn(dict, name)) wrong.push(...misfit(name, x, value))
    }
    if (wrong.length > 0) fail(op, wrong.join('; '))
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
    for (const x of this.given('parameters')) zeroGrad(x)
  }

  /**
   * Move parameters and buffers to a device; their handles stay the same, gradients are forgotten. Make the optimizer
   * afterwards.
   * @returns this
   * @throws HandgradError if `device` is not a device, or lacks a dtype
   */
  async to(device: Device): Promise<this> {
    if (typeof device?.run !== 'function')
      fail('Module.to', `${describe(device)} is not a device`, "give await device('cpu') or device('webgpu')")
    const moving = [...this.given('parameters'), ...this.given('buffers')].filter((x) => x.device !== device)
    // All reads are asked for at once, so the module moves as it is now; nothing changes until all have arrived.
    const copies = await Promise.allSettled(moving.map((x) => x.to(device)))
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
    return this.drawn(new Set())
  }

  /** @param above  modules that this one is in: one that holds its owner is not drawn inside of itself */
  private drawn(above: ReadonlySet<Module>): string {
    const { name } = this.constructor
    if (above.has(this)) return `${name}(…)`
    const inside = new Set(above).add(this)
    const inner = this.children().map(([field, module]) => `\n(${field}): ${module.drawn(inside)}`)
    const rows = inner.join('').replaceAll('\n', '\n  ')
    return `${name}(${this.sizes()}${rows && `${rows}\n`})${this.counted()}`
  }

  /** How many numbers are in the parameters, for printing; also where they cannot be listed. */
  private counted(): string {
    try {
      const count = this.parameters().reduce((all, x) => all + x.numel, 0)
      return count > 0 ? `, ${count.toLocaleString('en-US')} parameter${count > 1 ? 's' : ''}` : ''
    } catch (error) {
      return `, ${(error as Error).message}`
    }
  }

  /** `parameters()` or `buffers()`, which a class may have of its own. */
  private given(which: 'parameters' | 'buffers'): Tensor[] {
    const list: unknown = this[which]()
    const bad = Array.isArray(list) ? list.find((x) => !(x instanceof Tensor)) : list
    if (Array.isArray(list) && list.every((x) => x instanceof Tensor)) return list
    return fail(which, `${this.constructor.name}.${which}() gave ${describe(bad)}`, 'return a list of tensors')
  }

  /** The module's own tensors of one role. @throws HandgradError if a field hides a parameter */
  private own(role: 'parameter' | 'buffer'): [name: string, x: Tensor][] {
    const found: [string, Tensor][] = []
    for (const [name, value] of this.held()) {
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

  private *tensors(role: 'parameter' | 'buffer', repeats: boolean): Generator<[string, Tensor]> {
    for (const { path, module } of this.tree(repeats)) {
      for (const [name, x] of module.own(role)) yield [joined(path, name), x]
    }
  }

  /**
   * The tree of modules, outer ones first. `repeats`: a shared module at each of its places (but never inside itself).
   */
  private *tree(repeats = false, path = '', above = new Set<Module>()): Generator<{ path: string; module: Module }> {
    if (above.has(this)) return
    above.add(this)
    yield { path, module: this }
    for (const [name, module] of this.children()) yield* module.tree(repeats, joined(path, name), above)
    if (repeats) above.delete(this)
  }

  /** What the fields hold by name, arrays and maps opened. */
  private *held(): Generator<[name: string, value: object]> {
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

  private children(): [name: string, module: Module][] {
    return [...this.held()].filter((entry): entry is [string, Module] => entry[1] instanceof Module)
  }
}

showAsText(Module)

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

const quoted = (names: readonly string[]): string =>
  names.length > 6 ? `${names.slice(0, 6).join(', ')} and ${names.length - 6} more` : names.join(', ')

const isFloat = (x: Tensor): boolean => floats.includes(x.dtype)

/** Why a value cannot be copied into a tensor. */
function misfit(name: string, x: Tensor, value: unknown): string[] {
  if (!(value instanceof Tensor)) return [`${name} is ${describe(value)}, not a tensor`]
  if (value.disposed) return [`${name} was disposed`]
  if (!sameShape(x.shape, value.shape))
    return [`${name} is ${showShape(value.shape)}, the module's ${showShape(x.shape)}`]
  if (x.dtype !== value.dtype && !(isFloat(x) && isFloat(value)))
    return [`${name} is ${value.dtype}, the module's ${x.dtype}`]
  if (x.device !== value.device)
    return [`${name} is on ${value.device.name}, the module's on ${x.device.name}: move it with to(device)`]
  return []
}
