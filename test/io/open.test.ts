/** @file Tensors of files one by one, from wherever bytes are, and written to wherever bytes can go. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fillNew } from '../../src/core/launch.ts'
import { getDefaultDevice, io, memory, nn, type Tensor, tensor } from '../../src/index.ts'
import { collect } from '../support/gc.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'handgrad-open-'))
})
afterAll(() => rm(folder, { recursive: true }))

const fresh = () => mkdtemp(join(folder, 'case-'))
const said = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing was thrown',
    (error: Error) => `${error.name}: ${error.message}`.replaceAll(folder, 'DIR').replaceAll(/case-\w+/g, 'CASE'),
  )
const values = async (file: io.SafetensorsFile) => {
  const found: Record<string, unknown> = {}
  for await (const [name, x] of file) found[name] = await x.array()
  return found
}

/** Bytes that say what was asked of them. */
function counted(bytes: Uint8Array) {
  const asked: [number, number][] = []
  const read = async (begin: number, end: number) => {
    asked.push([begin, end])
    return bytes.slice(begin, end)
  }
  return { size: bytes.length, read, asked }
}

const float32 = (shape: readonly number[], ...data: number[]) =>
  ({ dtype: 'float32', shape, data: Float32Array.from(data) }) as const
const weights = {
  'a.weight': float32([3, 2], 1, 2, 3, 4, 5, 6),
  flags: { dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) },
  'b.bias': float32([2], 0.5, -0.5),
  wide: { dtype: 'float64', shape: [], data: Float64Array.of(0.1) },
  none: float32([0, 4]),
} as const
const expected = {
  'a.weight': [
    [1, 2],
    [3, 4],
    [5, 6],
  ],
  flags: [true, false, true],
  'b.bias': [0.5, -0.5],
}

describe('openSafetensors', () => {
  it('reads the same from a path, a folder, an index, a URL of a file, a Blob and a reader', async () => {
    const whole = await fresh()
    const bytes = io.encodeSafetensors(weights, { task: 'demo' })
    await writeFile(join(whole, 'other.safetensors'), bytes)
    const parts = await fresh()
    await io.writeSafetensors(parts, weights, { shardBytes: 20, metadata: { task: 'demo' } })
    const sources: io.TensorSource[] = [
      join(whole, 'other.safetensors'),
      whole,
      parts,
      join(parts, 'model.safetensors.index.json'),
      pathToFileURL(join(whole, 'other.safetensors')),
      new Blob([bytes]),
      counted(bytes),
    ]
    expect((await readdir(parts)).length).toBe(3)
    for (const source of sources) {
      const file = await io.openSafetensors(source)
      expect([Object.keys(file.tensors).sort(), { ...file.metadata }]).toEqual([
        Object.keys(weights).sort(),
        { task: 'demo' },
      ])
      const { file: _, ...info } = file.tensors['a.weight']
      expect(info).toEqual({ dtype: 'F32', shape: [3, 2], bytes: 24 })
      expect(await values(file)).toMatchObject(expected)
      expect(await (await file.tensor('b.bias')).array()).toEqual([0.5, -0.5])
      const { wide } = await io.loadSafetensors(source, { dtype: 'float32' })
      expect([wide.dtype, await wide.item()]).toEqual(['float32', Math.fround(0.1)])
      expect((await io.readSafetensors(source)).tensors['none'].shape).toEqual([0, 4])
    }
  })

  it('reads the header alone, then only the rows that are asked for', async () => {
    const source = counted(io.encodeSafetensors(weights))
    const file = await io.openSafetensors(source)
    const head = source.asked.at(-1)?.[1] ?? 0
    expect(source.asked).toEqual([
      [0, 8],
      [8, head],
    ])
    const rows = await file.tensor('a.weight', { rows: [1, 3] })
    expect([rows.shape, await rows.array()]).toEqual([
      [2, 2],
      [
        [3, 4],
        [5, 6],
      ],
    ])
    // Wider types lie first: wide, then a.weight.
    expect(source.asked.slice(2)).toEqual([[head + 16, head + 32]])
    expect((await file.tensor('a.weight', { rows: [3, 3] })).shape).toEqual([0, 2])
    expect(await (await file.tensor('flags', { rows: [2, 3] })).array()).toEqual([true])
    expect((await file.tensor('none', { rows: [0, 0] })).shape).toEqual([0, 4])
    expect(source.asked.length).toBe(4)
  })

  it('gives each type exactly, or the one that is asked for', async () => {
    const halves = await fresh()
    for (const dtype of ['F16', 'BF16'] as const) {
      await io.writeSafetensors(halves, { w: float32([3], 1 / 3, 1e-8, 70_000) }, { dtype })
      const file = await io.openSafetensors(halves, { dtype: 'float64' })
      expect(file.tensors['w'].dtype).toBe(dtype)
      const [third, , large] = (await (await file.tensor('w')).array()) as number[]
      expect([third, large]).toEqual(dtype === 'F16' ? [0.333251953125, Infinity] : [0.333984375, 70144])
      expect((await file.tensor('w', { dtype: 'float32' })).dtype).toBe('float32')
    }
  })

  it('has files open only while it reads them, and says when they changed', async () => {
    const path = join(await fresh(), 'w.safetensors')
    await io.saveSafetensors(path, { w: tensor([1, 2]) })
    const file = await io.openSafetensors(path)
    await io.saveSafetensors(path, { w: tensor([3, 4]), more: tensor(1) })
    expect(await said(file.tensor('w'))).toBe(
      'HandgradError: SafetensorsFile.tensor: DIR/CASE/w.safetensors was changed since it was opened (open it again)',
    )
    expect(await (await (await io.openSafetensors(path)).tensor('w')).array()).toEqual([3, 4])
  })

  it('frees what it made when a read fails, and goes on afterwards', async () => {
    const bytes = io.encodeSafetensors(weights)
    let broken = false
    const read = (begin: number, end: number) => bytes.slice(begin, broken && begin > 8 ? end - 1 : end)
    const file = await io.openSafetensors({ size: bytes.length, read })
    const before = memory(getDefaultDevice()).tensors
    broken = true
    const text = await said(file.tensor('a.weight'))
    expect(text).toMatch(/^FormatError: SafetensorsFile.tensor: the data: read\(\d+, \d+\) gave 23 bytes/)
    await expect(io.loadSafetensors({ size: bytes.length, read })).rejects.toThrow('gave 7 bytes')
    expect(memory(getDefaultDevice()).tensors).toBe(before)
    broken = false
    const [one, other] = await Promise.all([file.tensor('a.weight'), file.tensor('b.bias')])
    expect([await one.array(), await other.array()]).toEqual([expected['a.weight'], expected['b.bias']])
  })

  it('says what is wrong with a source, a name, rows', async () => {
    const dir = await fresh()
    const file = await io.openSafetensors(counted(io.encodeSafetensors(weights)))
    const texts = [await said(io.openSafetensors(dir))]
    await writeFile(join(dir, 'pytorch_model.bin'), 'PK\x03\x04 and so on')
    texts.push(await said(io.openSafetensors(dir)), await said(io.openSafetensors(join(dir, 'pytorch_model.bin'))))
    await writeFile(
      join(dir, 'a.safetensors'),
      'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 548105171\n',
    )
    texts.push(await said(io.openSafetensors(dir)))
    await writeFile(join(dir, 'b.safetensors'), '')
    const float8 = new TextEncoder().encode('{"w":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}')
    const narrow = new Uint8Array(8 + float8.length + 8)
    narrow.set([float8.length])
    narrow.set(float8, 8)
    texts.push(
      await said(io.openSafetensors(dir)),
      await said(io.openSafetensors('')),
      await said(io.openSafetensors('https://ho st/w.safetensors?key=secret')),
      await said(io.openSafetensors({ size: 1.5, read: () => new Uint8Array() })),
      await said(io.openSafetensors({ size: 20, read: () => 'text' as never })),
      await said(io.openSafetensors(new Blob([narrow]))),
      await said(file.tensor('a.weigth')),
      await said(file.tensor('x'.repeat(50))),
      await said(file.tensor('wide', { rows: [0, 1] })),
      await said(file.tensor('a.weight', { rows: [2, 4] })),
      await said(file.tensor('a.weight', { rows: [-1, 2] })),
      await said(file.tensor('a.weight', { rows: 2 as never })),
      await said(file.tensor('a.weight', { row: [0, 1] } as never)),
      await said(file.tensor('a.weight', { dtype: 'int32' as never })),
    )
    expect(texts).toMatchInlineSnapshot(`
      [
        "HandgradError: openSafetensors: DIR/CASE has no .safetensors file (is it the folder of a model?)",
        "HandgradError: openSafetensors: DIR/CASE has pytorch_model.bin, PyTorch's pickle, which may be a program and is not read (in Python: safetensors.torch.save_file(torch.load(path, weights_only=True), "model.safetensors"))",
        "FormatError: openSafetensors: DIR/CASE/pytorch_model.bin: it is PyTorch's pickle, which may be a program and is not read (in Python: safetensors.torch.save_file(torch.load(path, weights_only=True), "model.safetensors"))",
        "FormatError: openSafetensors: DIR/CASE/a.safetensors: it is a pointer of Git LFS to the file (git lfs pull)",
        "HandgradError: openSafetensors: DIR/CASE has a.safetensors, b.safetensors (give the path of one of them, or of an index)",
        "HandgradError: openSafetensors: the path is '' (give a path as text; of a URL fileURLToPath(url))",
        "HandgradError: openSafetensors: the URL is 'https://ho st/w.safetensors?…' (give a URL that begins with https:// or http://)",
        "HandgradError: openSafetensors: the size of the data is 1.5 (give bytes)",
        "FormatError: openSafetensors: the data: read(0, 8) gave 'text' (it is to give that many bytes)",
        "FormatError: openSafetensors: the Blob: tensor "w" has dtype "F8_E4M3" (F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8 and BOOL are read)",
        "HandgradError: SafetensorsFile.tensor: there is no tensor "a.weigth" (did you mean a.weight?)",
        "HandgradError: SafetensorsFile.tensor: there is no tensor "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" (there are a.weight, flags, b.bias, wide, none)",
        "HandgradError: SafetensorsFile.tensor: tensor "wide" has no axes (read it without rows)",
        "HandgradError: SafetensorsFile.tensor: rows is [2, 4], and "a.weight" has 3 (give [begin, end), end at most that many)",
        "HandgradError: SafetensorsFile.tensor: rows is [-1, 2], and "a.weight" has 3 (give [begin, end), end at most that many)",
        "HandgradError: SafetensorsFile.tensor: rows is 2, and "a.weight" has 3 (give [begin, end), end at most that many)",
        "HandgradError: SafetensorsFile.tensor: there is no option row (did you mean rows? it takes { device, dtype, rows })",
        "HandgradError: SafetensorsFile.tensor: dtype is 'int32' (floats become float32, float64, float16 or bfloat16)",
      ]
    `)
  })
})

describe('writeSafetensors', () => {
  it('writes two names of one tensor once, and reads it by both', async () => {
    const embedding = new nn.Linear(3, 4, { bias: false })
    const w = embedding.weight
    const tied = { 'wte.weight': w, other: tensor([1]), 'lm_head.weight': w, turned: w.t() }
    for (const shardBytes of [undefined, 48]) {
      const dir = await fresh()
      await io.writeSafetensors(dir, tied, { shardBytes, metadata: { format: 'pt' } })
      const file = await io.openSafetensors(dir)
      expect(Object.keys(file.tensors)).toEqual(['wte.weight', 'other', 'turned'])
      expect([{ ...file.tied }, file.metadata['format']]).toEqual([{ 'lm_head.weight': 'wte.weight' }, 'pt'])
      expect(await (await file.tensor('lm_head.weight')).array()).toEqual(await w.array())
      const loaded = await io.loadSafetensors(dir)
      expect(loaded['lm_head.weight']).toBe(loaded['wte.weight'])
      expect(await loaded['turned'].array()).toEqual(await w.t().array())
    }
    // Host arrays: the same elements under another shape are another tensor.
    const data = Float32Array.of(1, 2)
    const x = { dtype: 'float32', shape: [2], data } as const
    const dir = await fresh()
    await io.writeSafetensors(dir, { a: x, b: { ...x }, c: { ...x, shape: [2, 1] } })
    expect(Object.keys((await io.openSafetensors(dir)).tensors)).toEqual(['a', 'c'])
  })

  it('takes metadata for ties only where it wrote them as such', async () => {
    const linear = new nn.Linear(2, 2)
    const path = join(await fresh(), 'w.safetensors')
    await io.saveSafetensors(path, linear.stateDict(), { metadata: { kind: 'weight' } })
    expect(linear.loadStateDict(await io.loadSafetensors(path)).missing).toEqual([])
    // As PyTorch's save_model writes a tie, without a mark of ours: it is there for whoever asks.
    const file = await io.openSafetensors(path)
    expect({ ...file.tied }).toEqual({ kind: 'weight' })
    expect((await file.tensor('kind')).shape).toEqual([2, 2])
    await io.writeSafetensors(path, { weight: linear.weight, same: linear.weight }, { metadata: { kind: 'weight' } })
    expect(Object.keys(await io.loadSafetensors(path))).toEqual(['weight', 'same'])
  })

  it('leaves no part of an earlier save in a folder, and other files alone', async () => {
    const dir = join(await fresh(), 'made', 'here')
    await mkdir(dir, { recursive: true })
    await writeFile(join(dir, 'config.json'), '{}')
    const [a, b, c] = [tensor([1, 2]), tensor([3, 4]), tensor([5, 6])]
    const names = async () => (await readdir(dir)).sort()
    await io.writeSafetensors(dir, { a, b, c }, { shardBytes: 8 })
    expect((await names()).length).toBe(5)
    await io.writeSafetensors(dir, { a, b, c }, { shardBytes: 16 })
    const two = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors', 'model.safetensors.index.json']
    expect(await names()).toEqual(['config.json', ...two])
    await io.writeSafetensors(dir, { a }, { shardBytes: 16 })
    expect(await names()).toEqual(['config.json', 'model.safetensors'])
    await io.writeSafetensors(dir, { a, b, c }, { shardBytes: 16 })
    expect(await names()).toEqual(['config.json', ...two])
    expect(await values(await io.openSafetensors(dir))).toEqual({ a: [1, 2], b: [3, 4], c: [5, 6] })
    // A file takes the place of its parts, whichever way it is given.
    await io.writeSafetensors(join(dir, 'model.safetensors'), { b })
    expect(await names()).toEqual(['config.json', 'model.safetensors'])
  })

  it('writes into a stream what it writes to a file', async () => {
    const path = join(await fresh(), 'w.safetensors')
    // More than a piece, so that pieces are used again.
    const large = fillNew('test', [1_500_000], 1.5, 'float32', getDefaultDevice())
    const given = { ...weights, large, x: tensor([7]) }
    await io.writeSafetensors(path, given, { metadata: { task: 'demo' }, dtype: 'F32' })
    const chunks: Uint8Array[] = []
    let closed = 0
    const stream = new WritableStream<Uint8Array>({
      write: (chunk) => void chunks.push(chunk),
      close: () => void closed++,
    })
    await io.writeSafetensors(stream, given, { metadata: { task: 'demo' }, dtype: 'float32' })
    expect(Buffer.compare(Buffer.concat(chunks), await readFile(path))).toBe(0)
    expect(closed).toBe(1)

    let aborted: unknown
    const full = new WritableStream<Uint8Array>({
      write: () => Promise.reject(new Error('no room')),
      abort: (reason) => void (aborted = reason),
    })
    await expect(io.writeSafetensors(full, given)).rejects.toThrow('no room')
    expect(aborted).toBe(undefined) // it knows
  })

  it('says what is wrong', async () => {
    const w = tensor([1])
    const locked = new WritableStream()
    locked.getWriter()
    const calls: Promise<unknown>[] = [
      io.writeSafetensors(folder, { w }, { dtype: 'F8' as never }),
      io.writeSafetensors(folder, { w }, { shardBytes: 0 }),
      io.writeSafetensors(folder, { w }, { shardSize: 9 } as never),
      io.writeSafetensors(locked, { w }),
      io.writeSafetensors(new WritableStream(), { w }, { shardBytes: 9 }),
      io.writeSafetensors('', { w }),
      io.writeSafetensors(new URL('https://host/'), { w }),
      io.writeSafetensors(folder, [w] as never),
      io.writeSafetensors(folder, { w: null as never }),
      io.writeSafetensors(folder, { w, v: w }, { metadata: { v: 'mine' } }),
      io.writeSafetensors(folder, { w }, { metadata: 'xy' as never }),
      io.writeSafetensors(folder, { w }, { metadata: null as never }),
      io.writeSafetensors('https://host/?key=secret', { w }),
    ]
    expect(await Promise.all(calls.map(said))).toMatchInlineSnapshot(`
      [
        "HandgradError: writeSafetensors: dtype is 'F8' (floats are written as float32, float16, bfloat16)",
        "HandgradError: writeSafetensors: shardBytes is 0 (give bytes, an integer from 1 up)",
        "HandgradError: writeSafetensors: there is no option shardSize (it takes { metadata, dtype, shardBytes })",
        "HandgradError: writeSafetensors: the stream is locked to another writer (give a fresh one)",
        "HandgradError: writeSafetensors: shardBytes is given, and a stream is one file (leave it out)",
        "HandgradError: writeSafetensors: the path is '' (give a path as text; of a URL fileURLToPath(url))",
        "HandgradError: writeSafetensors: the path is an URL (give a path as text; of a URL fileURLToPath(url))",
        "HandgradError: writeSafetensors: what to save is an array (give tensors by name, such as model.stateDict())",
        "HandgradError: writeSafetensors: tensor "w" is null (give a tensor, or { dtype, shape, data })",
        "HandgradError: writeSafetensors: "v" is tied to "w", and metadata have that name (name the metadata otherwise)",
        "HandgradError: writeSafetensors: metadata is 'xy' (give strings by name)",
        "HandgradError: writeSafetensors: metadata is null (give strings by name)",
        "HandgradError: writeSafetensors: the target is a URL as text (give a path, or a stream to a server)",
      ]
    `)
    expect((await readdir(folder)).filter((name) => !name.startsWith('case-'))).toEqual([])
  })
})

it('60 MB go through in pieces: neither way takes 32 MB beyond the tensors', async () => {
  await collect()
  const dir = await fresh()
  const tensors: Record<string, Tensor> = {}
  for (let i = 0; i < 5; i++) tensors[`h.${i}`] = fillNew('test', [3_000_000], i, 'float32', getDefaultDevice())
  const path = join(dir, 'model.safetensors')
  let [most, longest] = [0, 0]
  const watch = async (held: () => number, f: () => Promise<void>) => {
    await collect()
    const before = process.memoryUsage().arrayBuffers
    const timer = setInterval(() => {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before - held())
    }, 1)
    await f()
    clearInterval(timer)
  }
  await watch(
    () => 0,
    () => io.writeSafetensors(dir, tensors),
  )
  const bytes = await readFile(path)
  const read = async (begin: number, end: number) => {
    await new Promise((turned) => setTimeout(turned, 1)) // others look meanwhile
    longest = Math.max(longest, end - begin)
    return bytes.subarray(begin, end)
  }
  const loaded: Tensor[] = []
  await watch(
    () => 12e6 * loaded.length,
    async () => {
      const file = await io.openSafetensors({ size: bytes.length, read })
      for await (const [, x] of file) loaded.push(x)
    },
  )
  // A read makes way for the garbage collector, which takes memory itself.
  for (const [i, x] of loaded.entries()) expect(await x.slice([2_999_999, 3_000_000]).array()).toEqual([i])
  expect(loaded.length).toBe(5)
  expect(longest).toBeLessThanOrEqual(2 ** 24)
  expect(most).toBeLessThan(32e6)
  for (const x of [...loaded, ...Object.values(tensors)]) x.dispose()
})
