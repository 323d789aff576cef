/** @file CPU twin of shaders/scale.wgsl: tensors in place, times a number or clamped by it. */
import * as shaders from '../../core/contracts.generated.ts'
import type { Twin, TypedArray } from '../../core/kernel.ts'

const { CLAMP } = shaders.scale.consts

export const scale: Twin = ([factor, ...gs]: (TypedArray | undefined)[], { lo, hi, at }, { OP }) => {
  const by = (factor as TypedArray)[at]
  const sizes = [...lo, ...hi]
  for (const [t, g] of gs.entries())
    for (let i = 0; i < (g ? sizes[t] : 0); i++) {
      const x = (g as TypedArray)[i]
      ;(g as TypedArray)[i] = OP === CLAMP ? Math.max(-by, Math.min(x, by)) : x * by
    }
}
