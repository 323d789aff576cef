/**
 * @file The element types of safetensors: what each looks like in a file, which host array it is read into, and what is
 * written for a dtype of the engine.
 */
import type { DType } from '../core/device.ts'
import { formatOf, fromBFloat16, fromFloat16, toBFloat16, toFloat16, widened } from '../core/half.ts'

/**
 * A host array with its shape. `bool` elements are 0 or 1, in a Uint32Array when read, a Uint8Array will do to write;
 * those of 16 bits are their bits.
 */
export type HostTensor =
  | { dtype: 'float32'; shape: readonly number[]; data: Float32Array }
  | { dtype: 'float64'; shape: readonly number[]; data: Float64Array }
  | { dtype: 'int32'; shape: readonly number[]; data: Int32Array }
  | { dtype: 'uint8'; shape: readonly number[]; data: Uint8Array }
  | { dtype: 'bool'; shape: readonly number[]; data: Uint32Array | Uint8Array }
  | { dtype: 'float16' | 'bfloat16'; shape: readonly number[]; data: Uint16Array }

type Without<T> = T extends HostTensor ? Omit<T, 'shape'> : never
/** A {@link HostTensor} before its shape. */
export type Elements = Without<HostTensor>

/** Refuse the element at an index: its value, and what is wrong with it. */
export type Refuse = (index: number, value: unknown, what: string) => never

/** How a file holds elements: bytes for each, and what they are read into. */
interface Form {
  readonly width: number
  readonly dtype: HostTensor['dtype']
  read(bytes: Uint8Array, refuse: Refuse): Elements
}

/** Bytes as an array of a type: in place where they are aligned for it, else a copy. */
function as<A>(
  Type: { new (buffer: ArrayBufferLike, offset: number, length: number): A; BYTES_PER_ELEMENT: number },
  bytes: Uint8Array,
): A {
  const width = Type.BYTES_PER_ELEMENT
  const { buffer, byteOffset } = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes)
  return new Type(buffer, byteOffset, bytes.length / width)
}

const float32 = (data: Float32Array): Elements => ({ dtype: 'float32', data })
const int32 = (data: Int32Array): Elements => ({ dtype: 'int32', data })
const narrowed = 'is read only where values fit int32'

/** Integers of 32 or 64 bits that int32 may not hold: all are looked at. */
function fitted(tag: string, values: Uint32Array | BigInt64Array | BigUint64Array, refuse: Refuse): Elements {
  const y = new Int32Array(values.length)
  for (let i = 0; i < y.length; i++) {
    const value = Number(values[i]) // rounded beyond 2⁵³, which is refused all the same
    y[i] = value
    if (y[i] !== value) refuse(i, values[i], `and ${tag} ${narrowed}`)
  }
  return int32(y)
}

function flags(bytes: Uint8Array, refuse: Refuse): Elements {
  const bad = bytes.findIndex((value) => value > 1)
  if (bad >= 0) refuse(bad, bytes[bad], 'and a bool is 0 or 1')
  return { dtype: 'bool', data: new Uint32Array(bytes) }
}

const forms = {
  F64: { width: 8, dtype: 'float64', read: (bytes) => ({ dtype: 'float64', data: as(Float64Array, bytes) }) },
  F32: { width: 4, dtype: 'float32', read: (bytes) => float32(as(Float32Array, bytes)) },
  F16: { width: 2, dtype: 'float32', read: (bytes) => float32(fromFloat16(as(Uint16Array, bytes))) },
  BF16: { width: 2, dtype: 'float32', read: (bytes) => float32(fromBFloat16(as(Uint16Array, bytes))) },
  I64: { width: 8, dtype: 'int32', read: (bytes, refuse) => fitted('I64', as(BigInt64Array, bytes), refuse) },
  I32: { width: 4, dtype: 'int32', read: (bytes) => int32(as(Int32Array, bytes)) },
  I16: { width: 2, dtype: 'int32', read: (bytes) => int32(new Int32Array(as(Int16Array, bytes))) },
  I8: { width: 1, dtype: 'int32', read: (bytes) => int32(new Int32Array(as(Int8Array, bytes))) },
  U64: { width: 8, dtype: 'int32', read: (bytes, refuse) => fitted('U64', as(BigUint64Array, bytes), refuse) },
  U32: { width: 4, dtype: 'int32', read: (bytes, refuse) => fitted('U32', as(Uint32Array, bytes), refuse) },
  U16: { width: 2, dtype: 'int32', read: (bytes) => int32(new Int32Array(as(Uint16Array, bytes))) },
  U8: { width: 1, dtype: 'uint8', read: (bytes) => ({ dtype: 'uint8', data: bytes }) },
  BOOL: { width: 1, dtype: 'bool', read: flags },
} as const satisfies Record<string, Form>

/** The name of an element type in a file. */
export type Tag = keyof typeof forms

export const isTag = (name: string): name is Tag => Object.hasOwn(forms, name)

/** The element types that are read, for errors. */
export const tagNames: readonly string[] = Object.keys(forms)

/** Bytes per element in the file. */
export const widthOf = (tag: Tag): number => forms[tag].width

/** What the elements are read as. */
export const dtypeOf = (tag: Tag): HostTensor['dtype'] => forms[tag].dtype

/** The dtype of a tensor of them. */
export const tensorDType = (tag: Tag): DType => {
  const dtype = dtypeOf(tag)
  return dtype === 'uint8' ? 'int32' : dtype
}

/** The elements in a file's bytes. */
export const readElements = (tag: Tag, bytes: Uint8Array, refuse: Refuse): Elements => forms[tag].read(bytes, refuse)

/** The bits of floats of 16 bits, for a tensor of the same dtype. */
export const readBits = (bytes: Uint8Array): Uint16Array => as(Uint16Array, bytes)

/** What a dtype is written as, and the arrays that hold it. */
export const written = {
  float64: { tag: 'F64', arrays: [Float64Array] },
  float32: { tag: 'F32', arrays: [Float32Array] },
  int32: { tag: 'I32', arrays: [Int32Array] },
  uint8: { tag: 'U8', arrays: [Uint8Array] },
  bool: { tag: 'BOOL', arrays: [Uint32Array, Uint8Array] },
  float16: { tag: 'F16', arrays: [Uint16Array] },
  bfloat16: { tag: 'BF16', arrays: [Uint16Array] },
} as const

/** A dtype that floats are written as. */
export type FileDType = 'float32' | 'float16' | 'bfloat16'

/** What floats may be rounded to in a file, and how. */
export const rounded = {
  float32: { tag: 'F32', round: (values: ArrayLike<number>) => Float32Array.from(values) },
  float16: { tag: 'F16', round: toFloat16 },
  bfloat16: { tag: 'BF16', round: toBFloat16 },
} as const satisfies Record<FileDType, { tag: Tag; round: (values: ArrayLike<number>) => Float32Array | Uint16Array }>

/** What a tensor is written as; floats as the dtype that is asked for. */
export const tagOf = (dtype: HostTensor['dtype'], asked: FileDType | undefined): Tag =>
  asked && dtype.includes('float') ? rounded[asked].tag : written[dtype].tag

/** What the bytes of a tensor depend on. */
interface Sized {
  readonly dtype: HostTensor['dtype']
  readonly shape: readonly number[]
}

/** Bytes of a tensor in a file. */
export const bytesIn = ({ dtype, shape }: Sized, asked: FileDType | undefined): number =>
  shape.reduce((a, b) => a * b, widthOf(tagOf(dtype, asked)))

/** Bytes of tensors in files. */
export const totalOf = (tensors: Readonly<Record<string, Sized>>, asked: FileDType | undefined): number =>
  Object.values(tensors).reduce((sum, x) => sum + bytesIn(x, asked), 0)

/** Numbers, where an array has the bits of 16-bit floats. */
const numbersIn = (dtype: HostTensor['dtype'], data: HostTensor['data']): HostTensor['data'] =>
  data instanceof Uint16Array ? widened(formatOf(dtype as DType), data) : data

/** A tensor's elements as they lie in a file: little-endian, as in memory wherever WebGPU and Node run. */
export function writtenBytes({ dtype, data }: Elements, asked: FileDType | undefined): Uint8Array {
  // Bools shrink to a byte each.
  if (dtype === 'bool') return Uint8Array.from(data)
  const isRounded = asked !== undefined && asked !== dtype && dtype.includes('float')
  const values = isRounded ? rounded[asked].round(numbersIn(dtype, data)) : data
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}
