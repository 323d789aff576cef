/**
 * @file How samples become a batch: values of one kind and shape are stacked to a tensor with the batch as its first
 * axis. Which samples, and when, is loader.ts.
 */
import type { Device } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { sameShape, showShape, sizeOf } from '../core/shape.ts'
import { Tensor } from '../core/tensor.ts'
import { stack, tensor } from '../ops/index.ts'
import { arrayTypeOf, type Field, type HostArray } from './dataset.ts'

/** Numbers (or booleans) in arrays in arrays, all rows of one axis alike. */
export type Rows = readonly (number | boolean | Rows)[]

/** What a batch stacks: a number, an array, host data with a shape, or a tensor. */
export type Stackable = number | boolean | HostArray | Field | Tensor

/** A tensor for a sample that is one value; for a list, the tensors of its entries, each with the batch first. */
export type Batch<T> = T extends Stackable
  ? Tensor
  : T extends readonly (Stackable | Rows)[]
    ? { [K in keyof T]: Tensor }
    : never

const op = 'DataLoader'
const alike = 'samples of a batch must be alike, or give { collate }'

/**
 * Stack samples: a list of fields gives one tensor per field, anything else one tensor [n, …shape].
 * @throws HandgradError if a sample is nothing that can be stacked, or samples differ in kind, shape or fields
 */
export function stackSamples(samples: readonly unknown[], device: Device | undefined): Tensor | Tensor[] {
  const [first] = samples
  const fields = Array.isArray(first) ? first.length : -1
  if (fields === 0) fail(op, 'a sample is an empty list', 'give one or more fields')
  for (const sample of samples) {
    const own = Array.isArray(sample) ? sample.length : -1
    if (own === fields) continue
    if (own < 0 || fields < 0) fail(op, `one sample is ${describe(first)} and another ${describe(sample)}`, alike)
    fail(op, `one sample has ${fields} fields and another ${own}`, alike)
  }
  if (fields < 0) return stackValues(samples, 'a sample', device)
  const lists = samples as readonly (readonly unknown[])[]
  const column = (f: number) => lists.map((sample) => sample[f])
  return Array.from({ length: fields }, (_, f) => stackValues(column(f), `field ${f}`, device))
}

/** @param what  how errors call a value: `a sample`, `field 1` */
function stackValues(values: readonly unknown[], what: string, device: Device | undefined): Tensor {
  const kinds = values.map(kindOf)
  const odd = kinds.indexOf(null)
  if (odd >= 0) {
    const { data, shape } = (values[odd] ?? {}) as Partial<Field>
    if (arrayTypeOf(data)) {
      const said = Array.isArray(shape) ? showShape(shape) : describe(shape)
      fail(op, `${what} has ${data?.length} elements, and as shape ${said}`, '[] is that of one number')
    }
    const todo = 'samples are numbers, arrays, tensors, { data, shape }, or lists of these; else give { collate }'
    fail(op, `${what} is ${describe(values[odd])}`, todo)
  }
  const [first, ...rest] = kinds as readonly Kind[]
  const other = rest.find(({ type, shape }) => type !== first.type || !sameShape(shape, first.shape))
  if (other) fail(op, `${what} is ${show(first)} in one sample and ${show(other)} in another`, alike)
  // All are what the first is.
  if (values[0] instanceof Tensor) return stackTensors(values as readonly Tensor[], what, device)
  if (typeof values[0] !== 'object' || Array.isArray(values[0])) return tensor(values as number[], { device })
  return stackArrays(values as readonly (HostArray | Field)[], first.shape, device)
}

/** Tensors stay where they are: moving one would wait for its device. */
function stackTensors(values: readonly Tensor[], what: string, device: Device | undefined): Tensor {
  const [first] = values
  if (device && first.device !== device) {
    const todo = 'leave { device } out, or make the tensors of the data set there'
    fail(op, `${what} is a tensor on ${first.device.name}, and batches go to ${device.name}`, todo)
  }
  return stack([...values])
}

/** The one door from host arrays to tensors: floats keep their type, integers become int32. */
function stackArrays(values: readonly (HostArray | Field)[], one: readonly number[], device?: Device): Tensor {
  const arrays = values.map((value) => ('shape' in value ? value.data : value))
  const Type = arrayTypeOf(arrays[0]) ?? Float32Array // kinds were checked
  const data = new Type(values.length * arrays[0].length)
  arrays.forEach((array, i) => data.set(array, i * array.length))
  const shape = [values.length, ...one]
  if (data instanceof Float32Array) return tensor(data, { shape, dtype: 'float32', device })
  if (data instanceof Float64Array) return tensor(data, { shape, dtype: 'float64', device })
  return tensor(data instanceof Int32Array ? data : new Int32Array(data), { shape, dtype: 'int32', device })
}

/** What must be the same for values to stack. */
interface Kind {
  /** Of the elements, and of what holds them. */
  readonly type: string
  readonly shape: readonly number[]
}

/** Null for what cannot be stacked. */
function kindOf(value: unknown): Kind | null {
  if (typeof value === 'number' || typeof value === 'boolean') return { type: typeof value, shape: [] }
  if (value instanceof Tensor) return { type: `a ${value.dtype} tensor on ${value.device.name}`, shape: value.shape }
  if (Array.isArray(value)) {
    // Rows that are not alike are refused by tensor().
    const inner = value.length > 0 ? kindOf(value[0]) : { type: 'nothing', shape: [] }
    return inner && { type: inner.type, shape: [value.length, ...inner.shape] }
  }
  const own = arrayTypeOf(value)
  if (own) return { type: own.name, shape: [(value as HostArray).length] }
  const { data, shape } = (value ?? {}) as Partial<Field>
  const type = arrayTypeOf(data)
  const filled = type && Array.isArray(shape) && sizeOf(shape) === data?.length
  return filled ? { type: type.name, shape } : null
}

const show = ({ type, shape }: Kind): string => `${showShape(shape)} in ${type}`
