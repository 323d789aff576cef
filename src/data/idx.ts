/**
 * @file IDX, the format of MNIST: a magic number (0, 0, element type, rank), one big-endian uint32 per dim, then the
 * elements, big-endian; often gzipped. What the header claims is compared with the bytes that are there before anything
 * is allocated for it. Fetching the files is download.ts.
 * @see Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", section "The IDX file format"
 */
import { describe, fail, failFormat, HandgradError } from '../core/errors.ts'
import { checkBytes, checkText, nameOf } from '../io/given.ts'
import { optionsOf } from '../ops/base/options.ts'

/** An IDX file's contents. `uint8` data is a view of the bytes given, other types are copies in host order. */
export interface IdxArray {
  dtype: 'uint8' | 'int8' | 'int16' | 'int32' | 'float32' | 'float64'
  shape: number[]
  data: Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array
}

interface ElementType {
  dtype: IdxArray['dtype']
  bytes: number
  make(view: DataView, start: number, length: number): IdxArray['data']
}

function typeOf<A extends { [i: number]: number }>(
  dtype: IdxArray['dtype'],
  make: { new (length: number): A; BYTES_PER_ELEMENT: number },
  get: (view: DataView, at: number) => number,
): ElementType {
  const bytes = make.BYTES_PER_ELEMENT
  return {
    dtype,
    bytes,
    make(view, start, length) {
      const data = new make(length)
      for (let i = 0; i < length; i++) data[i] = get(view, start + i * bytes)
      return data as unknown as IdxArray['data'] // A is one of its six members, by the table below
    },
  }
}

const elementTypes: Readonly<Record<number, ElementType>> = {
  8: {
    dtype: 'uint8',
    bytes: 1,
    make: (view, start, length) => new Uint8Array(view.buffer, view.byteOffset + start, length),
  },
  9: typeOf('int8', Int8Array, (view, at) => view.getInt8(at)),
  11: typeOf('int16', Int16Array, (view, at) => view.getInt16(at)),
  12: typeOf('int32', Int32Array, (view, at) => view.getInt32(at)),
  13: typeOf('float32', Float32Array, (view, at) => view.getFloat32(at)),
  14: typeOf('float64', Float64Array, (view, at) => view.getFloat64(at)),
}

const hex = (byte: number) => `0x${byte.toString(16).padStart(2, '0')}`
/** What to do about a file that is damaged. */
export const other = 'is it the right file, and is it whole?'

interface IdxHeader {
  type: ElementType
  shape: number[]
  /** Bytes before the elements. */
  start: number
  /** Elements. */
  length: number
  /** Bytes of the whole file. */
  total: number
}

/** Read the header at the start of `bytes`; undefined if `bytes` end within it. */
export function readHeader(op: string, name: string, bytes: Uint8Array): IdxHeader | undefined {
  if (bytes.length < 4) return undefined
  if (bytes[0] !== 0 || bytes[1] !== 0) {
    const shown = [...bytes.subarray(0, 4)].map(hex).join(' ')
    failFormat(op, `${name} is not an IDX file, it begins with ${shown} and not with 0x00 0x00`, other)
  }
  const type = elementTypes[bytes[2]]
  if (!type)
    failFormat(op, `${name} has element type ${hex(bytes[2])}, which is not one of 0x08, 0x09, 0x0b … 0x0e`, other)
  const rank = bytes[3]
  if (rank < 1 || rank > 8) failFormat(op, `${name} claims ${rank} dims, which is not 1 to 8`, other)
  const start = 4 + 4 * rank
  if (bytes.length < start) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const shape: number[] = []
  let length = 1
  for (let i = 0; i < rank; i++) {
    shape.push(view.getUint32(4 + 4 * i))
    length *= shape[i]
  }
  const total = start + length * type.bytes
  if (!Number.isSafeInteger(total)) {
    failFormat(op, `${name} claims shape [${shape.join(', ')}], whose size overflows 2^53 bytes`, other)
  }
  return { type, shape, start, length, total }
}

const claim = (name: string, { shape, type, total }: IdxHeader) =>
  `${name} claims shape [${shape.join(', ')}] of ${type.dtype}, ${total} bytes with the header`

/** The array in bytes that were unpacked. */
export function parse(op: string, name: string, bytes: Uint8Array): IdxArray {
  const header = readHeader(op, name, bytes)
  if (!header) failFormat(op, `${name} ends within its header, after ${bytes.length} bytes`, other)
  if (bytes.length !== header.total) {
    failFormat(op, `${claim(name, header)}, but has ${bytes.length}`, other)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    dtype: header.type.dtype,
    shape: header.shape,
    data: header.type.make(view, header.start, header.length),
  }
}

/** True if the bytes begin as gzip does. */
export const isGzip = (bytes: Uint8Array): boolean => bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b

/** Refuse a limit that is none. */
export function checkUnpacked(op: string, limit: unknown): void {
  if (typeof limit !== 'number' || !(limit >= 0)) fail(op, `limit is ${describe(limit)}`, 'give bytes, a number from 0')
}

/** Bytes that gzip data may unpack to unless told otherwise. */
export const UNPACKED = 2 ** 30
/** No byte of gzip data stands for more: deflate has 258 bytes in 2 bits at best. */
const DENSEST = 1032

/** What is asked of a header before the rest is unpacked. */
export type Accept = (header: IdxHeader) => void

/** Refuse a file that is to unpack to more than it may, or can. */
function checkTotal(op: string, name: string, header: IdxHeader, packed: number, limit: number): void {
  if (header.total > limit) {
    const todo = 'give { limit } if that is what it should hold'
    failFormat(op, `${claim(name, header)}, more than the ${limit} that are unpacked`, todo)
  }
  if (header.total > packed * DENSEST)
    failFormat(op, `${claim(name, header)}, more than ${packed} packed ones can hold`, other)
}

/**
 * Unpack a gzipped IDX file. The header is read as soon as it is out and decides how much memory is taken, which is
 * what it claims if that is within the limit and could be in so many bytes; unpacking stops one chunk past it. So a
 * small file cannot unpack into memory without end.
 */
export async function unpack(
  op: string,
  name: string,
  packed: Blob | ReadableStream<Uint8Array<ArrayBuffer>>,
  size: number,
  limit: number,
  accept: Accept = () => undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  let head = new Uint8Array(0)
  let bytes: Uint8Array<ArrayBuffer> | undefined
  let length = 0
  const stream = packed instanceof Blob ? packed.stream() : packed
  const reader = stream.pipeThrough(new DecompressionStream('gzip')).getReader()
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      let chunk: Uint8Array = part.value
      if (!bytes) {
        chunk = head = joined(head, chunk)
        const header = readHeader(op, name, head)
        if (!header) continue
        checkTotal(op, name, header, size, limit)
        accept(header)
        bytes = new Uint8Array(header.total)
      }
      if (length + chunk.length > bytes.length)
        failFormat(op, `${claim(name, readHeader(op, name, head) as IdxHeader)}, but unpacks to more`, other)
      bytes.set(chunk, length)
      length += chunk.length
    }
  } catch (error) {
    if (error instanceof HandgradError) throw error
    const done = bytes ? length : head.length
    failFormat(op, `${name} is damaged or cut off, its gzip data ends in an error after ${done} unpacked bytes`, other)
  } finally {
    await reader.cancel().catch(() => undefined)
  }
  return (bytes ?? head).subarray(0, bytes ? length : head.length)
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

/**
 * The array in an IDX file's bytes, not packed.
 * @param name  named in errors
 * @throws FormatError if the magic number, the type or a size is wrong; HandgradError if `bytes` are none
 */
export function parseIdx(bytes: Uint8Array, name = 'the IDX data'): IdxArray {
  const op = 'parseIdx'
  checkText(op, 'name', name)
  return parse(op, nameOf(name), checkBytes(op, 'the data', bytes))
}

/**
 * The array in an IDX file's bytes, gzipped (by its first two bytes) or not. Packed data are unpacked as far as their
 * header asks for, and not at all where that is more than the limit, or than so many bytes can hold.
 * @param name  named in errors
 * @param options.limit  bytes that packed data may become, with the header; default 2^30
 * @throws FormatError if the gzip data is damaged or asks for more than the limit, or the magic number, the type or a
 *   size is wrong; HandgradError if `bytes` are none
 */
export async function readIdx(
  bytes: Uint8Array,
  name = 'the IDX data',
  options?: { limit?: number },
): Promise<IdxArray> {
  const op = 'readIdx'
  const { limit } = optionsOf(op, options, { limit: UNPACKED })
  checkText(op, 'name', name)
  checkUnpacked(op, limit)
  const given = checkBytes(op, 'the data', bytes)
  return parse(op, nameOf(name), await rawIdx(op, nameOf(name), given, limit))
}

/**
 * The raw bytes of an IDX file that may be gzipped; internal to data/.
 * @param accept  refuses a header before the rest is unpacked
 */
export async function rawIdx(
  op: string,
  name: string,
  bytes: Uint8Array,
  limit = UNPACKED,
  accept?: Accept,
): Promise<Uint8Array> {
  if (!isGzip(bytes)) return bytes
  // A cast to the form that Blob takes: shared memory is copied there like any other.
  return unpack(op, name, new Blob([bytes as Uint8Array<ArrayBuffer>]), bytes.length, limit, accept)
}

/** The four files of MNIST, without `.gz`. */
export const mnistFiles = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
] as const
