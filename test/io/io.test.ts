/** @file Safetensors: what is written is read back bit for bit, and every lie a file can tell is refused by name. */
import { mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FormatError, HandgradError } from '../../src/core/errors.ts'
import { writeBytes } from '../../src/io/files.ts'
import {
  decodeSafetensors,
  encodeSafetensors,
  type HostTensor,
  loadSafetensors,
  readSafetensors,
  saveSafetensors,
} from '../../src/io/index.ts'
import '../../src/methods.ts'
import { Philox } from '../../src/core/philox.ts'
import { CpuDevice } from '../../src/cpu/device.ts'
import { tensor } from '../../src/ops/creation/create.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'handgrad-io-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** What a call threw: class and text. */
function said(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`
  }
  return 'nothing was thrown'
}

const saidLater = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing was thrown',
    (error: Error) => `${error.name}: ${error.message}`,
  )

const utf8 = (text: string) => new TextEncoder().encode(text)

/**
 * A file of a header, given as text, bytes or an object, and zeros as data; `claim` replaces the true header length.
 */
function file(header: string | Uint8Array | object, dataBytes = 0, claim?: bigint): Uint8Array {
  const text =
    header instanceof Uint8Array ? header : utf8(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + text.length + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, claim ?? BigInt(text.length), true)
  bytes.set(text, 8)
  return bytes
}

const f32 = (begin: number, end: number, shape: unknown = [(end - begin) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
})

const read = '(F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8 and BOOL are read)'
const whole = '(is it a safetensors file, and is it whole?)'

/** Hostile files: what is wrong, the bytes, and the text after `decodeSafetensors: x.safetensors: `. */
const hostile: [what: string, bytes: Uint8Array, text: string][] = [
  ['an empty file', new Uint8Array(0), `the file has 0 bytes and not the 8 of a header length ${whole}`],
  ['a length cut off', new Uint8Array(7), `the file has 7 bytes and not the 8 of a header length ${whole}`],
  ['a header length of 0', new Uint8Array(8), `the header does not begin with '{' ${whole}`],
  [
    'a header longer than the file',
    file('{}', 0, 3n),
    `the header claims 3 bytes, and the file has 2 after its length ${whole}`,
  ],
  [
    'a header at the cap, longer than the file',
    file('{}', 0, 8_388_608n),
    `the header claims 8388608 bytes, and the file has 2 after its length ${whole}`,
  ],
  [
    'a header above the cap',
    file('{}', 0, 8_388_609n),
    `the header claims 8388609 bytes, more than the 8388608 that are read ${whole}`,
  ],
  [
    'a header length of 2^64 - 1',
    file('{}', 0, 2n ** 64n - 1n),
    `the header claims 18446744073709552000 bytes, more than the 8388608 that are read ${whole}`,
  ],
  [
    'a header length whose low half looks true',
    file('{}', 0, 2n ** 32n + 2n),
    `the header claims 4294967298 bytes, more than the 8388608 that are read ${whole}`,
  ],
  ['a header that is an array', file('[]'), `the header does not begin with '{' ${whole}`],
  ['a header that begins with a space', file(' {}'), `the header does not begin with '{' ${whole}`],
  ['a header that is never closed', file('{'), `the header ends where '"' should be ${whole}`],
  ['bytes after the header', file('{}x'), `byte 2 of the header is 'x' after the header's last '}' ${whole}`],
  ['zero bytes after the header', file('{}\0'), `byte 2 of the header is 0x00 after the header's last '}' ${whole}`],
  ['an empty tensor', file('{"a":{}}'), `tensor "a" has no dtype ${whole}`],
  ['a trailing comma', file('{"__metadata__":{},}'), `byte 19 of the header is '}' where '"' should be ${whole}`],
  ['a key without quotes', file('{a:1}'), `byte 1 of the header is 'a' where '"' should be ${whole}`],
  ['a tensor that is a number', file('{"a":1}'), `byte 5 of the header is '1' where '{' should be ${whole}`],
  ['a tensor that is null', file('{"a":null}'), `byte 5 of the header is 'n' where '{' should be ${whole}`],
  [
    'a thousand open brackets',
    file(`{"a":${'['.repeat(1000)}`),
    `byte 5 of the header is '[' where '{' should be ${whole}`,
  ],
  ['an open string', file('{"abc'), `the header ends within the string that begins at its byte 1 ${whole}`],
  [
    'a string that ends in a backslash',
    file('{"abc\\'),
    `the header ends within the string that begins at its byte 1 ${whole}`,
  ],
  [
    'a line break in a string',
    file('{"a\nb":{}}'),
    `a control character is in the string that begins at byte 1 of the header ${whole}`,
  ],
  [
    'a name that is not UTF-8',
    file(Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x7b, 0x7d, 0x7d)),
    `the string that begins at byte 1 of the header is not UTF-8 ${whole}`,
  ],
  [
    'an overlong UTF-8 form',
    file(Uint8Array.of(0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x7b, 0x7d, 0x7d)),
    `the string that begins at byte 1 of the header is not UTF-8 ${whole}`,
  ],
  ['an unknown escape', file('{"\\x":{}}'), `the string that begins at byte 1 of the header has a bad escape ${whole}`],
  [
    'half a surrogate pair',
    file('{"\\ud800":{}}'),
    `the string that begins at byte 1 of the header has half a surrogate pair ${whole}`,
  ],
  ['no dtype', file({ a: { shape: [], data_offsets: [0, 4] } }, 4), `tensor "a" has no dtype ${whole}`],
  ['no shape', file({ a: { dtype: 'F32', data_offsets: [0, 4] } }, 4), `tensor "a" has no shape ${whole}`],
  ['no offsets', file({ a: { dtype: 'F32', shape: [] } }, 4), `tensor "a" has no data_offsets ${whole}`],
  [
    'an unknown key',
    file({ a: { ...f32(0, 4), strides: [1] } }, 4),
    `tensor "a" has the unknown key "strides" ${whole}`,
  ],
  ['an unknown dtype', file({ a: { ...f32(0, 4), dtype: 'F31' } }, 4), `tensor "a" has dtype "F31" ${read}`],
  [
    'a dtype that every object has',
    file({ a: { ...f32(0, 4), dtype: 'constructor' } }, 4),
    `tensor "a" has dtype "constructor" ${read}`,
  ],
  [
    'a dtype of the format that the engine lacks',
    file({ a: { ...f32(0, 4), dtype: 'F8_E4M3', shape: [4] } }, 4),
    `tensor "a" has dtype "F8_E4M3" ${read}`,
  ],
  [
    'a dtype that is a number',
    file({ a: { ...f32(0, 4), dtype: 32 } }, 4),
    `byte 14 of the header is '3' where '"' should be ${whole}`,
  ],
  [
    'a negative dim',
    file({ a: f32(0, 4, [-1]) }, 4),
    `byte 29 of the header is '-' where an integer from 0 should be ${whole}`,
  ],
  [
    'a fraction of a dim',
    file({ a: f32(0, 4, [1.5]) }, 4),
    `byte 30 of the header is '.' where ']' should be ${whole}`,
  ],
  [
    'a dim in exponent form',
    file('{"a":{"shape":[1e3]}}'),
    `byte 16 of the header is 'e' where ']' should be ${whole}`,
  ],
  [
    'a dim with a leading zero',
    file('{"a":{"shape":[01]}}'),
    `byte 15 of the header is '0' where an integer from 0 should be ${whole}`,
  ],
  [
    'a dim that is text',
    file({ a: f32(0, 4, ['1']) }, 4),
    `byte 29 of the header is '"' where an integer from 0 should be ${whole}`,
  ],
  [
    'a shape that is a number',
    file({ a: f32(0, 4, 1) }, 4),
    `byte 28 of the header is '1' where '[' should be ${whole}`,
  ],
  [
    'a dim of 2^53',
    file('{"a":{"shape":[9007199254740992]}}'),
    `the number at byte 15 of the header is above 2^53 - 1 ${whole}`,
  ],
  [
    'a dim of a thousand digits',
    file(`{"a":{"shape":[${'9'.repeat(1000)}]}}`),
    `the number at byte 15 of the header is above 2^53 - 1 ${whole}`,
  ],
  [
    'a product that overflows 2^53',
    file({ a: f32(0, 4, [4294967296, 4294967296]) }, 4),
    `tensor "a" has shape [4294967296, 4294967296], which overflows 2^53 bytes ${whole}`,
  ],
  [
    'a product that is 0 after wrapping at 2^64',
    file({ a: f32(0, 0, [4294967296, 4294967296]) }),
    `tensor "a" has shape [4294967296, 4294967296], which overflows 2^53 bytes ${whole}`,
  ],
  [
    'bytes that overflow 2^53 where elements do not',
    file({ a: f32(0, 4, [9007199254740991]) }, 4),
    `tensor "a" has shape [9007199254740991], which overflows 2^53 bytes ${whole}`,
  ],
  [
    'a terabyte claimed by shape',
    file({ a: f32(0, 4, [274877906944]) }, 4),
    `tensor "a" has data_offsets [0, 4], 4 bytes, and F32 of shape [274877906944] takes 1099511627776 ${whole}`,
  ],
  [
    'a terabyte claimed by offsets',
    file({ a: f32(0, 2 ** 40) }, 4),
    `tensor "a" has data_offsets [0, 1099511627776], and the file has 4 bytes of data ${whole}`,
  ],
  [
    'more dims than a tensor has',
    file({ a: f32(0, 4, [1, 1, 1, 1, 1, 1, 1, 1, 1]) }, 4),
    `the shape of tensor "a" has more than 8 numbers ${whole}`,
  ],
  [
    'shape and offsets that disagree',
    file({ a: f32(0, 4, [2]) }, 4),
    `tensor "a" has data_offsets [0, 4], 4 bytes, and F32 of shape [2] takes 8 ${whole}`,
  ],
  [
    'part of an element',
    file({ a: f32(0, 3, [1]) }, 3),
    `tensor "a" has data_offsets [0, 3], 3 bytes, and F32 of shape [1] takes 4 ${whole}`,
  ],
  [
    'offsets that run backwards',
    file({ a: f32(4, 0, [1]) }, 4),
    `tensor "a" has data_offsets [4, 0], which run backwards ${whole}`,
  ],
  [
    'a negative offset',
    file('{"a":{"data_offsets":[-4,0]}}'),
    `byte 22 of the header is '-' where an integer from 0 should be ${whole}`,
  ],
  [
    'one offset',
    file({ a: { ...f32(0, 4), data_offsets: [0] } }, 4),
    `data_offsets of tensor "a" has 1 numbers and not 2 ${whole}`,
  ],
  [
    'three offsets',
    file({ a: { ...f32(0, 4), data_offsets: [0, 4, 8] } }, 4),
    `data_offsets of tensor "a" has more than 2 numbers ${whole}`,
  ],
  [
    'data cut off',
    file({ a: f32(0, 8) }, 7),
    `tensor "a" has data_offsets [0, 8], and the file has 7 bytes of data ${whole}`,
  ],
  ['data left over', file({ a: f32(0, 4) }, 5), `bytes 4 to 5 of the data belong to no tensor ${whole}`],
  ['data without tensors', file({}, 4), `bytes 0 to 4 of the data belong to no tensor ${whole}`],
  [
    'two tensors that overlap',
    file({ a: f32(0, 8), b: f32(4, 12) }, 12),
    `tensors "a" and "b" overlap at byte 4 of the data ${whole}`,
  ],
  [
    'two tensors that share one byte',
    file(
      {
        a: { dtype: 'U8', shape: [2], data_offsets: [0, 2] },
        b: { dtype: 'U8', shape: [2], data_offsets: [1, 3] },
      },
      3,
    ),
    `tensors "a" and "b" overlap at byte 1 of the data ${whole}`,
  ],
  [
    'two tensors in one place',
    file({ a: f32(0, 4), b: f32(0, 4) }, 4),
    `tensors "a" and "b" overlap at byte 0 of the data ${whole}`,
  ],
  [
    'a tensor within another',
    file({ a: f32(0, 12), b: f32(4, 8) }, 12),
    `tensors "a" and "b" overlap at byte 4 of the data ${whole}`,
  ],
  [
    'an empty tensor within another',
    file({ a: f32(0, 8), b: f32(4, 4) }, 8),
    `tensors "a" and "b" overlap at byte 4 of the data ${whole}`,
  ],
  [
    'a hole between tensors',
    file({ a: f32(0, 4), b: f32(8, 12) }, 12),
    `bytes 4 to 8 of the data, before tensor "b", belong to no tensor ${whole}`,
  ],
  [
    'a hole at the start',
    file({ a: f32(4, 8) }, 8),
    `bytes 0 to 4 of the data, before tensor "a", belong to no tensor ${whole}`,
  ],
  [
    'a tensor twice',
    file(`{"a":${JSON.stringify(f32(0, 4))},"a":${JSON.stringify(f32(4, 8))}}`, 8),
    `the header has the key "a" twice ${whole}`,
  ],
  [
    'a tensor twice, once escaped',
    file(`{"a":${JSON.stringify(f32(0, 4))},"\\u0061":${JSON.stringify(f32(4, 8))}}`, 8),
    `the header has the key "a" twice ${whole}`,
  ],
  [
    'a field twice',
    file('{"a":{"dtype":"F32","dtype":"F64","shape":[],"data_offsets":[0,4]}}', 4),
    `tensor "a" has the key "dtype" twice ${whole}`,
  ],
  [
    'a tensor named __proto__',
    file(`{"__proto__":${JSON.stringify(f32(0, 4))}}`, 4),
    `the header has the key "__proto__", which is refused ${whole}`,
  ],
  [
    'a field named __proto__',
    file('{"a":{"__proto__":{"polluted":1}}}'),
    `tensor "a" has the key "__proto__", which is refused ${whole}`,
  ],
  [
    'metadata named __proto__',
    file('{"__metadata__":{"__proto__":"x"}}'),
    `__metadata__ has the key "__proto__", which is refused ${whole}`,
  ],
  [
    'metadata twice',
    file('{"__metadata__":{},"__metadata__":{}}'),
    `the header has the key "__metadata__" twice ${whole}`,
  ],
  ['a metadata key twice', file('{"__metadata__":{"k":"1","k":"2"}}'), `__metadata__ has the key "k" twice ${whole}`],
  [
    'metadata that is a number',
    file('{"__metadata__":{"k":1}}'),
    `byte 21 of the header is '1' where '"' should be ${whole}`,
  ],
  [
    'metadata that is a list',
    file('{"__metadata__":["k"]}'),
    `byte 16 of the header is '[' where '{' should be ${whole}`,
  ],
  ['a byte-order mark', file('\ufeff{}'), `the header does not begin with '{' ${whole}`],
]

describe('hostile safetensors', () => {
  it('has at least 40 of them', () => expect(hostile.length).toBeGreaterThanOrEqual(40))

  it.each(hostile)('refuses %s', (_, bytes, text) => {
    const start = performance.now()
    expect(said(() => decodeSafetensors(bytes, 'x.safetensors'))).toBe(
      `FormatError: decodeSafetensors: x.safetensors: ${text}`,
    )
    expect(performance.now() - start).toBeLessThan(100)
  })

  it('refuses values that do not fit, naming the first', () => {
    const bool = file({ m: { dtype: 'BOOL', shape: [3], data_offsets: [0, 3] } }, 3)
    bool.set([1, 0, 2], bool.length - 3)
    expect(said(() => decodeSafetensors(bool))).toBe(
      'FormatError: decodeSafetensors: the safetensors data: tensor "m" has 2 at element 2, and a bool is 0 or 1',
    )
    const wide = file({ n: { dtype: 'I64', shape: [2], data_offsets: [0, 16] } }, 16)
    new DataView(wide.buffer).setBigInt64(wide.length - 8, 2n ** 31n, true)
    expect(said(() => decodeSafetensors(wide))).toBe(
      'FormatError: decodeSafetensors: the safetensors data: tensor "n" has 2147483648 at element 1, ' +
        'and I64 is read only where values fit int32',
    )
  })

  it('refuses them all from disk too, by path', async () => {
    const path = join(folder, 'hostile.safetensors')
    for (const [, bytes, text] of hostile) {
      await writeFile(path, bytes)
      expect(await saidLater(readSafetensors(path))).toBe(`FormatError: readSafetensors: ${path}: ${text}`)
    }
  })

  it('keeps prototypes and memory as they were', () => {
    const before = process.memoryUsage()
    for (const [, bytes] of hostile) said(() => decodeSafetensors(bytes))
    const after = process.memoryUsage()
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(2 ** 20)
    expect(after.rss - before.rss).toBeLessThan(50 * 2 ** 20)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(Object.getPrototypeOf({})).toBe(Object.prototype)
  })

  it('refuses a large header of garbage at its first wrong byte', () => {
    const big = new Uint8Array(8 * 2 ** 20).fill(0x20)
    new DataView(big.buffer).setBigUint64(0, BigInt(big.length - 8), true)
    big.set(utf8('{"a":[['), 8)
    const start = performance.now()
    expect(said(() => decodeSafetensors(big))).toContain(`byte 5 of the header is '[' where '{' should be`)
    expect(performance.now() - start).toBeLessThan(100)
  })

  it('answers 10,000 damaged files with a FormatError or with tensors that agree with their headers', () => {
    const good = encodeSafetensors(
      {
        w: { dtype: 'float32', shape: [2, 3], data: Float32Array.from([1, 2, 3, 4, 5, 6]) },
        'layer.bias': { dtype: 'int32', shape: [2], data: Int32Array.of(7, -8) },
        mask: { dtype: 'bool', shape: [3], data: Uint32Array.of(1, 0, 1) },
      },
      { format: 'handgrad', épreuve: 'ü' },
    )
    const headerEnd = 8 + Number(new DataView(good.buffer).getBigUint64(0, true))
    const random = new Philox(20260822)
    const alphabet = utf8('{}[]",:\\0123456789-.eudFIBOL_ \n\u0000ÿ')
    let refused = 0
    for (let round = 0; round < 10_000; round++) {
      let bytes = good.slice()
      const changes = 1 + random.int(4)
      for (let c = 0; c < changes; c++) {
        const at = random.int(headerEnd)
        const kind = random.int(5)
        if (kind === 0) bytes[at] = random.int(256)
        else if (kind === 1) bytes[at] = alphabet[random.int(alphabet.length)]
        else if (kind === 2) bytes[at] ^= 1 << random.int(8)
        else if (kind === 3) bytes = bytes.slice(0, random.int(bytes.length + 1))
        else {
          const from = random.int(headerEnd)
          bytes.copyWithin(at, from, from + random.int(20))
        }
      }
      try {
        for (const [name, { shape, data }] of Object.entries(decodeSafetensors(bytes).tensors)) {
          expect(data.length, name).toBe(shape.reduce((a, b) => a * b, 1))
        }
      } catch (error) {
        if (!(error instanceof FormatError)) throw new Error(`round ${round}: ${String(error)}`, { cause: error })
        refused++
      }
    }
    expect(refused).toBeGreaterThan(5000)
  })
})

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })
const sizeOf = (shape: number[]) => shape.reduce((a, b) => a * b, 1)
const exactly = (n: number) => ({ minLength: n, maxLength: n })
const hostTensor: fc.Arbitrary<HostTensor> = shapes.chain((shape) => {
  const n = exactly(sizeOf(shape))
  return fc.oneof(
    fc.float32Array(n).map((data): HostTensor => ({ dtype: 'float32', shape, data })),
    fc.float64Array(n).map((data): HostTensor => ({ dtype: 'float64', shape, data })),
    fc.int32Array(n).map((data): HostTensor => ({ dtype: 'int32', shape, data })),
    fc.uint8Array(n).map((data): HostTensor => ({ dtype: 'uint8', shape, data })),
    fc.uint32Array({ ...n, max: 1 }).map((data): HostTensor => ({ dtype: 'bool', shape, data })),
  )
})
const names = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .filter((name) => !['__proto__', '__metadata__'].includes(name))

/** Bits, so that NaN and −0 count. */
const bits = ({ dtype, shape, data }: HostTensor) => [
  dtype,
  shape,
  data.constructor.name,
  Buffer.from(data.slice().buffer).toString('hex'),
]

describe('safetensors round trip', () => {
  it('gives back every tensor, name and metadata, bit for bit and in order', () => {
    fc.assert(
      fc.property(
        fc.dictionary(names, hostTensor),
        fc.dictionary(names, fc.string({ unit: 'grapheme' })),
        (tensors, metadata) => {
          const bytes = encodeSafetensors(tensors, metadata)
          const back = decodeSafetensors(bytes)
          expect(Object.keys(back.tensors)).toEqual(Object.keys(tensors))
          for (const name of Object.keys(tensors)) expect(bits(back.tensors[name])).toEqual(bits(tensors[name]))
          expect(Object.entries(back.metadata)).toEqual(Object.entries(metadata))
          expect(encodeSafetensors(back.tensors, back.metadata)).toEqual(bytes)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('reads data that are not aligned', () => {
    const bytes = file(
      {
        m: { dtype: 'BOOL', shape: [1], data_offsets: [0, 1] },
        w: f32(1, 9),
        n: { dtype: 'I64', shape: [1], data_offsets: [9, 17] },
      },
      17,
    )
    const view = new DataView(bytes.buffer, bytes.length - 17)
    view.setFloat32(1, 1.5, true)
    view.setFloat32(5, -2.5, true)
    view.setBigInt64(9, -3n, true)
    const shifted = new Uint8Array(bytes.length + 1).subarray(1)
    shifted.set(bytes)
    // Buffer.slice does not copy, and buffers from a pool lie anywhere.
    const pooled = Buffer.alloc(bytes.length + 9).subarray(9)
    pooled.set(bytes)
    for (const form of [bytes, shifted, Buffer.from(shifted), pooled]) {
      const { tensors } = decodeSafetensors(form)
      expect(tensors['m'].data).toEqual(Uint32Array.of(0))
      expect(tensors['w'].data).toEqual(Float32Array.of(1.5, -2.5))
      expect(tensors['n']).toEqual({ dtype: 'int32', shape: [1], data: Int32Array.of(-3) })
    }
  })

  it('reads a Buffer of a header of any length at any offset', () => {
    for (const tag of ['F64', 'F32', 'F16', 'BF16', 'I64', 'I32', 'I16', 'I8', 'U64', 'U32', 'U16', 'U8', 'BOOL']) {
      const width = Number(/\d+/.exec(tag)?.[0] ?? 8) / 8
      for (let pad = 0; pad < 8; pad++) {
        const header = JSON.stringify({ w: { dtype: tag, shape: [2], data_offsets: [0, 2 * width] } })
        const bytes = file(header + ' '.repeat(pad), 2 * width)
        const float = /F\d/.test(tag)
        if (!float) bytes[bytes.length - width] = 1
        for (let offset = 0; offset < 9; offset++) {
          const buffer = Buffer.alloc(bytes.length + offset).subarray(offset)
          buffer.set(bytes)
          expect([...decodeSafetensors(buffer).tensors['w'].data]).toEqual([0, float ? 0 : 1])
        }
      }
    }
  })

  it('reads narrow and unsigned integers as int32, and refuses what it cannot hold', () => {
    const read = (dtype: string, ...data: number[]) => {
      const width = Number(dtype.slice(1)) / 8
      const bytes = file({ w: { dtype, shape: [data.length / width], data_offsets: [0, data.length] } }, data.length)
      bytes.set(data, bytes.length - data.length)
      return decodeSafetensors(bytes, 'x').tensors['w']
    }
    expect(read('I8', 127, 128)).toEqual({ dtype: 'int32', shape: [2], data: Int32Array.of(127, -128) })
    expect(read('I16', 1, 2, 255, 255)).toEqual({ dtype: 'int32', shape: [2], data: Int32Array.of(513, -1) })
    expect(read('U16', 255, 255).data).toEqual(Int32Array.of(65535))
    expect(read('U32', 255, 255, 255, 127).data).toEqual(Int32Array.of(2147483647))
    expect(read('U64', 255, 255, 255, 127, 0, 0, 0, 0).data).toEqual(Int32Array.of(2147483647))
    const refused = (tag: string, value: string) =>
      `FormatError: decodeSafetensors: x: tensor "w" has ${value} at element 0, and ${tag} is read only where values fit int32`
    expect(said(() => read('U32', 0, 0, 0, 128))).toBe(refused('U32', '2147483648'))
    expect(said(() => read('U64', 0, 0, 0, 0, 0, 0, 0, 128))).toBe(refused('U64', '9223372036854775808'))
    expect(said(() => read('I64', 0, 0, 0, 0, 0, 0, 0, 128))).toBe(refused('I64', '-9223372036854775808'))
  })

  it('reads I64 at the ends of int32', () => {
    const bytes = file({ n: { dtype: 'I64', shape: [4], data_offsets: [0, 32] } }, 32)
    const view = new DataView(bytes.buffer, bytes.length - 32)
    const values = [-(2n ** 31n), 2n ** 31n - 1n, -1n, 0n]
    values.forEach((value, i) => {
      view.setBigInt64(8 * i, value, true)
    })
    expect([...decodeSafetensors(bytes).tensors['n'].data]).toEqual([-2147483648, 2147483647, -1, 0])
  })

  it('aligns the header and every array, and pads with spaces', () => {
    const bytes = encodeSafetensors({
      a: { dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) },
      b: { dtype: 'float64', shape: [], data: Float64Array.of(2) },
      c: { dtype: 'float32', shape: [1], data: Float32Array.of(3) },
    })
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
    expect(length % 8).toBe(0)
    expect(new TextDecoder().decode(bytes.subarray(8, 8 + length)).trimEnd()).toBe(
      '{"a":{"dtype":"BOOL","shape":[3],"data_offsets":[12,15]},' +
        '"b":{"dtype":"F64","shape":[],"data_offsets":[0,8]},' +
        '"c":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}',
    )
    expect(bytes.length).toBe(8 + length + 15)
  })

  it('reads an empty file of the format, and white space between tokens', () => {
    expect(Object.keys(decodeSafetensors(file('{}')).tensors)).toEqual([])
    const spaced = '{ "a" : { "shape" : [ 1 , 1 ] ,\n"dtype":"U8", "data_offsets":\t[0,1] } }\r\n  '
    expect(decodeSafetensors(file(spaced, 1)).tensors['a'].shape).toEqual([1, 1])
  })

  it('takes names that objects have by themselves', () => {
    const one: HostTensor = { dtype: 'uint8', shape: [1], data: Uint8Array.of(1) }
    const tensors = Object.fromEntries([['constructor', one]])
    expect(decodeSafetensors(encodeSafetensors(tensors)).tensors['constructor'].data).toEqual(Uint8Array.of(1))
    expect(decodeSafetensors(file('{}')).tensors['constructor']).toBeUndefined()
  })
})

describe('encodeSafetensors', () => {
  const one = { dtype: 'float32', shape: [1], data: Float32Array.of(1) } as const
  /** Wrong on purpose. */
  const odd = (tensor: object) => ({ w: tensor }) as Record<string, HostTensor>

  it('refuses what does not fit the format', () => {
    const texts = [
      said(() => encodeSafetensors(odd({ ...one, dtype: 'float8' }))),
      said(() => encodeSafetensors(odd({ ...one, data: Float64Array.of(1) }))),
      said(() => encodeSafetensors(odd({ ...one, data: undefined }))),
      said(() => encodeSafetensors(odd({ dtype: 'bool', shape: [1], data: Int8Array.of(1) }))),
      said(() => encodeSafetensors(odd({ dtype: 'bool', shape: [2], data: Uint8Array.of(1, 7) }))),
      said(() => encodeSafetensors(odd({ ...one, shape: [2] }))),
      said(() => encodeSafetensors(odd({ ...one, shape: [-1] }))),
      said(() => encodeSafetensors(odd({ ...one, shape: [1, 1, 1, 1, 1, 1, 1, 1, 1] }))),
      said(() => encodeSafetensors({ __metadata__: one })),
      said(() => encodeSafetensors({ ['__proto__']: one })),
      said(() => encodeSafetensors({ 'a\ud800': one })),
      said(() => encodeSafetensors({ w: one }, { epoch: 3 } as unknown as Record<string, string>)),
      said(() => encodeSafetensors({ w: one }, { note: 'a\udc00' })),
    ]
    expect(texts).toMatchInlineSnapshot(`
      [
        "HandgradError: encodeSafetensors: tensor "w" has dtype 'float8' (one of float64, float32, int32, uint8, bool, float16, bfloat16)",
        "HandgradError: encodeSafetensors: tensor "w" is float32 and its data is Float64Array (give Float32Array)",
        "HandgradError: encodeSafetensors: tensor "w" is float32 and its data is undefined (give Float32Array)",
        "HandgradError: encodeSafetensors: tensor "w" is bool and its data is Int8Array (give Uint32Array or Uint8Array)",
        "HandgradError: encodeSafetensors: tensor "w" has 7 at element 1, and a bool is 0 or 1",
        "HandgradError: encodeSafetensors: tensor "w" has 1 elements and shape [2] takes 2",
        "HandgradError: encodeSafetensors: tensor "w" has shape [-1] (at most 8 integers from 0)",
        "HandgradError: encodeSafetensors: tensor "w" has shape [1,1,1,1,1,1,1,1,1] (at most 8 integers from 0)",
        "HandgradError: encodeSafetensors: a tensor is named "__metadata__" (choose another name)",
        "HandgradError: encodeSafetensors: a tensor is named "__proto__" (choose another name)",
        "HandgradError: encodeSafetensors: the tensor name "a\\u{d800}" has half a surrogate pair (choose another name)",
        "HandgradError: encodeSafetensors: metadata "epoch" is number (metadata values are strings)",
        "HandgradError: encodeSafetensors: metadata "note" has half a surrogate pair",
      ]
    `)
  })
})

describe('files', () => {
  const w: HostTensor = { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) }

  it('saves tensors and host arrays, and loads tensors', async () => {
    const path = join(folder, 'weights.safetensors')
    const mask: HostTensor = { dtype: 'bool', shape: [2], data: Uint32Array.of(0, 1) }
    const byte: HostTensor = { dtype: 'uint8', shape: [1], data: Uint8Array.of(200) }
    const x = tensor([
      [1.5, 2],
      [3, 4],
    ])
    await saveSafetensors(
      path,
      { x, 'x.t': x.transpose(0, 1), n: tensor(Int32Array.of(1, -2)), mask, byte },
      { metadata: { step: '7' } },
    )
    const loaded = await loadSafetensors(path)
    expect(Object.keys(loaded)).toEqual(['x', 'x.t', 'n', 'mask', 'byte'])
    expect(await loaded['x'].array()).toEqual([
      [1.5, 2],
      [3, 4],
    ])
    expect(await loaded['x.t'].array()).toEqual([
      [1.5, 3],
      [2, 4],
    ])
    expect([loaded['n'].dtype, ...(await loaded['n'].data())]).toEqual(['int32', 1, -2])
    expect([loaded['mask'].dtype, loaded['mask'].shape]).toEqual(['bool', [2]])
    expect([loaded['byte'].dtype, ...(await loaded['byte'].data())]).toEqual(['int32', 200])
    expect((await readSafetensors(path)).metadata['step']).toBe('7')
  })

  it('loads floats as the dtype that is asked for', async () => {
    const path = join(folder, 'cast.safetensors')
    const wide: HostTensor = { dtype: 'float64', shape: [2], data: Float64Array.of(0.1, 1e300) }
    const n: HostTensor = { dtype: 'int32', shape: [1], data: Int32Array.of(7) }
    await saveSafetensors(path, { wide, w, n })
    const dtypes = async (dtype?: 'float32' | 'float64') => {
      const { wide, w, n } = await loadSafetensors(path, { dtype })
      return [wide.dtype, w.dtype, n.dtype]
    }
    expect(await dtypes()).toEqual(['float64', 'float32', 'int32'])
    expect(await dtypes('float64')).toEqual(['float64', 'float64', 'int32'])
    expect(await dtypes('float32')).toEqual(['float32', 'float32', 'int32'])
    const { wide: narrow } = await loadSafetensors(path, { dtype: 'float32' })
    expect([...(await narrow.data())]).toEqual([Math.fround(0.1), Infinity])
    // @ts-expect-error a dtype that floats are not loaded as
    expect(await saidLater(loadSafetensors(path, { dtype: 'int32' }))).toBe(
      "HandgradError: loadSafetensors: dtype is 'int32' (floats become float32, float64, float16 or bfloat16)",
    )
  })

  it('names file and tensor where the device lacks a dtype, before it makes any', async () => {
    const path = join(folder, 'wide.safetensors')
    await saveSafetensors(path, { w, 'deep.wide': { dtype: 'float64', shape: [1], data: Float64Array.of(0.1) } })
    /** Without float64, as every WebGPU device. */
    class Narrow extends CpuDevice {
      override readonly dtypes = ['float32', 'int32', 'bool'] as const
    }
    const device = new Narrow()
    expect(await saidLater(loadSafetensors(path, { device }))).toBe(
      `HandgradError: loadSafetensors: ${path}: tensor "deep.wide" is float64, which cpu does not have (round to float32 by { dtype: 'float32' }, or load to the cpu)`,
    )
    expect(device.memory().live).toBe(0)
    const loaded = await loadSafetensors(path, { device, dtype: 'float32' })
    expect(await loaded['deep.wide'].array()).toEqual([Math.fround(0.1)])
    // What was made before memory ran out is given back.
    const small = new CpuDevice({ memoryLimit: 10 })
    expect(await saidLater(loadSafetensors(path, { device: small }))).toMatch(
      /^OutOfMemoryError: loadSafetensors: 8 bytes more do not fit: 8 bytes in 1 storages are live on cpu/,
    )
    expect(small.memory().live).toBe(0)
  })

  it('replaces the old file and leaves no temporary one', async () => {
    const inner = await mkdtemp(join(folder, 'replace-'))
    const path = join(inner, 'w.safetensors')
    await writeFile(path, 'old')
    await saveSafetensors(path, { w })
    expect(await readdir(inner)).toEqual(['w.safetensors'])
    expect((await readSafetensors(path)).tensors['w'].data).toEqual(w.data)
  })

  it('keeps the old file when writing fails', async () => {
    const inner = await mkdtemp(join(folder, 'fail-'))
    const path = join(inner, 'w.safetensors')
    await writeFile(path, 'old')
    const bad = { w, x: { ...w, shape: [3] } }
    expect(await saidLater(saveSafetensors(path, bad))).toBe(
      'HandgradError: saveSafetensors: tensor "x" has 2 elements and shape [3] takes 3',
    )
    expect(await readFile(path, 'utf8')).toBe('old')
    // A folder in the file's place: the rename fails after the temporary file was written.
    expect(await saidLater(writeBytes('saveSafetensors', inner, Uint8Array.of(1)))).toMatch(
      /^HandgradError: saveSafetensors: cannot write .*, it is a folder \(check that its folder exists, has room and may be written\)$/,
    )
    expect(await readdir(inner)).toEqual(['w.safetensors'])
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('says why a file cannot be read or written', async () => {
    const missing = join(folder, 'nowhere', 'w.safetensors')
    expect(await saidLater(loadSafetensors(missing))).toBe(
      `HandgradError: loadSafetensors: cannot read ${missing}, it does not exist`,
    )
    expect(await saidLater(loadSafetensors(folder))).toBe(
      `HandgradError: loadSafetensors: ${folder} has cast.safetensors, hostile.safetensors, weights.safetensors, wide.safetensors (give the path of one of them, or of an index)`,
    )
    expect(await saidLater(saveSafetensors(missing, { w }))).toBe(
      `HandgradError: saveSafetensors: cannot write ${missing}, it does not exist (check that its folder exists, has room and may be written)`,
    )
    const loop = join(folder, 'loop')
    await symlink(loop, loop)
    expect(await saidLater(loadSafetensors(loop))).toBe(
      `HandgradError: loadSafetensors: cannot read ${loop}, its links lead in a circle`,
    )
  })

  it('refuses a file cut off anywhere', async () => {
    const path = join(folder, 'cut.safetensors')
    await saveSafetensors(path, { w })
    const { length } = await readFile(path)
    for (let size = length - 1; size >= 0; size -= 3) {
      await truncate(path, size)
      await expect(loadSafetensors(path)).rejects.toBeInstanceOf(FormatError)
    }
  })

  it('says in a browser that there is no file system', async () => {
    const get = process.getBuiltinModule
    try {
      Object.assign(process, { getBuiltinModule: undefined })
      expect(await saidLater(loadSafetensors('w.safetensors'))).toBe(
        'HandgradError: loadSafetensors: there is no file system here (in a browser fetch the bytes and use the function that takes bytes)',
      )
    } finally {
      process.getBuiltinModule = get
    }
    await expect(loadSafetensors('w')).rejects.toBeInstanceOf(HandgradError)
  })
})
