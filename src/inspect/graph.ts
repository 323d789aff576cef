/**
 * @file The computation graph behind a tensor as plain data: nodes, edges, shapes, attributes. Values and gradients are
 * added by capture.ts; dot.ts, text.ts and svg.ts draw it.
 */
import type { DType } from '../core/device.ts'
import { describe, fail, shown } from '../core/errors.ts'
import { Leaf, type Meta, type Node, type Saved, whyConstant } from '../core/graph.ts'
import type { Op, OpSpec } from '../core/op.ts'
import type { Shape, View } from '../core/shape.ts'
import { type Edge, type GradSource, Tensor } from '../core/tensor.ts'
import { newestFirst, reachable } from '../core/walk.ts'
import { optionsOf } from '../ops/base/options.ts'
import { modulesOf } from './modules.ts'

/** Up to 12 × 32 means of the equal parts of a matrix, row-major; NaN where a part has no finite element. */
export interface Heat {
  readonly rows: number
  readonly cols: number
  readonly values: readonly number[]
}

/** A tensor's values in a few numbers. Axes before the last one count as rows. */
export interface Summary {
  /** Elements that are NaN or infinite; the other figures leave them out. */
  readonly bad: number
  readonly min: number
  readonly max: number
  readonly mean: number
  /** Standard deviation, of the population. */
  readonly std: number
  /** All elements in row-major order, where there are at most 8 rows of at most 8. */
  readonly values?: readonly number[]
  /** Where there are more: the whole, seen from afar. */
  readonly heat?: Heat
}

/** A call of a module's `forward`. */
export interface ModuleCall {
  /** Its name in the model, as `namedModules` has it. */
  readonly path: string
  /** Its class. */
  readonly kind: string
}

/**
 * An op's result, a leaf, or a constant that an op took. An op of which several outputs are to be seen is a node
 * without a value, followed by an 'output' for each: every piece of a `split`. A 'module' stands for all that its
 * `forward` did.
 */
export interface GraphNode {
  readonly id: number
  readonly kind: 'op' | 'output' | 'leaf' | 'constant' | 'module'
  /** The op's name, and for an output its own behind a dot, `split.0`; the module's class; 'leaf' or 'constant'. */
  readonly op: string
  /** The name given to it, if any. */
  readonly name?: string
  readonly shape: Shape
  readonly dtype: DType
  /** Dims, exponents, JS numbers among the operands. */
  readonly attrs: Readonly<Record<string, unknown>>
  /** True for a transpose, a slice and all else that only looks at its input in another way. */
  readonly view: boolean
  /** Outputs that are nodes of their own; 0 where the node has the value itself. */
  readonly outputs: number
  /** The calls of modules that it was computed in, outermost first, without that of the model itself. */
  readonly modules: readonly ModuleCall[]
  /** Numbers in the parameters of a folded module; 0 for all else. */
  readonly parameters: number
  /** Null where nothing holds the value any more, or backward has not been captured. */
  readonly value: Summary | null
  /** Null where no gradient arrived, or backward has not been captured. */
  readonly grad: Summary | null
}

/** A node is an input of another, or an op's output `output` is a node of its own. */
export interface GraphEdge {
  readonly from: number
  readonly output: number
  readonly to: number
  /** The input's name in the op, or its position in a list; nothing between an op and its 'output'. */
  readonly input: string
}

/** Nodes are numbered so that each comes after its inputs; the last one is the tensor itself. */
export interface Graph {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
  /** True if values and gradients were captured. */
  readonly captured: boolean
}

/** What drawings of the graph show. */
export interface GraphOptions {
  /**
   * Names for tensors: `{ a, b }`, `Object.fromEntries(model.namedParameters())`. The value of a constant that no op
   * kept, a target say, is known if its tensor is among them.
   */
  names?: Readonly<Record<string, Tensor>>
}

export const graphOptions = { names: {} }

/** What stands behind a node of the drawing; internal to inspect/. */
export interface Origin {
  /** A place in the engine's graph; null for a constant, and for an op whose outputs are nodes of their own. */
  readonly edge: Edge | null
  readonly meta: Meta
  /** A saved value of it, if any op kept one. */
  saved: Saved | null
  /** The tensor that carries its name. */
  tensor: Tensor | null
}

export interface Survey {
  readonly graph: Graph
  readonly origins: readonly Origin[]
  /** The engine's nodes, inputs first. */
  readonly order: readonly Node[]
}

/** Names of an op's inputs, or null for a list. */
export function inputNames(node: Node): readonly string[] | null {
  const spec = specOf(node)
  return spec && spec.inputs !== 'list' ? spec.inputs.map((name) => name.replace('?', '')) : null
}

/** The definition of an op made by defineOp; customGrad's have none. */
export const specOf = (node: Node): OpSpec<string, unknown, string> | null =>
  'spec' in node.op ? (node.op as Op<unknown>).spec : null

/** An optional input that was left out, or a JS number in a tensor's place. */
export const isAbsent = (meta: Meta): boolean => meta.dtype === undefined

/**
 * The graph behind y: ops, leaves and constants with shapes, dtypes and attributes; {@link Graph} has no values.
 * @throws HandgradError if y is not a tensor or a constant, backward has released its graph, or `names` are not tensors
 */
export const graph = (y: Tensor, options?: GraphOptions): Graph =>
  survey('inspect.graph', y, optionsOf('inspect.graph', options, graphOptions)).graph

/** Refuse names that are not tensors by name. */
export function checkNames(op: string, names: unknown = {}): void {
  const remedy = 'give tensors by name: { a, b }'
  if (typeof names !== 'object' || names === null || Symbol.iterator in names)
    fail(op, `names is ${describe(names)}`, remedy)
  for (const [name, x] of Object.entries(names))
    if (!(x instanceof Tensor)) fail(op, `names has ${shown(name)}: ${describe(x)}, which is not a tensor`, remedy)
}

/** Refuse an option that is neither true nor false. */
export function checkFlag(op: string, name: string, value: unknown): void {
  if (typeof value !== 'boolean') fail(op, `${name} is ${describe(value)}`, 'give true or false')
}

/** Walk the graph behind y; internal to inspect/. */
export function survey(op: string, y: Tensor, options: GraphOptions): Survey {
  if (!(y instanceof Tensor)) fail(op, `${describe(y)} is not a tensor`, 'give the loss')
  checkNames(op, options.names)
  const { edge } = y
  if (!edge) fail(op, `${y.title} needs no gradient, so it has no graph`, whyConstant(y))
  const order = nodesOf(op, y)
  const surveyor = new Surveyor(options.names ?? {}, [edge, ...order.flatMap(({ inputs }) => inputs)])
  if (edge.source instanceof Leaf) surveyor.leaf(edge, edge.source, y)
  for (const node of order) surveyor.node(node)
  const { nodes, edges, origins } = surveyor
  return { graph: { nodes, edges, captured: false }, origins, order }
}

/** Makes the nodes and edges of a {@link Graph} of the engine's nodes, given inputs first. */
class Surveyor {
  readonly nodes: GraphNode[] = []
  readonly origins: Origin[] = []
  readonly edges: GraphEdge[] = []
  /** By source and output. */
  private readonly ids = new Map<GradSource, Map<number, number>>()
  private readonly constants: number[] = []
  private readonly names: readonly (readonly [string, Tensor])[]
  /** Outputs that something stands on, the drawn tensor's last. */
  private readonly used = new Map<GradSource, Set<number>>()

  constructor(names: Readonly<Record<string, Tensor>>, [last, ...edges]: readonly (Edge | null)[]) {
    this.names = Object.entries(names)
    for (const edge of [...edges, last]) {
      if (!edge) continue
      const set = this.used.get(edge.source) ?? new Set()
      this.used.set(edge.source, set)
      set.delete(edge.index)
      set.add(edge.index)
    }
  }

  /** An op, with an edge from each of its inputs, and its outputs where there are several to be seen. */
  node(node: Node): void {
    const inputs = this.inputsOf(node)
    const spec = specOf(node)
    const shown = this.shownOf(node)
    const origin = (index: number): Origin => ({
      edge: { source: node, index },
      meta: node.outputMetas[index],
      saved: node.saved[(spec?.outputs ?? ['y'])[index]] ?? null,
      tensor: null,
    })
    const several = shown.length > 1 || shown[0] > 0
    const own = several
      ? { ...origin(shown[0]), edge: null, meta: { ...node.inputMetas[0], id: undefined }, saved: null }
      : origin(0)
    // One whose rule reads values is not movement: relu of what the op before it stored.
    const view = spec?.view !== undefined && spec.saves === undefined
    const modules = modulesOf(node)
    const attrs = attrsOf(node.attrs, spec?.name)
    const to = this.add('op', node.name, own, { attrs, view, outputs: several ? shown.length : 0, modules })
    nodesBehind.set(this.nodes[to].attrs, node)
    this.edges.push(...inputs.map((edge) => ({ ...edge, to })))
    if (!several) this.ids.set(node, new Map([[0, to]]))
    else {
      const outputs = shown.map((index) => {
        const op = `${node.name}.${spec?.outputs?.[index] ?? index}`
        const id = this.add('output', op, origin(index), { view, modules })
        this.edges.push({ from: to, output: index, to: id, input: '' })
        return [index, id] as const
      })
      this.ids.set(node, new Map(outputs))
    }
  }

  /** The outputs to be seen: all pieces of a list, of others those that are used. The drawn tensor comes last. */
  private shownOf(node: Node): number[] {
    const used = [...(this.used.get(node) ?? [])]
    if (specOf(node)?.outputs) return used
    const unused = node.outputMetas.map((_, index) => index).filter((index) => !used.includes(index))
    const last = used.at(-1) as number // every node is reached by an edge
    return [...[...used.slice(0, -1), ...unused].sort((a, b) => a - b), last]
  }

  /** A leaf, once. */
  leaf(place: Edge, source: Leaf, tensor: Tensor | null): void {
    if (this.ids.has(source)) return
    const id = this.add('leaf', 'leaf', { edge: place, meta: source.meta, saved: null, tensor })
    this.ids.set(source, new Map([[0, id]]))
  }

  /** The edges into a node, which has no number yet. */
  private inputsOf(node: Node): Omit<GraphEdge, 'to'>[] {
    const named = inputNames(node)
    return node.inputMetas.flatMap((meta, i) => {
      if (isAbsent(meta)) return []
      const edge = node.inputs[i]
      const input = named?.[i] ?? String(i)
      const saved = node.saved[input] ?? null
      const from = edge ? this.originOf(edge, saved) : this.constant({ edge: null, meta, saved, tensor: null })
      return [{ from, output: 0, input }]
    })
  }

  /** The node that an edge comes from; what was saved of it tells its value. */
  private originOf(edge: Edge, saved: Saved | null): number {
    const { source, index } = edge
    if (source instanceof Leaf) this.leaf(edge, source, null)
    const from = this.ids.get(source)?.get(index) as number
    this.origins[from].saved ??= saved
    return from
  }

  /** A constant; the same tensor, and the same memory seen in the same way, is drawn once. */
  private constant(origin: Origin): number {
    const known = this.constants.find((id) => sameValue(this.origins[id], origin))
    if (known !== undefined) return known
    const id = this.add('constant', 'constant', origin)
    this.constants.push(id)
    return id
  }

  private add(kind: GraphNode['kind'], op: string, origin: Origin, more: Partial<Of> = {}): number {
    const { shape, dtype } = origin.meta
    const { attrs = {}, view = false, outputs = 0, modules = [] } = more
    const tensor = this.names.find(([, x]) => isAt(x, origin))
    origin.tensor = tensor?.[1] ?? null
    const id = this.nodes.length
    const name = tensor && { name: tensor[0] }
    const figures = { parameters: 0, value: null, grad: null }
    const rest = { attrs: { ...(attrs as object) }, view, outputs, modules }
    this.nodes.push({ id, kind, op, ...name, shape, dtype, ...rest, ...figures })
    this.origins.push(origin)
    return id
  }
}

/** Of ops that serve one function with others: the option that chose them. */
const kinds: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  geluTanh: { approximate: 'tanh' },
  floorDivide: { roundingMode: 'floor' },
  truncDivide: { roundingMode: 'trunc' },
}

/** An op's attributes, with the option that makes it another function. */
export const attrsOf = (attrs: unknown, name = ''): Readonly<Record<string, unknown>> => ({
  ...(attrs as object),
  ...kinds[name],
})

/** By the attributes of a node of the drawing, which its copies share. */
const nodesBehind = new WeakMap<object, Node>()

/** The engine's node behind one of a drawing, or of a recording; undefined for a leaf or a constant. */
export const nodeBehind = ({ attrs }: GraphNode): Node | undefined => nodesBehind.get(attrs)

/** A node's op with the option that makes it another function, `gelu tanh`; the op alone where there is none. */
export function variantOf(
  { edges }: { readonly edges: readonly Pick<GraphEdge, 'to' | 'input'>[] },
  { id, op, attrs }: Pick<GraphNode, 'id' | 'op' | 'attrs'>,
): string {
  if (attrs.approximate) return `${op} ${attrs.approximate}`
  if (attrs.roundingMode) return `${op} rounded`
  if (attrs.smoothing) return `${op} smooth${attrs.mean ? ' mean' : ''}`
  if (attrs.mean) return `${op} mean`
  // a + alpha·b is an op of its own, x + a·b.
  const scaled = 'x' in attrs || edges.some(({ to, input }) => to === id && input === 'x')
  return scaled && (op === 'add' || op === 'sub') ? 'sum scaled' : op
}

/** What only ops have. */
interface Of {
  readonly attrs: unknown
  readonly view: boolean
  readonly outputs: number
  readonly modules: readonly ModuleCall[]
}

/** Two constants are one tensor, or the same memory seen in the same way. */
function sameValue(a: Origin, { saved, meta }: Origin): boolean {
  if (a.meta.id === meta.id) return true
  if (!a.saved || a.saved.storage !== saved?.storage) return false
  const seen = ({ offset, shape, strides }: View) => String([offset, shape, strides])
  return seen(a.saved.view) === seen(saved.view)
}

/** True if a tensor stands at a place of the graph, or, for a constant, is what an op took or the memory it saved. */
function isAt(x: Tensor, { edge: place, saved, meta }: Origin): boolean {
  if (x.disposed) return false
  if (place) return x.edge?.source === place.source && x.edge.index === place.index
  return x.id === meta.id || (saved !== null && x.storage === saved.storage)
}

/** Every node that y depends on, inputs first. */
const nodesOf = (op: string, y: Tensor): Node[] =>
  newestFirst(
    reachable([y], ({ name }) =>
      fail(op, `the graph of ${name} was released by backward`, 'look before backward, or use inspect.backward(loss)'),
    ),
  ).reverse()
