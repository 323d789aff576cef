/**
 * @file Safetensors, the format of weights: a little-endian uint64 header length, a JSON header (header.ts), the
 * elements (elements.ts). Bytes to host arrays and back, for every environment; tensors and files of Node are
 * weights.ts. Reading is strict: what the header claims is compared with the bytes that are there before anything is
 * allocated for it.
 * @see https://github.com/huggingface/safetensors, section "Format"
 */
import { describe, fail, failFormat } from '../core/errors.ts'
import { MAX_RANK } from '../core/shape.ts'
import { optionsOf } from '../ops/base/options.ts'
import {
  type FileDType,
  type HostTensor,
  readElements,
  rounded,
  tagOf,
  widthOf,
  written,
  writtenBytes,
} from './elements.ts'
import { checkBytes, checkRecord, checkText, nameOf } from './given.ts'
import { type Entry, HEADER_LIMIT, METADATA, MOST_NAMES, quote, readHeader, readHeaderLength } from './header.ts'

/** What a file holds. Both objects have no prototype, so every name in them came from the file. */
export interface Safetensors {
  tensors: Record<string, HostTensor>
  metadata: Record<string, string>
}

/** How tensors are written. */
export interface EncodeOptions {
  /**
   * What float32 and float64 tensors are written as: rounded to the nearest number, ties to even, and ±∞ beyond the
   * largest one, 65,504 for float16. Default: as what they are. Tensors of other dtypes stay as they are.
   */
  dtype?: FileDType
}

/** The tensors of a checked header. Arrays are views of `data` where its alignment allows, else copies. */
export function readTensors(op: string, name: string, entries: Entry[], data: Uint8Array): Record<string, HostTensor> {
  const tensors: Record<string, HostTensor> = Object.create(null)
  for (const { name: tensor, tag, shape, begin, end } of entries) {
    const elements = readElements(tag, data.subarray(begin, end), (i, value, what) =>
      failFormat(op, `${name}: tensor ${quote(tensor)} has ${value} at element ${i}, ${what}`),
    )
    tensors[tensor] = { ...elements, shape }
  }
  return tensors
}

/**
 * The tensors in a safetensors file's bytes. F32, F64, I32, U8 and BOOL are read as they are; F16 and BF16 as float32,
 * which holds each of their numbers exactly; I8, I16, U16, and where all values fit, I64, U32 and U64 as int32. Other
 * element types (F8_E4M3, C64 …) are refused by name.
 * @param name  named in errors
 * @returns  arrays that are views of `bytes` where alignment allows, copies otherwise; do not write to them
 * @throws FormatError at whatever is wrong or untrue in the file, naming the tensor; HandgradError if `bytes` are none
 */
export function decodeSafetensors(bytes: Uint8Array, name = 'the safetensors data'): Safetensors {
  const op = 'decodeSafetensors'
  checkText(op, 'name', name)
  return decode(op, nameOf(name), checkBytes(op, 'the data', bytes))
}

function decode(op: string, name: string, bytes: Uint8Array): Safetensors {
  const length = readHeaderLength(op, name, bytes, bytes.length)
  const data = bytes.subarray(8 + length)
  const { entries, metadata } = readHeader(op, name, bytes.subarray(8, 8 + length), data.length)
  return { tensors: readTensors(op, name, entries, data), metadata }
}

/** Refuse a name that could not be read back. */
export function checkName(op: string, kind: string, name: string): void {
  if (name === '__proto__' || (kind === 'tensor' && name === METADATA))
    fail(op, `a ${kind} is named ${quote(name)}`, 'choose another name')
  if (/\p{Surrogate}/u.test(name))
    fail(op, `the ${kind} name ${quote(name)} has half a surrogate pair`, 'choose another name')
}

/** Refuse what could not be read back. */
export function checkTensor(op: string, name: string, tensor: HostTensor): void {
  checkName(op, 'tensor', name)
  const what = `tensor ${quote(name)}`
  checkRecord(op, what, tensor, 'give a tensor, or { dtype, shape, data }')
  const { dtype, shape, data } = tensor
  if (!Object.hasOwn(written, dtype))
    fail(op, `${what} has dtype ${describe(dtype)}`, `one of ${Object.keys(written).join(', ')}`)
  const arrays: readonly { name: string }[] = written[dtype].arrays
  if (!written[dtype].arrays.some((Type) => data instanceof Type)) {
    const found = (data as { constructor?: { name: string } } | undefined)?.constructor?.name ?? typeof data
    fail(op, `${what} is ${dtype} and its data is ${found}`, `give ${arrays.map((Type) => Type.name).join(' or ')}`)
  }
  if (!Array.isArray(shape) || shape.length > MAX_RANK || shape.some((n) => !Number.isSafeInteger(n) || n < 0)) {
    fail(op, `${what} has shape [${String(shape)}]`, `at most ${MAX_RANK} integers from 0`)
  }
  const count = shape.reduce((a, b) => a * b, 1)
  if (count !== data.length)
    fail(op, `${what} has ${data.length} elements and shape [${shape.join(', ')}] takes ${count}`)
  if (dtype === 'bool') {
    const bad = data.findIndex((value) => value > 1)
    if (bad >= 0) fail(op, `${what} has ${data[bad]} at element ${bad}, and a bool is 0 or 1`)
  }
}

function checkMetadata(op: string, metadata: Readonly<Record<string, string>>): void {
  checkRecord(op, 'metadata', metadata, 'give strings by name')
  for (const [key, value] of Object.entries(metadata)) {
    checkName(op, 'metadata key', key)
    if (typeof value !== 'string') fail(op, `metadata ${quote(key)} is ${typeof value}`, 'metadata values are strings')
    if (/\p{Surrogate}/u.test(value)) fail(op, `metadata ${quote(key)} has half a surrogate pair`)
  }
}

/** Refuse a dtype that floats are not written as. */
export function checkFileDType(op: string, dtype: FileDType | undefined): void {
  if (dtype === undefined || Object.hasOwn(rounded, dtype)) return
  fail(op, `dtype is ${describe(dtype)}`, `floats are written as ${Object.keys(rounded).join(', ')}`)
}

/**
 * A safetensors file of the tensors given. The same tensors in the same order give the same bytes. Wider types are
 * stored first, so every array in the file is aligned; the header keeps the order given.
 * @param options.dtype  'float16', 'bfloat16' or 'float32': what floats are rounded to; see {@link EncodeOptions}
 * @throws HandgradError if a name, a shape or an array does not fit the format, naming the tensor
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, HostTensor>>,
  metadata: Readonly<Record<string, string>> = {},
  options?: EncodeOptions,
): Uint8Array<ArrayBuffer> {
  return encode('encodeSafetensors', tensors, metadata, optionsOf('encodeSafetensors', options, { dtype: undefined }))
}

/** As {@link encodeSafetensors}, for errors under another name. */
export function encode(
  op: string,
  tensors: Readonly<Record<string, HostTensor>>,
  metadata: Readonly<Record<string, string>>,
  { dtype: asked }: EncodeOptions,
): Uint8Array<ArrayBuffer> {
  checkRecord(op, 'what to write', tensors, 'give tensors by name, such as model.stateDict()')
  for (const name of Object.keys(tensors)) checkTensor(op, name, tensors[name])
  checkFileDType(op, asked)
  const { head, order, size } = layOut(op, tensors, metadata, asked)
  const bytes = new Uint8Array(head.length + size)
  bytes.set(head)
  let at = head.length
  for (const name of order) {
    const own = writtenBytes(tensors[name], asked)
    bytes.set(own, at)
    at += own.length
  }
  return bytes
}

/** What a header says of a tensor. */
type Described = Readonly<Record<string, { readonly dtype: HostTensor['dtype']; readonly shape: readonly number[] }>>

/**
 * All of a file but the elements: its head (length and header), and the order in which elements follow it.
 * @throws HandgradError if the metadata do not fit the format, or the header is too long
 */
export function layOut(
  op: string,
  tensors: Described,
  metadata: Readonly<Record<string, string>>,
  asked: FileDType | undefined,
): { head: Uint8Array; order: string[]; size: number } {
  checkMetadata(op, metadata)
  const names = Object.keys(tensors)
  const tag = (name: string) => tagOf(tensors[name].dtype, asked)
  const width = (name: string) => widthOf(tag(name))
  const places = new Map<string, [begin: number, end: number]>()
  let size = 0
  const order = [...names].sort((a, b) => width(b) - width(a))
  for (const name of order) {
    const bytes = tensors[name].shape.reduce((a, b) => a * b, width(name))
    places.set(name, [size, (size += bytes)])
  }
  const fields = names.map((name) => {
    const entry = { dtype: tag(name), shape: tensors[name].shape, data_offsets: places.get(name) }
    return `${JSON.stringify(name)}:${JSON.stringify(entry)}`
  })
  if (Object.keys(metadata).length > 0) fields.unshift(`"${METADATA}":${JSON.stringify(metadata)}`)
  const header = new TextEncoder().encode(`{${fields.join(',')}}`)
  const length = Math.ceil(header.length / 8) * 8
  const used = 4 * names.length + Object.keys(metadata).length + 1
  if (length > HEADER_LIMIT || used > MOST_NAMES) {
    const most = `at most ${HEADER_LIMIT} and ${MOST_NAMES} are read`
    fail(op, `the header takes ${length} bytes and ${used} names, ${most}`, 'save fewer tensors to a file')
  }
  const head = new Uint8Array(8 + length).fill(0x20)
  head.set(header, 8)
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true)
  return { head, order, size }
}
