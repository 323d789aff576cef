/**
 * @file Files that mean harm: every reader is given ones that lie about their sizes, end too early or ask for too much,
 * and good ones with some of their bytes changed. What they get is a typed error, soon, and little memory is taken.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { HandgradError } from '../../src/core/errors.ts'
import { Philox } from '../../src/core/philox.ts'
import * as data from '../../src/data/index.ts'
import * as io from '../../src/io/index.ts'
import { chunk, png } from './png.ts'

const folder = mkdtempSync(join(tmpdir(), 'handgrad-hostile-'))
/** Take the files away. */
export const clean = (): void => rmSync(folder, { recursive: true })

const file = (bytes: Uint8Array): string => {
  const path = join(folder, 'file')
  writeFileSync(path, bytes)
  return path
}

async function drained(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

/** Each reader, with all that it makes of a file looked at. */
export const readers: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  parseCsv: (bytes) => data.parseCsv(new TextDecoder().decode(bytes)).numbers(),
  loadCsv: async (bytes) => (await data.loadCsv(file(bytes))).numbers(),
  readCsv: async (bytes) => {
    for await (const row of data.readCsv(bytes)) row.numbers()
  },
  readJsonLines: (bytes) => drained(data.readJsonLines(file(bytes))),
  readLines: (bytes) => drained(data.readLines(file(bytes))),
  loadText: (bytes) => data.loadText(file(bytes)),
  parseIdx: (bytes) => data.parseIdx(bytes),
  readIdx: (bytes) => data.readIdx(bytes),
  loadIdx: (bytes) => data.loadIdx(file(bytes)),
  decodeImage: (bytes) => data.decodeImage(file(bytes)),
  decodeSafetensors: (bytes) => io.decodeSafetensors(bytes),
  openSafetensors: async (bytes) => {
    const read = (begin: number, end: number) => bytes.slice(begin, end)
    for await (const [, x] of await io.openSafetensors({ size: bytes.length, read })) await x.data()
  },
  readSafetensors: (bytes) => io.readSafetensors(file(bytes)),
}

const text = (...parts: string[]): Uint8Array => new TextEncoder().encode(parts.join(''))
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)
const join2 = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts))
const words = (...values: number[]): Uint8Array =>
  bytes(...values.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]))
const idx = (type: number, dims: number[], ...values: number[]): Uint8Array =>
  join2(bytes(0, 0, type, dims.length), words(...dims), bytes(...values))
const safetensors = (header: string, values: Uint8Array = new Uint8Array(8), length = header.length): Uint8Array =>
  join2(bytes(...new Uint8Array(new BigUint64Array([BigInt(length)]).buffer)), text(header), values)
const tensor = (fields: string): string => `{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]${fields}}}`
const picture = { width: 2, height: 2, depth: 8, colour: 0 }
const lines = [0, 1, 2, 0, 3, 4]
const MEGABYTE = 2 ** 20

/** A reader and a file that it is to refuse. */
export const hostile: readonly (readonly [reader: string, what: string, bytes: Uint8Array])[] = [
  ['loadCsv', 'nothing', bytes()],
  ['loadCsv', 'white space without end', text(' \n'.repeat(MEGABYTE / 4))],
  ['loadCsv', 'a quote that never closes', text('a,b\n1,"', 'x\n'.repeat(MEGABYTE / 4))],
  ['loadCsv', 'a quote within a field', text('a,b\n1,x"', 'y\n'.repeat(MEGABYTE / 4))],
  ['loadCsv', 'quotes only', text('"'.repeat(2 ** 18 + 1))],
  ['loadCsv', 'rows that grow', text('1,2\n'.repeat(9), '1,2,3\n')],
  ['loadCsv', 'a lone carriage return', text('a,b\r1,2')],
  ['loadCsv', 'UTF-16', join2(bytes(0xff, 0xfe), Uint8Array.from(Buffer.from('a,b\n1,2', 'utf16le')))],
  ['loadCsv', 'bytes that are not text', bytes(0x61, 10, 0xc0, 0x80)],
  ['loadCsv', 'a text that ends within a character', bytes(0x61, 10, 0x31, 0xf0, 0x9f)],
  ['loadCsv', 'ten thousand columns of one name', text('a,'.repeat(10_000), 'a\n')],
  ['loadCsv', 'a number of a million digits', text('a\n', '1'.repeat(MEGABYTE))],
  ['loadCsv', 'a number beyond all', text('a\n1e999')],
  ['loadCsv', 'a number that is none', text('a\nNaN')],
  ['loadCsv', 'a formula', text('a\n=1+1')],
  ['loadCsv', 'control characters', text('a\n\u001b[31m\u0000\u202e')],
  ['readCsv', 'a quote that never closes', text('a\n"', 'x'.repeat(MEGABYTE / 2))],
  ['readCsv', 'a row that is short', text('a,b\n1,2\n3')],
  ['readCsv', 'an empty field', text('a,b\n1,')],
  ['parseCsv', 'nul characters', text('a\n', '\0'.repeat(1000))],
  ['readJsonLines', 'lists in lists', text('['.repeat(MEGABYTE / 2))],
  ['readJsonLines', 'objects in objects', text('{"a":'.repeat(100_000), '1', '}'.repeat(100_000))],
  ['readJsonLines', 'a line without end', text('"', 'x'.repeat(2 * MEGABYTE))],
  ['readJsonLines', 'no JSON', text('{"a": 1}\n{a: 1}')],
  ['readJsonLines', 'a value that ends early', text('{"a": [1, 2')],
  ['readJsonLines', 'two values', text('1 2')],
  ['readJsonLines', 'bytes that are not text', bytes(0x22, 0xff, 0x22)],
  ['readJsonLines', 'lists in lists that end', text('['.repeat(200_000), ']'.repeat(200_000))],
  ['readJsonLines', 'a string that is open', text('"\\')],
  ['readLines', 'a line without end', text('x'.repeat(2 * MEGABYTE))],
  ['readLines', 'bytes that are not text', bytes(0xed, 0xa0, 0x80)],
  ['loadText', 'bytes that are not text', bytes(0x80)],
  ['loadIdx', 'nothing', bytes()],
  ['loadIdx', 'half a header', bytes(0, 0, 8, 3, 0, 0)],
  ['loadIdx', 'gigabytes of nothing', idx(8, [0xffffffff], 1)],
  ['loadIdx', 'a size beyond all', idx(14, [0xffffffff, 0xffffffff, 0xffffffff], 1)],
  ['loadIdx', 'too many axes', idx(8, new Array(200).fill(1), 1)],
  ['loadIdx', 'no axis', bytes(0, 0, 8, 0)],
  ['loadIdx', 'an unknown type', idx(10, [1], 1)],
  ['loadIdx', 'more than it says', idx(8, [1], 1, 2)],
  ['loadIdx', 'a packed bomb', gzipSync(idx(8, [1], ...new Uint8Array(30_000)))],
  ['loadIdx', 'packed gigabytes of nothing', gzipSync(idx(8, [0x3fffffff], 1))],
  ['loadIdx', 'packed more than a gigabyte', gzipSync(idx(8, [0x7fffffff], 1))],
  ['loadIdx', 'packed bytes that are cut off', gzipSync(idx(8, [4], 1, 2, 3, 4)).subarray(0, 18)],
  ['loadIdx', 'packed bytes that are none', bytes(0x1f, 0x8b, 8, 0, 1, 2, 3)],
  ['readIdx', 'a zip file', text('PK\u0003\u0004')],
  ['decodeImage', 'nothing', bytes()],
  ['decodeImage', 'another format', text('GIF89a')],
  ['decodeImage', 'a PNG signature only', png(picture, lines).subarray(0, 8)],
  ['decodeImage', 'a PNG of 4 gigapixels', png({ ...picture, width: 65_535, height: 65_535 }, lines)],
  ['decodeImage', 'a PNG of 2³¹ columns', png({ ...picture, width: 0x7fffffff, height: 1 }, lines)],
  ['decodeImage', 'a PNG larger than its bytes can be', png({ ...picture, width: 9000, height: 9000 }, lines)],
  ['decodeImage', 'a PNG of no rows', png({ ...picture, height: 0 }, lines)],
  ['decodeImage', 'a PNG that unpacks to more', png({ ...picture }, new Array(MEGABYTE).fill(0))],
  ['decodeImage', 'a PNG that unpacks to less', png({ ...picture, height: 100 }, lines)],
  ['decodeImage', 'a PNG without pixels', png({ ...picture, packed: bytes() }, [])],
  ['decodeImage', 'a PNG with a filter that there is not', png(picture, [7, 1, 2, 7, 3, 4])],
  ['decodeImage', 'a PNG without its palette', png({ ...picture, colour: 3 }, lines)],
  [
    'decodeImage',
    'a PNG with colours beyond its palette',
    png({ ...picture, colour: 3, extra: [chunk('PLTE', [1, 2, 3])] }, lines),
  ],
  [
    'decodeImage',
    'a PNG with a chunk that is longer than the file',
    join2(png(picture, lines).subarray(0, 33), words(0xffffffff), text('IDATx'), words(0)),
  ],
  [
    'decodeImage',
    'a PNG with a chunk that is needed and unknown',
    png({ ...picture, extra: [chunk('EVIL', [1])] }, lines),
  ],
  ['decodeImage', 'a PNG with two headers', png({ ...picture, extra: [chunk('IHDR', new Array(13).fill(0))] }, lines)],
  [
    'decodeImage',
    'an interlaced PNG that is too short',
    png({ ...picture, interlace: 1, height: 64, width: 64 }, lines),
  ],
  ['decodeImage', 'a JPEG of 4 gigapixels', bytes(0xff, 0xd8, 0xff, 0xc0, 0, 17, 8, 255, 255, 255, 255, 3, 0, 0)],
  ['readSafetensors', 'nothing', bytes()],
  ['readSafetensors', 'a header of 2⁶³ bytes', join2(bytes(255, 255, 255, 255, 255, 255, 255, 127), text('{}'))],
  ['readSafetensors', 'a header longer than the file', safetensors('{}', bytes(), 100)],
  ['readSafetensors', 'no JSON', safetensors('{"w":')],
  ['readSafetensors', 'lists in lists', safetensors('['.repeat(200_000))],
  [
    'readSafetensors',
    'a tensor beyond the data',
    safetensors('{"w":{"dtype":"F32","shape":[1000000000],"data_offsets":[0,4000000000]}}'),
  ],
  [
    'readSafetensors',
    'a shape that does not fit',
    safetensors('{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}'),
  ],
  [
    'readSafetensors',
    'tensors over each other',
    safetensors(
      '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
    ),
  ],
  ['readSafetensors', 'a negative offset', safetensors('{"w":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}')],
  ['readSafetensors', 'a size that is a text', safetensors('{"w":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}')],
  ['readSafetensors', 'an unknown type', safetensors('{"w":{"dtype":"F7","shape":[2],"data_offsets":[0,8]}}')],
  ['decodeSafetensors', 'a field that there is not', safetensors(tensor(',"evil":1'))],
  [
    'decodeSafetensors',
    'a name twice',
    safetensors(
      '{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
    ),
  ],
]

/** Files that are right, of every reader: their bytes are changed. */
const good: Readonly<Record<string, readonly Uint8Array[]>> = {
  csv: [text('a,b,"c ""x"""\r\n1,2,"3"\n4.5e3,-6,7\n\n8,9,10\n')],
  json: [text('{"a": [1, 2.5e3, "x\\u0041"], "b": null}\n[true, {}]\n\n"ü"\n')],
  idx: [
    idx(8, [2, 3], 1, 2, 3, 4, 5, 6),
    idx(13, [2], 1, 2, 3, 4, 5, 6, 7, 8),
    gzipSync(idx(8, [40], ...new Uint8Array(40))),
  ],
  png: [
    png(picture, lines),
    png({ ...picture, colour: 6, interlace: 1 }, [0, 1, 2, 3, 4, 0, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8]),
    png(
      { ...picture, colour: 3, depth: 4, extra: [chunk('PLTE', [1, 2, 3, 4, 5, 6]), chunk('tRNS', [9])] },
      [0, 1, 1, 16],
    ),
  ],
  safetensors: [
    io.encodeSafetensors(
      {
        w: { dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
        b: { dtype: 'int32', shape: [3], data: Int32Array.of(1, 2, 3) },
      },
      { note: 'text' },
    ),
  ],
}

const kindOf: Readonly<Record<string, string>> = {
  parseCsv: 'csv',
  loadCsv: 'csv',
  readCsv: 'csv',
  readJsonLines: 'json',
  readLines: 'json',
  loadText: 'csv',
  parseIdx: 'idx',
  readIdx: 'idx',
  loadIdx: 'idx',
  decodeImage: 'png',
  decodeSafetensors: 'safetensors',
  openSafetensors: 'safetensors',
  readSafetensors: 'safetensors',
}

/** Bytes with one to four changes: bits, runs of extreme values, pieces taken out, doubled or moved, an early end. */
function changed(original: Uint8Array, random: Philox): Uint8Array {
  let now: Uint8Array = Uint8Array.from(original)
  for (let n = 1 + random.int(4); n > 0 && now.length > 0; n--) {
    const at = random.int(now.length)
    const length = 1 + random.int(Math.min(8, now.length - at))
    const part = now.slice(at, at + length)
    switch (random.int(7)) {
      case 0:
        now[at] ^= 1 << random.int(8)
        break
      case 1:
        now.fill([0, 255, 127, 128, 34, 10, 44][random.int(7)], at, at + length)
        break
      case 2:
        now = now.slice(0, at)
        break
      case 3:
        now = join2(now.subarray(0, at), now.subarray(at + length))
        break
      case 4:
        now = join2(now.subarray(0, at), part, part, now.subarray(at))
        break
      case 5:
        now.set(part, random.int(now.length - length + 1))
        break
      default:
        now[at] = random.int(256)
    }
  }
  // A chunk of PNG whose checksum is wrong is looked at no further: half of them are made right again.
  return random.int(2) === 0 && now[0] === 0x89 ? resummed(now) : now
}

/** PNG chunks with the checksums that they should have, as far as they are whole. */
function resummed(file: Uint8Array): Uint8Array {
  const view = new DataView(file.buffer)
  for (let at = 8; at + 12 <= file.length; ) {
    const length = view.getUint32(at)
    if (length > file.length - at - 12) break
    const type = Buffer.from(file.subarray(at + 4, at + 8)).toString('latin1')
    file.set(chunk(type, file.slice(at + 8, at + 8 + length)), at)
    at += 12 + length
  }
  return file
}

/** What a reader made of a file. */
export interface Outcome {
  /** Undefined where it was read. */
  readonly error: unknown
  readonly ms: number
  /** Bytes by which the process and its buffers grew, at the most. */
  readonly grown: number
}

/** Read a file once. */
export async function attempt(reader: string, given: Uint8Array): Promise<Outcome> {
  const before = process.memoryUsage()
  const peak = process.resourceUsage().maxRSS
  const start = performance.now()
  let error: unknown
  try {
    await readers[reader](given)
  } catch (caught) {
    error = caught ?? 'something empty was thrown'
  }
  const ms = performance.now() - start
  const after = process.memoryUsage()
  const grown = Math.max(
    after.rss - before.rss,
    after.arrayBuffers - before.arrayBuffers,
    1024 * (process.resourceUsage().maxRSS - peak),
  )
  return { error, ms, grown }
}

/** True for an error of ours with a text that a terminal shows as it is. */
export const typed = (error: unknown): boolean =>
  error instanceof HandgradError && /^[\n\t -~\u00a0-\uffff]+$/.test(error.message)

/** What is wrong with what a reader made of a file; it has three tries, because others use the machine, too. */
export async function judge(reader: string, given: Uint8Array, refused: boolean): Promise<string | undefined> {
  let said: string | undefined
  for (let tries = 0; tries < 3; tries++) {
    const { error, ms, grown } = await attempt(reader, given)
    if (error === undefined ? refused : !typed(error))
      return `${reader}: ${error === undefined ? 'was accepted' : String(error)}`
    if (ms < 100 && grown < 50 * MEGABYTE) return undefined
    said = `${reader}: ${ms.toFixed(0)} ms, ${(grown / MEGABYTE).toFixed(1)} MiB`
  }
  return said
}

/** Changed files for all readers in turn; says what went wrong, and how many were refused. */
export async function fuzz(count: number, seed: number): Promise<{ wrong: string[]; refused: number }> {
  const random = new Philox(seed)
  const names = Object.keys(readers)
  const wrong: string[] = []
  let refused = 0
  for (let i = 0; i < count; i++) {
    const reader = names[i % names.length]
    const originals = good[kindOf[reader]]
    const given = changed(originals[random.int(originals.length)], random)
    const first = await attempt(reader, given)
    if (first.error !== undefined) refused++
    const fine = (first.error === undefined || typed(first.error)) && first.ms < 100 && first.grown < 50 * MEGABYTE
    const said = fine ? undefined : await judge(reader, given, false)
    if (said) wrong.push(`${said}, seed ${seed}, file ${i}: ${Buffer.from(given).toString('base64')}`)
  }
  return { wrong, refused }
}
