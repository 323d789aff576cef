/** @file CPU twin of shaders/cache.wgsl: keys and values of new tokens behind those that each row of a cache has. */
import type { Twin, TypedArray } from '../../core/kernel.ts'

export const cache: Twin = ([keys, values, k, v, start], p) => {
  const { size, heads, tokens, channels, room, start_offset } = p
  const put = (to: TypedArray, x: TypedArray, [offset, row, head, token]: readonly number[]): void => {
    for (let i = 0; i < size / channels; i++) {
      const [matrix, t] = [Math.floor(i / tokens), i % tokens]
      const [b, h] = [Math.floor(matrix / heads), matrix % heads]
      const at = start[start_offset + b] + t
      if (at < 0 || at >= room) continue
      const from = offset + b * row + h * head + t * token
      to.set(x.subarray(from, from + channels), (matrix * room + at) * channels)
    }
  }
  put(keys, k, p.k)
  put(values, v, p.v)
}
