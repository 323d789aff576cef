/**
 * @file A graph with less in it: views that only lead from a value to the same value, and modules that are one box
 * each. What made which node is modules.ts.
 */
import { describe, fail } from '../core/errors.ts'
import { checkFlag, type Graph, type GraphEdge, type GraphNode, type ModuleCall } from './graph.ts'

/** What a drawing leaves out. */
export interface FoldOptions {
  /** Leave out transposes, slices, expansions and reshapes that move nothing; default false. */
  foldViews?: boolean
  /**
   * One box for each call of a module. True or 1: for the model's own parts (`blocks.0`, `head`); 2: for the parts of
   * these (`blocks.0.attention`), with what lies between them; and so on. Default false.
   */
  foldModules?: boolean | number
}

/**
 * The graph, folded.
 * @throws HandgradError if modules are to be folded and there are none, `foldViews` is not a boolean, or `foldModules`
 *   is neither a boolean nor an integer from 1 up
 */
export function fold(op: string, graph: Graph, { foldViews = false, foldModules = false }: FoldOptions): Graph {
  checkFlag(op, 'foldViews', foldViews)
  const depth = Number(foldModules)
  if (!['boolean', 'number'].includes(typeof foldModules) || !Number.isInteger(depth) || depth < 0)
    fail(op, `foldModules is ${describe(foldModules)}`, 'give true, false or an integer from 1 up')
  if (depth > 0 && graph.nodes.every(({ modules }) => modules.length === 0)) {
    const remedy = 'call the forward of an nn.Module that has modules in it'
    fail(op, 'foldModules is set, and no node was made in a module', remedy)
  }
  const open = foldViews ? withoutViews(graph) : graph
  return depth > 0 ? withoutModules(open, depth).graph : open
}

/** Edges that lead to a view lead on to what it is used by. The drawn tensor itself stays. */
function withoutViews(graph: Graph): Graph {
  const { nodes, edges } = graph
  const into = new Map(edges.map((edge) => [edge.to, edge]))
  const gone = ({ id, kind, view, outputs, name }: GraphNode) =>
    kind === 'op' && view && outputs === 0 && !name && id < nodes.length - 1
  const target = nodes.map(({ id }) => id)
  // Inputs come first, so that what a view looks at is settled.
  for (const node of nodes) if (gone(node)) target[node.id] = target[into.get(node.id)?.from ?? node.id]
  return renumbered(graph, target, (members) => members[0]).graph
}

/** A graph, and by node of the one that it was made of its node. */
export interface Folded {
  readonly graph: Graph
  readonly into: readonly number[]
}

/** All that one call of a module made, and the parameters that nothing else uses, become one node. */
export function withoutModules(graph: Graph, depth: number): Folded {
  const { nodes, edges } = graph
  const calls: (ModuleCall | undefined)[] = nodes.map(({ modules }) => modules[depth - 1])
  const after = nodes.map((): number[] => [])
  for (const { from, to } of edges) after[from].push(to)
  for (const { id, kind } of nodes) {
    const [call] = after[id].map((to) => calls[to])
    if (kind !== 'op' && kind !== 'output' && after[id].every((to) => calls[to] === call)) calls[id] = call
  }
  // Each call is an object of its own. Its node stands where its last op did: all that uses it came later.
  const last = new Map(nodes.map(({ id }) => [calls[id], id]))
  const target = nodes.map(({ id }) => (calls[id] ? (last.get(calls[id]) as number) : id))
  return renumbered(graph, target, (members) => {
    const node = members[members.length - 1]
    const call = calls[node.id]
    if (!call) return node
    const parameters = members.filter(({ kind }) => kind === 'leaf').reduce((sum, { shape }) => sum + count(shape), 0)
    const own = { kind: 'module', op: call.kind, name: node.name ?? call.path, parameters } as const
    return { ...node, ...own, attrs: {}, outputs: 0, modules: [] }
  })
}

const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** Nodes with one target become one, made by `merge`; edges within it go, and so do doubles. */
function renumbered(
  graph: Graph,
  target: readonly number[],
  merge: (members: readonly GraphNode[]) => GraphNode,
): Folded {
  const groups = new Map<number, GraphNode[]>()
  for (const node of graph.nodes) groups.set(target[node.id], [...(groups.get(target[node.id]) ?? []), node])
  const kept = [...groups.keys()].sort((a, b) => a - b)
  const ids = new Map(kept.map((old, id) => [old, id]))
  const nodes = kept.map((old, id) => ({ ...merge(groups.get(old) as GraphNode[]), id }))
  const seen = new Set<string>()
  const edges = graph.edges.flatMap((edge): GraphEdge[] => {
    const [from, to] = [edge.from, edge.to].map((id) => ids.get(target[id]) as number)
    const key = `${from} ${to} ${edge.input}`
    if (from === to || seen.has(key)) return []
    seen.add(key)
    return [{ ...edge, from, to }]
  })
  return { graph: { ...graph, nodes, edges }, into: target.map((old) => ids.get(old) as number) }
}
