/**
 * @file The computation graph behind a tensor as plain data: nodes, edges, shapes, attributes. Values and gradients are
 * added by capture.ts; dot.ts, text.ts and svg.ts draw it.
 */
import type { DType } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { Leaf, type Meta, type Node, type Saved, whyConstant } from '../core/graph.ts'
import type { Op, OpSpec } from '../core/op.ts'
import type { Shape } from '../core/shape.ts'
import { type Edge, type GradSource, Tensor } from '../core/tensor.ts'
import { newestFirst, reachable } from '../core/walk.ts'
import { optionsOf } from '../ops/base/options.ts'

/** A tensor's values in a few numbers. */
export interface Summary {
  /** Elements that are NaN or infinite; the other figures leave them out. */
  readonly bad: number
  readonly min: number
  readonly max: number
  readonly mean: number
  /** Standard deviation, of the population. */
  readonly std: number
  /** All elements in row-major order, where there are at most four. */
  readonly values?: readonly number[]
}

/** An op's result, a leaf, or a constant that an op took. Of an op with several outputs, the first. */
export interface GraphNode {
  readonly id: number
  readonly kind: 'op' | 'leaf' | 'constant'
  /** The op's name; 'leaf' or 'constant'. */
  readonly op: string
  /** The name given to it, if any. */
  readonly name?: string
  readonly shape: Shape
  readonly dtype: DType
  /** Dims, exponents, JS numbers among the operands. */
  readonly attrs: Readonly<Record<string, unknown>>
  /** Null where nothing holds the value any more, or backward has not been captured. */
  readonly value: Summary | null
  /** Null where no gradient arrived, or backward has not been captured. */
  readonly grad: Summary | null
}

/** Output `output` of one node is an input of another. */
export interface GraphEdge {
  readonly from: number
  readonly output: number
  readonly to: number
  /** The input's name in the op, or its position in a list. */
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
  /** Names for tensors: `{ a, b }`, `Object.fromEntries(model.namedParameters())`. */
  names?: Readonly<Record<string, Tensor>>
}

export const graphOptions = { names: {} }

/** What stands behind a node of the drawing; internal to inspect/. */
export interface Origin {
  /** A place in the engine's graph, or null for a constant. */
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
 * @throws HandgradError if y is not a tensor or a constant, or backward has released its graph
 */
export const graph = (y: Tensor, options?: GraphOptions): Graph =>
  survey('inspect.graph', y, optionsOf('inspect.graph', options, graphOptions)).graph

/** Walk the graph behind y; internal to inspect/. */
export function survey(op: string, y: Tensor, options: GraphOptions): Survey {
  if (!(y instanceof Tensor)) fail(op, `${describe(y)} is not a tensor`, 'give the loss')
  const { edge } = y
  if (!edge) fail(op, `${y.title} needs no gradient, so it has no graph`, whyConstant(y))
  const order = nodesOf(op, y)
  const surveyor = new Surveyor(options.names ?? {})
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
  private readonly ids = new Map<GradSource, number>()
  private readonly constants: number[] = []
  private readonly names: readonly (readonly [string, Tensor])[]

  constructor(names: Readonly<Record<string, Tensor>>) {
    this.names = Object.entries(names)
  }

  /** An op, with an edge from each of its inputs. */
  node(node: Node): void {
    const inputs = this.inputsOf(node)
    const outputs = specOf(node)?.outputs ?? ['y']
    const own: Origin = {
      edge: { source: node, index: 0 },
      meta: node.outputMetas[0],
      saved: node.saved[outputs[0]] ?? null,
      tensor: null,
    }
    const to = this.add('op', node.name, own, node.attrs)
    this.ids.set(node, to)
    this.edges.push(...inputs.map((edge) => ({ ...edge, to })))
  }

  /** A leaf, once. */
  leaf(place: Edge, source: Leaf, tensor: Tensor | null): void {
    if (this.ids.has(source)) return
    this.ids.set(source, this.add('leaf', 'leaf', { edge: place, meta: source.meta, saved: null, tensor }, {}))
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
      return [{ from, output: edge?.index ?? 0, input }]
    })
  }

  /** The node that an edge comes from; what was saved of it tells its value. */
  private originOf(edge: Edge, saved: Saved | null): number {
    const { source, index } = edge
    if (source instanceof Leaf) this.leaf(edge, source, null)
    const from = this.ids.get(source) as number
    if (index === 0) this.origins[from].saved ??= saved
    return from
  }

  /** A constant; the same memory, seen in the same way, is drawn once. */
  private constant(origin: Origin): number {
    const known = this.constants.find((id) => sameMemory(this.origins[id], origin))
    if (known !== undefined) return known
    const id = this.add('constant', 'constant', origin, {})
    this.constants.push(id)
    return id
  }

  private add(kind: GraphNode['kind'], op: string, origin: Origin, attrs: unknown): number {
    const { shape, dtype } = origin.meta
    const tensor = this.names.find(([, x]) => isAt(x, origin))
    origin.tensor = tensor?.[1] ?? null
    const id = this.nodes.length
    const name = tensor && { name: tensor[0] }
    this.nodes.push({ id, kind, op, ...name, shape, dtype, attrs: { ...(attrs as object) }, value: null, grad: null })
    this.origins.push(origin)
    return id
  }
}

/** Two constants are the same memory, seen in the same way. */
function sameMemory(a: Origin, { saved, meta }: Origin): boolean {
  if (!a.saved || a.saved.storage !== saved?.storage) return false
  const { view } = a.saved
  return view.offset === saved.view.offset && String(view.shape) === String(meta.shape)
}

/** True if a tensor stands at a place of the graph, or, for a constant, is the memory that an op saved. */
function isAt(x: Tensor, { edge: place, saved }: Origin): boolean {
  if (x.disposed) return false
  if (place) return x.edge?.source === place.source && x.edge.index === place.index
  return saved !== null && x.storage === saved.storage
}

/** Every node that y depends on, inputs first. */
const nodesOf = (op: string, y: Tensor): Node[] =>
  newestFirst(
    reachable([y], ({ name }) =>
      fail(op, `the graph of ${name} was released by backward`, 'look before backward, or use inspect.backward(loss)'),
    ),
  ).reverse()
