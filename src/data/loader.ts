/**
 * @file Batches: a DataLoader draws samples of a data set in an order (samplers.ts), stacks them (collate.ts), hands
 * them to a device, and frees them again. What an epoch holds depends on (seed, epoch) only, and the position is three
 * integers, so a checkpoint resumes in the middle of an epoch. Data sets are dataset.ts.
 */
import type { Device } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { checkAtOnce, type OpenScope, openScope } from '../core/scope.ts'
import { showAsText } from '../core/show.ts'
import { Tensor } from '../core/tensor.ts'
import { checkRecord } from '../io/given.ts'
import { optionsOf } from '../ops/base/options.ts'
import { type Batch, stackSamples } from './collate.ts'
import { checkDataset, type Dataset, type IterableDataset, type SampleContext } from './dataset.ts'
import { type EpochContext, type Feed, feedOf, feedOfStream, type Group, isStream } from './feed.ts'
import { type BatchSampler, RandomSampler, type Sampler, SequentialSampler } from './samplers.ts'

/** Which samples a batch has: what the randomness of a change to the whole batch may depend on. */
export interface BatchContext {
  readonly seed: number
  readonly epoch: number
  /** Index of each sample. */
  readonly indices: Int32Array
}

/** How {@link DataLoader} makes batches of samples. */
export interface LoaderOptions<S, T, B> {
  /** Samples per batch; default 1. */
  batchSize?: number
  /** A new order every epoch; default false. */
  shuffle?: boolean
  /** Leave out a last batch that is not full; default false. */
  dropLast?: boolean
  /** Of the order, and of what is random in samples, integer ≥ 0; default 0. */
  seed?: number
  /** Where batches go; default: the default device at the time. Not with `collate`, which makes them where it likes. */
  device?: Device
  /** Make a batch of samples in another way, at once; default: values stacked to tensors, see {@link DataLoader}. */
  collate?: (samples: T[], context: BatchContext) => B
  /** In which order samples are drawn, in place of `shuffle`. */
  sampler?: Sampler
  /** Which samples make up each batch, in place of `batchSize`, `shuffle`, `dropLast` and `sampler`. */
  batchSampler?: BatchSampler
  /** Change each sample before it is stacked; a promise where batches are taken by `for await`. */
  transform?: (sample: S, context: SampleContext) => T | PromiseLike<T>
  /** Change each batch of tensors, at once: augmentation on the device. Not with `collate`. */
  batchTransform?: (batch: Batch<T>, context: BatchContext) => B
  /** Batches that are made ahead while the loop waits for the device, by `for await`; default 0. */
  prefetch?: number
}

/** Where a loader stands: the batch that comes next. */
export interface LoaderState {
  seed: number
  epoch: number
  batch: number
}

/** What is said to those who use a batch after its end. */
const ENDED = 'a DataLoader frees a batch when the next one is asked for: keep(batch) what is needed longer'

/** A batch, which a collate function of one's own gives: any value that is there, with tensors that are. */
function checkBatch<B>(made: string, batch: B): B {
  const todo = 'return the batch, at once'
  checkAtOnce('DataLoader', made, batch, todo)
  if (batch === undefined) fail('DataLoader', `${made} gave undefined`, todo)
  const parts: unknown[] = batch instanceof Tensor ? [batch] : Object.values(batch ?? {})
  for (const x of parts)
    if (x instanceof Tensor && x.disposed)
      fail('DataLoader', `${made} gave ${x.title}, which was disposed`, 'return it from scope(), or keep(x) it')
  return batch
}

function natural(name: string, value: number, low: number, high: number): number {
  if (!Number.isInteger(value) || value < low || value > high) {
    fail('DataLoader', `${name} is ${String(value)}`, `use an integer from ${low} to ${high}`)
  }
  return value
}

/** A batch that is made, and the scope that it belongs to. */
interface Made<B> {
  readonly own: OpenScope
  readonly value: B
}

/** One walk through an epoch. */
interface Walk<S> {
  readonly context: EpochContext
  readonly feed: Feed<S>
  /** True while it is the one that moves the loader's position. */
  current(): boolean
}

/**
 * Batches of a data set, as often as wanted: each `for … of` is one epoch.
 * ```ts
 * for (const [x, y] of new DataLoader(data, { batchSize: 64, shuffle: true })) scope(() => step(x, y))
 * ```
 * A sample is a number, a boolean, a typed array, `{ data, shape }` or a tensor, and its batch one tensor
 * `[n, …shape]`; or a list of such fields (arrays of numbers among them), and its batch a list of tensors. Numbers
 * become float32, booleans bool, integer arrays int32; float arrays and tensors keep their dtype, and tensors their
 * device. `transform` changes samples before, `batchTransform` batches after that; what is random there is to depend on
 * their context alone.
 *
 * A data set has a `length` and `get(index)`, or is iterable: then its samples come in its own order, and the loader
 * has no `length`. By `for await` samples may be promises, the iterable may be asynchronous, and `prefetch` batches are
 * made while the loop waits.
 *
 * A batch is freed when the next one is asked for: what `get` and `collate` make for it, except what `keep` was called
 * on. The graph of a loss holds what it needs of it for `backward`. The last batch of a loop that was left by `break`
 * stays, as any other tensor does.
 */
export class DataLoader<S, T = S, B = Batch<T>> implements Iterable<B>, AsyncIterable<B> {
  readonly dataset: Dataset<S | PromiseLike<S>> | IterableDataset<S>
  readonly batchSize: number
  readonly shuffle: boolean
  readonly dropLast: boolean
  readonly device: Device | undefined
  readonly prefetch: number
  readonly #sampler: Sampler | undefined
  readonly #batchSampler: BatchSampler | undefined
  readonly #transform: LoaderOptions<S, T, B>['transform']
  readonly #collate: (samples: T[], context: BatchContext) => B
  /** What errors call the function that makes batches. */
  readonly #made: string
  #seed: number
  #epoch = 0
  #batch = 0
  #resume = false
  /** The iteration that moves the position: the one begun last. */
  #current = 0

  /** @throws HandgradError naming the option that is wrong, or if the data set is empty */
  constructor(dataset: Dataset<S | PromiseLike<S>> | IterableDataset<S>, options?: LoaderOptions<S, T, B>) {
    const op = 'DataLoader'
    const given = optionsOf(op, options, {
      batchSize: 1,
      shuffle: false,
      dropLast: false,
      seed: 0,
      device: undefined,
      collate: undefined,
      sampler: undefined,
      batchSampler: undefined,
      transform: undefined,
      batchTransform: undefined,
      prefetch: 0,
    })
    const { batchSize, shuffle, dropLast, seed, device, collate, sampler, batchSampler, batchTransform } = given
    const stream = isStream(dataset)
    if (!stream) {
      checkDataset(op, dataset)
      if (dataset.length < 1) fail(op, 'the data set is empty')
    }
    this.dataset = dataset
    this.batchSize = natural('batchSize', batchSize, 1, 2 ** 31 - 1)
    this.shuffle = shuffle
    this.dropLast = dropLast
    this.prefetch = natural('prefetch', given.prefetch, 0, 2 ** 31 - 1)
    this.#seed = natural('seed', seed, 0, Number.MAX_SAFE_INTEGER)
    if (device !== undefined && typeof device?.run !== 'function')
      fail(op, `device is ${describe(device)}`, "give await device('auto')")
    for (const name of ['collate', 'transform', 'batchTransform'] as const) {
      if (given[name] !== undefined && typeof given[name] !== 'function')
        fail(
          op,
          `${name} is ${describe(given[name])}`,
          `give a function${name === 'collate' ? ' from samples to a batch' : ''}`,
        )
    }
    if (collate && batchTransform) fail(op, 'collate and batchTransform are given', 'change the batch in collate')
    if (device && collate)
      fail(op, 'device and collate are given', 'make the batch there in collate, and leave device out')
    this.device = device
    this.#batchSampler = samplerOf('batchSampler', 'batches', batchSampler)
    if (batchSampler && (options?.batchSize ?? options?.shuffle ?? options?.dropLast ?? sampler) !== undefined)
      fail(op, 'batchSampler is given with batchSize, shuffle, dropLast or sampler', 'it decides all of these')
    if (sampler && shuffle) fail(op, 'sampler and shuffle are given', 'leave shuffle out')
    if (stream && (sampler || batchSampler || shuffle))
      fail(op, 'shuffle or a sampler is given for a stream', 'its samples have no index: it comes in its own order')
    if (!stream)
      this.#sampler =
        samplerOf('sampler', 'order', sampler) ?? new (shuffle ? RandomSampler : SequentialSampler)(dataset.length)
    if (dropLast && this.#sampler && this.#sampler.length < batchSize) {
      fail(op, `dropLast leaves no batch, ${this.#sampler.length} samples do not fill one of ${batchSize}`)
    }
    this.#transform = given.transform
    this.#made = batchTransform ? 'batchTransform' : 'collate'
    this.#collate =
      collate ??
      ((samples, context) => {
        const batch = stackSamples(samples, device) as Batch<T> // what the type says, of samples of type T
        // Without collate and batchTransform B is Batch<T>, as the types of the constructor say.
        return batchTransform ? batchTransform(batch, context) : (batch as unknown as B)
      })
  }

  /** Batches in an epoch. @throws HandgradError if the data set is a stream, which has no length */
  get length(): number {
    if (this.#batchSampler) return this.#batchSampler.length
    if (!this.#sampler) fail('DataLoader.length', 'the data set is a stream, which has no length', 'count its batches')
    const whole = this.#sampler.length / this.batchSize
    return this.dropLast ? Math.floor(whole) : Math.ceil(whole)
  }

  /** Of the order, and of what is random in samples. */
  get seed(): number {
    return this.#seed
  }

  /** The epoch that is running, or comes next; 0, 1, 2, …. */
  get epoch(): number {
    return this.#epoch
  }

  /** Sample numbers of an epoch in the order of that epoch. @throws HandgradError if the data set is a stream */
  order(epoch: number): Int32Array {
    natural('epoch', epoch, 0, 0x7fffffff)
    if (this.#batchSampler)
      return Int32Array.from(this.#batchSampler.batches(epoch, this.#seed).flatMap((batch) => [...batch]))
    return (
      this.#sampler?.order(epoch, this.#seed) ??
      fail('DataLoader.order', 'the data set is a stream', 'its samples come in its own order')
    )
  }

  /**
   * The position: what {@link loadStateDict} of a loader over the same data takes. In the loop's body it is after the
   * batch in hand; once the loop was left, early or not, it is the beginning of the next epoch.
   */
  stateDict(): LoaderState {
    const over = !isStream(this.dataset) && this.#batch === this.length
    return { seed: this.#seed, epoch: this.#epoch + (over ? 1 : 0), batch: over ? 0 : this.#batch }
  }

  /**
   * Stand where another loader stood: the next loop yields what is left of that epoch. A stream is read again from its
   * beginning for that.
   * @throws HandgradError if the state is none, or does not fit these data
   */
  loadStateDict(state: LoaderState): void {
    checkRecord('DataLoader', 'the state', state, 'give what stateDict() of a loader gave')
    const seed = natural('seed', state.seed, 0, Number.MAX_SAFE_INTEGER)
    const epoch = natural('epoch', state.epoch, 0, 0x7fffffff)
    const batch = natural('batch', state.batch, 0, isStream(this.dataset) ? 2 ** 31 - 1 : this.length - 1)
    this.#seed = seed
    this.#epoch = epoch
    this.#batch = batch
    this.#resume = true
    this.#current++
  }

  /** One epoch. Leaving the loop early ends the epoch: the next loop begins another one, from its first batch. */
  *[Symbol.iterator](): Generator<B, void, undefined> {
    const walk = this.#begin(false)
    try {
      for (let made = this.#make(walk); made; made = this.#make(walk)) yield* this.#handed(walk, made)
    } finally {
      this.#end(walk)
    }
  }

  /** One epoch, of samples that may take their time; `prefetch` batches are made ahead. */
  async *[Symbol.asyncIterator](): AsyncGenerator<B, void, undefined> {
    const walk = this.#begin(true)
    const ahead: Promise<Made<B> | null>[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    let [last, ended]: [Promise<unknown>, boolean] = [Promise.resolve(), false]
    const begin = () => {
      const own = openScope()
      // Samples are asked for in order, and waited for together.
      const group = last.then(() => walk.feed.next(own))
      last = group.catch(() => undefined)
      const made = this.#makeLater(walk, own, group)
      made.then(
        (batch) => {
          ended ||= batch === null
        },
        () => {
          ended = true
        },
      )
      ahead.push(made)
    }
    // One at a time, and the loop has its turn in between.
    const fill = () => {
      if (ended || ahead.length >= this.prefetch) return
      begin()
      timer = setTimeout(fill)
    }
    try {
      for (;;) {
        if (ahead.length === 0) begin()
        const made = await ahead.shift()
        if (!made) return
        clearTimeout(timer)
        if (this.prefetch > 0) timer = setTimeout(fill)
        yield* this.#handed(walk, made)
      }
    } finally {
      clearTimeout(timer)
      for (const made of ahead)
        made.then(
          (batch) => batch?.own.dispose(),
          () => undefined,
        )
      this.#end(walk)
    }
  }

  /** Start an epoch, or go on with the one that was restored. */
  #begin(async: boolean): Walk<S> {
    if (this.#batch > 0 && !this.#resume) this.#startEpoch(this.#epoch + 1)
    this.#resume = false
    const me = ++this.#current
    const [epoch, seed, dataset] = [this.#epoch, this.#seed, this.dataset]
    const feed = isStream(dataset)
      ? feedOfStream(dataset, this.batchSize, this.dropLast, this.#batch, async)
      : feedOf(dataset as Dataset<S | PromiseLike<S>>, this.#batches(epoch), this.#batch, { seed, epoch })
    return { context: { seed, epoch }, feed, current: () => me === this.#current }
  }

  /** Left by break or an error, too: this loader and one restored from its stateDict() go on alike. */
  #end(walk: Walk<S>): void {
    walk.feed.close()
    if (walk.current()) this.#startEpoch(walk.context.epoch + 1)
  }

  #startEpoch(epoch: number): void {
    this.#epoch = epoch
    this.#batch = 0
  }

  /** Indices of an epoch's batches. */
  #batches(epoch: number): (k: number) => Int32Array | undefined {
    const list = this.#batchSampler?.batches(epoch, this.#seed)
    if (list) return (k) => list[k]
    const [order, size, length] = [this.order(epoch), this.batchSize, this.length]
    return (k) => (k < length ? order.subarray(k * size, (k + 1) * size) : undefined)
  }

  /** Gives the batch to the loop, and ends it when the next one is asked for. */
  *#handed(walk: Walk<S>, { own, value }: Made<B>): Generator<B, void, undefined> {
    // Moved before the batch is handed over: a checkpoint saved in the loop's body resumes after this batch.
    if (walk.current()) this.#batch++
    let left = true
    try {
      yield value
      left = false
    } finally {
      if (left) own.release()
      else own.dispose(ENDED)
    }
  }

  /** The next batch at once; null at the end. What is made for it belongs to its scope. */
  #make(walk: Walk<S>): Made<B> | null {
    const own = openScope()
    const todo = 'take the batches by for await, or load data before'
    try {
      const group = walk.feed.next(own)
      if (group === null) return null
      checkAtOnce('DataLoader', 'the stream', group, todo)
      const { indices, samples } = group as Group<S>
      samples.forEach((sample, i) => {
        checkAtOnce('DataLoader', `get(${indices[i]})`, sample, todo)
      })
      // None is a promise.
      const changed = this.#changed(walk, own, indices, samples as S[])
      for (const sample of changed) checkAtOnce('DataLoader', 'transform', sample, todo)
      return { own, value: this.#stacked(walk, own, indices, changed as T[]) }
    } catch (error) {
      own.dispose()
      throw error
    }
  }

  /** As #make, of samples that may be on their way. */
  async #makeLater(walk: Walk<S>, own: OpenScope, pending: Promise<Group<S> | null>): Promise<Made<B> | null> {
    try {
      const group = await pending
      if (group === null) return null
      const changed = this.#changed(walk, own, group.indices, await Promise.all(group.samples))
      return { own, value: this.#stacked(walk, own, group.indices, await Promise.all(changed)) }
    } catch (error) {
      own.dispose()
      throw error
    }
  }

  /** Samples after `transform`. */
  #changed(walk: Walk<S>, own: OpenScope, indices: Int32Array, samples: S[]): (T | PromiseLike<T>)[] {
    const transform = this.#transform
    // Without transform T is S, which the types of the constructor say and this one does not know.
    if (!transform) return samples as unknown as T[]
    return own.run(() => samples.map((sample, i) => transform(sample, { ...walk.context, index: indices[i] })))
  }

  /** The batch of samples. */
  #stacked(walk: Walk<S>, own: OpenScope, indices: Int32Array, samples: T[]): B {
    return own.run(() => checkBatch(this.#made, this.#collate(samples, { ...walk.context, indices })))
  }

  /** One line: the data set's size, and how its samples come. */
  toString(): string {
    const { batchSize, shuffle, dropLast, epoch } = this
    const samples = isStream(this.dataset) ? 'a stream' : `${this.dataset.length} samples in ${this.length} batches`
    return `DataLoader(${samples}, batchSize: ${batchSize}, shuffle: ${shuffle}, dropLast: ${dropLast}, epoch: ${epoch})`
  }
}
showAsText(DataLoader)

/** A sampler, which may be the user's own. */
function samplerOf<X extends Sampler | BatchSampler>(
  name: string,
  method: string,
  sampler: X | undefined,
): X | undefined {
  if (sampler === undefined) return undefined
  const { length, [method]: call } = Object(sampler) as Record<string, unknown>
  if (!Number.isInteger(length) || typeof call !== 'function')
    fail('DataLoader', `${name} is ${describe(sampler)}`, `it needs a length and ${method}(epoch, seed)`)
  if ((length as number) < 1) fail('DataLoader', `${name} gives nothing`, 'its length is 0')
  return sampler
}
