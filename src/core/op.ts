/**
 * @file What an op is: a value that says how to check its inputs, how to compute, and how to go back. `defineOp` turns
 * it into a function on tensors that checks, launches and records. The ops themselves are in ops/, kernels behind them
 * in shaders/ and cpu/.
 */
import { type DType, isFloat, isHalf } from './device.ts'
import { checkOptions, describe, fail } from './errors.ts'
import {
  checkAlike,
  type Differentiable,
  enableGrad,
  gradEnabled,
  type Meta,
  Node,
  restore,
  type Saved,
  save,
} from './graph.ts'
import { contiguousCopy } from './launch.ts'
import { checkAtOnce, remedyOf, scope } from './scope.ts'
import type { Shape, View } from './shape.ts'
import { type Edge, Tensor } from './tensor.ts'
import { grad } from './walk.ts'

export const floats: readonly DType[] = ['float32', 'float64']
export const numbers: readonly DType[] = ['float32', 'float64', 'int32']
export const anyType: readonly DType[] = ['float32', 'float64', 'int32', 'bool']

/** Shape and dtype of one result; the dtype is the first input's unless given. */
export interface Result {
  readonly shape: Shape
  readonly dtype?: DType
}

/** An input's name without the mark of an optional one. */
type Bare<Name extends string> = Name extends `${infer Plain}?` ? Plain : Name

/**
 * What a gradient rule sees: the cotangent, attributes, shapes, and the values that its `saves` names; a rule that
 * reads another one does not compile. An optional input that was left out is undefined.
 */
export type Context<Saved extends string, A, Name extends string = string> = {
  /** Cotangent of the first output. */
  readonly g: Tensor
  /** Cotangents of all outputs, null where nothing arrived. */
  readonly gs: readonly (Tensor | null)[]
  readonly attrs: A
  /** Shape, dtype and device of an input, whether saved or not. */
  meta(name: Bare<Name> | number): Meta
} & { readonly [K in Saved]: `${K}?` extends Name ? Tensor | undefined : Tensor }

/** For each input with a rule (or `all`, `list`), the names of the values that its rule reads. */
export type Saves<Name extends string, Out extends string> = Readonly<
  Partial<Record<Bare<Name> | 'all' | 'list', readonly (Bare<Name> | Out)[]>>
>
/** The names that `saves` has for one rule. */
export type SavedBy<S, Rule> = [S] extends [never]
  ? never
  : Rule extends keyof S
    ? S[Rule] extends readonly (infer V)[]
      ? V & string
      : never
    : never

/** A rule for each input; none of these may be called `all` or `list`, which are the other kinds of rules. */
export type InputRules<Name extends string, A, S> = {
  readonly [K in Bare<Name>]: (ctx: Context<SavedBy<S, K>, A, Name>) => Tensor
} & { readonly all?: never; readonly list?: never }

/** One rule for all inputs, where one kernel makes several gradients, or they share work. */
export interface JointRule<Name extends string, A, S> {
  /** ∂L/∂ each input, by name; of those that `needs` says no to nothing is read. */
  all(
    ctx: Context<SavedBy<S, 'all'>, A, Name>,
    needs: { readonly [K in Bare<Name>]: boolean },
  ): { readonly [K in Bare<Name>]?: Tensor | null }
}

/** Rule of an op on a list: the gradient of its i-th input. */
export interface ListRule<A, S = never> {
  /** ∂L/∂xᵢ. */
  list(ctx: Context<SavedBy<S, 'list'>, A, never>, i: number): Tensor
}

/**
 * The definition of an op. All type arguments are inferred: attributes from the annotation in `shape`, for instance
 * `shape: ([x], { dims }: { dims: readonly number[] }) => …`. `Name` are its inputs' names, a trailing `?` marks an
 * optional one; `A` its attributes, `Out` its outputs, `S` what it saves.
 */
export interface OpSpec<Name extends string, A, Out extends string = 'y', S = Saves<Name, Out>> {
  /** Identifies the op; those of handgrad have one each. */
  readonly name: string
  /** Its public name, in errors and drawings, where several ops serve one function. Default: `name`. */
  readonly as?: string
  /** Names of the inputs, or 'list' for any number of them. */
  readonly inputs: readonly Name[] | 'list'
  /** Names of the outputs. Default: `['y']`. Integer and bool outputs have no gradient. */
  readonly outputs?: readonly Out[]
  /** Dtypes all inputs may have, or a list per input. Inputs with several choices must agree. */
  readonly dtypes: readonly DType[] | Readonly<Record<Bare<Name>, readonly DType[]>>
  /** Check shapes and attributes, give shape and dtype of each output. Throws before anything is allocated. */
  shape(inputs: readonly Tensor[], attrs: A): Result | readonly Result[]
  /**
   * Takes tensors of 16 bits where it takes float32: gives the results where one is among the inputs, or undefined
   * where `launch` reads them itself. Views take them anyway, other ops refuse them.
   */
  halves?(op: Op<A>, inputs: readonly (Tensor | undefined)[], attrs: A): Tensor[] | undefined
  /**
   * Under `autocast`: round inputs and results to 16 bits, or results alone, or inputs alone; or give float32 for
   * inputs of 16 bits. Default: what `halves` says; without it, 'wide'.
   */
  readonly autocast?: 'narrow' | 'results' | 'inputs' | 'wide'
  /** Inputs that the kernel wants in row-major order; others may be any view. */
  readonly contiguous?: readonly Bare<Name>[]
  /** Compute `ys` from `xs` by `launch`. */
  launch?(xs: readonly Tensor[], ys: readonly Tensor[], attrs: A): void
  /** In place of `launch`: each output is another view of the input's storage. */
  view?(view: View, attrs: A): View | readonly View[]
  /** Which values (inputs, outputs by name) each rule reads. Nothing else is kept alive. */
  readonly saves?: S
  /**
   * Gradient of each input from the cotangent, in differentiable ops, so that it can be differentiated again.
   * 'none': the result does not depend smoothly on any input. 'once': the op is itself part of a gradient and has no
   * further one; differentiating it throws by name.
   */
  readonly vjp: InputRules<Name, A, S> | JointRule<Name, A, S> | ListRule<A, S> | 'none' | 'once'
  /** For fused ops: the same in simpler ops. It is the test oracle, and what is differentiated under `createGraph`. */
  reference?(inputs: readonly Tensor[], attrs: A): Tensor | readonly Tensor[]
}

/** An op without attributes. */
export type NoAttrs = Readonly<Record<never, never>>

/** An op whatever its names are. */
type AnySpec<A> = OpSpec<string, A, string>

/** An op as a function: inputs in order (undefined for an optional one left out) and attributes. */
export interface Op<A = NoAttrs> extends Differentiable {
  (inputs: readonly (Tensor | undefined)[], attrs: A): Tensor
  /** Its own name; `name` is the public one. */
  readonly opName: string
  /** All outputs of an op that has several. */
  all(inputs: readonly (Tensor | undefined)[], attrs: A): Tensor[]
  readonly spec: AnySpec<A>
}

/** An op as this file works with it: names without their marks, null for a list. */
interface Definition<A> {
  readonly spec: AnySpec<A>
  /** Its public name. */
  readonly title: string
  readonly names: readonly string[] | null
  readonly outputs: readonly string[]
  /** What its rules see, made by {@link contextClass}. */
  readonly Context: new (
    node: Node,
    gs: Step[1],
  ) => AnyContext<A>
}

/** What the walk passes to an op's backward. */
type Step = Parameters<Differentiable['backward']>

/** One call of an op, as {@link onCall} reports it. */
export interface Call {
  readonly op: Op<unknown>
  /** Undefined for an optional input left out, or a JS number (its value is in `attrs`). */
  readonly inputs: readonly (Tensor | undefined)[]
  readonly attrs: unknown
  readonly outputs: readonly Tensor[]
}

/** Who is told of calls; null while nobody is, so that a call costs one comparison more. */
let listeners: Set<(call: Call) => void> | null = null

/**
 * Be told of every call of an op, whether it is recorded in the graph or not: for traces, profiles and exports. The
 * tensors belong to the caller: keep shapes and names, or handles of your own (`detach`).
 * @returns a function that ends it
 * @throws HandgradError if `listener` is not a function
 */
export function onCall(listener: (call: Call) => void): () => void {
  if (typeof listener !== 'function') fail('onCall', `the listener is ${describe(listener)}`, 'give a function')
  const own = (call: Call): void => listener(call)
  listeners = new Set(listeners).add(own)
  return () => {
    listeners = new Set([...(listeners ?? [])].filter((other) => other !== own))
    if (listeners.size === 0) listeners = null
  }
}

/** Tell of a call, which is recorded by now. */
export function tell(op: Call['op'], inputs: Call['inputs'], attrs: unknown, outputs: readonly Tensor[]): void {
  if (listeners) for (const listener of listeners) listener({ op, inputs, attrs, outputs })
}

/** Gives the results of a call in its own way, or undefined to let it be. */
export type Casting = (op: Op<unknown>, inputs: readonly (Tensor | undefined)[], attrs: unknown) => Tensor[] | undefined

/** What `autocast` does to calls, and the dtype that it was given; null outside of it. */
export const casting: { now: Casting | null; dtype: DType | null } = { now: null, dtype: null }

/** A look at what an op's shape() and view() gave, before anything is allocated. */
export type Check = (
  op: string,
  x: Tensor,
  outputs: readonly string[] | undefined,
  results: readonly Result[],
  views: readonly View[] | undefined,
) => void

/** What an op is defined by. */
const parts = 'name as inputs outputs dtypes shape halves autocast contiguous launch view saves vjp reference'.split(
  ' ',
)

/**
 * Make an op. The compiler asks for a gradient rule per input (or 'none' with a reason in its comment), and for the
 * name in `saves` of every value that a rule reads.
 * @returns a function `op(inputs, attrs)`; wrap it in one with the public signature and docs
 * @param check  looks at what shape() and view() gave; ours are tested, users' ops have that of ownop.ts
 * @throws HandgradError if an input has no gradient rule
 */
export function defineOp<
  const Name extends string,
  A = NoAttrs,
  const Out extends string = 'y',
  const S extends Saves<Name, Out> = never,
>(spec: OpSpec<Name, A, Out, S>, check?: Check): Op<A> {
  checkOptions('defineOp', spec, parts)
  const names = spec.inputs === 'list' ? null : spec.inputs.map((n) => n.replace('?', ''))
  const contiguous = spec.contiguous && names?.map((n) => spec.contiguous?.includes(n as Bare<Name>))
  const rules: object = typeof spec.vjp === 'object' ? spec.vjp : {}
  for (const n of names ?? ['list'])
    if (spec.vjp !== 'none' && spec.vjp !== 'once' && !(n in rules) && !(names && 'all' in rules))
      fail('defineOp', `${spec.name} has no gradient rule for ${n}`, "give one, or vjp: 'none'")
  // What follows treats all ops alike: names in the type serve those who write rules, and the compiler can't drop them.
  const wide = spec as unknown as AnySpec<A>
  const title = spec.as ?? spec.name
  const outputs: readonly string[] = spec.outputs ?? ['y']
  const definition: Definition<A> = { spec: wide, title, names, outputs, Context: contextClass(title, names, outputs) }

  function all(given: readonly (Tensor | undefined)[], attrs: A): Tensor[] {
    const xs = given as readonly Tensor[]
    const cast = casting.now?.(op as Op<unknown>, given, attrs)
    if (cast) return cast
    checkInputs(definition, xs)
    const shapes = spec.shape(xs, attrs)
    const halved = spec.halves?.(op, xs, attrs)
    if (halved) return halved
    const results = (Array.isArray(shapes) ? shapes : [shapes]) as readonly Result[]
    const first = xs.find((x) => x !== undefined) as Tensor
    const views = spec.view && [spec.view(first.layout, attrs)].flat()
    check?.(title, first, spec.outputs, results, views)
    const ys = views
      ? views.map((view) => new Tensor(first.storage.retain(), view))
      : results.map((r) => Tensor.alloc(first.device, r.dtype ?? first.dtype, r.shape, title))
    if (spec.launch && ys.some((y) => y.numel > 0)) {
      const ready = contiguous ? xs.map((x, i) => (x && contiguous[i] ? inOrder(x) : x)) : xs
      try {
        checkAtOnce(title, 'its launch', spec.launch(ready, ys, attrs), 'await nothing in it')
      } catch (error) {
        for (const y of ys) y.dispose()
        throw error
      } finally {
        if (contiguous) for (let i = 0; i < xs.length; i++) if (ready[i] !== xs[i]) ready[i].dispose()
      }
    }
    record(op, definition, xs, ys, attrs)
    tell(op as Op<unknown>, given, attrs, ys)
    return ys
  }

  const op: Op<A> = Object.assign((inputs: readonly (Tensor | undefined)[], attrs: A) => all(inputs, attrs)[0], {
    opName: spec.name,
    all,
    spec: wide,
    backward: (...step: Step) => backwardOf(definition, ...step),
  })
  Object.defineProperty(op, 'name', { value: title })
  return op
}

/** x, or a row-major copy. */
const inOrder = (x: Tensor): Tensor => (x.isContiguous ? x : contiguousCopy('contiguous', x, x.layout))

// ---- checks

function checkInputs<A>({ spec, title, names }: Definition<A>, xs: readonly (Tensor | undefined)[]): void {
  let lead: Tensor | undefined
  let leadDType: DType | undefined
  const count = names?.length ?? xs.length
  if (count === 0 || xs.length > count) fail(title, `${xs.length} inputs were given`, `it takes ${names ?? 'a list'}`)
  for (let i = 0; i < count; i++) {
    const x = xs[i]
    const name = names ? names[i] : `input ${i}`
    if (x === undefined) {
      if (names && !spec.inputs[i].endsWith('?')) fail(title, `${name} is missing`)
      continue
    }
    if (!(x instanceof Tensor)) fail(title, `${name} is ${describe(x)}, not a tensor`, 'make it with tensor(…)')
    if (x.disposed) fail(title, `${x.title} was disposed`, remedyOf(x))
    const allowed = isList(spec.dtypes) ? spec.dtypes : spec.dtypes[name]
    const half = isHalf(x.dtype)
    if (!allowed.includes(half && (spec.view || spec.halves) ? 'float32' : x.dtype))
      fail(title, `${name} is ${x.dtype}, not ${allowed.join(' or ')}`, castHint(allowed[0]))
    if (lead && x.device !== lead.device)
      fail(title, `inputs are on ${lead.device.name} and ${x.device.name}`, 'move one with to(device)')
    lead ??= x
    if (allowed.length > 1 && !half) {
      if (leadDType && x.dtype !== leadDType) fail(title, `inputs are ${leadDType} and ${x.dtype}`, castHint(leadDType))
      leadDType ??= x.dtype
    }
  }
}

const isList = (x: unknown): x is readonly DType[] => Array.isArray(x)
const castHint = (dtype: DType): string => `cast with x.to('${dtype}')`

// ---- recording

/** What a node remembers of an input. */
export const metaOf = (x: Tensor | undefined): Meta =>
  // An optional input that was left out has neither dtype nor device; nothing reads them, as it has no edge.
  x ? { id: x.id, shape: x.shape, dtype: x.dtype, device: x.device } : ({ shape: [] } as unknown as Meta)

type Maybe = Tensor | undefined

/** What lets no gradient pass, if what was computed from these is outside of the graph: `op`, or one before it. */
export function cutOf(op: string, xs: readonly Maybe[]): string | undefined {
  let cut: string | undefined
  for (const x of xs) {
    if (x?.edge) return gradEnabled() ? op : 'noGrad'
    cut ??= x?.cut
  }
  return cut
}

function record<A>(op: Op<A>, definition: Definition<A>, xs: readonly Maybe[], ys: readonly Tensor[], attrs: A): void {
  const { spec, names, title } = definition
  const recorded = gradEnabled() && spec.vjp !== 'none' && xs.some((x) => x?.edge) && ys.some((y) => isFloat(y.dtype))
  if (!recorded) {
    const cut = cutOf(title, xs)
    if (cut) for (const y of ys) y.cut = cut
    return
  }
  const inputs = xs.map((x) => x?.edge ?? null)
  const saved: Record<string, Saved> = {}
  const { saves } = spec
  if (saves?.all) keepNamed(saved, saves.all, definition, xs, ys)
  for (let i = 0; i < inputs.length; i++) {
    const read = inputs[i] && saves?.[names ? names[i] : 'list']
    if (read) keepNamed(saved, read, definition, xs, ys)
  }
  const node = new Node(op, attrs, inputs, saved, xs.map(metaOf), ys.map(metaOf))
  ys.forEach((y, index) => {
    if (isFloat(y.dtype)) y.setEdge({ source: node, index })
    else y.cut = title
  })
}

/** Save inputs and outputs by name, each once. */
function keepNamed(
  saved: Record<string, Saved>,
  list: readonly string[],
  { names, outputs }: { readonly names: readonly string[] | null; readonly outputs: readonly string[] },
  xs: readonly Maybe[],
  ys: readonly Tensor[],
): void {
  for (const name of list) {
    const x = names?.includes(name) ? xs[names.indexOf(name)] : ys[outputs.indexOf(name)]
    if (x) saved[name] ??= save(x)
  }
}

// ---- going back

function backwardOf<A>(definition: Definition<A>, ...[node, grads, needs]: Step): (Tensor | null)[] {
  const { spec, title, names } = definition
  const { vjp } = spec
  if (vjp === 'once' || vjp === 'none') {
    fail('backward', `${title} has no second derivative`, 'compute the loss from ops that have one')
  }
  // Everything a rule makes on its way is freed when it is done; the results move out to the walk.
  return scope(() => {
    const ctx = new definition.Context(node, grads)
    if (spec.reference && gradEnabled()) return byReference(definition, ctx, node, grads, needs)
    const found = gradients(vjp, names, ctx, needs)
    return needs.map((need, i) => {
      if (!need) return null
      const g = found[i] ?? fail('backward', `${title} has no gradient for ${names?.[i] ?? i}`, 'its rule gave none')
      return ownGrad(title, names?.[i] ?? `input ${i}`, node.inputMetas[i], g)
    })
  })
}

/** What the rules give for the inputs that need it, whatever form they have. */
function gradients<A>(
  vjp: Exclude<AnySpec<A>['vjp'], string>,
  names: readonly string[] | null,
  ctx: AnyContext<A>,
  needs: readonly boolean[],
): readonly (Tensor | null | undefined)[] {
  if (!names) return needs.map((need, i) => (need ? (vjp as ListRule<A>).list(ctx as never, i) : null))
  if ('all' in vjp && vjp.all) {
    const found = vjp.all(ctx, Object.fromEntries(names.map((name, i) => [name, needs[i]])))
    return names.map((name) => found?.[name])
  }
  const rules = vjp as InputRules<string, A, never>
  return needs.map((need, i) => (need ? rules[names[i]](ctx as never) : null))
}

/** What a rule returned, as a handle of the walk's own: the rule may return a saved tensor or its cotangent. */
export function ownGrad(op: string, input: string, meta: Meta, g: unknown): Tensor {
  checkAlike(op, `what its gradient rule gave for ${input}`, g, 'the input', meta, 'return a tensor like the input')
  return new Tensor(g.storage.retain(), g.layout, g.edge)
}

type AnyContext<A> = Context<string, A, never>

/**
 * The class of an op's contexts. Getters by name are defined once per op, not once per step: backward makes many
 * contexts.
 */
function contextClass<A>(
  op: string,
  names: readonly string[] | null,
  outputs: readonly string[],
): Definition<A>['Context'] {
  class OpContext {
    readonly gs: Step[1]
    // Private to the language: inputs and outputs may have any name.
    readonly #node: Node
    readonly #values: Record<string, Tensor> = {}
    constructor(node: Node, gs: Step[1]) {
      this.gs = gs
      this.#node = node
    }
    get attrs(): unknown {
      return this.#node.attrs
    }
    // An output of zeros arrives as null only where an op has several outputs; its rule then reads gs.
    get g(): Tensor {
      return this.gs[0] ?? fail('backward', `${op} got no cotangent for its first output`)
    }
    meta(name: string | number): Meta {
      return this.#node.inputMetas[typeof name === 'number' ? name : (names?.indexOf(name) ?? 0)]
    }
    static define(name: string, edgeOf: (node: Node) => Edge | null, given = (_: Node): boolean => true): void {
      const get = function (this: OpContext): Tensor | undefined {
        const saved = this.#node.saved[name]
        if (!saved && given(this.#node))
          fail('backward', `a rule of ${op} reads ${name}, which was not saved`, `add '${name}' to its saves`)
        return saved && (this.#values[name] ??= restore(op, name, saved, gradEnabled() ? edgeOf(this.#node) : null))
      }
      Object.defineProperty(OpContext.prototype, name, { get })
    }
  }
  // Integer outputs have no edge.
  const edgeTo = (source: Node, index: number) => (isFloat(source.outputMetas[index].dtype) ? { source, index } : null)
  outputs.forEach((name, index) => OpContext.define(name, (source) => edgeTo(source, index)))
  // An optional input that was left out, or a number in a tensor's place, has no dtype.
  names?.forEach((name, i) =>
    OpContext.define(
      name,
      (node) => node.inputs[i],
      (node) => node.inputMetas[i].dtype !== undefined,
    ),
  )
  return OpContext as unknown as Definition<A>['Context'] // the getters above, by name
}

/** The gradient of a fused op by differentiating its reference composition. */
function byReference<A>(
  { spec, title, names }: Definition<A>,
  ctx: AnyContext<A>,
  ...[node, grads, needs]: Step
): (Tensor | null)[] {
  return enableGrad(() => {
    // Edges of their own for the inputs: a path from one input to another outside of this op is not this op's
    // gradient.
    const xs = (names ?? []).map((name, i) => (node.inputs[i] ? stopAt(ctx[name]) : (ctx[name] as Tensor | undefined)))
    const y = spec.reference?.(xs as Tensor[], node.attrs as A) as Tensor | readonly Tensor[]
    const given = y instanceof Tensor ? [y] : y
    // Outputs that no gradient comes from, it need not have.
    node.outputMetas.forEach((meta, i) => {
      if (grads[i]) checkAlike(title, 'what its reference gave', given?.[i], 'the output', meta, 'return a tensor')
    })
    const ys = given.filter((_, i) => grads[i])
    const targets = xs.filter((_, i) => needs[i]) as Tensor[]
    const found = grad(ys, targets, {
      gradOutputs: grads.filter((g) => g !== null),
      createGraph: true,
      allowUnused: true,
    })
    let at = 0
    return needs.map((need) => (need ? found[at++] : null))
  })
}

/** The identity as an op: y = x, on the same storage. */
const stopOp: Op = defineOp({
  name: 'alias',
  inputs: ['x'],
  dtypes: anyType,
  shape: ([x]) => ({ shape: x.shape }),
  view: (view) => view,
  vjp: { x: ({ g }) => g },
})
const stopAt = (x: Tensor): Tensor => stopOp([x], {})
