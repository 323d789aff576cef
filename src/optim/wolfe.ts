/** @file The line search of L-BFGS: bracket, then zoom, by cubic interpolation, as PyTorch's and minFunc have it. */

/** Loss and gradient at a point of the line. */
export interface Evaluation {
  readonly loss: number
  readonly grad: Float64Array
}

/** A point of the line: its distance t, and the slope of the loss there. */
export interface Point extends Evaluation {
  readonly t: number
  readonly slope: number
}

export const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i], 0)

/** The largest |xᵢ|. */
export const largest = (x: Float64Array): number => x.reduce((most, v) => Math.max(most, Math.abs(v)), 0)

/** The least point of the cubic through two points, between bounds; the middle where it has none. */
function cubic(a: Point, b: Point, bounds = [Math.min(a.t, b.t), Math.max(a.t, b.t)]): number {
  const d1 = a.slope + b.slope - (3 * (a.loss - b.loss)) / (a.t - b.t)
  const square = d1 ** 2 - a.slope * b.slope
  if (!(square >= 0)) return (bounds[0] + bounds[1]) / 2
  const [low, high, d2] = a.t <= b.t ? [a, b, Math.sqrt(square)] : [b, a, Math.sqrt(square)]
  const t = high.t - (high.t - low.t) * ((high.slope + d2 - d1) / (high.slope - low.slope + 2 * d2))
  return Math.min(Math.max(t, bounds[0]), bounds[1])
}

/** Sufficient decrease and curvature. */
const [C1, C2] = [1e-4, 0.9]
const MOST = 25

/**
 * A point with f(t) ≤ f(0) + c₁·t·f′(0) and |f′(t)| ≤ c₂·|f′(0)|, or the best one that 25 evaluations found.
 * @param start      at t = 0, where the slope is below 0
 * @param t          the first guess
 * @param length     the largest element of the direction
 * @param tolerance  a bracket shorter than it, times length, is not divided further
 * @see Nocedal & Wright 2006, algorithms 3.5 and 3.6
 */
export async function strongWolfe(
  at: (t: number) => Promise<Point>,
  start: Point,
  first: number,
  length: number,
  tolerance: number,
): Promise<{ point: Point; evaluations: number }> {
  const tooHigh = (x: Point) => x.loss > start.loss + C1 * x.t * start.slope
  const flat = (x: Point) => Math.abs(x.slope) <= -C2 * start.slope
  let [previous, now, evaluations, rounds] = [start, await at(first), 1, 0]
  let bracket: [Point, Point] | undefined
  for (; rounds < MOST; rounds++) {
    if (tooHigh(now) || (rounds > 1 && now.loss >= previous.loss)) bracket = [previous, now]
    else if (flat(now)) return { point: now, evaluations }
    else if (now.slope >= 0) bracket = [previous, now]
    if (bracket) break
    const t = cubic(previous, now, [now.t + 0.01 * (now.t - previous.t), now.t * 10])
    ;[previous, now] = [now, await at(t)]
    evaluations++
  }
  bracket ??= [start, now]

  const ends = bracket
  let low: 0 | 1 = ends[0].loss <= ends[1].loss ? 0 : 1
  let stuck = false
  for (; rounds < MOST; rounds++) {
    const high = low === 0 ? 1 : 0
    const [from, to] = [Math.min(ends[0].t, ends[1].t), Math.max(ends[0].t, ends[1].t)]
    if ((to - from) * length < tolerance) break
    let t = cubic(ends[0], ends[1])
    // Near an end for the second time, or on it: a tenth of the way inside.
    const margin = 0.1 * (to - from)
    const near = Math.min(to - t, t - from) < margin
    const moves: boolean = near && (stuck || t >= to || t <= from)
    if (moves) t = Math.abs(t - to) < Math.abs(t - from) ? to - margin : from + margin
    stuck = near && !moves
    now = await at(t)
    evaluations++
    if (tooHigh(now) || now.loss >= ends[low].loss) {
      ends[high] = now
      low = ends[0].loss <= ends[1].loss ? 0 : 1
    } else {
      const done = flat(now)
      if (!done && now.slope * (ends[high].t - ends[low].t) >= 0) ends[high] = ends[low]
      ends[low] = now
      if (done) break
    }
  }
  return { point: ends[low], evaluations }
}
