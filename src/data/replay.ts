/**
 * @file Replay: a few samples of what was learned are kept, and are a share of the batches in which something new is
 * learned, so that it is not learned in place of the old.
 */
import { describe, fail } from '../core/errors.ts'
import { Philox } from '../core/philox.ts'
import { checkRecord } from '../io/given.ts'
import { optionsOf } from '../ops/base/options.ts'
import { ConcatDataset, checkDataset, checkIndex, type Dataset } from './dataset.ts'
import { type BatchSampler, countOf, generatorOf } from './samplers.ts'

/** A reservoir has a stream of the generator of its own, and a block of it for each sample. */
const [STREAM, WORDS] = [0x72657376, 4]

/** What of a {@link Reservoir} a checkpoint keeps. */
export interface ReservoirState<T> {
  readonly capacity: number
  readonly seed: number
  readonly seen: number
  readonly samples: readonly T[]
}

/**
 * A fair sample of a stream of unknown length: of the t samples that came, each is kept with the same probability,
 * min(1, capacity / t).
 *
 *     const kept = new data.Reservoir({ capacity: 200, seed: 1 })
 *     for (const text of texts) kept.add(text)
 *     kept.get(0)                                       // it is a data set
 *
 * Sample t takes a place that is drawn among t; beyond the capacity it is let go. What is drawn depends on the seed and
 * t alone, so a reservoir of a checkpoint goes on as it would have. Samples are held as they are: data on the host, or
 * tensors that `keep` was called on.
 * @see Vitter 1985, "Random Sampling with a Reservoir", algorithm R
 */
export class Reservoir<T> implements Dataset<T> {
  readonly capacity: number
  readonly seed: number
  #seen = 0
  #samples: T[] = []

  /**
   * @param options.capacity  samples that are kept at most, an integer from 1
   * @param options.seed      of what is drawn, an integer from 0; default 0
   * @throws HandgradError if one of them is none
   */
  constructor(options: { capacity: number; seed?: number }) {
    const op = 'Reservoir'
    const { capacity, seed } = optionsOf(op, options, { capacity: 0, seed: 0 })
    this.capacity = countOf(op, 'capacity', capacity)
    this.seed = seedOf(op, seed)
  }

  /** Samples that it has. */
  get length(): number {
    return this.#samples.length
  }

  /** Samples that came. */
  get seen(): number {
    return this.#seen
  }

  /** Give it the next sample. @returns whether it is kept, for now */
  add(sample: T): boolean {
    const at = this.#seen++
    if (at < this.capacity) return this.#samples.push(sample) > 0
    const place = new Philox(this.seed, at * WORDS, STREAM).int(at + 1)
    if (place >= this.capacity) return false
    this.#samples[place] = sample
    return true
  }

  /** @throws HandgradError if there is no such sample */
  get(index: number): T {
    checkIndex('Reservoir.get', index, this.length)
    return this.#samples[index]
  }

  /** All of it, as a checkpoint keeps it where samples are of what a state may be made of. */
  stateDict(): ReservoirState<T> {
    return { capacity: this.capacity, seed: this.seed, seen: this.#seen, samples: [...this.#samples] }
  }

  /** Be what another reservoir was. @throws HandgradError if the state is none, or of another capacity or seed */
  loadStateDict(state: ReservoirState<T>): void {
    const op = 'Reservoir'
    const todo = 'give what stateDict() of a reservoir gave'
    checkRecord(op, 'the state', state, todo)
    const { capacity, seed, seen, samples } = state
    if (capacity !== this.capacity || seed !== this.seed)
      fail(
        op,
        `the state has capacity ${describe(capacity)} and seed ${describe(seed)}`,
        `this one has ${this.capacity} and ${this.seed}: make it as that one was made`,
      )
    countOf(op, 'seen', seen, 0)
    const count = Math.min(seen, capacity)
    if (!Array.isArray(samples) || samples.length !== count)
      fail(
        op,
        `the samples of the state are ${describe(samples)}`,
        `give ${count}, what stateDict() of a reservoir gave`,
      )
    this.#seen = seen
    this.#samples = [...samples]
  }

  toString(): string {
    return `Reservoir(${this.length} of ${this.capacity}, ${this.#seen} seen)`
  }
}

const seedOf = (op: string, seed: number): number =>
  Number.isSafeInteger(seed) && seed >= 0
    ? seed
    : fail(op, `seed is ${describe(seed)}`, 'use an integer from 0 to 2^53 - 1')

/** How {@link mix} makes batches. */
export interface MixOptions {
  /** Samples per batch, new and old ones together. */
  batchSize: number
  /** The part of a batch that is old, above 0 and below 1; default 0.5. */
  share?: number
  /** New samples in a new order every epoch; default true. */
  shuffle?: boolean
  /** Leave out a last batch that is not full; default false. */
  dropLast?: boolean
}

/** What a `DataLoader` takes: the samples of both, and which make up each batch. */
export interface Mixed<T> {
  readonly dataset: ConcatDataset<T>
  readonly batchSampler: BatchSampler
}

/**
 * Batches of new samples, with a share of old ones in each:
 *
 *     const { dataset, batchSampler } = data.mix(fresh, reservoir, { batchSize: 32, share: 0.5 })
 *     for (const batch of new data.DataLoader(dataset, { batchSampler, seed: 1 })) step(batch)
 *
 * An epoch has each new sample once. The old ones come in rounds: each is drawn once before one is drawn again. In a
 * batch round(share · batchSize) are old, and stand behind the new; in the last one, if it is not full, as large a
 * part. All of it depends on the loader's seed and the epoch, so that it resumes as any other. Indices of old samples
 * begin at `fresh.length`; they are those that there are at the time of this call.
 * @throws HandgradError if one of both is not a data set or is empty, an option is out of range, or the share of a
 *   batch is less than a sample
 */
export function mix<A, B = A>(fresh: Dataset<A>, old: Dataset<B>, options: MixOptions): Mixed<A | B> {
  const op = 'mix'
  const defaults = { batchSize: 0, share: 0.5, shuffle: true, dropLast: false }
  const { batchSize, share, shuffle, dropLast } = optionsOf(op, options, defaults)
  for (const [name, dataset] of Object.entries({ new: fresh, old })) {
    checkDataset(op, dataset)
    if (dataset.length < 1) fail(op, `the ${name} data set is empty`)
  }
  countOf(op, 'batchSize', batchSize, 2)
  if (!(share > 0 && share < 1)) fail(op, `share is ${describe(share)}`, 'give a number above 0 and below 1')
  const [n, m] = [fresh.length, old.length]
  const olds = Math.round(share * batchSize)
  const news = batchSize - olds
  if (olds === 0 || news === 0)
    fail(
      op,
      `${share} of ${batchSize} samples are ${olds} old and ${news} new`,
      'give larger batches, or another share',
    )
  const length = dropLast ? Math.floor(n / news) : Math.ceil(n / news)
  if (length === 0) fail(op, `dropLast leaves no batch, ${n} new samples do not fill one with ${news}`)
  const batches = (epoch: number, seed: number): readonly Int32Array[] => {
    const random = generatorOf(op, epoch, seed)
    const order = shuffle ? random.permutation(n) : Int32Array.from({ length: n }, (_, i) => i)
    let [round, at] = [random.permutation(m), 0]
    const next = (): number => {
      if (at === m) [round, at] = [random.permutation(m), 0]
      return n + round[at++]
    }
    return Array.from({ length }, (_, k) => {
      const own = order.subarray(k * news, (k + 1) * news)
      const more = Math.round((own.length * olds) / news)
      return Int32Array.from({ length: own.length + more }, (_, i) => (i < own.length ? own[i] : next()))
    })
  }
  return { dataset: new ConcatDataset<A | B>([fresh, old]), batchSampler: { length, batches } }
}
