/**
 * @file Places for the boxes of a layered drawing (after Sugiyama, Tagawa, Toda 1981): layers by longest path, order
 * within a layer by the mean place of neighbours, long edges through bends of their own. Pure geometry; what is in a
 * box is svg.ts.
 */

/** A box to place: its length along the flow and across it. */
export interface Box {
  readonly along: number
  readonly across: number
}

export interface Layout {
  /** Centre of each box. */
  readonly centres: readonly { along: number; across: number }[]
  /** Per edge, its ends and, in pairs, where it enters and leaves the layers in between. */
  readonly routes: readonly (readonly { along: number; across: number }[])[]
  readonly along: number
  readonly across: number
}

interface Cell {
  /** Index of the box, or −1 for a bend of a long edge. */
  readonly box: number
  readonly across: number
  readonly before: number[]
  readonly after: number[]
  position: number
}

/**
 * @param boxes    numbered so that edges lead from lower to higher ones
 * @param edges    pairs of boxes
 * @param options.layerGap, boxGap  free space between layers and between boxes of one
 */
export function layOut(
  boxes: readonly Box[],
  edges: readonly (readonly [number, number])[],
  options: { layerGap: number; boxGap: number },
): Layout {
  const { layerGap, boxGap } = options
  const layerOf = layersOf(boxes.length, edges)
  const layers: number[][] = Array.from({ length: Math.max(...layerOf) + 1 }, () => [])
  const cells: Cell[] = boxes.map(({ across }, box) => ({ box, across, before: [], after: [], position: 0 }))
  cells.forEach((_, i) => layers[layerOf[i]].push(i))

  const chains = edges.map(([from, to]) => {
    const chain = [from]
    for (let layer = layerOf[from] + 1; layer < layerOf[to]; layer++) {
      const bend = cells.push({ box: -1, across: 4, before: [], after: [], position: 0 }) - 1
      layers[layer].push(bend)
      chain.push(bend)
    }
    chain.push(to)
    for (let i = 1; i < chain.length; i++) {
      cells[chain[i - 1]].after.push(chain[i])
      cells[chain[i]].before.push(chain[i - 1])
    }
    return chain
  })

  orderLayers(layers, cells)
  pullStraight(layers, cells, boxGap)

  const middles: number[] = []
  const depths = layers.map((layer) => Math.max(...layer.map((i) => boxes[cells[i].box]?.along ?? 0)))
  let along = 0
  depths.forEach((depth, i) => {
    middles[i] = along + depth / 2
    along += depth + (i < depths.length - 1 ? layerGap : 0)
  })
  const low = Math.min(...cells.map(({ position: place, across }) => place - across / 2))
  const high = Math.max(...cells.map(({ position: place, across }) => place + across / 2))
  const layerAt = new Map(layers.flatMap((layer, l) => layer.map((i) => [i, l] as const)))
  const centre = (i: number) => ({ along: middles[layerAt.get(i) as number], across: cells[i].position - low })
  const routes = chains.map((chain) =>
    chain.flatMap((i, k) => {
      const { along, across } = centre(i)
      const half = (boxes[cells[i].box]?.along ?? depths[layerAt.get(i) as number]) / 2
      // A bend passes its whole layer straight, so that no box beside it is crossed.
      const [entry, exit] = [
        { along: along - half, across },
        { along: along + half, across },
      ]
      return k === 0 ? [exit] : k === chain.length - 1 ? [entry] : [entry, exit]
    }),
  )
  return { centres: boxes.map((_, i) => centre(i)), routes, along, across: high - low }
}

/**
 * Each box after the last of its inputs; what leads to one box only, a weight and its transpose, just before that box.
 */
export function layersOf(count: number, edges: readonly (readonly [number, number])[]): number[] {
  const layer = new Array<number>(count).fill(0)
  const before: number[][] = Array.from({ length: count }, () => [])
  const after: number[][] = Array.from({ length: count }, () => [])
  for (const [from, to] of edges) {
    before[to].push(from)
    after[from].push(to)
  }
  const loose = new Array<boolean>(count).fill(true)
  for (let box = 0; box < count; box++) {
    layer[box] = Math.max(0, ...before[box].map((i) => layer[i] + 1))
    loose[box] = before[box].every((i) => loose[i] && after[i].length === 1)
  }
  for (let box = count - 1; box >= 0; box--) {
    if (loose[box] && after[box].length > 0) layer[box] = Math.min(...after[box].map((i) => layer[i])) - 1
  }
  return layer
}

const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length

/** Reorder each layer by the mean position of neighbours in the layer before, then after, and so on. */
function orderLayers(layers: number[][], cells: readonly Cell[]): void {
  const position = new Array<number>(cells.length).fill(0)
  const number = (layer: readonly number[]) => layer.forEach((cell, i) => (position[cell] = i))
  layers.forEach(number)
  for (let sweep = 0; sweep < 12; sweep++) {
    const forwards = sweep % 2 === 0
    for (const layer of forwards ? layers : layers.toReversed()) {
      const wish = new Map(
        layer.map((cell) => {
          const near = forwards ? cells[cell].before : cells[cell].after
          return [cell, near.length > 0 ? mean(near.map((i) => position[i])) : position[cell]]
        }),
      )
      layer.sort((a, b) => (wish.get(a) as number) - (wish.get(b) as number))
      number(layer)
    }
  }
}

/** Chains of ops and the bends of long edges are drawn straight; what only begins at a box gives way. */
const weight = ({ before, after }: Cell): number => (before.length > 0 && after.length > 0 ? 16 : 1)

/** Move cells towards the weighted mean of their neighbours, as far as the others of their layer leave room. */
function pullStraight(layers: readonly (readonly number[])[], cells: readonly Cell[], gap: number): void {
  for (let sweep = 0; sweep < 60; sweep++) {
    for (const layer of sweep % 2 === 0 ? layers : layers.toReversed()) {
      const row = layer.map((i) => cells[i])
      let start = 0
      // Distances within the row are taken off, so that what is left is only to keep the order.
      const starts = row.map(({ across }, i) => (start += i === 0 ? 0 : (row[i - 1].across + across) / 2 + gap))
      const wishes = row.map(({ before, after, position: place }) => {
        const near = [...before, ...after].map((i) => cells[i])
        const total = near.reduce((sum, cell) => sum + weight(cell), 0)
        return total > 0 ? near.reduce((sum, cell) => sum + cell.position * weight(cell), 0) / total : place
      })
      const places = inOrder(
        wishes.map((wish, i) => wish - starts[i]),
        row.map(weight),
      )
      row.forEach((cell, i) => (cell.position = places[i] + starts[i]))
    }
  }
}

/** The rising sequence closest to `wishes` in weighted squares: neighbours in the wrong order share their mean. */
function inOrder(wishes: readonly number[], weights: readonly number[]): number[] {
  const pools: { at: number; weight: number; count: number }[] = []
  wishes.forEach((at, i) => {
    let pool = { at, weight: weights[i], count: 1 }
    for (let last = pools.at(-1); last && last.at > pool.at; last = pools.at(-1)) {
      const weight = last.weight + pool.weight
      pool = { at: (last.at * last.weight + pool.at * pool.weight) / weight, weight, count: last.count + pool.count }
      pools.pop()
    }
    pools.push(pool)
  })
  return pools.flatMap(({ at, count }) => new Array<number>(count).fill(at))
}
