/**
 * @file CPU twin of shaders/flat_index.wgsl: checked indices along the middle of three axes, as positions in the flat
 * tensor.
 */
import type { Twin } from '../../core/kernel.ts'
import { reportError } from '../../core/reports.ts'

export const flat_index: Twin = ([y, index], { size, count, inner, limit, index_offset }, { WRAP }, label) => {
  for (let e = 0; e < size; e++) {
    const given = index[index_offset + e]
    const at = WRAP && given < 0 ? given + limit : given
    if (at < 0 || at >= limit) throw reportError(label, { kind: 0, position: e, value: given, limit })
    y[e] = (Math.floor(e / (count * inner)) * limit + at) * inner + (e % inner)
  }
}
