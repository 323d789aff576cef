/**
 * @file CPU twin of shaders/flat_index.wgsl: checked indices along the middle of three axes, as positions in the flat
 * tensor.
 */

import { indexError } from '../../core/errors.ts'
import type { Twin } from '../../core/kernel.ts'

export const flat_index: Twin = ([y, index], { size, count, inner, limit, index_offset }, { WRAP }, label) => {
  for (let e = 0; e < size; e++) {
    const given = index[index_offset + e]
    const at = WRAP && given < 0 ? given + limit : given
    if (at < 0 || at >= limit) throw indexError(label, e, given, limit, WRAP ? -limit : 0)
    y[e] = (Math.floor(e / (count * inner)) * limit + at) * inner + (e % inner)
  }
}
