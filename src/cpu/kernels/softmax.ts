/**
 * @file CPU twin of shaders/softmax.wgsl: per row, m = max, s = Σ e^(x−m); softmax e^(x−m)/s or logSoftmax x − m − log
 * s. A row of −Inf only gives zeros (softmax) or −Inf (logSoftmax), never NaN from −Inf − −Inf.
 */
import type { Twin, TypedArray } from '../../core/kernel.ts'

export const softmax: Twin = ([y, x], { rows, cols, offset }, { LOG }) => {
  const powers = new Float64Array(cols)
  for (let r = 0; r < rows; r++) {
    const [at, from] = [r * cols, offset + r * cols]
    const { max, sum } = expSum(powers, x, from, cols)
    const logSum = Math.log(sum)
    if (max === -Infinity) y.fill(LOG ? -Infinity : 0, at, at + cols)
    else if (LOG) for (let c = 0; c < cols; c++) y[at + c] = x[from + c] - max - logSum
    else for (let c = 0; c < cols; c++) y[at + c] = powers[c] / sum
  }
}

/** m = max x of `cols` elements from `from` on, e^(x − m) as powers, and their sum, which is between 1 and `cols`. */
export function expSum(powers: Float64Array, x: TypedArray, from: number, cols: number): { max: number; sum: number } {
  let max = -Infinity
  for (let c = 0; c < cols; c++) max = Math.max(max, x[from + c])
  let sum = 0
  if (max !== -Infinity) for (let c = 0; c < cols; c++) sum += powers[c] = Math.exp(x[from + c] - max)
  return { max, sum }
}
