/**
 * @file Batches: a DataLoader draws samples of a data set in order or shuffled, stacks them and hands them to a device.
 * The order of every epoch depends on (seed, epoch) only, and the position is three integers, so a checkpoint resumes
 * in the middle of an epoch. Data sets are dataset.ts.
 */
import type { Device } from '../core/device.ts'
import { fail } from '../core/errors.ts'
import { Philox } from '../core/philox.ts'
import { showAsText } from '../core/show.ts'
import type { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import { tensor } from '../ops/index.ts'
import { arrayTypeOf, type Dataset, type Field, type Sample } from './dataset.ts'

/** Tensors, one per field of the sample; each has the batch as its first dim. */
export type Batch<T> = T extends Sample ? { [K in keyof T]: Tensor } : never

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
  /** Where batches go; default: the default device at the time. */
  device?: Device
  /** Make a batch of samples in another way; default: fields stacked to tensors. */
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

/**
 * Stack fields of equal shape and type: [n, …shape].
 * @throws HandgradError if samples differ in fields, shapes or array types
 */
function stackFields(samples: readonly Sample[]): Field[] {
  const op = 'DataLoader'
  const todo = 'samples of a batch must be alike, or give { collate }'
  const first = samples[0]
  for (const sample of samples) {
    if (!Array.isArray(sample) || sample.length === 0 || !sample.every((field) => arrayTypeOf(field?.data))) {
      fail(op, 'a sample is not a list of { data, shape }', 'give { collate } to make batches of such samples')
    }
    if (sample.length !== first.length) {
      fail(op, `one sample has ${first.length} fields and another ${sample.length}`, todo)
    }
  }
  return first.map((model, f) => {
    const size = model.data.length
    const Type = arrayTypeOf(model.data) ?? Float32Array // every field was checked above
    const data = new Type(samples.length * size)
    samples.forEach((sample, i) => {
      const field = sample[f]
      const alike =
        field.data instanceof Type &&
        field.data.length === size &&
        field.shape.length === model.shape.length &&
        field.shape.every((n, d) => n === model.shape[d])
      if (!alike) {
        const show = (x: Field) => `[${x.shape.join(', ')}] in ${arrayTypeOf(x.data)?.name}`
        fail(op, `field ${f} is ${show(model)} in one sample and ${show(field)} in another`, todo)
      }
      data.set(field.data, i * size)
    })
    return { data, shape: [samples.length, ...model.shape] }
  })
}

/** The one door from host arrays to tensors: floats keep their type, integers become int32. */
function toTensor({ data, shape }: Field, device: Device | undefined): Tensor {
  if (data instanceof Float32Array) return tensor(data, { shape, dtype: 'float32', device })
  if (data instanceof Float64Array) return tensor(data, { shape, dtype: 'float64', device })
  return tensor(data instanceof Int32Array ? data : new Int32Array(data), { shape, dtype: 'int32', device })
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
 * `for (const [x, y] of new DataLoader(data, { batchSize: 64, shuffle: true })) { … }`
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
    if (!Number.isInteger(dataset?.length) || typeof dataset.get !== 'function') {
      fail('DataLoader', 'the first argument is not a data set', 'it needs a length and get(index)')
    }
    if (dataset.length < 1) fail('DataLoader', 'the data set is empty')
    this.dataset = dataset
    this.batchSize = natural('batchSize', batchSize, 1, 2 ** 31 - 1)
    this.shuffle = flag('shuffle', shuffle)
    this.dropLast = flag('dropLast', dropLast)
    this.#seed = natural('seed', seed, 0, Number.MAX_SAFE_INTEGER)
    this.device = device
    if (dropLast && dataset.length < batchSize) {
      fail('DataLoader', `dropLast leaves no batch, ${dataset.length} samples do not fill one of ${batchSize}`)
    }
    // Without collate B is Batch<T>; stackFields refuses samples that are not fields.
    this.#collate =
      collate ??
      ((samples) => stackFields(samples as unknown as Sample[]).map((f) => toTensor(f, device)) as unknown as B)
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

  /** The position: what {@link loadStateDict} of a loader over the same data takes. */
  stateDict(): LoaderState {
    const over = this.#batch === this.length
    return { seed: this.#seed, epoch: this.#epoch + (over ? 1 : 0), batch: over ? 0 : this.#batch }
  }

  /** Stand where another loader stood: the next `for … of` yields what is left of that epoch. */
  loadStateDict(state: LoaderState): void {
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
    if (this.#batch > 0 && !this.#resume) {
      this.#epoch++
      this.#batch = 0
    }
    this.#resume = false
    const me = ++this.#current
    const epoch = this.#epoch
    const order = this.order(epoch)
    for (let batch = this.#batch; batch < this.length; batch++) {
      const samples: T[] = []
      const end = Math.min((batch + 1) * this.batchSize, order.length)
      for (let i = batch * this.batchSize; i < end; i++) samples.push(this.dataset.get(order[i]))
      const value = this.#collate(samples)
      // Moved before the batch is handed over: a checkpoint saved in the loop's body resumes after this batch.
      if (me === this.#current) this.#batch = batch + 1
      yield value
    }
    if (me === this.#current) {
      this.#epoch = epoch + 1
      this.#batch = 0
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
