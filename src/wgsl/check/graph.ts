/** @file The graph of the uniformity analysis: an edge says that its beginning is uniform only if its end is. */

export interface Node {
  readonly edges: Node[]
  /** What a message says of it: where threads part, or what is different for each. */
  readonly note?: Note
}
interface Note {
  readonly kind: 'control' | 'source'
  readonly text: string
  readonly at: number
}

/** Steps that the analysis of a program may take: far more than programs by hand need, and less than a second. */
const STEPS = 1_000_000

export class Graph {
  private steps = 0
  private readonly tooLarge: () => never

  constructor(tooLarge: () => never) {
    this.tooLarge = tooLarge
  }

  /** A new node with edges to those that there are. */
  node(edges: readonly (Node | undefined)[], note?: Note): Node {
    this.count(edges.length + 1)
    return { edges: edges.filter((node) => node !== undefined), note }
  }

  edge(from: Node, to: Node): void {
    this.count(1)
    from.edges.push(to)
  }

  /** All that can be reached, each with the node that it was reached from. */
  reach(from: Node): Map<Node, Node | undefined> {
    const reached = new Map<Node, Node | undefined>([[from, undefined]])
    const stack = [from]
    for (let node = stack.pop(); node; node = stack.pop()) {
      this.count(node.edges.length)
      for (const next of node.edges) {
        if (reached.has(next)) continue
        reached.set(next, node)
        stack.push(next)
      }
    }
    return reached
  }

  private count(steps: number): void {
    this.steps += steps
    if (this.steps > STEPS) this.tooLarge()
  }
}

/** The way to a node that was reached, from the beginning. */
export function wayTo(reached: ReadonlyMap<Node, Node | undefined>, to: Node): Node[] {
  const way: Node[] = []
  for (let node: Node | undefined = to; node; node = reached.get(node)) way.unshift(node)
  return way
}
