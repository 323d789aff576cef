/**
 * @file NumPy's .npz: a zip of .npy files, stored or deflated. What the directory claims is held against the file, and
 * what it would take is capped, before anything is unpacked. Names of members are names, never paths: nothing is
 * written. Archives of 4 GiB and more (zip64) are refused; its field in a member's own header, which NumPy always
 * writes, says nothing that the directory does not.
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
import { fail, failFormat } from '../core/errors.ts'
import { crc32 } from './crc32.ts'
import { type HostTensor, writtenBytes } from './elements.ts'
import { checkRecord } from './given.ts'
import { quote } from './header.ts'
import { decodeArray, npyHead } from './npy.ts'
import type { NpzOptions } from './numpy.ts'
import { checkTensor } from './safetensors.ts'

const [LOCAL, CENTRAL, END] = [0x04034b50, 0x02014b50, 0x06054b50]
/** Bytes of the three records without names. */
const [LOCAL_BYTES, CENTRAL_BYTES, END_BYTES] = [30, 46, 22]
const LEAST_CAP = 2 ** 25
const MOST_RATIO = 200
const damaged = 'is it a .npz file, and is it whole?'

/** What the directory says of a file in the archive. */
interface Member {
  readonly name: string
  readonly deflated: boolean
  readonly crc: number
  readonly packed: number
  readonly size: number
  /** Where its own header is. */
  readonly at: number
}

/** The members of an archive, their names unlike, one after the other in the bytes, and no larger than `most`. */
function readDirectory(op: string, name: string, bytes: Uint8Array, most: number): Member[] {
  const wrong = (what: string, todo = damaged): never => failFormat(op, `${name}: ${what}`, todo)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let end = bytes.length - END_BYTES
  const least = Math.max(0, end - 65535)
  while (
    end >= least &&
    !(view.getUint32(end, true) === END && end + END_BYTES + view.getUint16(end + 20, true) === bytes.length)
  )
    end--
  if (end < least) wrong('it has no directory at its end')
  const [count, length, start] = [
    view.getUint16(end + 10, true),
    view.getUint32(end + 12, true),
    view.getUint32(end + 16, true),
  ]
  if (start === 0xffffffff || count === 0xffff)
    wrong('it is a zip64 archive', 'those of 4 GiB or 65,535 arrays are not read')
  if (start + length !== end) wrong(`its directory is at ${start} with ${length} bytes, and ends at ${end}`)
  const members: Member[] = []
  const seen = new Set<string>()
  let at = start
  let total = 0
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_BYTES > end || view.getUint32(at, true) !== CENTRAL) wrong(`entry ${i} of its directory is none`)
    const [flags, method, crc] = [
      view.getUint16(at + 8, true),
      view.getUint16(at + 10, true),
      view.getUint32(at + 16, true),
    ]
    const [packed, size] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true)]
    const [named, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true))
    if (at + CENTRAL_BYTES + named > end) wrong(`entry ${i} of its directory ends too late`)
    const file = new TextDecoder().decode(bytes.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + named))
    const what = `member ${quote(file)}`
    const key = file.replace(/\.npy$/, '')
    if (key === file) wrong(`${what} is not a .npy file`)
    if (key === '__proto__' || seen.has(key)) wrong(`${what} is there twice, or has a name that is refused`)
    seen.add(key)
    if (flags & 1) wrong(`${what} is encrypted`)
    if (method !== 0 && method !== 8)
      wrong(`${what} is packed by method ${method}`, 'stored and deflated ones are read')
    if (packed === 0xffffffff || size === 0xffffffff) wrong(`${what} is of zip64`, 'arrays of 4 GiB are not read')
    // No deflated bytes become more than 1,032 times as many.
    if (method === 0 ? packed !== size : size > 1032 * packed) wrong(`${what} claims ${size} bytes of ${packed}`)
    if ((total += size) > most)
      wrong(
        `its arrays take ${total} bytes or more, and the archive has ${bytes.length}`,
        `at most ${most} are unpacked; { maxBytes } allows more`,
      )
    members.push({ name: key, deflated: method === 8, crc, packed, size, at: view.getUint32(at + 42, true) })
    at += CENTRAL_BYTES + named + extra + comment
  }
  if (at !== end) wrong(`its directory has ${end - at} bytes too many`)
  // Bytes that belong to two members would be unpacked twice.
  let before = 0
  for (const member of [...members].sort((a, b) => a.at - b.at)) {
    if (member.at < before) wrong(`member ${quote(member.name)} overlaps another`)
    before = member.at + LOCAL_BYTES + member.packed
    if (before > start || view.getUint32(member.at, true) !== LOCAL)
      wrong(`member ${quote(member.name)} is not where it should be`)
  }
  return members
}

/** The bytes of a member, whose checksum is right. */
async function unpacked(op: string, name: string, bytes: Uint8Array, member: Member): Promise<Uint8Array> {
  const what = `${name}: member ${quote(member.name)}`
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const begin = member.at + LOCAL_BYTES + view.getUint16(member.at + 26, true) + view.getUint16(member.at + 28, true)
  const packed = bytes.subarray(begin, begin + member.packed)
  if (packed.length < member.packed) failFormat(op, `${what} ends too late`, damaged)
  const data = member.deflated ? await inflate(packed, member.size) : packed
  if (!data) failFormat(op, `${what} is not ${member.size} deflated bytes`, damaged)
  const crc = crc32(data)
  if (crc !== member.crc) failFormat(op, `${what} has checksum ${crc}, its directory says ${member.crc}`, damaged)
  return data
}

/** What deflated bytes become, if it is of this size. */
async function inflate(packed: Uint8Array, size: number): Promise<Uint8Array | undefined> {
  const out = new Uint8Array(size)
  let at = 0
  try {
    // Bytes of files and of users are never in shared memory.
    const reader = through(packed as Uint8Array<ArrayBuffer>, new DecompressionStream('deflate-raw')).getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return at === size ? out : undefined
      if (at + value.length > size) {
        await reader.cancel()
        return undefined
      }
      out.set(value, at)
      at += value.length
    }
  } catch {
    return undefined
  }
}

const through = (
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): ReadableStream<Uint8Array> => new Blob([bytes]).stream().pipeThrough(stream)

/** The arrays of an archive by name. */
export async function decodeArchive(
  op: string,
  name: string,
  bytes: Uint8Array,
  maxBytes = Math.max(LEAST_CAP, MOST_RATIO * bytes.length),
): Promise<Record<string, HostTensor>> {
  const arrays: Record<string, HostTensor> = Object.create(null)
  for (const member of readDirectory(op, name, bytes, maxBytes))
    arrays[member.name] = decodeArray(op, `${name}: ${quote(member.name)}`, await unpacked(op, name, bytes, member))
  return arrays
}

/** The bytes of an archive. */
export async function encodeArchive(
  op: string,
  arrays: Readonly<Record<string, HostTensor>>,
  { compress, dtype }: NpzOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  checkRecord(op, 'what to write', arrays, 'give arrays by name')
  for (const [name, x] of Object.entries(arrays)) checkTensor(op, name, x)
  const [files, directory]: [BlobPart[], BlobPart[]] = [[], []]
  let [at, length] = [0, 0]
  for (const [key, x] of Object.entries(arrays)) {
    const [head, data] = [npyHead(op, x, dtype), writtenBytes(x, dtype)] as Uint8Array<ArrayBuffer>[]
    const crc = crc32(data, crc32(head))
    const plain = new Uint8Array(await new Blob([head, data]).arrayBuffer())
    const body = compress
      ? new Uint8Array(await new Response(through(plain, new CompressionStream('deflate-raw'))).arrayBuffer())
      : plain
    const name = new TextEncoder().encode(`${key}.npy`)
    // From the version needed to the lengths of name and extra, as in both records. Names are UTF-8, the date is 1980.
    const shared = record(26, [
      [0, 2, 20],
      [2, 2, 0x800],
      [4, 2, compress ? 8 : 0],
      [8, 2, 0x21],
      [10, 4, crc],
      [14, 4, body.length],
      [18, 4, plain.length],
      [22, 2, name.length],
    ])
    files.push(record(4, [[0, 4, LOCAL]]), shared, name, body)
    directory.push(
      record(6, [
        [0, 4, CENTRAL],
        [4, 2, 20],
      ]),
      shared,
      record(14, [[10, 4, at]]),
      name,
    )
    at += LOCAL_BYTES + name.length + body.length
    length += CENTRAL_BYTES + name.length
    if (at + length >= 0xffffffff) fail(op, 'the archive takes 4 GiB or more', 'write a safetensors file')
  }
  const count = Object.keys(arrays).length
  if (count >= 0xffff) fail(op, `there are ${count} arrays`, 'an archive has fewer than 65,535')
  const last = record(END_BYTES, [
    [0, 4, END],
    [8, 2, count],
    [10, 2, count],
    [12, 4, length],
    [16, 4, at],
  ])
  return new Uint8Array(await new Blob([...files, ...directory, last]).arrayBuffer())
}

/** Little-endian numbers of 2 or 4 bytes in so many bytes of 0. */
function record(
  bytes: number,
  fields: readonly (readonly [at: number, width: number, value: number])[],
): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(bytes))
  for (const [at, width, value] of fields) {
    if (width === 2) view.setUint16(at, value, true)
    else view.setUint32(at, value, true)
  }
  return new Uint8Array(view.buffer)
}
