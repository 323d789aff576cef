/**
 * @file How twins walk strided inputs: the CPU side of shaders/lib/view.wgsl. A walk is a view of at most three merged axes,
 * (offset, s₀, s₁, s₂) over sizes (d₀, d₁, d₂).
 */

/** Call `visit(address of each operand, element)` over `size` elements; d₀ follows from the size. */
export function addresses(size: number, d1: number, d2: number, view: readonly number[]): Int32Array {
  const [offset, s0, s1, s2] = view
  const out = new Int32Array(size)
  const d0 = size === 0 ? 0 : size / (d1 * d2)
  let e = 0
  for (let i0 = 0; i0 < d0; i0++) {
    for (let i1 = 0; i1 < d1; i1++) {
      let at = offset + i0 * s0 + i1 * s1
      for (let i2 = 0; i2 < d2; i2++) {
        out[e++] = at
        at += s2
      }
    }
  }
  return out
}
