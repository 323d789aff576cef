/**
 * @file Data sets on the host: samples by index, as plain arrays with a shape; parts and sums of them; and the usual
 * change of bytes into numbers. Splits are split.ts, batches loader.ts; tensors begin there.
 */
import { checkOptions, describe, fail } from '../core/errors.ts'
import { Philox } from '../core/philox.ts'
import { checkBytes, checkRecord } from '../io/given.ts'
import { optionsOf } from '../ops/base/options.ts'
import type { Digits } from './digits.ts'

/** What the randomness of a sample may depend on, and nothing else: then it is the same whoever loads it. */
export interface SampleContext {
  /** The loader's. */
  readonly seed: number
  /** From 0. */
  readonly epoch: number
  /** The sample: in the data set that holds all of them, where this one is a part of it. */
  readonly index: number
}

/** Anything with samples by index. */
export interface Dataset<T> {
  readonly length: number
  /**
   * The sample at 0 ≤ index < length. What is random in it is drawn from the context: `randomOf(context)`. It may be a
   * promise where batches are taken by `for await`.
   */
  get(index: number, context?: SampleContext): T
}

/** Samples one after the other, as often as they are asked for: an array, a stream of rows, a generator's object. */
export type IterableDataset<T> = Iterable<T> | AsyncIterable<T>

/** Samples have a stream of the generator per epoch, below those of orders. */
const SAMPLE_STREAM = 0x40000000
/** Words of the generator that each sample has to itself. */
const SAMPLE_WORDS = 2 ** 20

/**
 * Random numbers of a sample: `uniform()`, `normal()`, `int(n)`, the same for the same seed, epoch and index.
 * @throws HandgradError if the three are not integers from 0 up
 */
export function randomOf(context: SampleContext): Philox {
  const { seed, epoch, index } = (context ?? {}) as Partial<SampleContext> // whatever it is, it may have these
  if (![seed, epoch, index].every((n) => Number.isInteger(n) && (n as number) >= 0 && (n as number) < 2 ** 53))
    fail('randomOf', `the context is ${describe(context)}`, 'give { seed, epoch, index }, integers from 0')
  const [e, i] = [epoch as number, index as number] // checked
  return new Philox(seed as number, (i % 2 ** 32) * SAMPLE_WORDS, SAMPLE_STREAM + (e % SAMPLE_STREAM))
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

/** Refuse an index that no sample has. */
export function checkIndex(op: string, index: number, length: number): void {
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
export function checkNumbers(op: string, what: string, list: ArrayLike<number>): void {
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

/** A field of a {@link TensorDataset}: data, the shape of one sample, and what is true of it. */
export interface TensorField extends Field {
  /** Values are classes 0 … classes − 1. */
  classes?: number
  /** Values that are not finite are allowed: they are filled in later. Default: false. */
  missing?: boolean
}

/**
 * Samples in host arrays: sample i of a field is elements [i·n, (i + 1)·n) of its data, n = product of its shape.
 * `new TensorDataset({ data: pixels, shape: [784] }, { data: labels, shape: [], classes: 10 })`
 */
export class TensorDataset<const F extends readonly TensorField[]> implements Dataset<Fields<F>> {
  readonly length: number
  readonly fields: F
  readonly #sizes: number[]

  /**
   * @param fields  data and the shape of one sample ([] for one number); all with the same number of samples
   * @throws HandgradError if data is not a whole number of samples, fields differ in their number, a value is not
   *   finite (naming row and column) or a class is outside its range (naming the row)
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
      checkOptions(op, field, ['data', 'shape', 'classes', 'missing'])
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
    fields.forEach((field, i) => {
      checkValues(field, i, this.#sizes[i])
    })
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

/** Refuse a number that is none, and a class that there is not. */
function checkValues({ data, classes, missing = false }: TensorField, field: number, size: number): void {
  const op = 'TensorDataset'
  if (typeof missing !== 'boolean') fail(op, `missing is ${describe(missing)}`, 'give true or false')
  if (classes !== undefined && !(Number.isInteger(classes) && classes > 0))
    fail(op, `classes is ${describe(classes)}`, 'give their number, an integer from 1')
  const floats = data instanceof Float32Array || data instanceof Float64Array
  if (!(floats && !missing) && classes === undefined) return
  for (let i = 0; i < data.length; i++) {
    const value = data[i]
    const finite = Number.isFinite(value)
    if (finite ? classes === undefined || (Number.isInteger(value) && value >= 0 && value < classes) : missing) continue
    const row = Math.floor(i / size)
    const where = size === 1 ? `row ${row}` : `row ${row}, column ${i % size}`
    if (finite) fail(op, `field ${field} has class ${value} at ${where}`, `classes are 0 to ${(classes as number) - 1}`)
    fail(op, `field ${field} has ${value} at ${where}`, 'fill it in or drop the row, or say { missing: true }')
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

  /** The context, in which a loader names the sample by its index in the whole, goes on as it is. */
  get(index: number, context?: SampleContext): T {
    checkIndex('Subset.get', index, this.length)
    return this.dataset.get(this.indices[index], context)
  }
}

/** Data sets one after the other: as many samples as all of them together. */
export class ConcatDataset<T> implements Dataset<T> {
  readonly length: number
  readonly datasets: readonly Dataset<T>[]
  /** Index of the first sample after each data set. */
  readonly #ends: number[] = []

  /** @throws HandgradError if there is none, or one is not a data set */
  constructor(datasets: readonly Dataset<T>[]) {
    if (!Array.isArray(datasets) || datasets.length === 0)
      fail('ConcatDataset', `the data sets are ${describe(datasets)}`, 'give a list of one or more')
    let length = 0
    for (const dataset of datasets) {
      checkDataset('ConcatDataset', dataset)
      this.#ends.push((length += dataset.length))
    }
    this.datasets = [...datasets]
    this.length = length
  }

  /** The context goes on as it is: the same sample twice is augmented in two ways. */
  get(index: number, context?: SampleContext): T {
    checkIndex('ConcatDataset.get', index, this.length)
    const which = this.#ends.findIndex((end) => index < end)
    return this.datasets[which].get(index - (which > 0 ? this.#ends[which - 1] : 0), context)
  }
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
