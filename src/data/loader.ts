/**
 * @file Batches: a DataLoader draws samples of a data set in order or shuffled, stacks them (collate.ts), hands them to
 * a device, and frees them again. The order of every epoch depends on (seed, epoch) only, and the position is three
 * integers, so a checkpoint resumes in the middle of an epoch. Data sets are dataset.ts.
 */
import type { Device } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { Philox } from '../core/philox.ts'
import { checkAtOnce, type OpenScope, openScope } from '../core/scope.ts'
import { showAsText } from '../core/show.ts'
import { Tensor } from '../core/tensor.ts'
import { checkRecord } from '../io/given.ts'
import { optionsOf } from '../ops/base/options.ts'
import { type Batch, stackSamples } from './collate.ts'
import { checkDataset, type Dataset } from './dataset.ts'

/** How {@link DataLoader} makes batches of samples. */
export interface LoaderOptions<T, B> {
  /** Samples per batch; default 1. */
  batchSize?: number
  /** A new order every epoch; default false. */
  shuffle?: boolean
  /** Leave out a last batch that is not full; default false. */
  dropLast?: boolean
  /** Of the shuffles, integer ≥ 0; default 0. */
  seed?: number
  /** Where batches go; default: the default device at the time. Not with `collate`, which makes them where it likes. */
  device?: Device
  /** Make a batch of samples in another way, at once; default: values stacked to tensors, see {@link DataLoader}. */
  collate?: (samples: T[]) => B
}

/** Where a loader stands: the batch that comes next. */
export interface LoaderState {
  seed: number
  epoch: number
  batch: number
}

/** Shuffles begin here and use one stream of the generator per epoch; below are the device's and the data sets' own. */
const FIRST_STREAM = 0x80000000

/** What is said to those who use a batch after its end. */
const ENDED = 'a DataLoader frees a batch when the next one is asked for: keep(batch) what is needed longer'

/** A sample, which a data set of one's own gives. */
function sampleOf<T>(dataset: Dataset<T>, index: number): T {
  const sample = dataset.get(index)
  const todo = 'get(index) returns it at once: load data first'
  checkAtOnce('DataLoader', `get(${index})`, sample, todo)
  if (sample === undefined) fail('DataLoader', `sample ${index} is undefined`, todo)
  return sample
}

/** A batch, which a collate function of one's own gives: any value that is there, with tensors that are. */
function checkBatch<B>(batch: B): B {
  const todo = 'return the batch, at once'
  checkAtOnce('DataLoader', 'collate', batch, todo)
  if (batch === undefined) fail('DataLoader', 'collate gave undefined', todo)
  const parts: unknown[] = batch instanceof Tensor ? [batch] : Object.values(batch ?? {})
  for (const x of parts)
    if (x instanceof Tensor && x.disposed)
      fail('DataLoader', `collate gave ${x.title}, which was disposed`, 'return it from scope(), or keep(x) it')
  return batch
}

function flag(name: string, value: boolean): boolean {
  if (typeof value !== 'boolean') fail('DataLoader', `${name} is ${String(value)}`, 'use true or false')
  return value
}

function natural(name: string, value: number, low: number, high: number): number {
  if (!Number.isInteger(value) || value < low || value > high) {
    fail('DataLoader', `${name} is ${String(value)}`, `use an integer from ${low} to ${high}`)
  }
  return value
}

/**
 * Batches of a data set, as often as wanted: each `for … of` is one epoch.
 * ```ts
 * for (const [x, y] of new DataLoader(data, { batchSize: 64, shuffle: true })) scope(() => step(x, y))
 * ```
 * A sample is a number, a boolean, a typed array, `{ data, shape }` or a tensor, and its batch one tensor
 * `[n, …shape]`; or a list of such fields (arrays of numbers among them), and its batch a list of tensors. Numbers
 * become float32, booleans bool, integer arrays int32; float arrays and tensors keep their dtype, and tensors their
 * device.
 *
 * A batch is freed when the next one is asked for: what `get` and `collate` make for it, except what `keep` was called
 * on. The graph of a loss holds what it needs of it for `backward`. The last batch of a loop that was left by `break`
 * stays, as any other tensor does.
 */
export class DataLoader<T, B = Batch<T>> implements Iterable<B> {
  readonly dataset: Dataset<T>
  readonly batchSize: number
  readonly shuffle: boolean
  readonly dropLast: boolean
  readonly device: Device | undefined
  readonly #collate: (samples: T[]) => B
  #seed: number
  #epoch = 0
  #batch = 0
  #resume = false
  /** The iteration that moves the position: the one begun last. */
  #current = 0

  /** @throws HandgradError naming the option that is wrong, or if the data set is empty */
  constructor(dataset: Dataset<T>, options?: LoaderOptions<T, B>) {
    const { batchSize, shuffle, dropLast, seed, device, collate } = optionsOf('DataLoader', options, {
      batchSize: 1,
      shuffle: false,
      dropLast: false,
      seed: 0,
      device: undefined,
      collate: undefined,
    })
    checkDataset('DataLoader', dataset)
    if (dataset.length < 1) fail('DataLoader', 'the data set is empty')
    this.dataset = dataset
    this.batchSize = natural('batchSize', batchSize, 1, 2 ** 31 - 1)
    this.shuffle = flag('shuffle', shuffle)
    this.dropLast = flag('dropLast', dropLast)
    this.#seed = natural('seed', seed, 0, Number.MAX_SAFE_INTEGER)
    if (device !== undefined && typeof device?.run !== 'function')
      fail('DataLoader', `device is ${describe(device)}`, "give await device('auto')")
    if (collate !== undefined && typeof collate !== 'function')
      fail('DataLoader', `collate is ${describe(collate)}`, 'give a function from samples to a batch')
    if (device && collate)
      fail('DataLoader', 'device and collate are given', 'make the batch there in collate, and leave device out')
    this.device = device
    if (dropLast && dataset.length < batchSize) {
      fail('DataLoader', `dropLast leaves no batch, ${dataset.length} samples do not fill one of ${batchSize}`)
    }
    // Without collate B is Batch<T>: a tensor, or one for each field.
    this.#collate = collate ?? ((samples) => stackSamples(samples, device) as unknown as B)
  }

  /** Batches in an epoch. */
  get length(): number {
    const whole = this.dataset.length / this.batchSize
    return this.dropLast ? Math.floor(whole) : Math.ceil(whole)
  }

  /** The epoch that is running, or comes next; 0, 1, 2, …. */
  get epoch(): number {
    return this.#epoch
  }

  /** Sample numbers of an epoch in the order of that epoch. */
  order(epoch: number): Int32Array {
    natural('epoch', epoch, 0, 0x7fffffff)
    const n = this.dataset.length
    return this.shuffle
      ? new Philox(this.#seed, 0, FIRST_STREAM + epoch).permutation(n)
      : Int32Array.from({ length: n }, (_, i) => i)
  }

  /**
   * The position: what {@link loadStateDict} of a loader over the same data takes. In the loop's body it is after the
   * batch in hand; once the loop was left, early or not, it is the beginning of the next epoch.
   */
  stateDict(): LoaderState {
    const over = this.#batch === this.length
    return { seed: this.#seed, epoch: this.#epoch + (over ? 1 : 0), batch: over ? 0 : this.#batch }
  }

  /**
   * Stand where another loader stood: the next `for … of` yields what is left of that epoch.
   * @throws HandgradError if the state is none, or does not fit these data
   */
  loadStateDict(state: LoaderState): void {
    checkRecord('DataLoader', 'the state', state, 'give what stateDict() of a loader gave')
    const seed = natural('seed', state.seed, 0, Number.MAX_SAFE_INTEGER)
    const epoch = natural('epoch', state.epoch, 0, 0x7fffffff)
    const batch = natural('batch', state.batch, 0, this.length - 1)
    this.#seed = seed
    this.#epoch = epoch
    this.#batch = batch
    this.#resume = true
    this.#current++
  }

  /** One epoch. Leaving the loop early ends the epoch: the next loop begins another one, from its first batch. */
  *[Symbol.iterator](): Generator<B, void, undefined> {
    if (this.#batch > 0 && !this.#resume) this.#startEpoch(this.#epoch + 1)
    this.#resume = false
    const me = ++this.#current
    const epoch = this.#epoch
    const order = this.order(epoch)
    try {
      for (let batch = this.#batch; batch < this.length; batch++) {
        const own = openScope()
        const value = this.#make(own, order.subarray(batch * this.batchSize, (batch + 1) * this.batchSize))
        // Moved before the batch is handed over: a checkpoint saved in the loop's body resumes after this batch.
        if (me === this.#current) this.#batch = batch + 1
        let left = true
        try {
          yield value
          left = false
        } finally {
          if (left) own.release()
          else own.dispose(ENDED)
        }
      }
    } finally {
      // Left by break or an error, too: this loader and one restored from its stateDict() go on alike.
      if (me === this.#current) this.#startEpoch(epoch + 1)
    }
  }

  #startEpoch(epoch: number): void {
    this.#epoch = epoch
    this.#batch = 0
  }

  /** The batch of these samples; what is made for it belongs to `own`. */
  #make(own: OpenScope, indices: Int32Array): B {
    try {
      return own.run(() => checkBatch(this.#collate(Array.from(indices, (index) => sampleOf(this.dataset, index)))))
    } catch (error) {
      own.dispose()
      throw error
    }
  }

  /** One line: the data set's size, and how its samples come. */
  toString(): string {
    const { batchSize, shuffle, dropLast } = this
    const options = `batchSize: ${batchSize}, shuffle: ${shuffle}, dropLast: ${dropLast}`
    return `DataLoader(${this.dataset.length} samples in ${this.length} batches, ${options}, epoch: ${this.epoch})`
  }
}
showAsText(DataLoader)
