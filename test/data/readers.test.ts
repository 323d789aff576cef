/** @file Readers that stream: the same in chunks of any size as at once, little in memory, and faults named by line. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  characters,
  DataLoader,
  loadCsv,
  loadIdx,
  loadText,
  parseCsv,
  readCsv,
  readIdx,
  readJsonLines,
  readLines,
  WindowDataset,
} from '../../src/data/index.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'handgrad-readers-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function said(call: () => unknown): Promise<string> {
  try {
    await call()
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`.replaceAll(folder, 'DIR').replaceAll('\\', '/')
  }
  return 'nothing was thrown'
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

const bytesOf = (text: string) => new TextEncoder().encode(text)
/** The bytes in pieces of `size`. */
const pieces = (bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> => ({
  async *[Symbol.asyncIterator]() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  },
})

describe('tables', () => {
  const text = '\ufeff\n a,b ,"c ""x"""\r\n1,2,"drei\nvier,"\r\n\n3.5,,"ü€😀"\n-1e3,7,""'

  it('are the same in pieces of any size as at once', async () => {
    const whole = parseCsv(text)
    const bytes = bytesOf(text)
    for (let size = 1; size < bytes.length + 2; size++) {
      const table = await loadCsv(pieces(bytes, size))
      const rows = await all(readCsv(pieces(bytes, size)))
      expect([table.columns, table.rows, table.lines]).toEqual([whole.columns, whole.rows, whole.lines])
      expect([rows.map((row) => row.fields), rows.map((row) => row.line)]).toEqual([whole.rows, whole.lines])
    }
    const sources = [bytes, new Blob([bytes]), new Blob([bytes]).stream()]
    for (const source of sources) expect((await loadCsv(source)).rows).toEqual(whole.rows)
  })

  it('say the same of what is wrong, wherever it is', async () => {
    const wrong = [
      'a,b\n1,2\n3',
      'a,b\n1,"2\n3',
      'a,b\n1,"2"x\n3,4',
      'a,a\n1,2',
      '',
      ' \n ',
      'a\r',
      'a,b\n1,x"y"\n2,3\n',
      '"',
    ]
    for (const bad of wrong) {
      const expected = await said(() => parseCsv(bad, { name: 'n' }))
      expect(expected).toMatch(/^FormatError: parseCsv: n/)
      for (const size of [1, 2, 1000]) {
        const load = await said(() => loadCsv(pieces(bytesOf(bad), size), { name: 'n' }))
        const read = await said(() => all(readCsv(pieces(bytesOf(bad), size), { name: 'n' })))
        expect([load, read]).toEqual([expected.replace('parseCsv', 'loadCsv'), expected.replace('parseCsv', 'readCsv')])
      }
    }
  })

  it('with tabs are told by their name', async () => {
    const path = join(folder, 'table.tsv')
    await writeFile(path, 'a\tb\n1,5\t2\n')
    expect((await loadCsv(path)).rows).toEqual([['1,5', '2']])
    expect((await all(readCsv(path, { separator: ';' })))[0].fields).toEqual(['1,5\t2'])
  })

  it('stream into a loader, epoch after epoch', async () => {
    const path = join(folder, 'stream.csv')
    await writeFile(path, 'x,y,kind\n1,2,cat\n3,4,dog\n5,,cat\n')
    const kinds = ['cat', 'dog']
    const loader = new DataLoader(readCsv(path), {
      batchSize: 2,
      transform: (row) => [row.numbers(['x', 'y'], { missing: 0 }), kinds.indexOf(row.text('kind'))] as const,
    })
    for (let epoch = 0; epoch < 2; epoch++) {
      const seen = []
      for await (const [x, y] of loader) seen.push([await x.array(), await y.array()])
      expect(seen).toEqual([
        [
          [
            [1, 2],
            [3, 4],
          ],
          [0, 1],
        ],
        [[[5, 0]], [0]],
      ])
    }
    const failing = new DataLoader(readCsv(path), { transform: (row) => row.numbers() })
    expect(await said(() => all(failing))).toBe(
      "FormatError: CsvRow.numbers: DIR/stream.csv, line 2, column 'kind': 'cat' is not a finite decimal number (is it a column of classes or text?)",
    )
    const [row] = await all(readCsv(path))
    expect(await said(() => row.text('z'))).toBe(
      "HandgradError: CsvRow.text: DIR/stream.csv has no column 'z' (it has x, y, kind)",
    )
  })

  it('take no more memory than a chunk', async () => {
    const line = bytesOf(`${'12.5,'.repeat(40)}end\n`)
    let given = 0
    const source: AsyncIterable<Uint8Array> = {
      async *[Symbol.asyncIterator]() {
        const block = new Uint8Array(200 * line.length)
        for (let i = 0; i < 200; i++) block.set(line, i * line.length)
        for (; given < 24 * 2 ** 20; given += block.length) yield block
      },
    }
    const before = process.memoryUsage().rss
    let [rows, most] = [0, 0]
    for await (const _ of readCsv(source, { header: false }))
      if (++rows % 1000 === 0) most = Math.max(most, process.memoryUsage().rss - before)
    expect(rows).toBe(given / line.length)
    expect(most).toBeLessThan(50 * 2 ** 20)
  })
})

describe('text', () => {
  it('is read by lines, whatever the pieces', async () => {
    const text = 'one\r\ntwo\n\nünf\u{1f600}\nlast'
    const lines = ['one', 'two', '', 'ünf\u{1f600}', 'last']
    for (let size = 1; size < 30; size++) expect(await all(readLines(pieces(bytesOf(text), size)))).toEqual(lines)
    expect(await all(readLines(bytesOf(`${text}\n`)))).toEqual(lines)
    const path = join(folder, 'lines.txt')
    await writeFile(path, text)
    const stream = readLines(path)
    expect([await all(stream), await all(stream)]).toEqual([lines, lines])
    expect(await loadText(path)).toBe(text)
  })

  it('in JSON Lines gives values', async () => {
    const text = '\ufeff{"a": 1}\n\n[1, 2]\r\n"x"\nnull'
    const values = [{ a: 1 }, [1, 2], 'x', null]
    for (const size of [1, 3, 100]) expect(await all(readJsonLines(pieces(bytesOf(text), size)))).toEqual(values)
    const loader = new DataLoader(
      readJsonLines<{ x: number[]; y: number }>(bytesOf('{"x":[1,2],"y":0}\n{"x":[3,4],"y":1}')),
      {
        batchSize: 2,
        transform: ({ x, y }) => [x, y] as const,
      },
    )
    for await (const [x, y] of loader)
      expect([await x.array(), await y.array()]).toEqual([
        [
          [1, 2],
          [3, 4],
        ],
        [0, 1],
      ])
  })

  it('is taken apart into characters, and windows of them', async () => {
    const { codes, alphabet } = characters('abba\nc😀')
    expect([alphabet, [...codes]]).toEqual([
      ['\n', 'a', 'b', 'c', '😀'],
      [1, 2, 2, 1, 0, 3, 4],
    ])
    expect([...characters('cab', alphabet).codes]).toEqual([3, 1, 2])
    const windows = new WindowDataset(codes, 3, { stride: 2 })
    expect(windows.length).toBe(2)
    expect([0, 1].map((i) => windows.get(i).map(({ data, shape }) => [[...data], shape]))).toEqual([
      [
        [[1, 2, 2], [3]],
        [[2, 2, 1], [3]],
      ],
      [
        [[2, 1, 0], [3]],
        [[1, 0, 3], [3]],
      ],
    ])
  })

  it('says where it is wrong', async () => {
    const bad = (...values: number[]) => Uint8Array.of(...bytesOf('one\ntwo\n'), ...values, 10)
    const late = new Uint8Array(300_000).fill(10)
    late[299_990] = 0xc3
    const opened = new Blob(['a']).stream()
    await all(readLines(opened))
    const texts = [
      await said(() => all(readLines(bad(0xff)))),
      await said(() => all(readLines(pieces(bad(0xe2, 0x82), 10)))),
      await said(() => all(readLines(late))),
      await said(() => loadText(bad(0xc3).subarray(0, -1))),
      await said(() => all(readLines(bytesOf(`ab\n${'x'.repeat(11)}\n`), { limit: 10 }))),
      await said(() => loadText(bytesOf('12345'), { limit: 4 })),
      await said(() => all(readLines(join(folder, 'none')))),
      await said(() => all(readLines(folder))),
      await said(() => all(readLines(opened))),
      // @ts-expect-error numbers in place of bytes
      await said(() => all(readLines({ [Symbol.asyncIterator]: () => [1][Symbol.iterator]() }))),
      // @ts-expect-error a number
      await said(() => readLines(1)),
      await said(() => readLines('x', { limit: 0 })),
      await said(() => all(readJsonLines(bytesOf('{"a": 1}\n{"a": }')))),
      await said(() => all(readJsonLines(bytesOf('1\n[1, 2')))),
      await said(() => all(readJsonLines(bytesOf('1\n\nx')))),
      await said(() => all(readJsonLines(bytesOf('['.repeat(100_000))))),
      await said(() => all(readJsonLines(bytesOf(`["${'['.repeat(1000)}", ${'{"a":'.repeat(600)}`)))),
      await said(() => characters('ab\ncd', ['a', 'b', '\n', 'c'])),
      await said(() => new WindowDataset([1, 2, 3], 3)),
      await said(() => new WindowDataset([1, 2, 3], 1, { stride: 0 })),
      await said(() => new WindowDataset([1, 2, 3], 2).get(1)),
    ]
    expect(texts).toMatchInlineSnapshot(`
      [
        "FormatError: readLines: the data, line 3: it is not UTF-8 text (save it as UTF-8)",
        "FormatError: readLines: the data, line 3: it is not UTF-8 text (save it as UTF-8)",
        "FormatError: readLines: the data, line 299991: it is not UTF-8 text (save it as UTF-8)",
        "FormatError: loadText: the data, line 3: it is not UTF-8 text (save it as UTF-8)",
        "FormatError: readLines: the data, line 2: more than 10 characters (give { limit } if that is right)",
        "FormatError: loadText: the data has more than 4 characters (give { limit } if that is right)",
        "HandgradError: readLines: cannot read DIR/none, it does not exist",
        "HandgradError: readLines: cannot read DIR, it is a folder",
        "HandgradError: readLines: the stream was read before (give a path, bytes or a Blob to read it again)",
        "HandgradError: readLines: the source gave 1 (it is to give chunks of bytes)",
        "HandgradError: readLines: the source is 1 (give a path, a Uint8Array, a Blob or a stream of bytes)",
        "HandgradError: readLines: limit is 0 (give a number above 0)",
        "FormatError: readJsonLines: the data, line 2, column 7: it is not JSON (each line is one JSON value)",
        "FormatError: readJsonLines: the data, line 2, column 6: it is not JSON (each line is one JSON value)",
        "FormatError: readJsonLines: the data, line 3, column 1: it is not JSON (each line is one JSON value)",
        "FormatError: readJsonLines: the data, line 1, column 513: more than 512 lists in each other",
        "FormatError: readJsonLines: the data, line 1, column 3561: more than 512 lists in each other",
        "HandgradError: characters: 'd' at line 2, column 2 is not in the alphabet (leave it out, or train with it)",
        "HandgradError: WindowDataset: 3 codes hold no window of 3 and one more",
        "HandgradError: WindowDataset: stride is 0 (give an integer from 1)",
        "HandgradError: WindowDataset.get: index 1 is outside 0 to 0 (the data set has 1 samples)",
      ]
    `)
    expect(await all(readJsonLines(bytesOf(`"${'['.repeat(1000)}"`)))).toEqual(['['.repeat(1000)])
  })
})

describe('IDX files', () => {
  it('are read as their bytes are, packed or not', async () => {
    const large = new Uint8Array(16 + 600 * 28 * 28)
    large.set([0, 0, 8, 3, 0, 0, 2, 88, 0, 0, 0, 28, 0, 0, 0, 28])
    for (let i = 16; i < large.length; i++) large[i] = (i * 7919) % 251
    const small = Uint8Array.of(0, 0, 0x0b, 1, 0, 0, 0, 2, 1, 2, 0xff, 0xfe)
    for (const bytes of [large, small])
      for (const file of [bytes, gzipSync(bytes)]) {
        const path = join(folder, 'x.idx')
        await writeFile(path, file)
        const [found, expected] = [await loadIdx(path), await readIdx(file)]
        expect([found.dtype, found.shape]).toEqual([expected.dtype, expected.shape])
        expect(
          Buffer.compare(Buffer.from(found.data.buffer), Buffer.from(expected.data.slice().buffer)) === 0 ||
            found.data.every((v, i) => v === expected.data[i]),
        ).toBe(true)
      }
  })

  it('that lie are refused in the words that their bytes are', async () => {
    const good = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 8)
    const lies = [
      new Uint8Array(0),
      good.subarray(0, 6),
      good.subarray(0, 9),
      Uint8Array.of(...good, 1),
      Uint8Array.of(0, 0, 8, 1, 255, 255, 255, 255, 1),
      Uint8Array.of(1, ...good),
      gzipSync(good).subarray(0, 20),
      gzipSync(good.subarray(0, 9)),
      gzipSync(Uint8Array.of(0, 0, 8, 1, 127, 255, 255, 255, 1)),
      gzipSync(Uint8Array.of(0, 0, 8, 1, 0, 255, 255, 255, 1)),
    ]
    const path = join(folder, 'lie.idx')
    for (const bytes of lies) {
      await writeFile(path, bytes)
      const text = await said(() => loadIdx(path))
      expect(text).toMatch(/^FormatError: loadIdx: DIR/)
      expect(text).toBe((await said(() => readIdx(bytes, 'DIR/lie.idx'))).replace('readIdx', 'loadIdx'))
    }
    expect(await said(() => loadIdx(join(folder, 'none')))).toBe(
      'HandgradError: loadIdx: cannot read DIR/none, it does not exist',
    )
    expect(await said(() => loadIdx(folder))).toMatch('cannot read DIR, it is a folder')
  })
})
