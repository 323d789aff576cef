/**
 * @file Random numbers of augmentations: drawn on the host, for each sample by (seed, epoch, index) and the place of
 * the augmentation in a Compose, whatever else is in the batch and wherever it is. So all devices get the same ones.
 */
import { describe, fail } from '../../core/errors.ts'
import { Philox, philox4x32 } from '../../core/philox.ts'
import { optionsOf } from '../../ops/base/options.ts'
import { integer } from '../checks.ts'

/** Which samples a batch has: what is drawn for each depends on these three alone. */
export interface BatchKey {
  /** An integer from 0 up, the same for a whole training. */
  readonly seed: number
  /** An integer from 0 up. */
  readonly epoch: number
  /** The position of each sample in its data set. */
  readonly indices: ArrayLike<number>
}

/** Random numbers of one sample: uniform on [0, 1), integers below n, standard normal. */
export interface Random {
  /** In [0, 1). */
  uniform(): number
  /** An integer from 0 to n − 1. */
  int(n: number): number
  /** Of mean 0 and variance 1. */
  normal(): number
}

/** Third or fourth words of counters are streams elsewhere; this one is the augmentations'. */
const AUGMENTATIONS = 0x6175676d

/** What is drawn for the samples of a batch, at one place. */
export class Draws {
  readonly key: BatchKey
  readonly #place: number

  constructor(key: BatchKey, place = 0) {
    this.key = key
    this.#place = place
  }

  /** The draws of part k of what draws here. */
  part(k: number): Draws {
    return new Draws(this.key, Math.imul(this.#place, 257) + k + 1)
  }

  /** f of each sample's random numbers, which begin anew at each call. */
  each<T>(f: (random: Random, i: number) => T): T[] {
    const { seed, epoch, indices } = this.key
    const words = new Uint32Array(4)
    return Array.from(indices, (index, i) => {
      // A block of Philox is the seed of the sample's own numbers.
      philox4x32(index, epoch, this.#place, AUGMENTATIONS, seed >>> 0, Math.floor(seed / 2 ** 32), words)
      return f(new Philox((words[0] & 0x1fffff) * 2 ** 32 + words[1], 0, words[2]), i)
    })
  }
}

/** The key of a batch of n samples, checked. */
export function keyOf(op: string, key: BatchKey, n: number): BatchKey {
  const { seed, epoch, indices } = optionsOf(op, key, { seed: undefined, epoch: undefined, indices: undefined })
  integer(0, Number.MAX_SAFE_INTEGER)(op, 'seed', seed)
  const word = integer(0, 2 ** 32 - 1)
  word(op, 'epoch', epoch)
  if (indices?.length !== n)
    fail(op, `indices are ${describe(indices)} of ${indices?.length}`, `give those of ${n} samples`)
  Array.from(indices, (index) => word(op, 'an index', index))
  return key
}

/** Uniform between two numbers. */
export const between = (random: Random, [low, high]: readonly [number, number]): number =>
  low + (high - low) * random.uniform()
