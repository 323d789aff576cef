/**
 * @file How twins walk strided inputs: the CPU side of shaders/lib/view.wgsl. A walk is a view of at most three merged
 * axes, (offset, s₀, s₁, s₂) over sizes (d₀, d₁, d₂).
 */

/**
 * The address of each of `size` elements, in order.
 * @param sizes  how many elements, and the sizes of the two inner axes; that of the first follows
 * @param walk   offset, and the stride of each axis
 */
export function addresses(sizes: readonly number[], walk: readonly number[]): Int32Array {
  const [size, d1, d2] = sizes
  const [offset, s0, s1, s2] = walk
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
