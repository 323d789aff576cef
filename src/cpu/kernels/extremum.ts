/** @file CPU twin of shaders/extremum.wgsl: the extreme value of the reduced axes and its first position; NaN wins. */

import * as shaders from '../../core/contracts.generated.ts'
import type { Twin } from '../../core/kernel.ts'
import { addresses } from './view.ts'

const { MAX } = shaders.extremum.consts

export const extremum: Twin = ([y, index, x], { kept, reduced, ks: keptStrides, rs: reducedStrides }, { OP }) => {
  const from = addresses(kept, keptStrides)
  const step = addresses(reduced, reducedStrides)
  for (let i = 0; i < from.length; i++) {
    let best = x[from[i] + step[0]]
    let at = 0
    for (let j = 1; j < step.length && !Number.isNaN(best); j++) {
      const value = x[from[i] + step[j]]
      if (OP === MAX ? value > best : value < best) [best, at] = [value, j]
      else if (Number.isNaN(value)) [best, at] = [value, j]
    }
    y[i] = best
    index[i] = at
  }
}
