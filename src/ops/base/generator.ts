/**
 * @file The engine's random state: one seed, and two streams of Philox numbers from it, one for kernels on any device and one
 * for what is drawn on the host in float64 (initial weights, shuffles). The generator itself is ../random.ts.
 */
import { fail } from '../../core/errors.ts'
import { Philox, type PhiloxStart } from '../../core/philox.ts'

/** Streams never meet: kernels use 0. */
const HOST_STREAM = 1

let seed = Math.floor(Math.random() * 2 ** 32)
let blocksDrawn = 0
let host = new Philox(seed, 0, HOST_STREAM)

/**
 * Start all random numbers anew: weights, shuffles, `rand`, `randn`. The same seed gives the same numbers on every device.
 * @param value  an integer from 0 to 2⁵³ − 1
 * @throws HandgradError if value is no such integer
 * @see Salmon et al. 2011: Philox4x32-10, which all of them come from
 */
export function manualSeed(value: number): void {
  if (!Number.isSafeInteger(value) || value < 0)
    fail('manualSeed', `seed is ${value}`, 'give an integer from 0 to 2^53 - 1')
  seed = value
  blocksDrawn = 0
  host = new Philox(seed, 0, HOST_STREAM)
}

/** Reserve blocks of four words for a kernel. After 2⁵³ blocks, 3.6e16 numbers, a host number no longer counts them. */
export function deviceRandom(blocks: number): PhiloxStart {
  const offset = blocksDrawn
  blocksDrawn += blocks
  return { seed_lo: seed >>> 0, seed_hi: high(seed), offset_lo: offset >>> 0, offset_hi: high(offset) }
}

const high = (n: number): number => Math.floor(n / 2 ** 32)

/** The host's generator, for initial weights and shuffles. */
export const hostRandom = (): Philox => host
