/** @file CPU twin of shaders/attention_delta.wgsl: for each query what stats has of it, and delta = g·y. */
import type { Twin } from '../../core/kernel.ts'
import { ofQueries } from './attention.ts'

export const attention_delta: Twin = ([known, g, y, stats], p) => {
  const { size, rows, ev } = p
  for (let row = 0; row < size; row++) {
    const [t, i] = [Math.floor(row / rows), row % rows]
    const [, fromG] = ofQueries(g, p.g_at, t, p, i)
    const [, fromY] = ofQueries(y, p.y_at, t, p, i)
    let delta = 0
    for (let c = 0; c < ev; c++) delta += g[fromG + c] * y[fromY + c]
    known.set([stats[2 * row], stats[2 * row + 1], delta, 0], 4 * row)
  }
}
