/**
 * @file In which order samples are drawn: samplers give the indices of an epoch, batch samplers those of its batches.
 * Both depend on (seed, epoch) alone, so that a loader resumes in the middle of an epoch.
 */
import { describe, fail } from '../core/errors.ts'
import { Philox } from '../core/philox.ts'
import { optionsOf } from '../ops/base/options.ts'
import { checkNumbers } from './dataset.ts'
import { classesOf, type Labels } from './split.ts'

/** The order of an epoch. */
export interface Sampler {
  /** Indices in an epoch. */
  readonly length: number
  /** Indices of samples in the order of this epoch. */
  order(epoch: number, seed: number): Int32Array
}

/** The batches of an epoch. */
export interface BatchSampler {
  /** Batches in an epoch. */
  readonly length: number
  /** Indices of the samples of each batch of this epoch. */
  batches(epoch: number, seed: number): readonly Int32Array[]
}

/** Orders begin here and use one stream of the generator per epoch; below are the samples', data sets' and device's. */
const FIRST_STREAM = 0x80000000

/** The random numbers of an epoch's order. */
export function generatorOf(op: string, epoch: number, seed: number): Philox {
  if (!Number.isInteger(epoch) || epoch < 0 || epoch > 0x7fffffff)
    fail(op, `epoch is ${describe(epoch)}`, 'use an integer from 0 to 2147483647')
  return new Philox(seed, 0, FIRST_STREAM + epoch)
}

/** A number, as one of an option must be. @throws HandgradError if it is none from `low` up */
export const countOf = (op: string, name: string, value: number, low = 1): number =>
  Number.isInteger(value) && value >= low && value < 2 ** 31
    ? value
    : fail(op, `${name} is ${describe(value)}`, `use an integer from ${low} to ${2 ** 31 - 1}`)

/** A number of samples, or of what has that many. */
const lengthOf = (op: string, source: number | { readonly length: number }): number =>
  countOf(op, 'the number of samples', typeof source === 'number' ? source : source?.length, 0)

/** 0, 1, 2, … in every epoch. */
export class SequentialSampler implements Sampler {
  readonly length: number

  /** @param source  a number of samples, or a data set @throws HandgradError if it is neither */
  constructor(source: number | { readonly length: number }) {
    this.length = lengthOf('SequentialSampler', source)
  }

  order(): Int32Array {
    return Int32Array.from({ length: this.length }, (_, i) => i)
  }
}

/** Every sample once, in a new order each epoch; or `count` of them, with `replacement` any of them again and again. */
export class RandomSampler implements Sampler {
  readonly length: number
  readonly #samples: number
  readonly #replacement: boolean

  /**
   * @param source  a number of samples, or a data set
   * @param options.replacement  each is drawn among all; default false
   * @param options.count        indices in an epoch; default: as many as there are samples
   * @throws HandgradError if `count` is more than there are without replacement, or something is not a number
   */
  constructor(source: number | { readonly length: number }, options?: { replacement?: boolean; count?: number }) {
    const op = 'RandomSampler'
    this.#samples = lengthOf(op, source)
    const { replacement, count } = optionsOf(op, options, { replacement: false, count: this.#samples })
    if (count !== this.#samples) countOf(op, 'count', count)
    if (!replacement && count > this.#samples)
      fail(op, `count is ${count} of ${this.#samples} samples`, 'draw fewer, or with { replacement: true }')
    this.length = count
    this.#replacement = replacement
  }

  order(epoch: number, seed: number): Int32Array {
    const random = generatorOf('RandomSampler', epoch, seed)
    return this.#replacement
      ? Int32Array.from({ length: this.length }, () => random.int(this.#samples))
      : random.permutation(this.#samples).subarray(0, this.length)
  }
}

/** Sample i is drawn with probability wᵢ / Σw: rare classes more often, by w = 1 / count of its class. */
export class WeightedRandomSampler implements Sampler {
  readonly length: number
  readonly #weights: Float64Array
  readonly #replacement: boolean

  /**
   * @param weights  of each sample, numbers from 0 up; those of weight 0 are never drawn
   * @param options.replacement  each is drawn among all; default true. Without it none comes twice in an epoch
   * @param options.count        indices in an epoch; default: as many as there are samples
   * @throws HandgradError naming the weight that is none, or if there are too few for `count` without replacement
   */
  constructor(weights: ArrayLike<number>, options?: { replacement?: boolean; count?: number }) {
    const op = 'WeightedRandomSampler'
    checkNumbers(op, 'weights', weights)
    const wrong = Array.prototype.findIndex.call(weights, (w) => typeof w !== 'number' || !(w >= 0 && w < Infinity))
    if (wrong >= 0) fail(op, `weight ${wrong} is ${describe(weights[wrong])}`, 'weights are numbers from 0 up')
    this.#weights = Float64Array.from(weights)
    const { replacement, count } = optionsOf(op, options, { replacement: true, count: weights.length })
    const drawable = this.#weights.reduce((n, w) => n + Number(w > 0), 0)
    if (drawable === 0) fail(op, `none of ${weights.length} weights is above 0`)
    this.length = countOf(op, 'count', count)
    if (!replacement && count > drawable)
      fail(op, `count is ${count}, and ${drawable} weights are above 0`, 'draw fewer, or with { replacement: true }')
    this.#replacement = replacement
  }

  order(epoch: number, seed: number): Int32Array {
    const random = generatorOf('WeightedRandomSampler', epoch, seed)
    const weights = this.#weights
    if (!this.#replacement) {
      // The largest keys ln(u) / w are a weighted sample without replacement (Efraimidis, Spirakis 2006).
      const keys = weights.map((w) => Math.log(1 - random.uniform()) / w)
      const drawable = Int32Array.from(keys.keys()).filter((i) => weights[i] > 0)
      return drawable.sort((a, b) => keys[b] - keys[a]).subarray(0, this.length)
    }
    let sum = 0
    const sums = weights.map((w) => (sum += w))
    return Int32Array.from({ length: this.length }, () => {
      const at = random.uniform() * sum
      let [low, high] = [0, sums.length - 1]
      while (low < high) {
        const middle = (low + high) >> 1
        if (sums[middle] > at) high = middle
        else low = middle + 1
      }
      return low
    })
  }
}

/**
 * Every sample once, in a new order each epoch in which the classes are spread evenly: the k-th of the n samples of a
 * class stands at (k + ½) / n of the epoch. So each batch, of whatever size, has each class in its share, up to one or
 * two samples, and exactly where the classes are equally large and the batch holds whole rounds of them.
 */
export class StratifiedSampler implements Sampler {
  readonly length: number
  readonly #classes: ReturnType<typeof classesOf>

  /** @param labels  the class of each sample, a number or a text @throws HandgradError if labels are something else */
  constructor(labels: Labels) {
    this.length = lengthOf('StratifiedSampler', labels)
    this.#classes = classesOf('StratifiedSampler', 'labels', labels, this.length)
  }

  order(epoch: number, seed: number): Int32Array {
    const random = generatorOf('StratifiedSampler', epoch, seed)
    const { of, counts } = this.#classes
    const seen = new Int32Array(counts.length)
    const place = new Float64Array(this.length)
    const order = random.permutation(this.length)
    for (const i of order) place[i] = (seen[of[i]]++ + 0.5) / counts[of[i]]
    // The sort is stable: those of one place stay in random order.
    return order.sort((a, b) => place[a] - place[b])
  }
}

/**
 * Batches of samples of about the same length, such as sentences, so that little is padded: samples are shuffled,
 * sorted by length within pools of `pool` batches, cut into batches, and these come in random order.
 */
export class LengthBatchSampler implements BatchSampler {
  readonly length: number
  readonly #lengths: ArrayLike<number>
  readonly #size: number
  readonly #pool: number

  /**
   * @param lengths  of each sample
   * @param options.batchSize  samples per batch; default 1
   * @param options.pool       batches that are sorted together, default 100: more waste less, fewer mix better
   * @param options.dropLast   leave out the batch that is not full; default false
   * @throws HandgradError naming the length or option that is wrong, or if there is no batch
   */
  constructor(lengths: ArrayLike<number>, options?: { batchSize?: number; pool?: number; dropLast?: boolean }) {
    const op = 'LengthBatchSampler'
    checkNumbers(op, 'lengths', lengths)
    const { batchSize, pool, dropLast } = optionsOf(op, options, { batchSize: 1, pool: 100, dropLast: false })
    const wrong = Array.prototype.findIndex.call(lengths, (n) => !(typeof n === 'number' && n >= 0))
    if (wrong >= 0) fail(op, `length ${wrong} is ${describe(lengths[wrong])}`, 'lengths are numbers from 0 up')
    this.#size = countOf(op, 'batchSize', batchSize)
    this.#pool = countOf(op, 'pool', pool)
    this.length = dropLast ? Math.floor(lengths.length / batchSize) : Math.ceil(lengths.length / batchSize)
    if (this.length === 0) fail(op, `there is no batch of ${batchSize} in ${lengths.length} samples`)
    this.#lengths = Float64Array.from(lengths)
  }

  batches(epoch: number, seed: number): readonly Int32Array[] {
    const random = generatorOf('LengthBatchSampler', epoch, seed)
    const lengths = this.#lengths
    const order = random.permutation(lengths.length)
    const pool = this.#size * this.#pool
    for (let at = 0; at < order.length; at += pool)
      order.subarray(at, at + pool).sort((a, b) => lengths[a] - lengths[b])
    const mixed = random.permutation(this.length)
    return Array.from(mixed, (k) => order.subarray(k * this.#size, (k + 1) * this.#size))
  }
}
