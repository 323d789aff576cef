/**
 * @file Safetensors, the format of weights: a little-endian uint64 header length, a JSON header, the elements. Bytes to
 * host arrays and back, for every environment; tensors and files of Node are weights.ts. Reading is strict: the header
 * has a parser of its own (JSON.parse hides duplicate keys), and what it claims is compared with the bytes that are
 * there before anything is allocated for it.
 * @see https://github.com/huggingface/safetensors, section "Format"
 */
import { fail, failFormat } from '../core/errors.ts'
import { MAX_RANK } from '../core/shape.ts'

/**
 * A host array with its shape. `bool` elements are 0 or 1, in a Uint32Array when read, a Uint8Array will do to write.
 */
export type HostTensor =
  | { dtype: 'float32'; shape: readonly number[]; data: Float32Array }
  | { dtype: 'float64'; shape: readonly number[]; data: Float64Array }
  | { dtype: 'int32'; shape: readonly number[]; data: Int32Array }
  | { dtype: 'uint8'; shape: readonly number[]; data: Uint8Array }
  | { dtype: 'bool'; shape: readonly number[]; data: Uint32Array | Uint8Array }

/** What a file holds. Both objects have no prototype, so every name in them came from the file. */
export interface Safetensors {
  tensors: Record<string, HostTensor>
  metadata: Record<string, string>
}

/** The format's own cap on headers, bytes. */
const HEADER_LIMIT = 100_000_000
const METADATA = '__metadata__'
const wanted = 'F64, F32, I64, I32, U8 and BOOL are read'
const damaged = 'is it a safetensors file, and is it whole?'

/** What holds the elements of a dtype of the format as they lie in the file, which says their width too. */
const stored = {
  F64: Float64Array,
  I64: BigInt64Array,
  F32: Float32Array,
  I32: Int32Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const
type Tag = keyof typeof stored

/** Bytes per element in the file. */
const widthOf = (tag: Tag): number => stored[tag].BYTES_PER_ELEMENT
const isTag = (name: string): name is Tag => Object.hasOwn(stored, name)

const written = {
  float64: { tag: 'F64', arrays: [Float64Array] },
  float32: { tag: 'F32', arrays: [Float32Array] },
  int32: { tag: 'I32', arrays: [Int32Array] },
  uint8: { tag: 'U8', arrays: [Uint8Array] },
  bool: { tag: 'BOOL', arrays: [Uint32Array, Uint8Array] },
} as const

/** A name for an error text, quoted and cut. */
const quote = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)

/** Where a tensor's bytes are, after the header was checked. */
export interface Entry {
  name: string
  tag: Tag
  shape: number[]
  begin: number
  end: number
}

export interface Header {
  entries: Entry[]
  metadata: Record<string, string>
}

/** Reads the header's JSON byte by byte: objects of fixed depth, strings, and integers from 0 to 2⁵³ − 1. */
class HeaderReader {
  readonly #op: string
  readonly #name: string
  readonly #bytes: Uint8Array
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  #at = 0

  constructor(op: string, name: string, bytes: Uint8Array) {
    this.#op = op
    this.#name = name
    this.#bytes = bytes
  }

  wrong(what: string, todo = damaged): never {
    failFormat(this.#op, `${this.#name}: ${what}`, todo)
  }

  /** The next byte that is not white space, or −1 at the end. */
  #peek(): number {
    for (;;) {
      const byte = this.#bytes[this.#at] ?? -1
      if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return byte
      this.#at++
    }
  }

  #found(): string {
    const byte = this.#peek()
    if (byte < 0) return 'the header ends'
    return `byte ${this.#at} of the header is ${byte > 0x20 && byte < 0x7f ? `'${String.fromCharCode(byte)}'` : `0x${byte.toString(16).padStart(2, '0')}`}`
  }

  #expect(char: string): void {
    if (this.#peek() !== char.charCodeAt(0)) this.wrong(`${this.#found()} where '${char}' should be`)
    this.#at++
  }

  end(): void {
    if (this.#peek() >= 0) this.wrong(`${this.#found()} after the header's last '}'`)
  }

  string(): string {
    this.#expect('"')
    const start = this.#at
    let escaped = false
    for (;;) {
      const byte = this.#bytes[this.#at] ?? -1
      if (byte < 0) this.wrong(`the header ends within the string that begins at its byte ${start - 1}`)
      if (byte === 0x22) break
      if (byte < 0x20) this.wrong(`a control character is in the string that begins at byte ${start - 1} of the header`)
      if (byte === 0x5c) {
        escaped = true
        this.#at++
      }
      this.#at++
    }
    const piece = this.#bytes.subarray(start, this.#at++)
    let text: string
    try {
      text = this.#decoder.decode(piece)
    } catch {
      this.wrong(`the string that begins at byte ${start - 1} of the header is not UTF-8`)
    }
    if (!escaped) return text
    try {
      text = JSON.parse(`"${text}"`) as string // a JSON string literal gives a string
    } catch {
      this.wrong(`the string that begins at byte ${start - 1} of the header has a bad escape`)
    }
    if (/\p{Surrogate}/u.test(text)) {
      this.wrong(`the string that begins at byte ${start - 1} of the header has half a surrogate pair`)
    }
    return text
  }

  integer(): number {
    const first = this.#peek()
    const start = this.#at
    let value = 0
    for (let byte = first; byte >= 0x30 && byte <= 0x39; byte = this.#bytes[++this.#at] ?? -1) {
      value = value * 10 + (byte - 0x30)
      if (value > Number.MAX_SAFE_INTEGER) this.wrong(`the number at byte ${start} of the header is above 2^53 - 1`)
    }
    if (this.#at === start || (first === 0x30 && this.#at > start + 1)) {
      this.#at = start
      this.wrong(`${this.#found()} where an integer from 0 should be`)
    }
    return value
  }

  /** `[1, 2, 3]`, at most `most` numbers. */
  integers(most: number, what: string): number[] {
    const values: number[] = []
    this.#expect('[')
    if (this.#peek() === 0x5d) {
      this.#at++
      return values
    }
    for (;;) {
      if (values.length === most) this.wrong(`${what} has more than ${most} numbers`)
      values.push(this.integer())
      if (this.#peek() !== 0x2c) break
      this.#at++
    }
    this.#expect(']')
    return values
  }

  /** `{"key": …, …}`: calls `read` at each value. Keys may not repeat, and may not be `__proto__`. */
  object(what: string, read: (key: string) => void): void {
    const seen = new Set<string>()
    this.#expect('{')
    if (this.#peek() === 0x7d) {
      this.#at++
      return
    }
    for (;;) {
      const key = this.string()
      if (key === '__proto__') this.wrong(`${what} has the key "__proto__", which is refused`)
      if (seen.has(key)) this.wrong(`${what} has the key ${quote(key)} twice`)
      seen.add(key)
      this.#expect(':')
      read(key)
      if (this.#peek() !== 0x2c) break
      this.#at++
    }
    this.#expect('}')
  }

  entry(name: string): Entry {
    const what = `tensor ${quote(name)}`
    let tag: string | undefined
    let shape: number[] | undefined
    let offsets: number[] | undefined
    this.object(what, (key) => {
      if (key === 'dtype') tag = this.string()
      else if (key === 'shape') shape = this.integers(MAX_RANK, `the shape of ${what}`)
      else if (key === 'data_offsets') offsets = this.integers(2, `data_offsets of ${what}`)
      else this.wrong(`${what} has the unknown key ${quote(key)}`)
    })
    if (tag === undefined) this.wrong(`${what} has no dtype`)
    if (shape === undefined) this.wrong(`${what} has no shape`)
    if (offsets === undefined) this.wrong(`${what} has no data_offsets`)
    if (!isTag(tag)) this.wrong(`${what} has dtype ${quote(tag)}`, wanted)
    if (offsets.length !== 2) this.wrong(`data_offsets of ${what} has ${offsets.length} numbers and not 2`)
    return { name, tag, shape, begin: offsets[0], end: offsets[1] }
  }
}

/** Length of the header from the file's first 8 bytes, checked against the file's size in bytes. */
export function readHeaderLength(op: string, name: string, first: Uint8Array, size: number): number {
  if (size < 8) failFormat(op, `${name}: the file has ${size} bytes and not the 8 of a header length`, damaged)
  const view = new DataView(first.buffer, first.byteOffset, 8)
  const length = view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true)
  if (length > HEADER_LIMIT) {
    failFormat(
      op,
      `${name}: the header claims ${length} bytes, more than the ${HEADER_LIMIT} that the format allows`,
      damaged,
    )
  }
  if (length > size - 8) {
    failFormat(op, `${name}: the header claims ${length} bytes, and the file has ${size - 8} after its length`, damaged)
  }
  return length
}

/**
 * Read and check a header: tensors must lie one after the other and fill the `size` bytes of data exactly.
 */
export function readHeader(op: string, name: string, bytes: Uint8Array, size: number): Header {
  const reader = new HeaderReader(op, name, bytes)
  const entries: Entry[] = []
  const metadata: Record<string, string> = Object.create(null)
  if (bytes[0] !== 0x7b) reader.wrong("the header does not begin with '{'")
  reader.object('the header', (key) => {
    if (key !== METADATA) entries.push(reader.entry(key))
    else {
      reader.object(METADATA, (item) => {
        metadata[item] = reader.string()
      })
    }
  })
  reader.end()

  for (const { name: tensor, tag, shape, begin, end } of entries) {
    const what = `tensor ${quote(tensor)}`
    const range = `data_offsets [${begin}, ${end}]`
    if (begin > end) reader.wrong(`${what} has ${range}, which run backwards`)
    if (end > size) reader.wrong(`${what} has ${range}, and the file has ${size} bytes of data`)
    // With a 0 among the dims the product is 0 however large the others are; otherwise it is exact below 2⁵³.
    const count = shape.reduce((a, b) => a * b, 1)
    const bytes = shape.includes(0) ? 0 : count * widthOf(tag)
    if (!(bytes <= Number.MAX_SAFE_INTEGER))
      reader.wrong(`${what} has shape [${shape.join(', ')}], which overflows 2^53 bytes`)
    if (bytes !== end - begin) {
      reader.wrong(
        `${what} has ${range}, ${end - begin} bytes, and ${tag} of shape [${shape.join(', ')}] takes ${bytes}`,
      )
    }
  }

  const placed = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)
  let last: Entry | undefined
  for (const entry of placed) {
    const covered = last?.end ?? 0
    if (entry.begin < covered) {
      reader.wrong(
        `tensors ${quote((last as Entry).name)} and ${quote(entry.name)} overlap at byte ${entry.begin} of the data`,
      )
    }
    if (entry.begin > covered) {
      reader.wrong(
        `bytes ${covered} to ${entry.begin} of the data, before tensor ${quote(entry.name)}, belong to no tensor`,
      )
    }
    last = entry
  }
  const covered = last?.end ?? 0
  if (covered < size) reader.wrong(`bytes ${covered} to ${size} of the data belong to no tensor`)
  return { entries, metadata }
}

/** The tensors of a checked header. Arrays are views of `data` where its alignment allows, else copies. */
export function readTensors(op: string, name: string, entries: Entry[], data: Uint8Array): Record<string, HostTensor> {
  const tensors: Record<string, HostTensor> = Object.create(null)
  for (const { name: tensor, tag, shape, begin, end } of entries) {
    const bytes = data.subarray(begin, end)
    const width = widthOf(tag)
    const length = bytes.length / width
    const { buffer, byteOffset } = bytes.byteOffset % width === 0 ? bytes : bytes.slice()
    const wrong = (i: number, value: unknown, what: string) =>
      failFormat(op, `${name}: tensor ${quote(tensor)} has ${value} at element ${i}, ${what}`)
    if (tag === 'F64') tensors[tensor] = { dtype: 'float64', shape, data: new Float64Array(buffer, byteOffset, length) }
    else if (tag === 'F32')
      tensors[tensor] = { dtype: 'float32', shape, data: new Float32Array(buffer, byteOffset, length) }
    else if (tag === 'I32')
      tensors[tensor] = { dtype: 'int32', shape, data: new Int32Array(buffer, byteOffset, length) }
    else if (tag === 'U8') tensors[tensor] = { dtype: 'uint8', shape, data: bytes }
    else if (tag === 'BOOL') {
      const bad = bytes.findIndex((value) => value > 1)
      if (bad >= 0) wrong(bad, bytes[bad], 'and a bool is 0 or 1')
      tensors[tensor] = { dtype: 'bool', shape, data: new Uint32Array(bytes) }
    } else {
      const wide = new BigInt64Array(buffer, byteOffset, length)
      const halves = new Int32Array(buffer, byteOffset, 2 * length)
      const narrow = new Int32Array(length)
      for (let i = 0; i < length; i++) {
        narrow[i] = halves[2 * i]
        if (halves[2 * i + 1] !== narrow[i] >> 31) wrong(i, wide[i], 'and I64 is read only where values fit int32')
      }
      tensors[tensor] = { dtype: 'int32', shape, data: narrow }
    }
  }
  return tensors
}

/**
 * The tensors in a safetensors file's bytes: F32, F64, I32, U8, BOOL, and I64 whose values fit int32.
 * @param name  named in errors
 * @returns  arrays that are views of `bytes` where alignment allows, copies otherwise; do not write to them
 * @throws FormatError at whatever is wrong or untrue in the file
 */
export function decodeSafetensors(bytes: Uint8Array, name = 'the safetensors data'): Safetensors {
  const op = 'decodeSafetensors'
  const length = readHeaderLength(op, name, bytes, bytes.length)
  const data = bytes.subarray(8 + length)
  const { entries, metadata } = readHeader(op, name, bytes.subarray(8, 8 + length), data.length)
  return { tensors: readTensors(op, name, entries, data), metadata }
}

function checkName(op: string, kind: string, name: string): void {
  if (name === '__proto__' || (kind === 'tensor' && name === METADATA))
    fail(op, `a ${kind} is named ${quote(name)}`, 'choose another name')
  if (/\p{Surrogate}/u.test(name))
    fail(op, `the ${kind} name ${quote(name)} has half a surrogate pair`, 'choose another name')
}

/** Refuse what could not be read back. */
function checkTensor(op: string, name: string, tensor: HostTensor): void {
  checkName(op, 'tensor', name)
  const what = `tensor ${quote(name)}`
  const { dtype, shape, data } = tensor
  if (!Object.hasOwn(written, dtype))
    fail(op, `${what} has dtype '${dtype}'`, `one of ${Object.keys(written).join(', ')}`)
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

/**
 * A safetensors file of the tensors given. The same tensors in the same order give the same bytes. Wider types are
 * stored first, so every array in the file is aligned; the header keeps the order given.
 * @throws HandgradError if a name, a shape or an array does not fit the format
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, HostTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const op = 'encodeSafetensors'
  const names = Object.keys(tensors)
  for (const name of names) checkTensor(op, name, tensors[name])
  for (const [key, value] of Object.entries(metadata)) {
    checkName(op, 'metadata key', key)
    if (typeof value !== 'string') fail(op, `metadata ${quote(key)} is ${typeof value}`, 'metadata values are strings')
    if (/\p{Surrogate}/u.test(value)) fail(op, `metadata ${quote(key)} has half a surrogate pair`)
  }

  const width = (name: string) => widthOf(written[tensors[name].dtype].tag)
  const begins = new Map<string, number>()
  let size = 0
  for (const name of [...names].sort((a, b) => width(b) - width(a))) {
    begins.set(name, size)
    size += tensors[name].data.length * width(name)
  }
  const fields = names.map((name) => {
    const begin = begins.get(name) as number // every name was placed above
    const { dtype, shape, data } = tensors[name]
    const entry = { dtype: written[dtype].tag, shape, data_offsets: [begin, begin + data.length * width(name)] }
    return `${JSON.stringify(name)}:${JSON.stringify(entry)}`
  })
  if (Object.keys(metadata).length > 0) fields.unshift(`"${METADATA}":${JSON.stringify(metadata)}`)
  const header = new TextEncoder().encode(`{${fields.join(',')}}`)
  const length = Math.ceil(header.length / 8) * 8
  if (length > HEADER_LIMIT)
    fail(op, `the header takes ${length} bytes, and the format allows ${HEADER_LIMIT}`, 'save fewer tensors')

  const bytes = new Uint8Array(8 + length + size)
  new DataView(bytes.buffer).setUint32(0, length, true)
  bytes.set(header, 8)
  bytes.fill(0x20, 8 + header.length, 8 + length)
  for (const name of names) {
    const { dtype, data } = tensors[name]
    // Bools shrink to a byte each; all else is copied as it lies in memory, little-endian wherever WebGPU and Node run.
    const source = dtype === 'bool' ? data : new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    bytes.set(source, 8 + length + (begins.get(name) as number))
  }
  return bytes
}
