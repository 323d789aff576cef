/** @file Weights over several files, and under PyTorch's names. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FormatError, HandgradError, io, nn, type Tensor, tensor } from '../../src/index.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'handgrad-shards-'))
})
afterAll(() => rm(folder, { recursive: true }))

const said = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing was thrown',
    (error: Error) => `${error.name}: ${error.message}`,
  )
const values = (dict: Readonly<Record<string, Tensor>>) =>
  Promise.all(Object.entries(dict).map(async ([name, x]) => [name, await x.array()]))

describe('shards', () => {
  const tensors = { a: tensor([1, 2, 3]), b: tensor([[4], [5]]), large: tensor([6, 7, 8, 9, 10, 11]), c: tensor(12) }
  const fresh = async () => {
    const inner = await mkdtemp(join(folder, 'case-'))
    const path = join(inner, 'model.safetensors')
    await io.saveSafetensors(path, tensors, { shardSize: 20, metadata: { task: 'demo' } })
    return { inner, path, index: `${path}.index.json` }
  }

  it('are written up to their size, and read by the index', async () => {
    const { inner, index } = await fresh()
    const names = [1, 2, 3].map((i) => `model-0000${i}-of-00003.safetensors`)
    expect((await readdir(inner)).sort()).toEqual([...names, 'model.safetensors.index.json'])
    const { weight_map, metadata } = JSON.parse(await readFile(index, 'utf8'))
    expect(weight_map).toEqual({ a: names[0], b: names[0], large: names[1], c: names[2] })
    expect(metadata.total_size).toBe(48)
    expect(await values(await io.loadSafetensors(index))).toEqual(await values(tensors))
    const read = await io.readSafetensors(index)
    expect([Object.keys(read.tensors), { ...read.metadata }]).toEqual([Object.keys(tensors), { task: 'demo' }])
    // Nobody's own marks are needed: an index as others write it.
    for (const name of names) {
      const one = await io.readSafetensors(join(inner, name))
      await io.saveSafetensors(join(inner, name), one.tensors)
    }
    await writeFile(index, JSON.stringify({ metadata: { total_size: 48 }, weight_map }))
    expect(await values(await io.loadSafetensors(index))).toEqual(await values(tensors))
  })

  it('of two saves are refused, as a crash between them leaves them', async () => {
    const { inner, index } = await fresh()
    const other = await fresh()
    const name = 'model-00002-of-00003.safetensors'
    await writeFile(join(inner, name), await readFile(join(other.inner, name)))
    expect(await said(io.loadSafetensors(index))).toBe(
      `FormatError: loadSafetensors: ${index}: ${name} is of another save (is it the index of safetensors files, and whole?)`,
    )
  })

  it('of a save that fails leave the earlier one as it was', async () => {
    const { inner, index } = await fresh()
    const names = await readdir(inner)
    // In the last of three files.
    const bad = { dtype: 'float32', shape: [2], data: Float32Array.of(1) } as const
    const text = await said(io.saveSafetensors(index.slice(0, -11), { ...tensors, c: bad }, { shardSize: 20 }))
    expect(text).toMatch(/tensor "c" has 1 elements and shape \[2\] takes 2/)
    expect(await readdir(inner)).toEqual(names)
    expect(await values(await io.loadSafetensors(index))).toEqual(await values(tensors))
  })

  it('and one file of a name take the place of each other, and of no other name', async () => {
    const inner = await mkdtemp(join(folder, 'case-'))
    const path = join(inner, 'x.safetensors')
    const others = ['x-1.safetensors', 'xx.safetensors', 'y-00001-of-00002.safetensors']
    for (const name of others) await writeFile(join(inner, name), '')
    const mine = async () => (await readdir(inner)).filter((name) => !others.includes(name)).sort()
    const parts = ['x-00001-of-00002.safetensors', 'x-00002-of-00002.safetensors', 'x.safetensors.index.json']
    const [a, b] = [tensor([1]), tensor([2])]
    await io.saveSafetensors(path, { a, b })
    await io.saveSafetensors(path, { a, b }, { shardSize: 4 })
    expect(await mine()).toEqual(parts)
    await io.saveSafetensors(path, { a })
    expect(await mine()).toEqual(['x.safetensors'])
    await io.writeSafetensors(path, { a, b }, { shardBytes: 4 })
    expect(await mine()).toEqual(parts)
    await io.writeSafetensors(path, { b })
    expect(await mine()).toEqual(['x.safetensors'])
    expect((await readdir(inner)).length).toBe(4)
  })

  it('refuse sizes that are none, and paths that have no number', async () => {
    expect(await said(io.saveSafetensors(join(folder, 'x.safetensors'), tensors, { shardSize: 0 }))).toContain(
      'saveSafetensors: shardSize is 0 (give bytes, an integer from 1 up)',
    )
    expect(await said(io.saveSafetensors(join(folder, 'x'), tensors, { shardSize: 9 }))).toContain(
      'with shardSize: it ends in .safetensors',
    )
    const path = join(folder, 'x.safetensors')
    const text = await said(io.saveSafetensors(path, tensors, { shardSize: 9, metadata: 'xy' as never }))
    expect(text).toBe("HandgradError: saveSafetensors: metadata is 'xy' (give strings by name)")
  })

  it.each([
    ['no JSON', '{', 'it is not JSON'],
    ['not UTF-8', '\ud800', 'weight_map is undefined'],
    ['no map', '{"weight_map":[]}', 'weight_map is an array'],
    ['a list', '[]', 'weight_map is undefined'],
    ['null', 'null', 'weight_map is undefined'],
    [
      'a path',
      '{"weight_map":{"a":"../model.safetensors"}}',
      'tensor "a" is in \'../model.safetensors\', which is not a name',
    ],
    ['a path of Windows', '{"weight_map":{"a":"..\\\\m.safetensors"}}', 'which is not a name of a safetensors file'],
    ['an absolute path', '{"weight_map":{"a":"/etc/m.safetensors"}}', 'which is not a name of a safetensors file'],
    ['another file', '{"weight_map":{"a":"passwd"}}', 'tensor "a" is in \'passwd\''],
    ['a number', '{"weight_map":{"a":1}}', 'tensor "a" is in 1'],
    ['values without end', `[${'{},'.repeat(300_000)}{}]`, 'it has more than 131072 values'],
    ['bytes without end', `"${'x'.repeat(2 ** 20)}"`, 'the file has 1048578 bytes (at most 1048576 are read)'],
    ['too deep', '['.repeat(65) + ']'.repeat(65), 'it is nested more than 64 deep'],
    ['a prototype', '{"weight_map":{"__proto__":{"a":1}}}', 'it has the key "__proto__", which is refused'],
    [
      'a tensor twice',
      '{"weight_map":{"a":"model-00001-of-00003.safetensors","\\u0061":"model-00002-of-00003.safetensors"}}',
      'it has the key "a" twice',
    ],
    ['a file that is missing', '{"weight_map":{"a":"model-9.safetensors"}}', 'model-9.safetensors, it does not exist'],
    [
      'a tensor that another file has too',
      '{"weight_map":{"a":"model-00001-of-00003.safetensors","b":"model-00002-of-00003.safetensors"}}',
      'has b, which the index says is in another file',
    ],
    ['a tensor too many', '{"weight_map":{"z":"model-00003-of-00003.safetensors"}}', 'lacks z'],
    [
      'a tensor too few',
      '{"weight_map":{"a":"model-00001-of-00003.safetensors"}}',
      'has b, which the index does not name',
    ],
  ])('refuse an index that is wrong: %s', async (_, text, wanted) => {
    const { index } = await fresh()
    await writeFile(index, text === '\ud800' ? '"x"' : text)
    const start = performance.now()
    const error: unknown = await io.loadSafetensors(index).catch((error: unknown) => error)
    expect(performance.now() - start).toBeLessThan(100)
    expect(error).toBeInstanceOf(wanted.endsWith('not exist') ? HandgradError : FormatError)
    expect((error as Error).message).toContain(wanted)
  })
})

describe("PyTorch's names", () => {
  // GPT-2's own names and layouts, of one block.
  const map: io.TorchMap = {
    prefix: 'transformer.',
    rename: { 'h.*.attn.c_attn': 'blocks.*.qkv', 'h.*': 'blocks.*', wte: 'tokens' },
    transposed: ['blocks.*.qkv.weight'],
    drop: ['h.*.attn.bias'],
  }
  const there = {
    'transformer.wte.weight': tensor([[1, 2]]),
    'transformer.h.0.attn.c_attn.weight': tensor([[1, 2, 3]]),
    'transformer.h.0.attn.c_attn.bias': tensor([1, 2, 3]),
    'transformer.h.0.attn.bias': tensor([[1]]),
    'transformer.h.11.ln_1.weight': tensor([5]),
  }

  it('are mapped there and back, matrices transposed', async () => {
    const here = io.fromTorch(there, map)
    expect(await values(here)).toEqual([
      ['tokens.weight', [[1, 2]]],
      ['blocks.0.qkv.weight', [[1], [2], [3]]],
      ['blocks.0.qkv.bias', [1, 2, 3]],
      ['blocks.11.ln_1.weight', [5]],
    ])
    const { 'transformer.h.0.attn.bias': _, ...kept } = there
    expect(await values(io.toTorch(here, map))).toEqual(await values(kept))
  })

  it('stay as they are without a map, and lose the prefix of DataParallel', async () => {
    const model = new nn.Sequential(new nn.Linear(2, 2), new nn.BatchNorm1d(2))
    const state = model.stateDict()
    const same = io.toTorch(state)
    expect(Object.keys(same)).toEqual(Object.keys(state))
    expect(Object.entries(same).every(([name, x]) => x === state[name])).toBe(true)
    const wrapped = io.toTorch(state, { prefix: 'module.' })
    expect(Object.keys(wrapped)).toContain('module.1.num_batches_tracked')
    expect(model.loadStateDict(io.fromTorch(wrapped, { prefix: 'module.' })).missing).toEqual([])
  })

  it.each([
    [() => io.fromTorch(there), undefined],
    [() => io.fromTorch(there, { prefix: 'module.' }), 'transformer.wte.weight does not begin with module.'],
    [
      () => io.fromTorch(there, { ...map, drop: ['h.*.mask'] }),
      'fromTorch: h.*.mask fit no name (there are transformer.wte',
    ],
    [() => io.toTorch({ x: tensor(1) }, { rename: { a: 'b' } }), 'toTorch: b fit no name (there are x)'],
    [() => io.fromTorch({ a: tensor(1), b: tensor(2) }, { rename: { a: 'b' } }), 'two tensors would be named b'],
    [() => io.fromTorch({ a: tensor(1) }, { rename: { 'a.*': 'b' } }), 'rename a.* to b: the numbers of * differ'],
    [() => io.fromTorch({ a: tensor(1) }, { transposed: ['a'] }), 'a has 0 dims (matrices are transposed)'],
    // @ts-expect-error an option that is misspelt
    [() => io.fromTorch({}, { renames: {} }), 'there is no option renames (did you mean rename?'],
    // @ts-expect-error what is not a tensor
    [() => io.fromTorch({ a: 1 }), 'a is 1 (give tensors)'],
  ])('are refused in words: %#', (call, text) => {
    if (text === undefined) expect(Object.keys(call())).toEqual(Object.keys(there))
    else expect(call).toThrow(text)
  })
})
