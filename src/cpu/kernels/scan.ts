/**
 * @file CPU twin of shaders/scan.wgsl: running sum, product, log Σ eˣ or recurrence y[t] = a[t − LAG]·y[t−1] + x[t] of
 * each row, from the front or (REVERSE) from the back. Runs in float64 whatever the dtype, so it needs no segments.
 */

import * as shaders from '../../core/contracts.generated.ts'
import type { Twin } from '../../core/kernel.ts'

const { SUM, PROD, LOGSUMEXP } = shaders.scan.consts

export const scan: Twin = ([y, x, a], { rows, cols, inner, offset, a_offset }, { OP, INT, REVERSE, LAG }) => {
  const step = REVERSE ? -inner : inner
  const first = REVERSE ? (cols - 1) * inner : 0
  for (let r = 0; r < rows; r++) {
    let at = Math.floor(r / inner) * cols * inner + (r % inner) + first
    let sum = OP === PROD ? 1 : 0
    let max = -Infinity
    for (let t = 0; t < cols; t++, at += step) {
      const v = x[offset + at]
      if (OP === SUM) sum = INT ? (sum + v) | 0 : sum + v
      else if (OP === PROD) sum = INT ? Math.imul(sum, v) : sum * v
      else if (OP === LOGSUMEXP) {
        // sum·e^max is what was added up; −Inf adds nothing, and equals differ by 0, also where both are Inf.
        if (v > max) sum = sum * Math.exp(max - v) + 1
        else if (v !== -Infinity) sum += v === max ? 1 : Math.exp(v - max)
        max = Math.max(max, v)
      } else sum = (t === 0 || sum === 0 ? 0 : a[a_offset + at - LAG * step] * sum) + v
      y[at] = OP !== LOGSUMEXP ? sum : max === -Infinity ? max : max + Math.log(sum)
    }
  }
}
