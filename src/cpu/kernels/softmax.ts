/**
 * @file CPU twin of shaders/softmax.wgsl: per row, m = max, s = Σ e^(x−m); softmax e^(x−m)/s or logSoftmax x − m − log
 * s. A row of −Inf only gives zeros (softmax) or −Inf (logSoftmax), never NaN from −Inf − −Inf.
 */
import type { Twin } from '../../core/kernel.ts'

export const softmax: Twin = ([y, x], { rows, cols, offset }, { LOG }) => {
  for (let r = 0; r < rows; r++) {
    const row = x.subarray(offset + r * cols, offset + (r + 1) * cols)
    const at = r * cols
    const { max, sum } = expSum(row)
    if (max === -Infinity) {
      y.fill(LOG ? -Infinity : 0, at, at + cols)
      continue
    }
    const logSum = Math.log(sum)
    for (let c = 0; c < cols; c++) y[at + c] = LOG ? row[c] - max - logSum : Math.exp(row[c] - max) / sum
  }
}

/** m = max x and Σ e^(x − m), which is between 1 and the row's length. */
export function expSum(row: ArrayLike<number>): { max: number; sum: number } {
  let max = -Infinity
  for (let c = 0; c < row.length; c++) max = Math.max(max, row[c])
  let sum = 0
  if (max !== -Infinity) for (let c = 0; c < row.length; c++) sum += Math.exp(row[c] - max)
  return { max, sum }
}
