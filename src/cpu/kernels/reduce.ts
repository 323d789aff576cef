/**
 * @file CPU twin of shaders/reduce.wgsl: fold the reduced axes of each kept element. Sums run in
 * float64 whatever the dtype.
 */

import * as shaders from '../../core/contracts.generated.ts'
import type { Twin, TypedArray } from '../../core/kernel.ts'
import { addresses } from './view.ts'

const { SUM, PROD, MAX } = shaders.reduce.consts

export const reduce: Twin = ([y, x], { kept, reduced, ks: keptStrides, rs: reducedStrides }, { OP, INT }) => {
  const from = addresses(kept, keptStrides)
  const step = addresses(reduced, reducedStrides)
  const n = step.length
  for (let i = 0; i < from.length; i++) {
    const base = from[i]
    if (OP === SUM) {
      const sum = sumOf(x, base, step)
      y[i] = INT ? sum | 0 : sum
    } else if (OP === PROD) {
      let product = 1
      for (let j = 0; j < n; j++) product = INT ? Math.imul(product, x[base + step[j]]) : product * x[base + step[j]]
      y[i] = product
    } else {
      let best = x[base + step[0]]
      for (let j = 1; j < n; j++)
        best = OP === MAX ? Math.max(best, x[base + step[j]]) : Math.min(best, x[base + step[j]])
      y[i] = best
    }
  }
}

/** A loop of its own: engines optimise it apart from the others. */
function sumOf(x: TypedArray, base: number, step: Int32Array): number {
  let sum = 0
  for (let j = 0; j < step.length; j++) sum += x[base + step[j]]
  return sum
}
