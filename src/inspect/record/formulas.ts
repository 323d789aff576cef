/**
 * @file What ops compute, as formulas with the names of a graph's nodes in them. A row of the table has an op's result,
 * then the gradient of each input; in these g is ∂L/∂y, y the result, and other single letters are inputs.
 */
import { type Graph, type GraphNode, variantOf } from '../graph.ts'
import { short } from '../text.ts'

const same = { x: 'g, its elements put back' }
const table: Readonly<Record<string, readonly [result: string, gradients: Readonly<Record<string, string>>]>> = {
  add: ['a + b', { a: 'g', b: 'g' }],
  'sum scaled': ['x + a · b', { x: 'g', a: 'g · b', b: 'g · a' }],
  sub: ['a − b', { a: 'g', b: '−g' }],
  mul: ['a · b', { a: 'g · b', b: 'g · a' }],
  div: ['a / b', { a: 'g / b', b: '−g · y / b' }],
  'div rounded': ['a / b, rounded', { a: '0', b: '0' }],
  pow: ['a^b', { a: 'g · b · a^(b − 1)', b: 'g · y · ln a' }],
  maximum: ['max(a, b)', { a: 'g where a > b', b: 'g where b > a' }],
  minimum: ['min(a, b)', { a: 'g where a < b', b: 'g where b < a' }],
  neg: ['−x', { x: '−g' }],
  abs: ['|x|', { x: 'g · sign x' }],
  square: ['x²', { x: 'g · 2 · x' }],
  sqrt: ['√x', { x: 'g / (2 · y)' }],
  rsqrt: ['1 / √x', { x: '−½ · g · y³' }],
  reciprocal: ['1 / x', { x: '−g · y²' }],
  exp: ['exp x', { x: 'g · y' }],
  expm1: ['exp x − 1', { x: 'g · (y + 1)' }],
  log: ['ln x', { x: 'g / x' }],
  log1p: ['ln(1 + x)', { x: 'g / (1 + x)' }],
  sin: ['sin x', { x: 'g · cos x' }],
  cos: ['cos x', { x: '−g · sin x' }],
  tanh: ['tanh x', { x: 'g · (1 − y²)' }],
  sigmoid: ['σ(x) = 1 / (1 + exp(−x))', { x: 'g · y · (1 − y)' }],
  logSigmoid: ['ln σ(x)', { x: 'g · σ(−x)' }],
  softplus: ['ln(1 + exp x)', { x: 'g · σ(x)' }],
  relu: ['max(x, 0)', { x: 'g where y > 0, else 0' }],
  silu: ['x · σ(x)', { x: 'g · σ(x) · (1 + x · σ(−x))' }],
  gelu: ['x · Φ(x)', { x: 'g · (Φ(x) + x · φ(x))' }],
  'gelu tanh': ['x · Φ(x), Φ(x) = ½ (1 + tanh(√(2/π) (x + 0.044715 x³)))', { x: 'g · (Φ(x) + x · Φ′(x))' }],
  erf: ['erf x', { x: 'g · 2/√π · exp(−x²)' }],
  clamp: ['x within two bounds', { x: 'g within them, else 0' }],
  where: ['a where it holds, else b', { a: 'g where it holds', b: 'g where not' }],
  lerp: ['a + weight · (b − a)', { a: 'g · (1 − weight)', b: 'g · weight', weight: 'g · (b − a)' }],
  dropout: ['x where kept, over 1 − p, else 0', { x: 'g where kept, over 1 − p, else 0' }],
  matmul: ['a b', { a: 'g bᵀ', b: 'aᵀ g' }],
  linear: ['x Wᵀ + b', { x: 'g W', weight: 'gᵀ x', bias: 'Σ g' }],
  sum: ['Σ x', { x: 'g, for each element' }],
  prod: ['Π x', { x: 'g · y / x' }],
  amax: ['the greatest of x', { x: 'g, shared by the greatest' }],
  amin: ['the least of x', { x: 'g, shared by the least' }],
  max: ['the greatest of x', { x: 'g, to the greatest' }],
  min: ['the least of x', { x: 'g, to the least' }],
  cumsum: ['Σ x up to each element', { x: 'Σ g from each element on' }],
  softmax: ['exp x / Σ exp x', { x: 'y · (g − Σ g · y)' }],
  logSoftmax: ['x − ln Σ exp x', { x: 'g − exp y · Σ g' }],
  crossEntropy: ['−ln softmax(x) at target', { x: 'g · (softmax(x) − 1 at target)' }],
  'crossEntropy smooth': [
    '−Σ q · ln softmax(x), q = 1 − smoothing at target + smoothing / classes',
    { x: 'g · (softmax(x) − q)' },
  ],
  'crossEntropy mean': ['the mean of −ln softmax(x) at target', { x: 'g / rows · (softmax(x) − 1 at target)' }],
  'crossEntropy smooth mean': [
    'the mean of −Σ q · ln softmax(x), q = 1 − smoothing at target + smoothing / classes',
    { x: 'g / rows · (softmax(x) − q)' },
  ],
  rowNorm: [
    '(x − mean) / √(variance + ε) · w + b',
    { x: '(g · w − its mean − x̂ · mean of x̂ · g · w) / √(variance + ε)', w: 'Σ x̂ · g', b: 'Σ g' },
  ],
  embedding: ['the rows of x that index names', { x: 'g, to these' }],
  conv2d: ['x ∗ weight + bias', { x: 'g, correlated with weight', weight: 'x ∗ g', bias: 'Σ g' }],
  scaledDotProductAttention: [
    'P v with P = softmax(q kᵀ / √d)',
    { q: 'P · (g vᵀ − Σ P · g vᵀ) k / √d', k: '(P · (g vᵀ − Σ P · g vᵀ))ᵀ q / √d', v: 'Pᵀ g' },
  ],
  lstmCell: ['σ(o) · tanh(next), next = σ(f) · c + σ(i) · tanh(u), of the quarters i, f, u, o of a + b', {}],
  maxPool2d: ['the greatest of each window', { x: 'g, to the greatest' }],
  avgPool2d: ['the mean of each window', { x: 'g / size, to each of a window' }],
  reshape: ['x in another shape', same],
  permute: ['x, axes in another order', same],
  slice: ['a part of x', { x: 'g there, else 0' }],
  split: ['x in pieces', same],
  expand: ['x, repeated', { x: 'Σ g' }],
  clone: ['x, copied', { x: 'g' }],
  to: ['x in another dtype', { x: 'g' }],
}

/** A row of the table, its letters as they are; undefined where there is none. */
export function rowFor(
  op: string,
  attrs: GraphNode['attrs'],
  inputs: readonly string[],
): { readonly result: string; readonly gradients: Readonly<Record<string, string>> } | undefined {
  const edges = inputs.map((input) => ({ to: 0, input }))
  const row = table[variantOf({ edges }, { id: 0, op, attrs })] ?? table[op]
  return row && { result: row[0], gradients: row[1] }
}

/** What a node is called in formulas: its name, the value of a number, L for the loss, else #7. */
export function label({ nodes }: Graph, id: number): string {
  const { name, kind, value, op } = nodes[id]
  if (name) return name
  if (kind === 'constant' && value?.values?.length === 1) return short(value.values[0])
  if (id === nodes.length - 1) return 'L'
  return kind === 'leaf' || kind === 'constant' ? `${op} #${id}` : `#${id}`
}

/** What a node is called. */
type Label = (id: number) => string

const rowOf = (graph: Graph, node: GraphNode) => table[variantOf(graph, node)] ?? table[node.op]

/** A formula with the letters filled in. */
function filled(formula: string, graph: Graph, node: GraphNode, of: Label): string {
  const names = new Map([
    ['g', `∂${of(graph.nodes.length - 1)}/∂${of(node.id)}`],
    ['y', of(node.id)],
  ])
  // Numbers among the operands are attributes.
  for (const [name, value] of Object.entries(node.attrs)) if (typeof value === 'number') names.set(name, short(value))
  for (const { from, to, input } of graph.edges) if (to === node.id) names.set(input, of(from))
  return formula.replace(/[A-Za-z]+/g, (word) => names.get(word) ?? word)
}

/** ∂L/∂ a node. */
export const derivative = (graph: Graph, id: number): string =>
  `∂${label(graph, graph.nodes.length - 1)}/∂${label(graph, id)}`

/** `c = a + b`; `y = gruCell(a, b, h)` where the table has no row. */
export function formulaOf(graph: Graph, node: GraphNode): string {
  const of = (id: number): string => label(graph, id)
  const inputs = graph.edges.filter(({ to }) => to === node.id).map(({ from }) => of(from))
  if (node.kind === 'output') return `${of(node.id)} = output ${node.op.split('.').at(-1)} of ${inputs[0]}`
  const row = node.kind === 'op' ? rowOf(graph, node) : undefined
  return `${of(node.id)} = ${row ? filled(row[0], graph, node, of) : `${node.op}(${inputs.join(', ')})`}`
}

/** What an op adds to the gradient of an input, `∂L/∂c · b`, with the names that `of` gives. */
export const shareOf = (graph: Graph, node: GraphNode, input: string, of: Label): string =>
  filled(rowOf(graph, node)?.[1][input] ?? `g through ${node.op}`, graph, node, of)
