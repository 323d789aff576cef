/** @file Modules that hold others: in a row that is run, in lists and maps that are not. */
import { describe, fail, shown } from '../core/errors.ts'
import { Tensor } from '../core/tensor.ts'
import { beforeRelu } from '../ops/base/ahead.ts'
import { ReLU } from './activations.ts'
import { isPlain } from './call.ts'
import { type Layer, outputOf } from './layer.ts'
import { isPlainLinear } from './linear.ts'
import { Module, parameter } from './module.ts'

const reluForward: unknown = ReLU.prototype.forward

/** Refuse what is not a module. @param which  its place, in errors */
function checkModule(op: string, which: string, module: unknown): void {
  if (!(module instanceof Module)) fail(op, `${which} is ${describe(module)}`, 'give modules, such as new nn.ReLU()')
}

/** Refuse a name that paths could not be made of. */
function checkName(op: string, name: string): void {
  if (name === '' || name.includes('.'))
    fail(op, `'${shown(name)}' cannot be a module's name`, 'give a text without dots')
}

/**
 * Layers one after the other: y = fₙ(… f₂(f₁(x))). Their names are their positions, `0.weight`, or those given: `new
 * nn.Sequential({ fc1: new nn.Linear(4, 3), act: new nn.ReLU() })`.
 * @throws HandgradError if a layer is not a module with `forward`, or a name is empty or has a dot
 */
export class Sequential extends Module {
  private readonly named: Map<string, Layer>

  constructor(layers: Readonly<Record<string, Layer>>)
  constructor(...layers: Layer[])
  constructor(...given: (Layer | Readonly<Record<string, Layer>>)[]) {
    super()
    const [first] = given
    const byName = given.length === 1 && first?.constructor === Object
    const pairs = byName ? Object.entries(first) : given.map((layer, i): [string, unknown] => [String(i), layer])
    for (const [name, layer] of pairs) {
      checkName('Sequential', name)
      checkLayer(byName ? `'${name}'` : `layer ${name}`, layer)
    }
    // Checked above.
    this.named = new Map(pairs as [string, Layer][])
  }

  /** The layers, in the order in which they run. */
  get layers(): readonly Layer[] {
    return [...this.named.values()]
  }

  /**
   * @param x what the first layer takes
   * @returns what the last one gives
   * @throws HandgradError if a layer gives something else than a tensor
   */
  forward(x: Tensor): Tensor {
    let y = x
    const pairs = [...this.named]
    pairs.forEach(([name, layer], i) => {
      const run = () => outputOf('Sequential', `layer ${name}`, layer, y)
      const next = pairs[i + 1]?.[1]
      const joined = isPlainLinear(layer) && next !== undefined && isPlain(next, reluForward)
      y = joined ? beforeRelu(run) : run()
    })
    return y
  }

  protected override fields(): Iterable<[string, unknown]> {
    return [...this.named]
  }

  protected override put(name: string, module: Module): void {
    checkLayer(`layer ${name}`, module)
    this.named.set(name, module as Layer)
  }
}

function checkLayer(which: string, layer: unknown): void {
  if (!(layer instanceof Module) || typeof Reflect.get(layer, 'forward') !== 'function')
    fail('Sequential', `${which} is ${describe(layer)}`, 'give modules with forward(x), such as new nn.ReLU()')
}

/**
 * Modules by position, which nothing runs by itself: `for (const block of blocks) x = block.forward(x)`. An array in a
 * field serves as well; this one can be added to, and checks what it is given.
 * @throws HandgradError if something is not a module
 */
export class ModuleList<M extends Module = Module> extends Module {
  private readonly list: M[] = []

  constructor(modules: Iterable<M> = []) {
    super()
    this.push(...modules)
  }

  get length(): number {
    return this.list.length
  }

  /** The module at a position, negative ones from the end. @throws HandgradError if there is none */
  at(i: number): M {
    return this.list.at(i) ?? fail('ModuleList', `there is no module ${describe(i)}`, `it has ${this.list.length}`)
  }

  /** Add modules at the end. @returns this */
  push(...modules: M[]): this {
    modules.forEach((module, i) => {
      checkModule('ModuleList', `module ${this.list.length + i}`, module)
    })
    this.list.push(...modules)
    return this
  }

  /** The modules, in order. */
  [Symbol.iterator](): IterableIterator<M> {
    return this.list.values()
  }

  protected override fields(): Iterable<[string, unknown]> {
    return this.list.map((module, i) => [String(i), module])
  }

  protected override put(name: string, module: Module): void {
    // Paths lead to what `fields` lists, which is of type M; what takes its place is the caller's word.
    this.list[Number(name)] = module as M
  }
}

/**
 * Modules by name, which nothing runs by itself: `heads.get('left').forward(x)`.
 * @throws HandgradError if something is not a module, or a name is empty or has a dot
 */
export class ModuleDict<M extends Module = Module> extends Module {
  private readonly map = new Map<string, M>()

  constructor(modules: Readonly<Record<string, M>> | Iterable<readonly [string, M]> = {}) {
    super()
    const pairs = Symbol.iterator in modules ? modules : Object.entries(modules)
    for (const [name, module] of pairs) this.set(name, module)
  }

  get size(): number {
    return this.map.size
  }

  /** Whether there is a module of this name. */
  has(name: string): boolean {
    return this.map.has(name)
  }

  /** @throws HandgradError if there is none of this name */
  get(name: string): M {
    const todo = `it has ${[...this.map.keys()].join(', ') || 'none'}`
    return this.map.get(name) ?? fail('ModuleDict', `there is no module ${describe(name)}`, todo)
  }

  /** Add a module, or put it in the place of the one of this name. @returns this */
  set(name: string, module: M): this {
    checkName('ModuleDict', name)
    checkModule('ModuleDict', `'${name}'`, module)
    this.map.set(name, module)
    return this
  }

  /** Take a module out. @returns whether there was one */
  delete(name: string): boolean {
    return this.map.delete(name)
  }

  /** Names with their modules, in order. */
  [Symbol.iterator](): IterableIterator<[string, M]> {
    return this.map.entries()
  }

  protected override fields(): Iterable<[string, unknown]> {
    return [...this.map]
  }

  protected override put(name: string, module: Module): void {
    this.set(name, module as M)
  }
}

/**
 * Parameters by position. What is not a parameter yet becomes one.
 * @throws HandgradError if something is not a tensor of floats, or the result of an op that was recorded
 */
export class ParameterList extends Module {
  private readonly list: Tensor[] = []

  constructor(tensors: Iterable<Tensor> = []) {
    super()
    this.push(...tensors)
  }

  get length(): number {
    return this.list.length
  }

  /** The parameter at a position, negative ones from the end. @throws HandgradError if there is none */
  at(i: number): Tensor {
    return (
      this.list.at(i) ?? fail('ParameterList', `there is no parameter ${describe(i)}`, `it has ${this.list.length}`)
    )
  }

  /** Add parameters at the end. @returns this */
  push(...tensors: Tensor[]): this {
    for (const x of tensors) this.list.push(parameter(x))
    return this
  }

  /** The parameters, in order. */
  [Symbol.iterator](): IterableIterator<Tensor> {
    return this.list.values()
  }

  protected override fields(): Iterable<[string, unknown]> {
    return this.list.map((x, i) => [String(i), x])
  }
}

/** y = x: what takes the place of a layer that is taken out. */
export class Identity extends Module {
  /** @param x any shape @returns x itself */
  forward(x: Tensor): Tensor {
    return x
  }
}

/** y = f(x), a function in the place of a layer: `new nn.Lambda((x) => x.clamp(0, 6))`. It has no parameters. */
export class Lambda extends Module {
  private readonly f: (x: Tensor) => Tensor

  /** @throws HandgradError if `f` is not a function */
  constructor(f: (x: Tensor) => Tensor) {
    super()
    if (typeof f !== 'function') fail('Lambda', `f is ${describe(f)}`, 'give (x) => …')
    this.f = f
  }

  /** @param x what f takes @returns what f gives @throws HandgradError if it is not a tensor */
  forward(x: Tensor): Tensor {
    const y: unknown = this.f(x)
    if (!(y instanceof Tensor)) this.refuse(`its function gave ${describe(y)}`, 'return a tensor, at once')
    return y as Tensor
  }

  protected override sizes(): string {
    return this.f.name
  }
}
