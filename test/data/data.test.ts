/**
 * @file Data sets: files that lie are refused by name, downloads are whole or absent, batches come back in the same
 * order.
 */

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FormatError, fail } from '../../src/core/errors.ts'
import { CpuDevice } from '../../src/cpu/device.ts'
import {
  type Checksum,
  DataLoader,
  type Dataset,
  DigitDataset,
  downloadMnist,
  type Field,
  loadCsv,
  loadMnist,
  meanStd,
  mnistChecksums,
  mnistFiles,
  normalise,
  parseCsv,
  parseIdx,
  randomSplit,
  readIdx,
  Subset,
  syntheticDigits,
  TensorDataset,
  trainTestSplit,
} from '../../src/data/index.ts'

import { keep, memory, scope, type Tensor, tensor, zerosLike } from '../../src/index.ts'
import { collect } from '../support/gc.ts'
import { said } from '../support/said.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'handgrad-data-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** An IDX file: magic, dims, bytes. */
function idx(type: number, dims: number[], data: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * dims.length + data.length)
  bytes.set([0, 0, type, dims.length])
  const view = new DataView(bytes.buffer)
  dims.forEach((n, i) => {
    view.setUint32(4 + 4 * i, n)
  })
  bytes.set(data, 4 + 4 * dims.length)
  return bytes
}

describe('IDX', () => {
  it('reads every element type, big-endian', () => {
    expect(parseIdx(idx(0x08, [2, 2], [1, 2, 254, 255]))).toEqual({
      dtype: 'uint8',
      shape: [2, 2],
      data: Uint8Array.of(1, 2, 254, 255),
    })
    expect(parseIdx(idx(0x09, [2], [127, 128]))).toEqual({ dtype: 'int8', shape: [2], data: Int8Array.of(127, -128) })
    expect(parseIdx(idx(0x0b, [1, 2], [0x01, 0x02, 0xff, 0xfe])).data).toEqual(Int16Array.of(258, -2))
    expect(parseIdx(idx(0x0c, [1], [0xff, 0xff, 0xff, 0xfd])).data).toEqual(Int32Array.of(-3))
    expect(parseIdx(idx(0x0d, [1], [0xbf, 0xc0, 0, 0])).data).toEqual(Float32Array.of(-1.5))
    expect(parseIdx(idx(0x0e, [1], [0x40, 0x09, 0x21, 0xfb, 0x54, 0x44, 0x2d, 0x18])).data).toEqual(
      Float64Array.of(Math.PI),
    )
    expect(parseIdx(idx(0x08, [0, 28, 28], [])).shape).toEqual([0, 28, 28])
  })

  it('reads bytes in the middle of a buffer, and gzip', async () => {
    const bytes = idx(0x0c, [2], [0, 0, 0, 1, 0, 0, 0, 2])
    const shifted = new Uint8Array(bytes.length + 3).subarray(3)
    shifted.set(bytes)
    expect(parseIdx(shifted).data).toEqual(Int32Array.of(1, 2))
    expect((await readIdx(shifted)).data).toEqual(Int32Array.of(1, 2))
    expect((await readIdx(gzipSync(bytes))).data).toEqual(Int32Array.of(1, 2))
    const large = idx(
      0x08,
      [1000, 28, 28],
      new Uint8Array(784000).map((_, i) => (i * 7919) % 251),
    )
    const { data } = await readIdx(gzipSync(large))
    // toEqual takes seconds on 784,000 numbers
    expect(Buffer.compare(data as Uint8Array, large.subarray(16))).toBe(0)
  })

  it('refuses every header that lies, before it allocates', async () => {
    const good = idx(0x08, [2, 2], [1, 2, 3, 4])
    const lies = [
      new Uint8Array(0),
      good.subarray(0, 3),
      good.subarray(0, 11),
      good.subarray(0, 15),
      Uint8Array.of(...good, 5),
      Uint8Array.of(1, 0, 8, 1, 0, 0, 0, 0),
      Uint8Array.of(0x50, 0x4b, 3, 4),
      Uint8Array.of(0, 0, 0x0a, 1, 0, 0, 0, 0),
      Uint8Array.of(0, 0, 8, 0),
      Uint8Array.of(0, 0, 8, 200),
      idx(0x0d, [3], [0, 0, 0, 0]),
      idx(0x08, [4294967295], [1]),
      idx(0x0e, [4294967295, 4294967295], [1]),
      idx(0x08, [65536, 65536, 65536, 65536], [1]),
    ]
    const texts = []
    for (const bytes of lies) {
      const text = await said(() => parseIdx(bytes, 'x.idx'))
      expect(await said(() => readIdx(bytes, 'x.idx'))).toBe(text.replace('parseIdx', 'readIdx'))
      texts.push(text.replace('FormatError: parseIdx: x.idx ', '… '))
    }
    expect(texts).toMatchInlineSnapshot(`
      [
        "… ends within its header, after 0 bytes (is it the right file, and is it whole?)",
        "… ends within its header, after 3 bytes (is it the right file, and is it whole?)",
        "… ends within its header, after 11 bytes (is it the right file, and is it whole?)",
        "… claims shape [2, 2] of uint8, 16 bytes with the header, but has 15 (is it the right file, and is it whole?)",
        "… claims shape [2, 2] of uint8, 16 bytes with the header, but has 17 (is it the right file, and is it whole?)",
        "… is not an IDX file, it begins with 0x01 0x00 0x08 0x01 and not with 0x00 0x00 (is it the right file, and is it whole?)",
        "… is not an IDX file, it begins with 0x50 0x4b 0x03 0x04 and not with 0x00 0x00 (is it the right file, and is it whole?)",
        "… has element type 0x0a, which is not one of 0x08, 0x09, 0x0b … 0x0e (is it the right file, and is it whole?)",
        "… claims 0 dims, which is not 1 to 8 (is it the right file, and is it whole?)",
        "… claims 200 dims, which is not 1 to 8 (is it the right file, and is it whole?)",
        "… claims shape [3] of float32, 20 bytes with the header, but has 12 (is it the right file, and is it whole?)",
        "… claims shape [4294967295] of uint8, 4294967303 bytes with the header, but has 9 (is it the right file, and is it whole?)",
        "… claims shape [4294967295, 4294967295], whose size overflows 2^53 bytes (is it the right file, and is it whole?)",
        "… claims shape [65536, 65536, 65536, 65536], whose size overflows 2^53 bytes (is it the right file, and is it whole?)",
      ]
    `)
  })

  it('refuses gzip data that are damaged, cut off, or unpack to more than the header claims', async () => {
    const bytes = idx(
      0x08,
      [100, 28, 28],
      new Uint8Array(78400).map((_, i) => (i * i) % 256),
    )
    const packed = gzipSync(bytes)
    const damaged = packed.slice()
    damaged[packed.length >> 1] ^= 0x55
    const bomb = gzipSync(idx(0x08, [1], new Uint8Array(64 * 2 ** 20)))
    const before = process.memoryUsage().arrayBuffers
    const texts = [
      await said(() => readIdx(packed.subarray(0, packed.length - 20), 'x.gz')),
      await said(() => readIdx(packed.subarray(0, 12), 'x.gz')),
      await said(() => readIdx(damaged, 'x.gz')),
      await said(() => readIdx(bomb, 'x.gz')),
      await said(() => readIdx(gzipSync('hello, this is text'), 'x.gz')),
      await said(() => readIdx(gzipSync(''), 'x.gz')),
    ].map((text) => text.replace(/after \d+ unpacked/, 'after N unpacked'))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 2 ** 20)
    expect(texts).toMatchInlineSnapshot(`
      [
        "FormatError: readIdx: x.gz is damaged or cut off, its gzip data ends in an error after N unpacked bytes (is it the right file, and is it whole?)",
        "FormatError: readIdx: x.gz is damaged or cut off, its gzip data ends in an error after N unpacked bytes (is it the right file, and is it whole?)",
        "FormatError: readIdx: x.gz is damaged or cut off, its gzip data ends in an error after N unpacked bytes (is it the right file, and is it whole?)",
        "FormatError: readIdx: x.gz claims shape [1] of uint8, 9 bytes with the header, but unpacks to more (is it the right file, and is it whole?)",
        "FormatError: readIdx: x.gz is not an IDX file, it begins with 0x68 0x65 0x6c 0x6c and not with 0x00 0x00 (is it the right file, and is it whole?)",
        "FormatError: readIdx: x.gz ends within its header, after 0 bytes (is it the right file, and is it whole?)",
      ]
    `)
  })
})

/** Files in MNIST's format: `train` and `test` images of 2 × 2. */
function smallMnist(train = 3, test = 2): Record<string, Uint8Array> {
  const labels = (n: number) => Array.from({ length: n }, (_, i) => i % 10)
  const pixels = (n: number) => Array.from({ length: 4 * n }, (_, i) => i % 256)
  const contents = [
    idx(8, [train, 2, 2], pixels(train)),
    idx(8, [train], labels(train)),
    idx(8, [test, 2, 2], pixels(test)),
    idx(8, [test], labels(test)),
  ]
  return Object.fromEntries(mnistFiles.map((name, i) => [name, contents[i]]))
}

async function written(files: Record<string, Uint8Array>): Promise<string> {
  const dir = await mkdtemp(join(folder, 'mnist-'))
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(dir, name), bytes)
  return dir
}

describe('unpacking', () => {
  /** Peak memory, in MiB, of a process of its own that is given a file and a program with `io`, `data` and `packed`. */
  async function peakOf(packed: Uint8Array, program: string): Promise<{ text: string; peak: number }> {
    const path = join(await mkdtemp(join(folder, 'peak-')), 'packed')
    await writeFile(path, packed)
    const code = `
      import { readFileSync } from 'node:fs'
      import * as data from ${JSON.stringify(new URL('../../src/data/index.ts', import.meta.url).href)}
      const packed = readFileSync(${JSON.stringify(path)})
      const text = await (async () => ${program})().then(() => 'nothing was thrown', (error) => error.message)
      console.log(JSON.stringify({ text, peak: process.resourceUsage().maxRSS / 1024 }))`
    const args = ['--import', 'tsx', '--input-type=module', '-e', code]
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 })
    return JSON.parse(stdout) as { text: string; peak: number }
  }

  /** An array of so many million zeros, packed as gzip allows it: in members, of which one is like the other. */
  const zeros = (millions: number): Uint8Array => {
    const member = gzipSync(new Uint8Array(1e6))
    return Buffer.concat([gzipSync(idx(8, [millions * 1e6], [])), ...Array<Buffer>(millions).fill(member)])
  }

  it('refuses what is to be more than the limit, before it takes memory for it', async () => {
    const packed = zeros(1500)
    expect(packed.length).toBeLessThan(2e6)
    const { text, peak } = await peakOf(packed, "data.readIdx(packed, 'x.gz')")
    expect(text).toBe(
      'readIdx: x.gz claims shape [1500000000] of uint8, 1500000008 bytes with the header, more than the 1073741824 that are unpacked (give { limit } if that is what it should hold)',
    )
    // The program itself takes about 130.
    expect(peak).toBeLessThan(400)
    // Files that are looked at for their checksum are not MNIST's, and unpacked no further either.
    const dir = await mkdtemp(join(folder, 'bomb-'))
    await writeFile(join(dir, `${mnistFiles[0]}.gz`), packed)
    const download = `data.downloadMnist(${JSON.stringify(dir)}, { mirror: 'http://127.0.0.1:9/' })`
    const fetched = await peakOf(packed, download)
    expect(fetched.text).toContain('downloadMnist: cannot fetch http://127.0.0.1:9/train-images-idx3-ubyte.gz')
    expect(fetched.peak).toBeLessThan(400)
    const loaded = await peakOf(packed, `data.loadMnist(${JSON.stringify(dir)})`)
    expect(loaded.text).toMatch(/uint8 of rank 3 was expected|more than the 1073741824 that are unpacked/)
    expect(loaded.peak).toBeLessThan(400)
  }, 120_000)

  it('takes no more memory than what it unpacks', async () => {
    const { text, peak } = await peakOf(zeros(500), "data.readIdx(packed, 'x.gz')")
    expect(text).toBe('nothing was thrown')
    // 477 MiB, and the program; in pieces that are joined it was three times as much.
    expect(peak).toBeLessThan(900)
  }, 60_000)

  it('keeps to the limit that is given, and to what so few bytes can hold', async () => {
    const packed = gzipSync(idx(8, [1000], new Uint8Array(1000)))
    const limited = (limit: number) => said(() => readIdx(packed, 'x.gz', { limit }))
    expect(await limited(1007)).toBe(
      'FormatError: readIdx: x.gz claims shape [1000] of uint8, 1008 bytes with the header, more than the 1007 that are unpacked (give { limit } if that is what it should hold)',
    )
    expect(await limited(1008)).toBe('nothing was thrown')
    expect(await limited(Number.NaN)).toBe('HandgradError: readIdx: limit is NaN (give bytes, a number from 0)')
    const liar = gzipSync(idx(8, [1_000_000], [1]))
    expect(await said(() => readIdx(liar, 'x.gz'))).toBe(
      `FormatError: readIdx: x.gz claims shape [1000000] of uint8, 1000008 bytes with the header, more than ${liar.length} packed ones can hold (is it the right file, and is it whole?)`,
    )
    // The densest that deflate is stays within the bound.
    const dense = gzipSync(idx(8, [1_000_000], new Uint8Array(1_000_000)), { level: 9 })
    expect((await readIdx(dense)).data.length).toBe(1_000_000)
  })
})

describe('loadMnist', () => {
  it('reads plain and gzipped files, also mixed', async () => {
    const files = smallMnist()
    const packed = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes)]))
    const { [mnistFiles[1]]: labels, ...rest } = files
    for (const set of [files, packed, { ...rest, [`${mnistFiles[1]}.gz`]: gzipSync(labels) }]) {
      const dir = await written(set)
      const { train, test } = await loadMnist(dir)
      expect(train).toEqual({
        images: Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
        labels: Uint8Array.of(0, 1, 2),
        count: 3,
        rows: 2,
        cols: 2,
        classes: 10,
        source: `MNIST, ${dir}`,
      })
      expect([test.count, test.labels.length, test.images.length]).toEqual([2, 2, 8])
    }
  })

  it('names the file that is missing, does not fit or lies', async () => {
    const good = smallMnist()
    const [images, labels, , testLabels] = mnistFiles
    const { [testLabels]: _, ...three } = good
    const cases = [
      three,
      {},
      { ...good, [labels]: idx(8, [2], [0, 1]) },
      { ...good, [labels]: good[images] },
      { ...good, [images]: idx(9, [3, 2, 2], new Uint8Array(12)) },
      { ...good, [images]: good[images].subarray(0, 20) },
      { ...good, [labels]: idx(8, [3], [0, 10, 255]) },
      { ...good, ['t10k-images-idx3-ubyte']: idx(8, [2, 1, 4], new Uint8Array(8)) },
      smallMnist(0, 2),
      { ...good, [images]: idx(8, [3, 0, 2], []) },
    ]
    const texts = []
    for (const files of cases) {
      const dir = await written(files)
      texts.push((await said(() => loadMnist(dir))).replaceAll(dir, 'DIR'))
    }
    expect(texts).toMatchInlineSnapshot(`
      [
        "FormatError: loadMnist: DIR/t10k-labels-idx1-ubyte is missing, with and without .gz (download MNIST with downloadMnist(dir) or --download)",
        "FormatError: loadMnist: DIR/train-images-idx3-ubyte is missing, with and without .gz (download MNIST with downloadMnist(dir) or --download)",
        "FormatError: loadMnist: DIR/train-images-idx3-ubyte has 3 images and DIR/train-labels-idx1-ubyte has 2 labels (take both from the same source)",
        "FormatError: loadMnist: DIR/train-labels-idx1-ubyte holds [3, 2, 2] of uint8, and uint8 of rank 1 was expected (is it the right file, and is it whole?)",
        "FormatError: loadMnist: DIR/train-images-idx3-ubyte holds [3, 2, 2] of int8, and uint8 of rank 3 was expected (is it the right file, and is it whole?)",
        "FormatError: loadMnist: DIR/train-images-idx3-ubyte claims shape [3, 2, 2] of uint8, 28 bytes with the header, but has 20 (is it the right file, and is it whole?)",
        "FormatError: loadMnist: DIR/train-labels-idx1-ubyte has label 10 at index 1 (labels are 0 to 9)",
        "FormatError: loadMnist: training images have 2 × 2 pixels and test images 1 × 4 (take all four files from the same source)",
        "FormatError: loadMnist: DIR/train-images-idx3-ubyte holds [0, 2, 2] of uint8: there are no images in it (is it the right file, and is it whole?)",
        "FormatError: loadMnist: DIR/train-images-idx3-ubyte holds [3, 0, 2] of uint8: there are no images in it (is it the right file, and is it whole?)",
      ]
    `)
    expect(await said(() => loadMnist(join(folder, 'nowhere')))).toContain('train-images-idx3-ubyte is missing')
  })
})

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** A server on this machine for one test. */
async function serving<T>(answer: RequestListener, use: (mirror: string) => Promise<T>): Promise<T> {
  const server = createServer(answer)
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mnist`)
  } finally {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  }
}

describe('downloadMnist', () => {
  const raw = smallMnist(300, 100)
  const packed = Object.fromEntries(
    Object.entries(raw).map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes, { level: 9 })]),
  )
  const checksums: Record<string, Checksum> = Object.fromEntries(
    mnistFiles.map((name) => [`${name}.gz`, { gzip: sha256(packed[`${name}.gz`]), raw: sha256(raw[name]) }]),
  )
  const names = Object.keys(packed)
  const fileOf = (url = '') => url.replace('/mnist/', '')

  it('fetches four files, says how far it is, and keeps what is there and right', async () => {
    const dir = join(await mkdtemp(join(folder, 'download-')), 'new', 'mnist')
    const asked: string[] = []
    await serving(
      (request, response) => {
        asked.push(fileOf(request.url))
        response.end(packed[fileOf(request.url)])
      },
      async (mirror) => {
        const seen = new Map<string, number>()
        const onProgress = ({
          file,
          received,
          total,
        }: {
          file: string
          received: number
          total: number | undefined
        }) => {
          expect(received).toBeLessThanOrEqual(total ?? Infinity)
          seen.set(file, received)
        }
        expect(await downloadMnist(dir, { mirror, checksums, onProgress })).toBe(dir)
        expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(names.map((name) => [name, packed[name].length])))
        expect(asked).toEqual(names)
        expect((await readdir(dir)).sort()).toEqual([...names].sort())
        expect((await loadMnist(dir)).train.count).toBe(300)

        // The second time nothing is fetched but the file that was damaged.
        await writeFile(join(dir, names[2]), 'damaged')
        asked.length = 0
        await downloadMnist(dir, { mirror: `${mirror}/`, checksums })
        expect(asked).toEqual([names[2]])
        expect(new Uint8Array(await readFile(join(dir, names[2])))).toEqual(new Uint8Array(packed[names[2]]))
      },
    )
  })

  it('takes the same data in another gzip wrapper, and the mirror from the environment', async () => {
    const dir = await mkdtemp(join(folder, 'again-'))
    await serving(
      (request, response) => {
        response.end(gzipSync(raw[fileOf(request.url).replace('.gz', '')], { level: 1 }))
      },
      async (mirror) => {
        process.env['HANDGRAD_MIRROR'] = mirror
        try {
          await downloadMnist(dir, { checksums })
        } finally {
          delete process.env['HANDGRAD_MIRROR']
        }
      },
    )
    expect((await loadMnist(dir)).test.count).toBe(100)
  })

  it('refuses what is wrong, and leaves nothing of it behind', async () => {
    const dir = await mkdtemp(join(folder, 'refused-'))
    const texts: string[] = []
    const attempt = (answer: RequestListener, timeout?: number, received = false) =>
      serving(answer, async (mirror) => {
        const text = await said(() => downloadMnist(dir, { mirror, checksums, timeout }))
        texts.push(text.replaceAll(mirror, 'MIRROR').replaceAll(/[0-9a-f]{64}/g, 'SHA'))
        // What came over a connection that was cut is gone on with the next time.
        const part = '.train-images-idx3-ubyte.gz.part'
        expect(received ? ['', part] : ['']).toContain((await readdir(dir)).join())
      })

    await attempt((_, response) => response.writeHead(404).end())
    await attempt((_, response) => response.end('<html>please log in</html>'))
    await attempt((_, response) => response.end(packed[names[1]]))
    await attempt((_, response) => response.end(packed[names[0]].subarray(0, 100)))
    // Cut off: fewer bytes than announced.
    await attempt(
      (_, response) => {
        response.writeHead(200, { 'content-length': 1000 })
        response.write('x'.repeat(100), () => response.destroy())
      },
      undefined,
      true,
    )
    // A stall, before and within the body.
    await attempt(() => undefined, 100, true)
    await attempt(
      (_, response) => {
        response.write('x')
      },
      100,
      true,
    )
    expect(texts).toMatchInlineSnapshot(`
      [
        "HandgradError: downloadMnist: MIRROR/train-images-idx3-ubyte.gz answered 404 Not Found (set HANDGRAD_MIRROR to another mirror, or copy the four files there yourself)",
        "FormatError: downloadMnist: MIRROR/train-images-idx3-ubyte.gz is not the file expected, it has 26 bytes with SHA-256 SHA, unpacked SHA, not SHA or SHA (set HANDGRAD_MIRROR to another mirror, or copy the four files there yourself)",
        "FormatError: downloadMnist: MIRROR/train-images-idx3-ubyte.gz is not the file expected, it has 42 bytes with SHA-256 SHA, unpacked SHA, not SHA or SHA (set HANDGRAD_MIRROR to another mirror, or copy the four files there yourself)",
        "FormatError: downloadMnist: MIRROR/train-images-idx3-ubyte.gz is not the file expected, it has 100 bytes with SHA-256 SHA, unpacked none, it cannot be unpacked, not SHA or SHA (set HANDGRAD_MIRROR to another mirror, or copy the four files there yourself)",
        "HandgradError: downloadMnist: cannot fetch MIRROR/train-images-idx3-ubyte.gz, the connection was cut (set HANDGRAD_MIRROR to another mirror, or copy the four files there yourself)",
        "HandgradError: downloadMnist: MIRROR/train-images-idx3-ubyte.gz sent nothing for 100 ms (set HANDGRAD_MIRROR to another mirror, or copy the four files there yourself)",
        "HandgradError: downloadMnist: MIRROR/train-images-idx3-ubyte.gz sent nothing for 100 ms (set HANDGRAD_MIRROR to another mirror, or copy the four files there yourself)",
      ]
    `)
  })

  it('says what is wrong with the mirror, the folder and the checksums', async () => {
    const dir = await mkdtemp(join(folder, 'mirror-'))
    const mirror = await serving(
      (_, response) => response.end(),
      async (url) => url,
    )
    const refused = (await said(() => downloadMnist(dir, { mirror, checksums }))).replaceAll(mirror, 'MIRROR')
    expect(refused).toMatch(
      /^HandgradError: downloadMnist: cannot fetch MIRROR\/train-images-idx3-ubyte.gz, the connection was refused \(set HANDGRAD_MIRROR/,
    )
    expect(await said(() => downloadMnist(dir, { mirror: 'file:///tmp' }))).toBe(
      "HandgradError: downloadMnist: mirror is 'file:///tmp' (give a URL that begins with https:// or http://)",
    )
    expect(await said(() => downloadMnist(dir, { mirror, checksums: {} }))).toBe(
      'HandgradError: downloadMnist: no checksum for train-images-idx3-ubyte.gz (give { gzip, raw } for each of the four files)',
    )
    const blocked = join(dir, 'file')
    await writeFile(blocked, '')
    expect((await said(() => downloadMnist(join(blocked, 'x'), { mirror, checksums }))).replace(dir, 'DIR')).toBe(
      'HandgradError: downloadMnist: cannot make DIR/file/x, a part of the path is not a folder (check that its folder exists, has room and may be written)',
    )
  })

  it('sends the name and password of a mirror, and shows neither them nor keys', async () => {
    const dir = await mkdtemp(join(folder, 'secret-'))
    const asked: unknown[] = []
    const texts: string[] = []
    const attempt = (mirror: string) => said(() => downloadMnist(dir, { mirror, checksums })).then((x) => texts.push(x))
    await serving(
      (request, response) => {
        asked.push([request.url, request.headers.authorization])
        response.writeHead(403).end()
      },
      async (mirror) => {
        const [, rest] = mirror.split('//')
        await attempt(`http://me:p%40ss%C3%BCh%20@${rest}?sig=s3cret`)
        expect(texts[0]).toBe(
          `HandgradError: downloadMnist: ${mirror}/train-images-idx3-ubyte.gz answered 403 Forbidden (set HANDGRAD_MIRROR to another mirror, or copy the four files there yourself)`,
        )
      },
    )
    const basic = `Basic ${Buffer.from('me:p@ssüh ').toString('base64')}`
    expect(asked).toEqual([['/mnist/train-images-idx3-ubyte.gz?sig=s3cret', basic]])
    await attempt('https://me:p@ssh@127.0.0.1:9/?sig=s3cret')
    await attempt('ftp://me:p@ssh@host/?sig=s3cret')
    await attempt('https://me:p@ssh@ho st/')
    await attempt('me:p@ssh@host/x')
    await attempt('//me:p?ss@host/x')
    await attempt('ftp://host/?sig=s3@cret')
    for (const text of texts) expect(text).not.toMatch(/me:|p@|p%|p\?|ss|cret/)
    expect(texts[2]).toBe(
      "HandgradError: downloadMnist: mirror is 'ftp://…@host/?…' (give a URL that begins with https:// or http://)",
    )
  })

  it('knows sums of all four files', () => {
    for (const name of names) {
      expect(mnistChecksums[name].gzip).toMatch(/^[0-9a-f]{64}$/)
      expect(mnistChecksums[name].raw).toMatch(/^[0-9a-f]{64}$/)
    }
  })
})

const iris = `sepal_length,sepal_width,species
5.1,3.5,setosa
7.0,3.2,versicolor
6.3,3.3,virginica
4.9,3.0,setosa
`

describe('CSV', () => {
  it('reads columns as numbers, classes and text', () => {
    const table = parseCsv(iris)
    expect([table.length, table.columns, table.lines]).toEqual([
      4,
      ['sepal_length', 'sepal_width', 'species'],
      [2, 3, 4, 5],
    ])
    expect(table.numbers(['sepal_width', 'sepal_length'])).toEqual({
      data: Float64Array.of(3.5, 5.1, 3.2, 7, 3.3, 6.3, 3, 4.9),
      shape: [4, 2],
    })
    expect(table.classes('species')).toEqual({
      labels: Int32Array.of(0, 1, 2, 0),
      names: ['setosa', 'versicolor', 'virginica'],
    })
    expect(table.strings('species')[3]).toBe('setosa')
  })

  it('follows RFC 4180', () => {
    const rows = (text: string, options = {}) => parseCsv(text, { header: false, ...options }).rows
    expect(rows('a,b\r\nc,d\r\n')).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
    expect(rows('a,b\nc,d')).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
    expect(rows('"a","b,c"\n"d ""e""","f\r\ng"')).toEqual([
      ['a', 'b,c'],
      ['d "e"', 'f\r\ng'],
    ])
    expect(rows('a,,\n,,')).toEqual([
      ['a', '', ''],
      ['', '', ''],
    ])
    expect(rows('""')).toEqual([['']])
    expect(rows('a,""\n"",b\n')).toEqual([
      ['a', ''],
      ['', 'b'],
    ])
    expect(rows(' a , b ')).toEqual([[' a ', ' b ']])
    expect(rows('\ufeffa,b\n\n\r\nc,d\n\n')).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
    expect(rows('a\n\nb\n')).toEqual([['a'], [''], ['b']])
    expect(rows('a\tb,c', { separator: '\t' })).toEqual([['a', 'b,c']])
    expect(parseCsv('x,y\n"1\n2",3\n4,5').lines).toEqual([2, 4])
    expect(parseCsv('1,2\n', { header: false }).columns).toEqual(['0', '1'])
    expect(parseCsv('x,y\n').length).toBe(0)
  })

  it('reads decimal numbers and nothing else as numbers', () => {
    const read = (text: string) => parseCsv(`x\n${text}\n`).numbers().data[0]
    expect(['1', ' 2 ', '-3.5', '+.5', '6.', '1e-3', '2E+2'].map(read)).toEqual([1, 2, -3.5, 0.5, 6, 0.001, 200])
    for (const text of ['0x10', '1_000', 'NaN', 'Infinity', '1e999', '1,5'.replace(',', ' '), '--1', '1e', '.']) {
      expect(() => read(text), text).toThrow(FormatError)
    }
    expect([...parseCsv('x,y\n1,\n,4\n').numbers(undefined, { missing: -1 }).data]).toEqual([1, -1, -1, 4])
  })

  it('names the line, the column and the text that is wrong', async () => {
    const texts = [
      await said(() => parseCsv('')),
      await said(() => parseCsv('\n\n')),
      await said(() => parseCsv('a,b\n1,2\n3\n')),
      await said(() => parseCsv('a,b\n"1\n1",2\n3,4,5\n')),
      await said(() => parseCsv('a,b\n1,"2\n3,4\n')),
      await said(() => parseCsv('a,b\n1,2"2"\n')),
      await said(() => parseCsv('a,b\n1,"2"2\n')),
      await said(() => parseCsv('a,b\r1,2\r')),
      await said(() => parseCsv('a,b,a\n1,2,3\n')),
      await said(() => parseCsv('a', { separator: ';;' })),
      await said(() => parseCsv('a', { separator: '"' })),
      await said(() => parseCsv(iris, { name: 'iris.csv' }).numbers()),
      await said(() => parseCsv('a,b\n1,\n').numbers(['b'])),
      await said(() => parseCsv(iris).numbers(['petal_width'])),
      await said(() => parseCsv(iris).classes('kind')),
    ]
    expect(texts).toMatchInlineSnapshot(`
      [
        "FormatError: parseCsv: the CSV text is empty (is it the right file?)",
        "FormatError: parseCsv: the CSV text is empty (is it the right file?)",
        "FormatError: parseCsv: the CSV text, line 3: 1 fields, and line 1 has 2 (quote fields that contain the separator)",
        "FormatError: parseCsv: the CSV text, line 4: 3 fields, and line 1 has 2 (quote fields that contain the separator)",
        "FormatError: parseCsv: the CSV text, line 2: a quoted field is never closed (double a quote that is part of the text)",
        "FormatError: parseCsv: the CSV text, line 2: a quote inside a field that does not begin with one (quote the whole field)",
        "FormatError: parseCsv: the CSV text, line 2: text follows a closing quote, "2\\n" (double a quote in the text)",
        "FormatError: parseCsv: the CSV text, line 1: a carriage return without a line feed (save the file with LF or CRLF line ends)",
        "FormatError: parseCsv: the CSV text, line 1: two columns are named 'a' (rename one, or give { header: false })",
        "HandgradError: parseCsv: separator is ';;' (use one character, such as ',' or '\\t')",
        "HandgradError: parseCsv: separator is '"' (use one character, such as ',' or '\\t')",
        "FormatError: CsvTable.numbers: iris.csv, line 2, column 'species': 'setosa' is not a finite decimal number (is it a column of classes or text?)",
        "FormatError: CsvTable.numbers: the CSV text, line 2, column 'b': the field is empty (give { missing: value } if that is allowed)",
        "HandgradError: CsvTable.numbers: the CSV text has no column 'petal_width' (it has sepal_length, sepal_width, species)",
        "HandgradError: CsvTable.classes: the CSV text has no column 'kind' (it has sepal_length, sepal_width, species)",
      ]
    `)
  })

  it('takes time that grows with the text, whatever is in it', () => {
    const n = 150_000
    const columns = Array.from({ length: n }, (_, i) => `c${i}`)
    const long: [what: string, read: () => unknown, text: string | undefined][] = [
      ['digits', () => parseCsv(`a\n${'1'.repeat(n)}x`).numbers(), 'is not a finite decimal number'],
      ['digits and a dot', () => parseCsv(`a\n${'1'.repeat(n)}.x`).numbers(), 'is not a finite decimal number'],
      ['digits and an exponent', () => parseCsv(`a\n${'1'.repeat(n)}e`).numbers(), 'is not a finite decimal number'],
      ['columns', () => parseCsv(`${columns}\n${columns.map(() => 1)}`).numbers(), undefined],
      ['two columns of one name', () => parseCsv(`${columns},c${n - 1}`), 'two columns are named'],
      ['blank lines', () => parseCsv(`${'\n'.repeat(n)}a,b\n1,2${'\n'.repeat(n)}`).numbers(), undefined],
      ['quotes', () => parseCsv(`a\n"${'""'.repeat(n)}"`).strings('a'), undefined],
      ['rows', () => parseCsv(`a,b\n${'1,2\n'.repeat(n)}`).numbers(), undefined],
      ['names of columns', () => parseCsv(`${columns}\n`).strings('x'), 'and 149990 more'],
    ]
    for (const [what, read, text] of long) {
      const start = performance.now()
      if (text === undefined) read()
      else expect(read, what).toThrow(text)
      // At most 1.5 s here; where it grows with the square, half a minute and more.
      expect(performance.now() - start, what).toBeLessThan(8000)
    }
  }, 90_000)

  it('skips blank lines before the first row', () => {
    for (const blank of ['\n', '\r\n', '\n\n', ' \n', '\t\r\n \n', '\ufeff\n']) {
      const table = parseCsv(`${blank}a,b\n1,2\n`)
      expect([table.columns, table.rows, table.lines[0]], JSON.stringify(blank)).toEqual([
        ['a', 'b'],
        [['1', '2']],
        blank.split('\n').length + 1,
      ])
      expect(parseCsv(`${blank}a\n1\n`).columns).toEqual(['a'])
      expect(parseCsv(`${blank}1\n2\n`, { header: false }).rows).toEqual([['1'], ['2']])
    }
    // A quoted field is not a blank line.
    expect(parseCsv('""\n1\n').columns).toEqual([''])
    expect(() => parseCsv('a,b\n""\n1,2')).toThrow('line 2: 1 fields, and line 1 has 2')
    expect(parseCsv('a,b\n \n1,2').rows).toEqual([['1', '2']])
  })

  it('quotes little of what is wrong, and nothing that a terminal obeys', async () => {
    const mega = 'x'.repeat(1e7)
    const evil = '\u001b[31m\u009b2J\u202e\u0000\n'
    const many = Array.from({ length: 5000 }, (_, i) => `column number ${i}`).join()
    const name = `${evil}${mega}`
    const texts = [
      await said(() => parseCsv(`a\n${mega}`).numbers()),
      await said(() => parseCsv(`${mega}\n1`, { name }).numbers(['y'])),
      await said(() => parseCsv(many).strings('x')),
      await said(() => parseCsv(`a,b\n"1"${mega}`, { name })),
      await said(() => parseCsv(`"${evil}"\n"${evil}"`).numbers()),
      await said(() => parseCsv(`"${evil}","${evil}"`)),
      await said(() => parseCsv(mega, { separator: mega })),
      await said(() => parseIdx(new Uint8Array(2), name)),
      await said(() => readIdx(gzipSync('hello'), name)),
      await said(() => loadCsv(name.replaceAll('\0', ''))),
      await said(() => loadMnist(name.replaceAll('\0', ''))),
      await said(() => downloadMnist(folder, { mirror: name })),
      await said(() =>
        downloadMnist(folder, { checksums: { [`${mnistFiles[0]}.gz`]: { gzip: mega, raw: mega } }, mirror: name }),
      ),
    ]
    for (const text of texts) {
      expect(text).toMatch(/^[ -~…]*$/)
      expect(text.length, text).toBeLessThan(1000)
      expect(text).not.toBe('nothing was thrown')
    }
    expect(texts[2]).toContain('column number 9 and 4990 more')
  })

  it('reads files, and refuses what is not UTF-8 or not there', async () => {
    const path = join(folder, 'iris.csv')
    await writeFile(path, iris)
    expect((await loadCsv(path)).length).toBe(4)
    expect(await said(async () => (await loadCsv(path)).numbers())).toContain(`${path}, line 2, column 'species'`)
    await writeFile(path, Uint8Array.of(0x61, 0xff))
    expect(await said(() => loadCsv(path))).toBe(
      `FormatError: loadCsv: ${path}, line 1: it is not UTF-8 text (save it as UTF-8)`,
    )
    const missing = join(folder, 'no.csv')
    expect(await said(() => loadCsv(missing))).toBe(`HandgradError: loadCsv: cannot read ${missing}, it does not exist`)
  })
})

/** n samples: [2] floats and an int label; sample i is [i, i + 0.5] and i. */
const counting = (n: number) =>
  new TensorDataset(
    { data: Float32Array.from({ length: 2 * n }, (_, i) => i / 2), shape: [2] },
    { data: Int32Array.from({ length: n }, (_, i) => i), shape: [] },
  )

describe('data sets', () => {
  it('gives samples as views', () => {
    const data = counting(3)
    expect(data.length).toBe(3)
    expect(data.get(2)).toEqual([
      { data: Float32Array.of(2, 2.5), shape: [2] },
      { data: Int32Array.of(2), shape: [] },
    ])
    expect(data.get(1)[0].data.buffer).toBe(data.fields[0].data.buffer)
    expect(new Subset(data, [2, 0]).get(0)[1].data[0]).toBe(2)
  })

  it('splits without overlap or loss, the same way for one seed', () => {
    const data = counting(100)
    const labels = (part: Dataset<readonly Field[]>) =>
      Array.from({ length: part.length }, (_, i) => part.get(i)[1].data[0])
    const parts = randomSplit(data, [70, 20, 10], { seed: 3 })
    expect(parts.map((part) => part.length)).toEqual([70, 20, 10])
    expect(parts.flatMap(labels).sort((a, b) => a - b)).toEqual([...Array(100).keys()])
    expect(labels(parts[0])).not.toEqual([...Array(70).keys()])
    expect(randomSplit(data, [70, 20, 10], { seed: 3 }).map(labels)).toEqual(parts.map(labels))
    expect(labels(randomSplit(data, [70, 20, 10], { seed: 4 })[0])).not.toEqual(labels(parts[0]))
    expect(randomSplit(counting(10), [1 / 3, 1 / 3, 1 / 3]).map((part) => part.length)).toEqual([4, 3, 3])
    expect(randomSplit(counting(10), [0.7, 0.3]).map((part) => part.length)).toEqual([7, 3])
    expect(randomSplit(counting(1), [1, 0]).map((part) => part.length)).toEqual([1, 0])
    const { train, test } = trainTestSplit(data, { testSize: 0.2, seed: 1 })
    expect([train.length, test.length]).toEqual([80, 20])
    expect([...labels(train), ...labels(test)].sort((a, b) => a - b)).toEqual([...Array(100).keys()])
    expect(trainTestSplit(data, { testSize: 7 }).test.length).toBe(7)
    expect(trainTestSplit(data).test.length).toBe(25)
  })

  it('takes values that are missing where that is said, and classes in their range', () => {
    const gap = { data: Float32Array.of(1, Number.NaN), shape: [], missing: true }
    expect(new TensorDataset(gap, { data: Uint8Array.of(0, 9), shape: [], classes: 10 }).get(1)).toEqual([
      { data: Float32Array.of(Number.NaN), shape: [] },
      { data: Uint8Array.of(9), shape: [] },
    ])
  })

  it('turns bytes into numbers', () => {
    expect(normalise(Uint8Array.of(0, 51, 255))).toEqual(Float32Array.of(0, 0.2, 1))
    expect(normalise(Uint8Array.of(0, 255), { mean: 0.5, std: 0.25 })).toEqual(Float32Array.of(-2, 2))
    const { mean, std } = meanStd(Uint8Array.of(0, 255, 255, 0))
    expect([mean, std]).toEqual([0.5, 0.5])
    const constant = meanStd(new Uint8Array(1000).fill(200))
    expect([constant.mean, constant.std]).toEqual([200 / 255, 0])
  })

  it('gives labelled images as samples', () => {
    const digits = syntheticDigits({ count: 5, seed: 1 })
    const [pixels, label] = new DigitDataset(digits).get(4)
    expect([pixels.shape, label.shape]).toEqual([[784], []])
    expect(pixels.data).toEqual(normalise(digits.images.slice(4 * 784)))
    expect(label.data).toEqual(Int32Array.of(digits.labels[4]))
    const [planes] = new DigitDataset(digits, { shape: [1, 28, 28], mean: 0.5, std: 0.5 }).get(0)
    expect([planes.shape, planes.data[0]]).toEqual([[1, 28, 28], -1])
  })

  it('refuses what does not fit', async () => {
    const digits = syntheticDigits({ count: 2, seed: 1 })
    const data = Float32Array.of(1, 2, 3)
    const texts = [
      await said(() => new TensorDataset()),
      await said(() => new TensorDataset({ data: [1, 2] as unknown as Float32Array, shape: [] })),
      await said(() => new TensorDataset({ data: new Uint32Array(2) as unknown as Int32Array, shape: [] })),
      await said(() => new TensorDataset({ data, shape: [2] })),
      await said(() => new TensorDataset({ data, shape: [0] })),
      await said(() => new TensorDataset({ data, shape: [1] }, { data: Int32Array.of(1, 2), shape: [] })),
      await said(() => new TensorDataset({ data: Float32Array.of(1, 2, 3, Number.NaN), shape: [2] })),
      await said(() => new TensorDataset({ data: Float64Array.of(1, Infinity), shape: [] })),
      await said(() => new TensorDataset({ data: Int32Array.of(0, 2, 3), shape: [], classes: 3 })),
      await said(() => new TensorDataset({ data: Int32Array.of(0, 2, 1, -1), shape: [2], classes: 3 })),
      await said(() => new TensorDataset({ data: Float32Array.of(0.5), shape: [], classes: 3 })),
      await said(() => new TensorDataset({ data: Int32Array.of(0), shape: [], classes: 0 })),
      // @ts-expect-error not true or false
      await said(() => new TensorDataset({ data, shape: [], missing: 1 })),
      await said(() => new TensorDataset(Object.assign({ data, shape: [] }, { clases: 2 }))),
      await said(() => counting(3).get(3)),
      await said(() => counting(3).get(-1)),
      await said(() => new Subset(counting(3), [0, 3])),
      await said(() => new Subset(counting(3), [0]).get(1)),
      await said(() => new DigitDataset({ ...digits, count: 3 })),
      await said(() => new DigitDataset(digits, { shape: [28, 27] })),
      // @ts-expect-error a number
      await said(() => new DigitDataset(digits, { shape: 5 })),
      await said(() => new DigitDataset(digits, { std: 0 })),
      await said(() => new DigitDataset(digits).get(2)),
      await said(() => normalise(digits.images, { mean: Number.NaN })),
      await said(() => meanStd(new Uint8Array(0))),
      await said(() => randomSplit(counting(10), [5, 4])),
      await said(() => randomSplit(counting(10), [0.5, 0.4])),
      await said(() => randomSplit(counting(10), [11, -1])),
      await said(() => randomSplit(counting(10), [])),
      await said(() => trainTestSplit(counting(10), { testSize: 10 })),
      await said(() => trainTestSplit(counting(10), { testSize: 0 })),
      await said(() => trainTestSplit(counting(10), { seed: 0.5 })),
    ]
    expect(texts).toMatchInlineSnapshot(`
      [
        "HandgradError: TensorDataset: no field was given (give { data, shape } for each)",
        "HandgradError: TensorDataset: field 0 is not { data, shape } (data is a typed array, shape that of one sample, [] for a number)",
        "HandgradError: TensorDataset: field 0 is not { data, shape } (data is a typed array, shape that of one sample, [] for a number)",
        "HandgradError: TensorDataset: field 0 has 3 elements, no whole number of samples of shape [2]",
        "HandgradError: TensorDataset: field 0 has sample shape [0] (dims are integers from 1)",
        "HandgradError: TensorDataset: field 0 has 3 samples and field 1 has 2",
        "HandgradError: TensorDataset: field 0 has NaN at row 1, column 1 (fill it in or drop the row, or say { missing: true })",
        "HandgradError: TensorDataset: field 0 has Infinity at row 1 (fill it in or drop the row, or say { missing: true })",
        "HandgradError: TensorDataset: field 0 has class 3 at row 2 (classes are 0 to 2)",
        "HandgradError: TensorDataset: field 0 has class -1 at row 1, column 1 (classes are 0 to 2)",
        "HandgradError: TensorDataset: field 0 has class 0.5 at row 0 (classes are 0 to 2)",
        "HandgradError: TensorDataset: classes is 0 (give their number, an integer from 1)",
        "HandgradError: TensorDataset: missing is 1 (give true or false)",
        "HandgradError: TensorDataset: there is no option clases (did you mean classes? it takes { data, shape, classes, missing })",
        "HandgradError: TensorDataset.get: index 3 is outside 0 to 2 (the data set has 3 samples)",
        "HandgradError: TensorDataset.get: index -1 is outside 0 to 2 (the data set has 3 samples)",
        "HandgradError: Subset: index 3 is outside 0 to 2 (the data set has 3 samples)",
        "HandgradError: Subset.get: index 1 is outside 0 to 0 (the data set has 1 samples)",
        "HandgradError: DigitDataset: 1568 bytes and 2 labels are not 3 images of 28 × 28",
        "HandgradError: DigitDataset: shape [28, 27] does not hold 28 × 28 pixels",
        "HandgradError: DigitDataset: shape is 5 (give an array of dims)",
        "HandgradError: DigitDataset: std is 0 (use a number above 0)",
        "HandgradError: DigitDataset.get: index 2 is outside 0 to 1 (the data set has 2 samples)",
        "HandgradError: normalise: mean is NaN (use a finite number)",
        "HandgradError: meanStd: there are no bytes",
        "HandgradError: randomSplit: lengths [5, 4] add up to 9, and the data set has 10 samples (or give fractions that add up to 1)",
        "HandgradError: randomSplit: fractions [0.5, 0.4] add up to 0.9 (they must add up to 1)",
        "HandgradError: randomSplit: lengths are [11, -1] (give numbers of samples, or fractions that add up to 1)",
        "HandgradError: randomSplit: lengths are [] (give numbers of samples, or fractions that add up to 1)",
        "HandgradError: trainTestSplit: testSize 10 of 10 samples leaves an empty part (use a fraction, or 1 to n - 1 samples)",
        "HandgradError: trainTestSplit: testSize 0 of 10 samples leaves an empty part (use a fraction, or 1 to n - 1 samples)",
        "HandgradError: Philox: seed is 0.5 (use an integer from 0 to 2^53 - 1)",
      ]
    `)
  })
})

/** Labels of the batches of one epoch; what `more` names are left out. */
async function labelsOf(batches: Iterable<readonly Tensor[]>): Promise<number[][]> {
  const labels: number[][] = []
  for (const [, y] of batches) labels.push([...(await y.data())])
  return labels
}

describe('batches end', () => {
  const batches = (options = {}) => new DataLoader(counting(6), { batchSize: 2, ...options })

  it('when the next one is asked for, and at the end of the loop', () => {
    const before = memory()
    const seen: (readonly Tensor[])[] = []
    for (const batch of batches()) {
      seen.push(batch)
      expect(memory().storages).toBe(before.storages + 2)
      expect(seen.flat().map((x) => x.disposed)).toEqual(seen.flatMap((one) => one.map(() => one !== batch)))
    }
    expect(memory()).toEqual(before)
  })

  it('except what is kept', async () => {
    const kept: Tensor[] = []
    for (const [x, y] of batches()) kept.push(keep(x), y)
    expect(kept.map((x) => x.disposed)).toEqual([false, true, false, true, false, true])
    expect(await kept[0].array()).toEqual([
      [0, 0.5],
      [1, 1.5],
    ])
  })

  it('and say so to those who use them afterwards', async () => {
    const [first, second] = [...batches()]
    const todo = '(a DataLoader frees a batch when the next one is asked for: keep(batch) what is needed longer)'
    const number = (text: string) => text.replace(/#\d+/, '#n')
    for (const use of [() => first[0].add(1), () => first[0].data(), () => zerosLike(first[0])]) {
      expect(number(await said(use))).toMatch(`tensor #n [2, 2] was disposed ${todo}`)
    }
    expect(number(await said(() => second[1].add(1)))).toBe(`HandgradError: add: tensor #n [2] was disposed ${todo}`)
  })

  it('but not for the graphs that stand on them', async () => {
    const w = tensor([[2], [3]], { requiresGrad: true })
    const losses: Tensor[] = []
    for (const [x] of batches()) losses.push(x.matmul(w).square().sum())
    const grads = []
    for (const loss of losses) {
      w.zeroGrad()
      loss.backward()
      grads.push(await w.grad.array())
    }
    const expected = []
    for (const [x] of batches()) {
      w.zeroGrad()
      x.matmul(w).square().sum().backward()
      expected.push(await w.grad.array())
    }
    expect(grads).toEqual(expected)
  })

  it('with all that get and collate made for them, unless these failed', () => {
    const device = new CpuDevice()
    const scaled = { length: 6, get: (i: number) => tensor([i], { device }).mul(2) }
    for (const x of new DataLoader<Tensor>(scaled, { batchSize: 3 })) {
      expect(x.shape).toEqual([3, 1])
      expect(memory(device).storages).toBe(7)
    }
    expect(memory(device).storages).toBe(0)
    const collate = (list: Tensor[]) => fail('collate', `${list.length} samples`)
    expect(() => [...new DataLoader<Tensor, Tensor, void>(scaled, { collate })]).toThrow('collate: 1 samples')
    expect(memory(device).storages).toBe(0)
  })

  it('the last one of a loop that was left: as any other tensor, with its scope or by the collector', async () => {
    const device = new CpuDevice()
    const [batch] = batches({ device })
    expect(await batch[1].array()).toEqual([0, 1])
    scope(() => {
      for (const _ of batches({ device })) break
      expect(memory(device).storages).toBe(4)
    })
    expect(memory(device).storages).toBe(2)
    const walk = () => {
      for (const _ of batches({ device })) break
      // Neither left nor ended, but forgotten.
      batches({ device })[Symbol.iterator]().next()
    }
    walk()
    expect(memory(device).storages).toBe(6)
    // A forgotten loop is collected before the tensors that it held.
    await collect()
    await collect()
    expect(memory(device).storages).toBe(2)
    expect(batch[0].disposed).toBe(false)
  })

  it('but never what the data set itself holds', async () => {
    const device = new CpuDevice()
    const all = tensor([1, 2, 3, 4], { device })
    const own = [tensor([1], { device }), tensor([2], { device }), tensor([3], { device }), tensor([4], { device })]
    const made: Tensor[] = []
    const gets: ((i: number) => Tensor)[] = [
      (i) => own[i],
      (i) => all.slice([i, i + 1]),
      // Made in `get` and given out again: kept by the data set.
      (i) => (made[i] ??= keep(tensor([i + 1], { device }))),
    ]
    const collates: (((samples: Tensor[]) => unknown) | undefined)[] = [
      undefined,
      ([first]) => first,
      (samples) => samples,
      (samples) => ({ whole: all, samples }),
    ]
    for (const get of gets) {
      for (const collate of collates) {
        const loader = new DataLoader<Tensor, Tensor, unknown>(
          { length: 4, get },
          { batchSize: 2, ...(collate && { collate }) },
        )
        for (let epoch = 0; epoch < 2; epoch++) for (const batch of loader) expect(batch).toBeDefined()
        expect([all, ...own, ...made].map((x) => x.disposed)).not.toContain(true)
        // Nothing else is left.
        expect(memory(device).storages).toBe(5 + made.length)
      }
    }
    expect(await Promise.all([...own, ...made].map((x) => x.item()))).toEqual([1, 2, 3, 4, 1, 2, 3, 4])
    expect(await all.array()).toEqual([1, 2, 3, 4])
  })

  it('keeps loops that interleave apart', () => {
    const [a, b] = [batches()[Symbol.iterator](), batches()[Symbol.iterator]()]
    const [first, other] = [a.next().value as readonly Tensor[], b.next().value as readonly Tensor[]]
    a.next()
    expect([first[0].disposed, other[0].disposed]).toEqual([true, false])
  })
})

describe('DataLoader', () => {
  it('stacks samples into tensors in order', async () => {
    const loader = new DataLoader(counting(5), { batchSize: 2 })
    expect(loader.length).toBe(3)
    const seen = []
    for (const [x, y] of loader) seen.push([x.shape, x.dtype, await x.array(), y.shape, y.dtype, await y.array()])
    expect(seen).toEqual([
      [
        [2, 2],
        'float32',
        [
          [0, 0.5],
          [1, 1.5],
        ],
        [2],
        'int32',
        [0, 1],
      ],
      [
        [2, 2],
        'float32',
        [
          [2, 2.5],
          [3, 3.5],
        ],
        [2],
        'int32',
        [2, 3],
      ],
      [[1, 2], 'float32', [[4, 4.5]], [1], 'int32', [4]],
    ])
    expect(await labelsOf(new DataLoader(counting(5), { batchSize: 2, dropLast: true }))).toEqual([
      [0, 1],
      [2, 3],
    ])
  })

  it('turns arrays of every kind into the dtype that holds them', async () => {
    const fields = [
      new Float32Array(1),
      new Float64Array(1),
      new Int32Array(1),
      new Int16Array(1),
      new Int8Array(1),
      new Uint16Array(1),
      new Uint8Array(1),
      Buffer.alloc(1),
    ].map((data) => ({ data: data.fill(7), shape: [] }))
    const [batch] = new DataLoader(new TensorDataset(...fields))
    expect(batch.map((x) => x.dtype)).toEqual([
      'float32',
      'float64',
      'int32',
      'int32',
      'int32',
      'int32',
      'int32',
      'int32',
    ])
    for (const x of batch) expect([...(await x.data())]).toEqual([7])
  })

  it('shuffles anew every epoch, and the same way for one seed', async () => {
    const make = (seed?: number) => new DataLoader(counting(50), { batchSize: 8, shuffle: true, seed })
    const loader = make(5)
    const first = await labelsOf(loader)
    const second = await labelsOf(loader)
    expect(first.flat().sort((a, b) => a - b)).toEqual([...Array(50).keys()])
    expect(second.flat().sort((a, b) => a - b)).toEqual([...Array(50).keys()])
    expect(second).not.toEqual(first)
    expect(first.flat()).toEqual([...loader.order(0)])
    const again = make(5)
    expect([await labelsOf(again), await labelsOf(again)]).toEqual([first, second])
    expect(await labelsOf(make(6))).not.toEqual(first)
    expect(await labelsOf(make())).toEqual(await labelsOf(make(0)))
    expect(loader.epoch).toBe(2)
  })

  it('resumes in the middle of an epoch', async () => {
    const make = () => new DataLoader(counting(20), { batchSize: 4, shuffle: true, seed: 11 })
    const whole = make()
    const expected = [await labelsOf(whole), await labelsOf(whole)]

    for (let stop = 0; stop <= 5; stop++) {
      const loader = make()
      await labelsOf(loader)
      let state = loader.stateDict()
      let batch = 0
      for (const _ of loader) {
        if (batch++ === stop) break
        state = JSON.parse(JSON.stringify(loader.stateDict())) as typeof state // as a checkpoint would
      }
      const other = new DataLoader(counting(20), { batchSize: 4, shuffle: true, seed: 99 })
      other.loadStateDict(state)
      const rest = await labelsOf(other)
      if (stop < 5) expect(rest).toEqual(expected[1].slice(stop))
      else expect(state).toEqual({ seed: 11, epoch: 2, batch: 0 })
      expect(other.epoch).toBe(stop < 5 ? 2 : 3)
    }
  })

  it('begins a new epoch after a loop that was left, and keeps loops apart', async () => {
    const loader = new DataLoader(counting(6), { batchSize: 2, shuffle: true, seed: 2 })
    const orders = [0, 1, 2].map((epoch) => [...loader.order(epoch)])
    for (const [, y] of loader) {
      expect([...(await y.data())]).toEqual(orders[0].slice(0, 2))
      break
    }
    // Not the batch after the one in hand: a loader restored from it goes on as this one does.
    expect(loader.stateDict()).toEqual({ seed: 2, epoch: 1, batch: 0 })
    const restored = new DataLoader(counting(6), { batchSize: 2, shuffle: true })
    restored.loadStateDict(loader.stateDict())
    expect(restored.epoch).toBe(loader.epoch)
    expect((await labelsOf(restored)).flat()).toEqual(orders[1])
    expect((await labelsOf(loader)).flat()).toEqual(orders[1])
    // An inner loop while an outer one runs: each sees a whole epoch of its own.
    const outer = loader[Symbol.iterator]()
    outer.next()
    const inner = (await labelsOf(loader)).flat()
    const rest: number[] = []
    for (const [, y] of outer) rest.push(...(await y.data()))
    expect(rest).toEqual(orders[2].slice(2))
    expect(inner).toEqual([...loader.order(3)])
    expect(loader.stateDict()).toEqual({ seed: 2, epoch: 4, batch: 0 })
  })

  it('goes on alike after an error in the loop, and resumes from a state that was taken before it', async () => {
    const make = () => new DataLoader(counting(6), { batchSize: 2, shuffle: true, seed: 2 })
    const loader = make()
    let state = loader.stateDict()
    const failing = async () => {
      for (const _ of loader) {
        state = loader.stateDict()
        throw new Error('on purpose')
      }
    }
    expect(await said(failing)).toBe('Error: on purpose')
    const [after, within] = [make(), make()]
    after.loadStateDict(loader.stateDict())
    within.loadStateDict(state)
    expect(await labelsOf(within)).toEqual((await labelsOf(make())).slice(1))
    expect(await labelsOf(after)).toEqual(await labelsOf(loader))
  })

  it('stacks numbers, booleans, arrays and tensors, alone and in lists', async () => {
    const of = async <T>(get: (i: number) => T) => {
      const [batch] = new DataLoader<T>({ length: 2, get }, { batchSize: 2 })
      const list = Array.isArray(batch) ? (batch as Tensor[]) : [batch as Tensor]
      const seen = await Promise.all(list.map(async (x) => [x.dtype, await x.array()]))
      return Array.isArray(batch) ? seen : seen[0]
    }
    expect(await of((i) => i + 0.5)).toEqual(['float32', [0.5, 1.5]])
    expect(await of((i) => i === 1)).toEqual(['bool', [false, true]])
    const rows = [
      [0, 1],
      [1, 2],
    ]
    expect(await of((i) => Float64Array.of(i, i + 1))).toEqual(['float64', rows])
    expect(await of((i) => Uint8Array.of(i, i + 1))).toEqual(['int32', rows])
    expect(await of((i) => ({ data: Int16Array.of(i, i + 1), shape: [2] }))).toEqual(['int32', rows])
    expect(await of((i) => tensor([i, i + 1]))).toEqual(['float32', rows])
    expect(await of((i) => [i, [i, i + 1], Float32Array.of(i, i + 1), tensor(i === 0)] as const)).toEqual([
      ['float32', [0, 1]],
      ['float32', rows],
      ['float32', rows],
      ['bool', [true, false]],
    ])
    // Gradients pass through a batch to samples that ask for them.
    const w = [tensor([1, 2], { requiresGrad: true }), tensor([3, 4], { requiresGrad: true })]
    for (const batch of new DataLoader<Tensor>({ length: 2, get: (i) => w[i] }, { batchSize: 2 })) {
      batch.square().sum().backward()
    }
    expect(await w[1].grad.array()).toEqual([6, 8])
  })

  it('says which samples of a batch are not alike', async () => {
    const gives = (...samples: unknown[]) =>
      said(() => [
        ...new DataLoader<unknown, unknown, unknown>(
          { length: samples.length, get: (i) => samples[i] },
          { batchSize: 9 },
        ),
      ])
    const alike = '(samples of a batch must be alike, or give { collate })'
    const sorts = 'numbers, arrays, tensors, { data, shape }, or lists of these; else give { collate }'
    expect(await gives(1, true)).toBe(
      `HandgradError: DataLoader: a sample is [] in number in one sample and [] in boolean in another ${alike}`,
    )
    expect(await gives(1, [1])).toBe(`HandgradError: DataLoader: one sample is 1 and another an array ${alike}`)
    expect(await gives([1, 2], [1])).toBe(`HandgradError: DataLoader: one sample has 2 fields and another 1 ${alike}`)
    expect(await gives([[1, 2]], [[1]])).toBe(
      `HandgradError: DataLoader: field 0 is [2] in number in one sample and [1] in number in another ${alike}`,
    )
    expect(await gives(tensor([1]), tensor([true]))).toBe(
      'HandgradError: DataLoader: a sample is [1] in a float32 tensor on cpu in one sample and ' +
        `[1] in a bool tensor on cpu in another ${alike}`,
    )
    expect(await gives([])).toBe('HandgradError: DataLoader: a sample is an empty list (give one or more fields)')
    expect(await gives({ x: 1 })).toBe(`HandgradError: DataLoader: a sample is an object (samples are ${sorts})`)
    expect(await gives([0, null])).toBe(`HandgradError: DataLoader: field 1 is null (samples are ${sorts})`)
    expect(await gives({ data: new Float32Array(3), shape: [2] })).toBe(
      'HandgradError: DataLoader: a sample has 3 elements, and as shape [2] ([] is that of one number)',
    )
    const elsewhere = { device: new CpuDevice(), batchSize: 2 }
    const onDefault = { length: 2, get: () => tensor([1]) }
    expect(await said(() => [...new DataLoader(onDefault, elsewhere)])).toBe(
      'HandgradError: DataLoader: a sample is a tensor on cpu, and batches go to cpu ' +
        '(leave { device } out, or make the tensors of the data set there)',
    )
  })

  it('makes batches of any samples with collate', () => {
    const words: Dataset<string> = { length: 3, get: (i) => ['a', 'b', 'c'][i] }
    const loader = new DataLoader(words, { batchSize: 2, collate: (samples) => samples.join('') })
    expect([...loader]).toEqual(['ab', 'c'])
  })

  it('refuses promises, whose failure does not end the process', async () => {
    const unhandled: unknown[] = []
    const note = (error: unknown) => void unhandled.push(error)
    process.on('unhandledRejection', note)
    const late = async () => fail('late', 'this comes too late')
    const first = { length: 1, get: late }
    expect(await said(() => [...new DataLoader<unknown, unknown, unknown>(first)])).toBe(
      'HandgradError: DataLoader: get(0) returned a promise (take the batches by for await, or load data before)',
    )
    expect(await said(() => [...new DataLoader(counting(1), { collate: late })])).toBe(
      'HandgradError: DataLoader: collate returned a promise (return the batch, at once)',
    )
    await new Promise((next) => setTimeout(next, 10))
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })

  it('refuses options and samples that do not fit', async () => {
    const data = counting(3)
    const mixed: Dataset<Field[]> = {
      length: 2,
      get: (i) => [{ data: new Float32Array(2 + i), shape: [2 + i] }],
    }
    const uneven: Dataset<Field[]> = {
      length: 2,
      get: (i) => Array.from({ length: 2 - i }, () => ({ data: new Float32Array(1), shape: [] })),
    }
    const bad = (options: object) => said(() => new DataLoader(data, options))
    const texts = [
      await bad({ batchSize: 0 }),
      await bad({ batchSize: 1.5 }),
      await bad({ batchSize: '8' }),
      await bad({ shuffle: 1 }),
      await bad({ dropLast: 'yes' }),
      await bad({ seed: -1 }),
      await bad({ batchSize: 4, dropLast: true }),
      await bad({ device: 'nonsense' }),
      await bad({ device: null }),
      await bad({ collate: 5 }),
      await bad({ device: new CpuDevice(), collate: () => 0 }),
      await said(() => new DataLoader({ length: 2 } as unknown as Dataset<Field[]>)),
      await said(() => new DataLoader(counting(0))),
      await said(() => [...new DataLoader({ length: 1, get: () => 'text' })]),
      await said(() => [...new DataLoader(mixed, { batchSize: 2 })]),
      await said(() => [...new DataLoader(uneven, { batchSize: 2 })]),
      // @ts-expect-error no state
      await said(() => new DataLoader(data).loadStateDict(undefined)),
      await said(() => new DataLoader(data).loadStateDict({ seed: 0, epoch: -1, batch: 0 })),
      await said(() => new DataLoader(data).loadStateDict({ seed: 0, epoch: 0, batch: 3 })),
    ]
    expect(texts).toMatchInlineSnapshot(`
      [
        "HandgradError: DataLoader: batchSize is 0 (use an integer from 1 to 2147483647)",
        "HandgradError: DataLoader: batchSize is 1.5 (use an integer from 1 to 2147483647)",
        "HandgradError: DataLoader: batchSize is 8 (use an integer from 1 to 2147483647)",
        "HandgradError: DataLoader: shuffle is 1 (give true or false)",
        "HandgradError: DataLoader: dropLast is 'yes' (give true or false)",
        "HandgradError: DataLoader: seed is -1 (use an integer from 0 to 9007199254740991)",
        "HandgradError: DataLoader: dropLast leaves no batch, 3 samples do not fill one of 4",
        "HandgradError: DataLoader: device is 'nonsense' (give await device('auto'))",
        "HandgradError: DataLoader: device is null (give await device('auto'))",
        "HandgradError: DataLoader: collate is 5 (give a function from samples to a batch)",
        "HandgradError: DataLoader: device and collate are given (make the batch there in collate, and leave device out)",
        "HandgradError: DataLoader: the first argument is not a data set (it needs a length and get(index))",
        "HandgradError: DataLoader: the data set is empty",
        "HandgradError: DataLoader: a sample is 'text' (samples are numbers, arrays, tensors, { data, shape }, or lists of these; else give { collate })",
        "HandgradError: DataLoader: field 0 is [2] in Float32Array in one sample and [3] in Float32Array in another (samples of a batch must be alike, or give { collate })",
        "HandgradError: DataLoader: one sample has 2 fields and another 1 (samples of a batch must be alike, or give { collate })",
        "HandgradError: DataLoader: the state is undefined (give what stateDict() of a loader gave)",
        "HandgradError: DataLoader: epoch is -1 (use an integer from 0 to 2147483647)",
        "HandgradError: DataLoader: batch is 3 (use an integer from 0 to 2)",
      ]
    `)
  })
})
