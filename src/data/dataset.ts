/**
 * @file Data sets on the host: samples by index, as plain arrays with a shape; splits of them; and the usual change of
 * bytes into numbers. Batches and order are loader.ts; tensors begin there too.
 */
import { describe, fail } from '../core/errors.ts'
import { Philox } from '../core/philox.ts'
import { checkBytes, checkRecord } from '../io/given.ts'
import { optionsOf } from '../ops/base/options.ts'
import type { Digits } from './digits.ts'

/** Anything with samples by index. */
export interface Dataset<T> {
  readonly length: number
  /** The sample at 0 ≤ index < length. */
  get(index: number): T
}

/** Arrays that become tensors: floating point stays what it is, integers of every width become int32. */
export type HostArray =
  | Float32Array
  | Float64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint16Array
  | Uint8Array
  | Uint8ClampedArray

/** Host data with a shape. */
export interface Field {
  data: HostArray
  shape: readonly number[]
}

/** What the default DataLoader batches: one or more fields, e.g. [image, label]. */
export type Sample = readonly Field[]

/** The same number of fields as F. */
export type Fields<F extends Sample> = { [K in keyof F]: Field }

/** Permutations for splits; tensors, loaders and digits with the same seed use other streams. */
const SPLIT_STREAM = 0x73706c69

function checkIndex(op: string, index: number, length: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= length) {
    fail(op, `index ${describe(index)} is outside 0 to ${length - 1}`, `the data set has ${length} samples`)
  }
}

/** Refuse what has no samples by index. */
export function checkDataset(op: string, dataset: unknown): void {
  const { length, get } = (dataset ?? {}) as Partial<Dataset<unknown>> // whatever it is, it may have these
  if (!Number.isInteger(length) || typeof get !== 'function')
    fail(op, 'the first argument is not a data set', 'it needs a length and get(index)')
}

/** Refuse what is not a list of numbers, of which `what` says more. */
function checkNumbers(op: string, what: string, list: ArrayLike<number>): void {
  if (Array.isArray(list) || (ArrayBuffer.isView(list) && !(list instanceof DataView))) return
  fail(op, `${what} is ${describe(list)}`, 'give an array')
}

const arrayTypes = [
  Float32Array,
  Float64Array,
  Int32Array,
  Int16Array,
  Int8Array,
  Uint16Array,
  Uint8Array,
  Uint8ClampedArray,
] as const

/**
 * The type of an array that becomes a tensor without loss; undefined for others, such as Uint32Array and BigInt64Array.
 */
export const arrayTypeOf = (data: unknown) => arrayTypes.find((Type) => data instanceof Type)

/** Product of a sample's shape, checked. */
function sampleSize(op: string, shape: readonly number[], field: number): number {
  if (!Array.isArray(shape)) fail(op, `shape is ${describe(shape)}`, 'give an array of dims')
  const wrong = shape.find((n) => !Number.isInteger(n) || n < 1)
  if (wrong !== undefined) fail(op, `field ${field} has sample shape [${shape.join(', ')}]`, 'dims are integers from 1')
  return shape.reduce((a, b) => a * b, 1)
}

/**
 * Samples in host arrays: sample i of a field is elements [i·n, (i + 1)·n) of its data, n = product of its shape.
 * `new TensorDataset({ data: pixels, shape: [784] }, { data: labels, shape: [] })`
 */
export class TensorDataset<const F extends Sample> implements Dataset<Fields<F>> {
  readonly length: number
  readonly fields: F
  readonly #sizes: number[]

  /**
   * @param fields  data and the shape of one sample ([] for one number); all with the same number of samples
   * @throws HandgradError if data is not a whole number of samples, or fields differ in their number
   */
  constructor(...fields: F) {
    const op = 'TensorDataset'
    if (fields.length === 0) fail(op, 'no field was given', 'give { data, shape } for each')
    this.#sizes = fields.map((field, i) => {
      if (!arrayTypeOf(field?.data) || !Array.isArray(field.shape)) {
        fail(
          op,
          `field ${i} is not { data, shape }`,
          'data is a typed array, shape that of one sample, [] for a number',
        )
      }
      return sampleSize(op, field.shape, i)
    })
    const counts = fields.map(({ data, shape }, i) => {
      const count = data.length / this.#sizes[i]
      if (!Number.isInteger(count)) {
        fail(op, `field ${i} has ${data.length} elements, no whole number of samples of shape [${shape.join(', ')}]`)
      }
      return count
    })
    const other = counts.findIndex((count) => count !== counts[0])
    if (other >= 0) fail(op, `field 0 has ${counts[0]} samples and field ${other} has ${counts[other]}`)
    this.fields = fields
    this.length = counts[0]
  }

  /** Views of the data, not copies. */
  get(index: number): Fields<F> {
    checkIndex('TensorDataset.get', index, this.length)
    return this.fields.map(({ data, shape }, i) => {
      const n = this.#sizes[i]
      return { data: data.subarray(index * n, (index + 1) * n), shape }
    }) as Fields<F> // map keeps the number of fields, which its type does not say
  }
}

/** Some of another data set's samples, by their indices there. */
export class Subset<T> implements Dataset<T> {
  readonly length: number
  readonly dataset: Dataset<T>
  readonly indices: Int32Array

  /** @throws HandgradError if `dataset` is none, or an index is outside of it */
  constructor(dataset: Dataset<T>, indices: ArrayLike<number>) {
    checkDataset('Subset', dataset)
    checkNumbers('Subset', 'indices', indices)
    for (let i = 0; i < indices.length; i++) checkIndex('Subset', indices[i], dataset.length)
    this.dataset = dataset
    this.indices = Int32Array.from(indices)
    this.length = indices.length
  }

  get(index: number): T {
    checkIndex('Subset.get', index, this.length)
    return this.dataset.get(this.indices[index])
  }
}

/**
 * Split into parts that do not overlap, at random.
 * @param lengths samples of each part, adding up to the data set's; or fractions adding up to 1: each part gets the
 *   floor of its share, and what is left goes one each to the first parts
 * @param options.seed  default 0
 * @throws HandgradError if lengths are neither numbers of samples that add up to the data set nor fractions that add up
 *   to 1
 */
export function randomSplit<T>(
  dataset: Dataset<T>,
  lengths: readonly number[],
  options?: { seed?: number },
): Subset<T>[] {
  const op = 'randomSplit'
  const { seed } = optionsOf(op, options, { seed: 0 })
  checkDataset(op, dataset)
  checkNumbers(op, 'lengths', lengths)
  const n = dataset.length
  const sum = lengths.reduce((a, b) => a + b, 0)
  const shown = `[${lengths.join(', ')}]`
  if (lengths.length === 0 || lengths.some((length) => !(length >= 0))) {
    fail(op, `lengths are ${shown}`, 'give numbers of samples, or fractions that add up to 1')
  }
  let counts = [...lengths]
  if (lengths.some((length) => !Number.isInteger(length)) || (sum === 1 && n !== 1)) {
    if (Math.abs(sum - 1) > 1e-6) fail(op, `fractions ${shown} add up to ${sum}`, 'they must add up to 1')
    counts = lengths.map((fraction) => Math.floor(n * fraction + 1e-9))
    const rest = n - counts.reduce((a, b) => a + b, 0)
    for (let i = 0; i < rest; i++) counts[i % counts.length]++
  } else if (sum !== n) {
    fail(
      op,
      `lengths ${shown} add up to ${sum}, and the data set has ${n} samples`,
      'or give fractions that add up to 1',
    )
  }
  const order = new Philox(seed, 0, SPLIT_STREAM).permutation(n)
  let start = 0
  return counts.map((count) => new Subset(dataset, order.subarray(start, (start += count))))
}

/**
 * A training part and a test part, at random.
 * @param options.testSize samples, or a fraction below 1, of the test part; default 0.25; rounded up, as scikit-learn
 *   does
 * @param options.seed      default 0
 * @throws HandgradError if a part would be empty, or testSize is neither a fraction nor an integer
 */
export function trainTestSplit<T>(
  dataset: Dataset<T>,
  options?: { testSize?: number; seed?: number },
): { train: Subset<T>; test: Subset<T> } {
  const op = 'trainTestSplit'
  const { testSize, seed } = optionsOf(op, options, { testSize: 0.25, seed: 0 })
  checkDataset(op, dataset)
  if (typeof testSize !== 'number')
    fail(op, `testSize is ${describe(testSize)}`, 'use a fraction, or 1 to n - 1 samples')
  const n = dataset.length
  const count = testSize > 0 && testSize < 1 ? Math.ceil(n * testSize - 1e-9) : testSize
  if (!Number.isInteger(count) || count < 1 || count >= n) {
    fail(
      'trainTestSplit',
      `testSize ${testSize} of ${n} samples leaves an empty part`,
      'use a fraction, or 1 to n - 1 samples',
    )
  }
  const [train, test] = randomSplit(dataset, [n - count, count], { seed })
  return { train, test }
}

/**
 * Mean and standard deviation (of the population, in float64) of u / 255 over all bytes.
 * @throws HandgradError if there are no bytes, or it is something else
 */
export function meanStd(bytes: Uint8Array): { mean: number; std: number } {
  checkBytes('meanStd', 'the data', bytes)
  if (bytes.length === 0) fail('meanStd', 'there are no bytes')
  // Sums of bytes and of their squares are integers, exact up to 2^53 / 255² = 1.4e11 bytes.
  let sum = 0
  let squares = 0
  for (let i = 0; i < bytes.length; i++) {
    sum += bytes[i]
    squares += bytes[i] * bytes[i]
  }
  const mean = sum / bytes.length
  return { mean: mean / 255, std: Math.sqrt(Math.max(squares / bytes.length - mean * mean, 0)) / 255 }
}

/**
 * y = (u / 255 − mean) / std, bytes to float32; [0, 1] by default.
 * @throws HandgradError if std is not a positive number or mean is not finite
 */
export function normalise(bytes: Uint8Array, options?: { mean?: number; std?: number }): Float32Array {
  const op = 'normalise'
  checkBytes(op, 'the data', bytes)
  const table = byteTable(op, optionsOf(op, options, byteOptions))
  const y = new Float32Array(bytes.length)
  for (let i = 0; i < bytes.length; i++) y[i] = table[bytes[i]]
  return y
}

const byteOptions = { mean: 0, std: 1 }

/** The 256 values that {@link normalise} can give. */
function byteTable(op: string, { mean, std }: { mean: number; std: number }): Float32Array {
  if (!Number.isFinite(mean)) fail(op, `mean is ${mean}`, 'use a finite number')
  if (!Number.isFinite(std) || std <= 0) fail(op, `std is ${std}`, 'use a number above 0')
  return Float32Array.from({ length: 256 }, (_, u) => (u / 255 - mean) / std)
}

/**
 * Labelled images as samples [pixels, label]: pixels normalised when asked for, so that 60,000 images stay bytes in
 * memory; label an int32 number.
 */
export class DigitDataset implements Dataset<[pixels: Field, label: Field]> {
  readonly length: number
  readonly digits: Digits
  readonly #table: Float32Array
  readonly #shape: readonly number[]
  readonly #labels: Int32Array

  /**
   * @param options.shape  of one image, default [rows · cols]; [1, rows, cols] for convolutions
   * @param options.mean   subtracted after u / 255, default 0
   * @param options.std    divided by, default 1
   * @throws HandgradError if `digits` are none, the shape does not hold an image, or mean or std is out of range
   */
  constructor(digits: Digits, options?: { shape?: readonly number[]; mean?: number; std?: number }) {
    const op = 'DigitDataset'
    checkRecord(op, 'what it is made of', digits, 'give what loadMnist or syntheticDigits gave')
    checkBytes(op, 'images', digits.images)
    checkBytes(op, 'labels', digits.labels)
    const size = digits.rows * digits.cols
    const { shape, ...scale } = optionsOf(op, options, { ...byteOptions, shape: [size] })
    if (!(size > 0) || digits.images.length !== digits.count * size || digits.labels.length !== digits.count) {
      const found = `${digits.images.length} bytes and ${digits.labels.length} labels`
      fail(op, `${found} are not ${digits.count} images of ${digits.rows} × ${digits.cols}`)
    }
    if (sampleSize(op, shape, 0) !== size) {
      fail(op, `shape [${shape.join(', ')}] does not hold ${digits.rows} × ${digits.cols} pixels`)
    }
    this.digits = digits
    this.length = digits.count
    this.#table = byteTable(op, scale)
    this.#shape = shape
    this.#labels = new Int32Array(digits.labels)
  }

  get(index: number): [pixels: Field, label: Field] {
    checkIndex('DigitDataset.get', index, this.length)
    const { images, rows, cols } = this.digits
    const table = this.#table
    const size = rows * cols
    const data = new Float32Array(size)
    for (let p = 0, from = index * size; p < size; p++) data[p] = table[images[from + p]]
    return [
      { data, shape: this.#shape },
      { data: this.#labels.subarray(index, index + 1), shape: [] },
    ]
  }
}
