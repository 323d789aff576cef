/**
 * @file CPU twin of shaders/rope.wgsl: pairs of a row turned by the angle of its position. All positions are checked
 * before anything is written.
 */
import { rope as contract } from '../../core/contracts.generated.ts'
import { indexError } from '../../core/errors.ts'
import type { Twin } from '../../core/kernel.ts'
import { ofQueries } from './attention.ts'

const { FROM_ZERO, EACH } = contract.consts

export const rope: Twin = ([y, x, cosines, sines, positions], p, { INVERSE }, label) => {
  const { size, rows, pairs, heads, given, limit, cos_offset, sin_offset, positions_offset } = p
  const matrices = size / rows / pairs
  /** The place of a row's position among those given, and the position. */
  const positionOf = (m: number, t: number): [entry: number, n: number] => {
    const b = Math.floor(m / heads)
    if (given === FROM_ZERO) return [0, t]
    if (given === EACH) return [b * rows + t, positions[positions_offset + b * rows + t]]
    return [b, positions[positions_offset + b] + t]
  }
  for (let m = 0; m < matrices; m += heads)
    for (let t = 0; t < rows; t++) {
      const [entry, n] = positionOf(m, t)
      if (n < 0 || n >= limit) throw indexError(label, entry, n, limit, 0)
    }
  const sign = INVERSE ? -1 : 1
  for (let m = 0; m < matrices; m++)
    for (let t = 0; t < rows; t++) {
      const [, n] = positionOf(m, t)
      const [, from] = ofQueries(x, p.x_at, m, p, t)
      const [, to] = ofQueries(y, p.y_at, m, p, t)
      const [atCos, atSin] = [cos_offset + n * pairs, sin_offset + n * pairs]
      for (let c = 0; c < pairs; c++) {
        const a = x[from + c]
        const b = x[from + c + pairs]
        const cosine = cosines[atCos + c]
        const sine = sign * sines[atSin + c]
        y[to + c] = a * cosine - b * sine
        y[to + c + pairs] = b * cosine + a * sine
      }
    }
}
