/**
 * @file Every function of io and data is given what it does not take, one argument at a time: it says so itself, by a
 * HandgradError that names it. Options are a matter of each function's own tests.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { HandgradError } from '../../src/core/errors.ts'
import * as data from '../../src/data/index.ts'
import * as transforms from '../../src/data/transforms.ts'
import * as io from '../../src/io/index.ts'
import '../../src/methods.ts'
import { tensor } from '../../src/ops/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'handgrad-given-'))
const mirror = process.env['HANDGRAD_MIRROR']
// A folder that is taken is filled from nowhere.
process.env['HANDGRAD_MIRROR'] = 'http://127.0.0.1:9/'
afterAll(() => {
  rmSync(folder, { recursive: true })
  delete process.env['HANDGRAD_MIRROR']
  if (mirror !== undefined) process.env['HANDGRAD_MIRROR'] = mirror
})

const bytes = new Uint8Array(8)
const set = new data.TensorDataset({ data: Float32Array.of(1, 2, 3, 4), shape: [] })
const digits = data.syntheticDigits({ count: 1, seed: 0 })
const path = join(folder, 'file')
const table = data.parseCsv('a,b\n1,2')
const one = { dtype: 'float32', shape: [1], data: Float32Array.of(1) } as const
const [npy, npz] = [await io.encodeNpy(one), await io.encodeNpz({ w: one })]

type Loose = (...given: unknown[]) => unknown
/** A class or function to be called with anything. */
const called = (make: unknown): Loose => make as Loose
const made = (Class: unknown): Loose => {
  const Any = Class as new (...given: unknown[]) => unknown // called with what its types refuse, on purpose
  return (...given) => new Any(...given)
}

/** What each function takes; a trailing object of options is left out. */
const calls: Record<string, [call: Loose, ...given: unknown[]]> = {
  'io.decodeSafetensors': [called(io.decodeSafetensors), io.encodeSafetensors({}), 'name'],
  'io.encodeSafetensors': [called(io.encodeSafetensors), { w: one }, { note: 'text' }],
  'io.loadSafetensors': [called(io.loadSafetensors), path],
  'io.openSafetensors': [called(io.openSafetensors), path],
  'io.readSafetensors': [called(io.readSafetensors), path],
  'io.saveSafetensors': [called(io.saveSafetensors), path, { w: one }],
  'io.writeSafetensors': [called(io.writeSafetensors), path, { w: one }],
  'io.bestCheckpoint': [called(io.bestCheckpoint), folder, { by: 'loss' }],
  'io.latestCheckpoint': [called(io.latestCheckpoint), folder],
  'io.loadCheckpoint': [called(io.loadCheckpoint), path, {}],
  'io.readCheckpoint': [called(io.readCheckpoint), path],
  'io.saveCheckpoint': [called(io.saveCheckpoint), path, {}, { epoch: 1 }],
  'io.decodeNpy': [called(io.decodeNpy), npy, 'name'],
  'io.encodeNpy': [called(io.encodeNpy), one],
  'io.loadNpy': [called(io.loadNpy), path],
  'io.readNpy': [called(io.readNpy), path],
  'io.saveNpy': [called(io.saveNpy), path, one],
  'io.decodeNpz': [called(io.decodeNpz), npz, 'name'],
  'io.encodeNpz': [called(io.encodeNpz), { w: one }],
  'io.loadNpz': [called(io.loadNpz), path],
  'io.readNpz': [called(io.readNpz), path],
  'io.saveNpz': [called(io.saveNpz), path, { w: one }],
  'io.fromTorch': [called(io.fromTorch), { w: tensor([1]) }, {}],
  'io.toTorch': [called(io.toTorch), { w: tensor([1]) }, {}],
  'data.ConcatDataset': [made(data.ConcatDataset), [set]],
  'data.CsvTable': [made(data.CsvTable), 'name', ['a'], [['1']], [2]],
  'data.DataLoader': [made(data.DataLoader), set],
  'data.DigitDataset': [made(data.DigitDataset), digits],
  'data.LengthBatchSampler': [made(data.LengthBatchSampler), [1, 2]],
  'data.RandomSampler': [made(data.RandomSampler), 3],
  'data.Reservoir': [made(data.Reservoir), { capacity: 2 }],
  'data.SequentialSampler': [made(data.SequentialSampler), 3],
  'data.StratifiedSampler': [made(data.StratifiedSampler), [0, 1]],
  'data.Subset': [made(data.Subset), set, [0]],
  'data.TensorDataset': [made(data.TensorDataset), { data: Float32Array.of(1), shape: [] }],
  'data.WeightedRandomSampler': [made(data.WeightedRandomSampler), [1, 2]],
  'data.WindowDataset': [made(data.WindowDataset), [1, 2, 3], 2],
  'data.characters': [called(data.characters), 'text'],
  'data.decodeImage': [called(data.decodeImage), bytes],
  'data.download': [called(data.download), 'http://127.0.0.1:9/', { sha256: '0'.repeat(64), folder }],
  'data.downloadMnist': [called(data.downloadMnist), folder],
  'data.imageFolder': [called(data.imageFolder), folder],
  'data.kFold': [called((given: typeof set) => data.kFold(given, { folds: 2 })), set],
  'data.loadCsv': [called(data.loadCsv), path],
  'data.loadIdx': [called(data.loadIdx), path],
  'data.loadMnist': [called(data.loadMnist), folder],
  'data.loadText': [called(data.loadText), path],
  'data.meanStd': [called(data.meanStd), bytes],
  'data.normalise': [called(data.normalise), bytes],
  'data.parseCsv': [called(data.parseCsv), 'a\n1'],
  'data.parseIdx': [called(data.parseIdx), bytes, 'name'],
  'data.randomOf': [called(data.randomOf), { seed: 0, epoch: 0, index: 0 }],
  'data.mix': [called(data.mix), set, set, { batchSize: 2 }],
  'data.randomSplit': [called(data.randomSplit), set, [2, 2]],
  'data.readCsv': [called(data.readCsv), path],
  'data.readJsonLines': [called(data.readJsonLines), path],
  'data.readLines': [called(data.readLines), path],
  'data.readIdx': [called(data.readIdx), bytes, 'name'],
  'data.syntheticDigits': [called(data.syntheticDigits), { count: 1, seed: 0 }],
  'data.trainTestSplit': [called(data.trainTestSplit), set],
}
/** Tables to be fitted to, images to be changed, and options where nothing else is given. */
const flip = new transforms.RandomHorizontalFlip()
const image = tensor([1], { shape: [1, 1, 1, 1] })
Object.assign(calls, {
  'transforms.Augmentation': [called(flip.batch.bind(flip)), image, { seed: 0, epoch: 0, indices: [0] }],
  'transforms.Transform': [called((x: never) => new transforms.StandardScaler().fit(x)), [[1]]],
  'transforms.LabelEncoder': [called((x: never) => new transforms.LabelEncoder().fit(x)), ['a']],
  'transforms.Compose': [made(transforms.Compose), [flip]],
  'transforms.RandomApply': [made(transforms.RandomApply), [flip]],
  'transforms.Pipeline': [made(transforms.Pipeline), [new transforms.StandardScaler()]],
  'transforms.RandomCrop': [made(transforms.RandomCrop), { size: 1 }],
  'transforms.Cutout': [made(transforms.Cutout), { size: 1 }],
  ...Object.fromEntries(
    [
      ...['CutMix', 'DropDuplicates', 'ElasticTransform', 'GaussianNoise', 'MinMaxScaler', 'MixUp', 'OneHotEncoder'],
      ...['RandomAffine', 'RandomBrightness', 'RandomContrast', 'RandomErasing', 'RandomHorizontalFlip'],
      ...['RandomVerticalFlip', 'SimpleImputer', 'StandardScaler'],
    ].map((name) => [`transforms.${name}`, [made(Reflect.get(transforms, name)), {}]]),
  ),
})
const methods: Record<string, [call: Loose, ...given: unknown[]]> = {
  'CsvTable.strings': [called(table.strings.bind(table)), 'a'],
  'CsvTable.classes': [called(table.classes.bind(table)), 'a'],
  'CsvTable.numbers': [called(table.numbers.bind(table)), ['a']],
  'TensorDataset.get': [called(set.get.bind(set)), 0],
  'Subset.get': [called(new data.Subset(set, [0]).get.bind(new data.Subset(set, [0]))), 0],
}

/** Every kind of value there is, and empty ones of each. */
const values: readonly unknown[] = [
  ...[undefined, null, 0, -1, Number.NaN, 1e300, 7n, true, '', path, 'a\0b', Symbol('s')],
  ...[{}, [], [undefined], [''], ['x'], [Number.NaN], { length: 3 }, { length: -1 }, new Date(0)],
  ...[new Map([['w', one]]), new Set(['w']), () => 0, new Uint8Array(0), new Float32Array(2), new ArrayBuffer(8)],
  ...[new Error('x'), new URL('https://host/'), Promise.resolve(1), Object.create(null)],
]

const exported = (module: object, name: string) =>
  Object.entries(module).flatMap(([key, value]) => (typeof value === 'function' ? [`${name}.${key}`] : []))

describe('what is given', () => {
  it('is tried with every exported function', () => {
    const all = [...exported(io, 'io'), ...exported(data, 'data'), ...exported(transforms, 'transforms')]
    expect(Object.keys(calls).sort()).toEqual(all.sort())
  })

  it.each(Object.entries({ ...calls, ...methods }))('to %s is looked at', async (_, [call, ...given]) => {
    let refused = 0
    for (const at of given.keys()) {
      for (const value of values) {
        try {
          const result = await call(...given.map((usual, i) => (i === at ? value : usual)))
          if (result instanceof data.DataLoader) expect(String(result)).toContain('DataLoader(a stream')
        } catch (error) {
          const text = `argument ${at}, ${inspect(value)}: ${String(error)}`
          expect(error, text).toBeInstanceOf(HandgradError)
          expect((error as Error).message, text).toMatch(/^[ -~×…]+$/) // printed as it is
          refused++
        }
      }
    }
    expect(refused).toBeGreaterThan(values.length / 2)
  })

  it('is refused in these words', async () => {
    const said = async (call: () => unknown) =>
      Promise.resolve()
        .then(call)
        .then(
          () => 'nothing was thrown',
          (error: Error) => `${error.name}: ${error.message}`,
        )
    const texts = [
      // @ts-expect-error no path
      await said(() => io.saveSafetensors(undefined, {})),
      // @ts-expect-error no tensors
      await said(() => io.saveSafetensors(path, undefined)),
      // @ts-expect-error a Map has no names that JSON knows
      await said(() => io.saveSafetensors(path, new Map([['w', one]]))),
      // @ts-expect-error a list has none
      await said(() => io.saveSafetensors(path, [one])),
      // @ts-expect-error a number for a tensor
      await said(() => io.saveSafetensors(path, { w: 1 })),
      // @ts-expect-error not strings by name
      await said(() => io.encodeSafetensors({}, 'text')),
      // @ts-expect-error an ArrayBuffer
      await said(() => io.decodeSafetensors(new ArrayBuffer(8))),
      await said(() => io.readSafetensors('')),
      // @ts-expect-error a number
      await said(() => io.loadSafetensors(5)),
      // @ts-expect-error no device
      await said(() => io.loadSafetensors(path, { device: 'cpu' })),
      // @ts-expect-error no path
      await said(() => data.loadMnist(undefined)),
      // @ts-expect-error no path
      await said(() => data.downloadMnist()),
      await said(() => data.downloadMnist(folder, { timeout: Number.NaN })),
      // @ts-expect-error a path in place of sums
      await said(() => data.downloadMnist(folder, { checksums: 'sums' })),
      // @ts-expect-error no function
      await said(() => data.downloadMnist(folder, { onProgress: true })),
      // @ts-expect-error a URL
      await said(() => data.downloadMnist(folder, { mirror: new URL('https://host/') })),
      // @ts-expect-error bytes
      await said(() => data.parseCsv(bytes)),
      // @ts-expect-error no text
      await said(() => data.parseCsv(undefined)),
      // @ts-expect-error not true or false
      await said(() => data.parseCsv('a', { header: 'no' })),
      // @ts-expect-error one name in place of a list
      await said(() => table.numbers('a')),
      // @ts-expect-error a list in place of a name
      await said(() => table.classes(['a'])),
      // @ts-expect-error text for a number
      await said(() => table.numbers(['a'], { missing: '0' })),
      // @ts-expect-error no bytes
      await said(() => data.parseIdx('text')),
      // @ts-expect-error no bytes
      await said(() => data.readIdx()),
      // @ts-expect-error no data set
      await said(() => new data.Subset(undefined, [0])),
      // @ts-expect-error no lengths
      await said(() => data.randomSplit(set)),
      // @ts-expect-error text for a number
      await said(() => data.trainTestSplit(set, { testSize: '0.5' })),
      // @ts-expect-error no digits
      await said(() => new data.DigitDataset()),
    ]
    expect(texts).toMatchInlineSnapshot(`
      [
        "HandgradError: saveSafetensors: the path is undefined (give a path as text; of a URL fileURLToPath(url))",
        "HandgradError: saveSafetensors: what to save is undefined (give tensors by name, such as model.stateDict())",
        "HandgradError: saveSafetensors: what to save is a Map (give tensors by name, such as model.stateDict())",
        "HandgradError: saveSafetensors: what to save is an array (give tensors by name, such as model.stateDict())",
        "HandgradError: saveSafetensors: tensor "w" is 1 (give a tensor, or { dtype, shape, data })",
        "HandgradError: encodeSafetensors: metadata is 'text' (give strings by name)",
        "HandgradError: decodeSafetensors: the data is an ArrayBuffer (give a Uint8Array; of an ArrayBuffer new Uint8Array(buffer))",
        "HandgradError: readSafetensors: the path is '' (give a path as text; of a URL fileURLToPath(url))",
        "HandgradError: loadSafetensors: the source is 5 (give a path, a URL, a Blob or { size, read(begin, end) })",
        "HandgradError: loadSafetensors: 'cpu' is not a device (give await device('auto'))",
        "HandgradError: loadMnist: the path is undefined (give a path as text; of a URL fileURLToPath(url))",
        "HandgradError: downloadMnist: the path is undefined (give a path as text; of a URL fileURLToPath(url))",
        "HandgradError: downloadMnist: timeout is NaN (give milliseconds, a number above 0 and below 2^31)",
        "HandgradError: downloadMnist: checksums is 'sums' (give { gzip, raw } by file name)",
        "HandgradError: downloadMnist: onProgress is true (give a function)",
        "HandgradError: downloadMnist: mirror is an URL (give a URL as text)",
        "HandgradError: parseCsv: text is an Uint8Array (give a string; of bytes new TextDecoder().decode(bytes))",
        "HandgradError: parseCsv: text is undefined (give a string; of bytes new TextDecoder().decode(bytes))",
        "HandgradError: parseCsv: header is 'no' (give true or false)",
        "HandgradError: CsvTable.numbers: columns is 'a' (give a list of names, such as ['a'])",
        "HandgradError: CsvTable.classes: a column is an array (give a name, such as 'a')",
        "HandgradError: CsvTable.numbers: missing is '0' (give a number; NaN is one)",
        "HandgradError: parseIdx: the data is 'text' (give a Uint8Array; of an ArrayBuffer new Uint8Array(buffer))",
        "HandgradError: readIdx: the data is undefined (give a Uint8Array; of an ArrayBuffer new Uint8Array(buffer))",
        "HandgradError: Subset: the first argument is not a data set (it needs a length and get(index))",
        "HandgradError: randomSplit: lengths is undefined (give an array)",
        "HandgradError: trainTestSplit: testSize is '0.5' (use a fraction, or 1 to n - 1 samples)",
        "HandgradError: DigitDataset: what it is made of is undefined (give what loadMnist or syntheticDigits gave)",
      ]
    `)
  })
})
