/**
 * @file CPU twin of shaders/random.wgsl: Philox words as bits, uniforms in [0, 1) with 24 bits, or normals by
 * Box–Muller on pairs of words. Bits and uniforms are equal to the GPU's, normals to 1e-6.
 */

import * as shaders from '../../core/contracts.generated.ts'
import type { Twin } from '../../core/kernel.ts'
import { philox } from '../../core/philox.ts'

const { BITS, UNIFORM } = shaders.random.consts

export const random: Twin = ([y], { size, seed_lo, seed_hi, offset_lo, offset_hi }, { KIND }) => {
  const start = { seed_lo, seed_hi, offset_lo, offset_hi }
  const words = new Uint32Array(4)
  for (let i = 0; i < size; i += 4) {
    philox(start, i / 4, 0, words)
    for (let w = 0; w < 4 && i + w < size; w++) {
      y[i + w] = KIND === BITS ? words[w] : KIND === UNIFORM ? uniform(words[w]) : normal(words, w)
    }
  }
}

const uniform = (word: number): number => (word >>> 8) * 2 ** -24

function normal(words: Uint32Array, w: number): number {
  const pair = w & ~1
  const r = Math.sqrt(-2 * Math.log(1 - uniform(words[pair])))
  const angle = 2 * Math.PI * uniform(words[pair + 1])
  return r * (w === pair ? Math.cos(angle) : Math.sin(angle))
}
