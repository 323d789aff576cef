/**
 * @file CPU twin of shaders/weights.wgsl: refuses what nothing can be drawn by. All weights are looked at before the
 * rows.
 */
import * as shaders from '../../core/contracts.generated.ts'
import type { Twin } from '../../core/kernel.ts'
import { reportError } from '../../core/reports.ts'

const { WEIGHT, TOTAL, FEW } = shaders.weights.consts

export const weights: Twin = ([x, ofRow], { size, rows, cols, draws, x_offset, row_offset }, { COUNTS }, label) => {
  for (let e = 0; e < size; e++) {
    const value = x[x_offset + e]
    if (!(value >= 0 && value < Infinity)) throw reportError(label, { kind: WEIGHT, position: e, value, limit: cols })
  }
  for (let r = 0; r < rows; r++) {
    const value = ofRow[row_offset + r]
    if (COUNTS) {
      if (value < draws) throw reportError(label, { kind: FEW, position: r, value, limit: draws })
    } else if (value === 0 || value === Infinity)
      throw reportError(label, { kind: TOTAL, position: r, value, limit: cols })
  }
}
