/**
 * @file The header of a safetensors file: JSON by a parser of its own (JSON.parse hides duplicate keys), and what it
 * claims held against the bytes that are there. Nothing is allocated for what a header claims before that.
 */
import { failFormat, shown } from '../core/errors.ts'
import { MAX_RANK } from '../core/shape.ts'
import { isTag, type Tag, tagNames, widthOf } from './elements.ts'

/**
 * Bytes of a header, and names in it: four for each tensor. The format allows 100 MB; what a file may cost before it is
 * refused is 100 ms and 50 MB. A file of a thousand tensors has a tenth of it.
 */
export const HEADER_LIMIT = 2 ** 23
export const MOST_NAMES = 2 ** 15
export const METADATA = '__metadata__'
/**
 * In the metadata, before the name of a tied tensor: a plain string of somebody's metadata may be the name of a tensor
 * too, and only we say so.
 */
export const TIED = 'handgrad_tied.'
const wanted = `${tagNames.slice(0, -1).join(', ')} and ${tagNames[tagNames.length - 1]} are read`
const damaged = 'is it a safetensors file, and is it whole?'

/** A name for an error text. */
export const quote = (text: string): string => `"${shown(text)}"`

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
  #names = 0

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
    let all = 0
    for (;;) {
      const byte = this.#bytes[this.#at] ?? -1
      all |= byte
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
    // Most are short and of ASCII: a decoder takes longer to call than this.
    if (all < 0x80 && !escaped && piece.length < 200) return String.fromCharCode(...piece)
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
      if (++this.#names > MOST_NAMES) this.wrong(`the header has more than ${MOST_NAMES} names`)
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

/** What to do about a file of PyTorch's own. */
export const unpickle =
  'in Python: safetensors.torch.save_file(torch.load(path, weights_only=True), "model.safetensors")'

/** Files that are found in the place of weights, by how they begin. */
function refuseOthers(op: string, name: string, first: Uint8Array): void {
  const text = String.fromCharCode(...first.subarray(0, 8))
  // A zip; or a pickle of protocol 2 to 5.
  if (text.startsWith('PK') || (first[0] === 0x80 && first[1] >= 2 && first[1] <= 5))
    failFormat(op, `${name}: it is PyTorch's pickle, which may be a program and is not read`, unpickle)
  if (text === 'version ') failFormat(op, `${name}: it is a pointer of Git LFS to the file`, 'git lfs pull')
}

/** Length of the header from the file's first 8 bytes, checked against the file's size in bytes. */
export function readHeaderLength(op: string, name: string, first: Uint8Array, size: number): number {
  if (size < 8) failFormat(op, `${name}: the file has ${size} bytes and not the 8 of a header length`, damaged)
  const view = new DataView(first.buffer, first.byteOffset, 8)
  const length = view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true)
  if (length > HEADER_LIMIT || length > size - 8) refuseOthers(op, name, first)
  if (length > HEADER_LIMIT) {
    failFormat(op, `${name}: the header claims ${length} bytes, more than the ${HEADER_LIMIT} that are read`, damaged)
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
