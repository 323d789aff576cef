/**
 * @file Counter-based random numbers on the host: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers:
 * as easy as 1, 2, 3", SC 2011). The value at a position depends on (seed, stream, position) only, so a checkpoint is
 * three integers and a device that computes the same function gets the same bits. The WGSL twin lives in
 * `shaders/lib/`; the random ops live in `ops/random/`, the engine's own generator in `ops/base/generator.ts`.
 */
import { fail } from './errors.ts'

const M0 = 0xd2511f53
const M1 = 0xcd9e8d57
const W0 = 0x9e3779b9
const W1 = 0xbb67ae85

/** High 32 bits of the 64-bit product a·b of two uint32, by 16-bit halves: no step leaves the integers below 2⁵³. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const cross = aHigh * bLow + ((aLow * bLow) >>> 16)
  return aHigh * bHigh + (cross >>> 16) + (((cross & 0xffff) + aLow * bHigh) >>> 16)
}

/**
 * One Philox4x32-10 block: counter (c0, c1, c2, c3) and key (k0, k1), all uint32, give four uint32 in `out[0..3]`.
 * @see Salmon et al. 2011, table 2 (constants) and the known-answer vectors of the authors' Random123 library
 */
export function philox4x32(
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
  out: Uint32Array,
): void {
  for (let round = 0; round < 10; round++) {
    const high0 = mulHigh(M0, c0 >>> 0)
    const high1 = mulHigh(M1, c2 >>> 0)
    const low0 = Math.imul(M0, c0)
    const low1 = Math.imul(M1, c2)
    c0 = high1 ^ c1 ^ k0
    c1 = low1
    c2 = high0 ^ c3 ^ k1
    c3 = low0
    k0 = (k0 + W0) | 0
    k1 = (k1 + W1) | 0
  }
  out[0] = c0
  out[1] = c1
  out[2] = c2
  out[3] = c3
}

/** A seed and a number of blocks to skip, each below 2⁵³ and in two words, as kernels take them. */
export interface PhiloxStart {
  readonly seed_lo: number
  readonly seed_hi: number
  readonly offset_lo: number
  readonly offset_hi: number
}

/**
 * A block of the kernels, `block` blocks after the start: its position is in counter words 0 and 3, its row in word 1
 * (rows share positions), and word 2, the stream, is 0.
 */
export function philox(start: PhiloxStart, block: number, row: number, out: Uint32Array): void {
  const low = start.offset_lo + block
  const high = start.offset_hi + Math.floor(low / 2 ** 32)
  philox4x32(low >>> 0, row, 0, high, start.seed_lo, start.seed_hi, out)
}

/** Where a generator stands: three integers restore it exactly. */
export interface PhiloxState {
  seed: number
  /** Words (uint32) drawn so far. */
  offset: number
  /** Third counter word; generators with different streams never meet. */
  stream: number
}

const integer = (value: number, limit: number) => Number.isInteger(value) && value >= 0 && value <= limit

/** A sequence of random words, uniforms, normals and integers, with a position that can be read and set. */
export class Philox {
  readonly seed: number
  readonly stream: number
  #offset: number
  #block = -1
  readonly #words = new Uint32Array(4)

  /**
   * @param seed    integer, 0 … 2⁵³ − 1; its low and high words are the Philox key
   * @param offset  words to skip, 0 … 2⁵³ − 1
   * @param stream  integer, 0 … 2³² − 1; 0 is what device kernels use
   */
  constructor(seed: number, offset = 0, stream = 0) {
    if (!integer(seed, Number.MAX_SAFE_INTEGER)) fail('Philox', `seed is ${seed}`, 'use an integer from 0 to 2^53 - 1')
    if (!integer(offset, Number.MAX_SAFE_INTEGER)) {
      fail('Philox', `offset is ${offset}`, 'use an integer from 0 to 2^53 - 1')
    }
    if (!integer(stream, 0xffffffff)) fail('Philox', `stream is ${stream}`, 'use an integer from 0 to 2^32 - 1')
    this.seed = seed
    this.stream = stream
    this.#offset = offset
  }

  state(): PhiloxState {
    return { seed: this.seed, offset: this.#offset, stream: this.stream }
  }

  /** The next uint32. */
  word(): number {
    const block = Math.floor(this.#offset / 4)
    if (block !== this.#block) {
      const blockHi = Math.floor(block / 0x100000000)
      const keyHi = Math.floor(this.seed / 0x100000000)
      philox4x32(block >>> 0, 0, this.stream, blockHi, this.seed >>> 0, keyHi, this.#words)
      this.#block = block
    }
    return this.#words[this.#offset++ % 4]
  }

  /** Uniform on [0, 1), 24 bits from one word: exactly the float32 that the device kernels draw. */
  uniform32(): number {
    return (this.word() >>> 8) * 2 ** -24
  }

  /** Uniform on [0, 1), 53 bits from two words. */
  uniform(): number {
    const high = this.word() >>> 5
    return (high * 2 ** 26 + (this.word() >>> 6)) * 2 ** -53
  }

  /**
   * Standard normal: √(−2 ln u) · cos 2πv (Box, Muller 1958); the sine is not kept, so the state stays three integers.
   */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    return radius * Math.cos(2 * Math.PI * this.uniform())
  }

  /** Uniform integer in 0 … n − 1 without bias (words beyond the last multiple of n are drawn again), 1 ≤ n ≤ 2³². */
  int(n: number): number {
    if (!integer(n, 0x100000000) || n === 0) fail('Philox.int', `n is ${n}`, 'use an integer from 1 to 2^32')
    const limit = 0x100000000 - (0x100000000 % n)
    let word = this.word()
    while (word >= limit) word = this.word()
    return word % n
  }

  /** A uniformly random order of 0 … n − 1 (Fisher–Yates, Durstenfeld's form). */
  permutation(n: number): Int32Array {
    if (!integer(n, 0x7fffffff)) fail('Philox.permutation', `n is ${n}`, 'use an integer from 0 to 2^31 - 1')
    const order = new Int32Array(n)
    for (let i = 0; i < n; i++) {
      const j = this.int(i + 1)
      order[i] = order[j]
      order[j] = i
    }
    return order
  }
}
