/**
 * @file .npy and .npz: what NumPy writes is read (test/reference/data/npy.json, by tools/reference_npy.py), what is
 * written here is NumPy's own bytes where those are the same, and every lie a file can tell is refused by name.
 */
import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FormatError, io, tensor } from '../../src/index.ts'
import { crc32 } from '../../src/io/crc32.ts'

interface Plain {
  readonly shape: number[]
  readonly type: string
  readonly values: number[]
}
const reference = JSON.parse(readFileSync(new URL('../reference/data/npy.json', import.meta.url), 'utf8')) as {
  arrays: readonly (Plain & { name: string; file: string })[]
  archives: readonly { name: string; file: string; arrays: Readonly<Record<string, Plain>> }[]
  refused: readonly { name: string; file: string }[]
}
const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'))

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'handgrad-npy-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('arrays of NumPy', () => {
  it('are read: every type, either byte order, the order of C and of Fortran', async () => {
    const read = await Promise.all(
      reference.arrays.map(async ({ name, file }) => {
        const { dtype, shape, data } = await io.decodeNpy(bytesOf(file))
        return { name, dtype, shape, values: [...data] }
      }),
    )
    const dtypes: Record<string, string> = { f8: 'float64', f4: 'float32', f2: 'float32', u1: 'uint8', b1: 'bool' }
    const wanted = reference.arrays.map(({ name, shape, type, values }) => ({
      name,
      dtype: dtypes[type.slice(1)] ?? 'int32',
      shape,
      values,
    }))
    expect(read).toEqual(wanted)
    expect(wanted.length).toBeGreaterThanOrEqual(44)
  })

  it('are written as NumPy writes them, byte for byte', async () => {
    const same = ['<f4 C', '<f8 C', '<i4 C', '<u1 C', '<b1 C', 'scalar', 'empty']
    for (const { name, file } of reference.arrays.filter((row) => same.includes(row.name)))
      expect([name, ...(await io.encodeNpy(await io.decodeNpy(bytesOf(file))))]).toEqual([name, ...bytesOf(file)])
    const half = reference.arrays.find(({ name }) => name === '<f2 C') as { file: string }
    expect(await io.encodeNpy(await io.decodeNpy(bytesOf(half.file)), { dtype: 'float16' })).toEqual(bytesOf(half.file))
  })

  it.each(reference.archives)('in an archive that is $name are read', async ({ file, arrays }) => {
    const read = await io.decodeNpz(bytesOf(file))
    expect(Object.entries(read).map(([name, x]) => [name, x.shape, [...x.data]])).toEqual(
      Object.entries(arrays).map(([name, x]) => [name, x.shape, x.values]),
    )
  })
})

describe('files', () => {
  it('of tensors and arrays come back, as they were or rounded', async () => {
    const w = tensor([
      [1.5, 2],
      [0.1, 4],
    ])
    const path = join(folder, 'w.npy')
    await io.saveNpy(path, w.transpose(0, 1))
    expect((await io.readNpy(path)).data).toEqual(Float32Array.of(1.5, 0.1, 2, 4))
    const { dtype, shape } = await io.loadNpy(path, { dtype: 'float64' })
    expect([dtype, shape]).toEqual(['float64', [2, 2]])
    const archive = join(folder, 'w.npz')
    for (const compress of [false, true]) {
      const n = { dtype: 'uint8', shape: [3], data: Uint8Array.of(7, 8, 9) } as const
      await io.saveNpz(archive, { w, n, mask: w.gt(1) }, { compress, dtype: 'float16' })
      const loaded = await io.loadNpz(archive)
      expect(await Promise.all(Object.values(loaded).map((x) => x.array()))).toEqual([
        [
          [1.5, 2],
          [0.0999755859375, 4],
        ],
        [7, 8, 9],
        [
          [true, true],
          [false, true],
        ],
      ])
    }
    expect(await readdir(folder)).toEqual(['w.npy', 'w.npz'])
  })

  it('are refused in words where they cannot be read or written', async () => {
    await expect(io.readNpy(folder)).rejects.toThrow(`readNpy: cannot read ${folder}, it is a folder`)
    await expect(io.loadNpz(join(folder, 'none'))).rejects.toThrow('it does not exist')
    await expect(io.saveNpy(join(folder, 'none', 'x.npy'), tensor(1))).rejects.toThrow('saveNpy: cannot write')
    if (process.platform === 'win32') return
    await symlink('/dev/zero', join(folder, 'endless'))
    await expect(io.readNpy(join(folder, 'endless'))).rejects.toThrow('it is neither a file nor a folder')
    await rm(join(folder, 'endless'))
  })

  it('of a few bytes do not fill the memory unless that is asked for', async () => {
    const zeros = { dtype: 'uint8', shape: [2 ** 26], data: new Uint8Array(2 ** 26) } as const
    const bytes = await io.encodeNpz({ zeros }, { compress: true })
    await expect(io.decodeNpz(bytes)).rejects.toThrow(
      /its arrays take 67108992 bytes or more, and the archive has \d+ /,
    )
    expect((await io.decodeNpz(bytes, 'z', { maxBytes: 2 ** 27 })).zeros.data.length).toBe(2 ** 26)
  })
})

// ---- lies

/** A .npy file of a header and so many bytes of data. */
function npy(header: string, data = 0, version = [1, 0], claim?: number): Uint8Array {
  const text = new TextEncoder().encode(header)
  const bytes = new Uint8Array(10 + text.length + data)
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, ...version])
  new DataView(bytes.buffer).setUint16(8, claim ?? text.length, true)
  bytes.set(text, 10)
  return bytes
}
const header = (descr: string, shape: string, more = '') =>
  `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, ${more}}`

const hostileNpy: readonly (readonly [name: string, bytes: Uint8Array, text: string])[] = [
  ['nothing', new Uint8Array(0), 'it does not begin as a .npy file'],
  ['another format', new TextEncoder().encode('PK\u0003\u0004 and so on'), 'it does not begin as a .npy file'],
  ['version 9', npy(header("'<f4'", '()'), 4, [9, 0]), 'it is of version 9.0'],
  ['a header beyond the end', npy('{', 0, [1, 0], 9000), 'the header claims 9000 bytes, and the file has 1 after'],
  ['a header too large', npy('{', 0, [1, 0], 65535), 'the header claims 65535 bytes (at most 10000 are read)'],
  ['no literal', npy('hello'), 'the header is "hello"'],
  ['a program', npy("__import__('os').system('true')"), 'the header is'],
  ['no shape', npy("{'descr': '<f4', 'fortran_order': False}", 4), 'the header is'],
  [
    'a name twice',
    npy("{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", 4),
    'has descr twice',
  ],
  ['another name', npy(header("'<f4'", '(1,)', "'more': True"), 4), 'the header is'],
  ['objects', npy(header("'|O'", '(1,)'), 8), 'it holds Python objects'],
  ['a type that is none', npy(header("'<f3'", '(1,)'), 3), 'its type is "<f3"'],
  ['a type of prototypes', npy(header("'<constructor'", '(1,)'), 3), 'its type is'],
  ['a shape of another kind', npy(header("'<f4'", "'(1,)'"), 4), "shape is '(1,)'"],
  ['an order that is none', npy("{'descr': '<f4', 'fortran_order': (1,), 'shape': (1,)}", 4), 'fortran_order is (1,)'],
  ['a shape below 0', npy(header("'<f4'", '(-1,)'), 4), 'the header is'],
  ['a shape of two numbers and no comma', npy(header("'<f4'", '(1 2)'), 8), 'its shape is none'],
  [
    'a shape beyond the data',
    npy(header("'<f8'", '(1000000, 1000000)'), 8),
    'takes 8000000000000 bytes, and the file has 8',
  ],
  ['a shape beyond 2^53', npy(header("'<f4'", `(${'9'.repeat(15)}, ${'9'.repeat(15)})`), 8), 'and the file has 8'],
  ['data too many', npy(header("'<f4'", '(1,)'), 8), 'takes 4 bytes, and the file has 8'],
  ['dims too many', npy(header("'<f4'", `(${'1, '.repeat(40)})`), 4), 'it has 40 dims'],
  ['digits without end', npy(header("'<f4'", `(${'1'.repeat(9000)}x)`), 4), 'the header is'],
  ['spaces without end', npy(`{${' '.repeat(9000)}`), 'the header is'],
  [
    'a bool of 2',
    npy(header("'|b1'", '(1,)'), 1).map((byte, i, all) => (i === all.length - 1 ? 2 : byte)),
    '2 at element 0',
  ],
]

const good = bytesOf(reference.archives[1].file)
const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset)
/** The archive with a change in the record that begins with a signature: the first one. */
function changed(signature: number, change: (record: DataView) => void, from: Uint8Array = good): Uint8Array {
  const bytes = from.slice()
  let at = 0
  while (view(bytes).getUint32(at, true) !== signature) at++
  change(new DataView(bytes.buffer, at))
  return bytes
}
const [LOCAL, CENTRAL, END] = [0x04034b50, 0x02014b50, 0x06054b50]

const hostileNpz: readonly (readonly [name: string, bytes: Uint8Array, text: string])[] = [
  ['nothing', new Uint8Array(0), 'it has no directory at its end'],
  ['cut off', good.subarray(0, good.length - 1), 'it has no directory at its end'],
  ['a tail', new Uint8Array([...good, 0]), 'it has no directory at its end'],
  ['a directory elsewhere', changed(END, (r) => r.setUint32(16, 5, true)), 'its directory is at 5'],
  ['more members', changed(END, (r) => r.setUint16(10, 9, true)), 'entry 3 of its directory is none'],
  ['fewer members', changed(END, (r) => r.setUint16(10, 1, true)), 'bytes too many'],
  ['zip64', changed(END, (r) => r.setUint32(16, 0xffffffff, true)), 'it is a zip64 archive'],
  ['encrypted', changed(CENTRAL, (r) => r.setUint16(8, 1, true)), 'is encrypted'],
  ['another method', changed(CENTRAL, (r) => r.setUint16(10, 12, true)), 'is packed by method 12'],
  ['stored, and of two sizes', changed(CENTRAL, (r) => r.setUint16(10, 0, true)), 'claims'],
  ['a size that cannot be', changed(CENTRAL, (r) => r.setUint32(24, 0x7fffffff, true)), 'claims 2147483647 bytes of'],
  ['another size', changed(CENTRAL, (r) => r.setUint32(24, 99, true)), 'is not 99 deflated bytes'],
  ['another checksum', changed(CENTRAL, (r) => r.setUint32(16, 1, true)), 'its directory says 1'],
  ['a member elsewhere', changed(CENTRAL, (r) => r.setUint32(42, 3, true)), 'is not where it should be'],
  ['a member beyond the end', changed(CENTRAL, (r) => r.setUint32(42, 0xfffffff0, true)), 'is not where it should be'],
  [
    'a name that is not an array',
    changed(CENTRAL, (r) => r.setUint8(46, 0x2f) ?? r.setUint8(47, 0x2f)),
    'is not a .npy file',
  ],
  ['a long name', changed(CENTRAL, (r) => r.setUint16(28, 65535, true)), 'ends too late'],
  ['data that are damaged', changed(LOCAL, (r) => r.setUint32(60, 0x12345678, true)), 'member "w"'],
  ['a member over another', changed(CENTRAL, (r) => r.setUint32(20, 500, true)), 'overlaps another'],
]

/** Refused in time and without much memory, by a FormatError with the text. */
async function refused(read: () => unknown, text: string): Promise<void> {
  const before = process.memoryUsage()
  const start = performance.now()
  const error: unknown = await Promise.resolve()
    .then(read)
    .catch((error: unknown) => error)
  expect(performance.now() - start).toBeLessThan(100)
  expect(process.memoryUsage().arrayBuffers - before.arrayBuffers).toBeLessThan(50e6)
  expect(error).toBeInstanceOf(FormatError)
  expect((error as Error).message).toContain(text)
}

describe('hostile .npy', () => {
  it.each(hostileNpy)('%s', (_, bytes, text) => refused(() => io.decodeNpy(bytes), text))
  it.each(reference.refused)('$name of NumPy', ({ file }) => refused(() => io.decodeNpy(bytesOf(file)), 'npy data'))
})

describe('hostile .npz', () => {
  it.each(hostileNpz)('%s', (_, bytes, text) => refused(() => io.decodeNpz(bytes), text))

  it('members of one name, and of a name that is a path', async () => {
    const x = { dtype: 'uint8', shape: [1], data: Uint8Array.of(1) } as const
    const twice = await io.encodeNpz({ aa: x, ab: x })
    for (let i = 0; i < twice.length - 1; i++) if (twice[i] === 0x61 && twice[i + 1] === 0x62) twice[i + 1] = 0x61
    await refused(() => io.decodeNpz(twice), 'is there twice')
    // A name is a key, and nothing is written.
    expect(Object.keys(await io.decodeNpz(await io.encodeNpz({ '../../up': x })))).toEqual(['../../up'])
  })

  it('answers 2,000 damaged files with a FormatError or with arrays', async () => {
    const files = [
      ...reference.arrays.slice(0, 9).map(({ file }) => bytesOf(file)),
      ...reference.archives.map(({ file }) => bytesOf(file)),
    ]
    let refusals = 0
    await fc.assert(
      fc.asyncProperty(fc.nat(files.length - 1), fc.nat(), fc.nat(255), fc.nat(3), async (which, at, byte, kind) => {
        const bytes = files[which].slice()
        bytes[at % bytes.length] = byte
        const read = kind === 0 ? bytes.subarray(0, at % bytes.length) : bytes
        try {
          if (which < 9) await io.decodeNpy(read)
          else await io.decodeNpz(read)
        } catch (error) {
          refusals++
          expect(error).toBeInstanceOf(FormatError)
        }
      }),
      { numRuns: 2000, seed: 1 },
    )
    expect(refusals).toBeGreaterThan(500)
  })
})

it('checks CRC-32 as everyone does', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
  expect(crc32(new TextEncoder().encode('6789'), crc32(new TextEncoder().encode('12345')))).toBe(0xcbf43926)
})
