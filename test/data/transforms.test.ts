/** @file Transforms of tables: scikit-learn's values, states, tensors with gradients, and what is refused. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  DropDuplicates,
  LabelEncoder,
  MinMaxScaler,
  OneHotEncoder,
  Pipeline,
  SimpleImputer,
  StandardScaler,
} from '../../src/data/transforms.ts'
import type { data } from '../../src/index.ts'
import { CpuDevice, device, gradcheck, io, tensor } from '../../src/node.ts'
import { type Any, ints, type Refusal, refuse, zeros as z } from '../support/refusals.ts'
import { hostFaults, tableCases, tensorFaults, transformOf } from './tables.ts'

describe('values', () => {
  it('are scikit-learn’s on the host', () => {
    expect(tableCases.length).toBeGreaterThan(45)
    expect(hostFaults()).toEqual([])
  })

  it('are scikit-learn’s as tensors', async () => {
    const cpu = new CpuDevice()
    expect(await tensorFaults(cpu, 'float64', 1e-12)).toEqual([])
    expect(await tensorFaults(cpu, 'float32', 1e-5)).toEqual([])
  })

  it('have the float type that came, and float64 for integers', () => {
    const scaler = new StandardScaler().fit([[1], [3]])
    const of = (one: data.Field) => scaler.transform(one).data
    expect(of({ data: Float32Array.of(0.1), shape: [1, 1] })).toEqual(Float32Array.of(0.1 - 2 + 1.5e-9))
    expect(of({ data: Int16Array.of(4), shape: [1, 1] })).toEqual(Float64Array.of(2))
    expect(of({ data: Float64Array.of(4, 0), shape: [2, 1] })).toEqual(Float64Array.of(2, -2))
  })

  it('are fitted to a tensor, too', async () => {
    const x = tensor([
      [1, 2],
      [3, 6],
    ])
    const scaler = await new StandardScaler().fit(x)
    expect(scaler.mean).toEqual(Float64Array.of(2, 4))
    expect(await (await new Pipeline([new SimpleImputer(), new MinMaxScaler()]).fitTransform(x)).array()).toEqual([
      [0, 0],
      [1, 1],
    ])
    expect((await new LabelEncoder().fit(tensor([3, 1], { dtype: 'int32' }))).classes).toEqual([1, 3])
  })

  it('have gradients', async () => {
    const x = tensor(
      [
        [0.3, -2],
        [1.5, 0.25],
      ],
      { dtype: 'float64', device: await device('cpu') },
    )
    const scaler = new StandardScaler().fit([
      [1, 2],
      [3, 6],
    ])
    const clipped = new MinMaxScaler({ clip: true }).fit([
      [0, -1],
      [1, 1],
    ])
    const imputer = new SimpleImputer().fit([
      [0, -1],
      [1, 1],
    ])
    for (const one of [scaler, clipped, imputer])
      expect(await gradcheck((y) => one.transform(y).square(), [x])).toMatchObject({ ok: true })
  })

  it('say which rows stay, and what columns are called', () => {
    const rows = [
      ['a', 1],
      ['b', 2],
      ['a', 1],
    ] as const
    expect(new DropDuplicates({ keep: 'last' }).rows(rows)).toEqual(Int32Array.of(1, 2))
    const { data: kept, shape } = new DropDuplicates().transform({ data: Float32Array.of(1, 2, 1, 2), shape: [2, 2] })
    expect([kept, shape]).toEqual([Float32Array.of(1, 2), [1, 2]])
    expect(new OneHotEncoder({ drop: 'ifBinary' }).fit(rows).featureNames(['letter'])).toEqual(['letter_b', 'x1_2'])
  })

  it('leave out duplicates where a pipeline is fitted, and nowhere else', () => {
    const pipeline = new Pipeline([new DropDuplicates(), new StandardScaler()])
    const rows = [[1], [1], [5]]
    expect(pipeline.fitTransform(rows)).toEqual({ data: Float64Array.of(-1, 1), shape: [2, 1] })
    expect(pipeline.transform(rows)).toEqual({ data: Float64Array.of(-1, -1, 1), shape: [3, 1] })
    expect(pipeline.inverseTransform(pipeline.transform(rows))).toEqual({
      data: Float64Array.of(1, 1, 5),
      shape: [3, 1],
    })
  })

  it('give classes back from scores', () => {
    const encoder = new OneHotEncoder().fit([['a'], ['b']])
    expect(encoder.inverseTransform([[0.2, 0.7]])).toEqual([['b']])
  })
})

describe('states', () => {
  it('go through a safetensors file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'handgrad-transforms-'))
    const wrong: unknown[] = []
    for (const [i, one] of tableCases.entries()) {
      const path = join(folder, `${i}.safetensors`)
      const fitted = transformOf(one).fit(one.fit)
      await io.saveSafetensors(path, fitted.stateDict())
      const loaded = transformOf(one)
      loaded.loadStateDict((await io.readSafetensors(path)).tensors)
      const [a, b] = [fitted, loaded].map((each: Any) => JSON.stringify(each.transform(one.x)))
      if (a !== b) wrong.push(one)
    }
    await rm(folder, { recursive: true })
    expect(wrong).toEqual([])
  })

  it('are taken whole or not at all', () => {
    const one = new Pipeline([new StandardScaler(), new MinMaxScaler()]).fit([[1], [2]])
    const before = one.stateDict()
    const { '1.dataMin': _, ...short } = new Pipeline([new StandardScaler(), new MinMaxScaler()])
      .fit([[5], [9]])
      .stateDict()
    expect(() => one.loadStateDict(short)).toThrow('MinMaxScaler: dataMin of the state is undefined without its values')
    expect(one.stateDict()).toEqual(before)
  })

  it('are copies', () => {
    const scaler = new StandardScaler().fit([[1], [3]])
    scaler.stateDict().mean.data.fill(7)
    expect(scaler.mean).toEqual(Float64Array.of(2))
  })
})

const scaler = new StandardScaler().fit([
  [1, 2],
  [3, 4],
])
const pets = new OneHotEncoder().fit([
  ['cat', 1],
  ['dog', 2],
])
const labels = new LabelEncoder().fit(['cat', 'dog'])
const give = 'give { data, shape: [rows, columns] }, or rows of one length'
const finite = 'give finite numbers; SimpleImputer fills in NaN'
const cases: readonly Refusal[] = [
  [
    () => new (StandardScaler as Any)({ with_mean: true }),
    'StandardScaler: there is no option with_mean (did you mean withMean? it takes { withMean, withStd })',
  ],
  [() => new (StandardScaler as Any)({ withStd: 1 }), 'StandardScaler: withStd is 1 (give true or false)'],
  [() => new MinMaxScaler({ featureRange: [1, 0] }), 'MinMaxScaler: featureRange is [1, 0] (give [low, high])'],
  [() => new MinMaxScaler({ featureRange: [1, 1] }), 'MinMaxScaler: featureRange is [1, 1] (give [low, high])'],
  [() => new (MinMaxScaler as Any)({ featureRange: 3 }), 'MinMaxScaler: featureRange is 3 (give [low, high])'],
  [
    () => new MinMaxScaler({ featureRange: [0, Infinity] }),
    'MinMaxScaler: featureRange is Infinity (give a finite number)',
  ],
  [
    () => new (SimpleImputer as Any)({ strategy: 'most' }),
    "SimpleImputer: strategy is 'most' ('mean', 'median', 'mostFrequent' or 'constant')",
  ],
  [
    () => new (SimpleImputer as Any)({ fillValue: [1] }),
    'SimpleImputer: fillValue is an array (give a number, text or a boolean)',
  ],
  [() => new (OneHotEncoder as Any)({ drop: 'last' }), "OneHotEncoder: drop is 'last' ('first' or 'ifBinary')"],
  [
    () => new (OneHotEncoder as Any)({ categories: ['ab'] }),
    "OneHotEncoder: categories[0] is 'ab' (give its classes, each once)",
  ],
  [
    () => new OneHotEncoder({ categories: [['a', 'a']] }),
    'OneHotEncoder: categories[0] is an array (give its classes, each once)',
  ],
  [() => new (DropDuplicates as Any)({ keep: true }), "DropDuplicates: keep is true ('first', 'last' or false)"],
  [() => new (Pipeline as Any)(scaler), 'Pipeline: the steps are a StandardScaler (give an array of transforms)'],
  [() => new (Pipeline as Any)([scaler, 3]), 'Pipeline: the steps are an array (give an array of transforms)'],
  [
    () => new StandardScaler().transform([[1]]),
    'StandardScaler: it has not been fitted (call fit(x) or loadStateDict(state))',
  ],
  [() => new LabelEncoder().stateDict(), 'LabelEncoder: it has not been fitted (call fit(x) or loadStateDict(state))'],
  [
    () => new Pipeline([new StandardScaler()]).transform([[1]]),
    'StandardScaler: it has not been fitted (call fit(x) or loadStateDict(state))',
  ],
  [
    () =>
      scaler.fit([
        [1, 2],
        [3, Number.NaN],
      ]),
    `StandardScaler: row 1, column 1 is NaN (${finite})`,
  ],
  [
    () => scaler.transform({ data: Float32Array.of(1, 2, Infinity, 3), shape: [2, 2] }),
    `StandardScaler: row 1, column 0 is Infinity (${finite})`,
  ],
  [() => (scaler as Any).fit([['1', 2]]), `StandardScaler: row 0, column 0 is '1' (${finite})`],
  [() => scaler.transform([[1]]), 'StandardScaler: x has 1 columns (give 2, as at fit)'],
  [() => scaler.transform(z(1, 1)), 'StandardScaler: x is [1, 1] (give [rows, 2], as at fit)'],
  [
    () => scaler.transform(ints(1, 2)),
    "StandardScaler: x is int32, not float32 or float64 (cast with x.to('float32'))",
  ],
  [() => scaler.fit([[1, 2], [3]]), `StandardScaler: row 1 has 1 columns, row 0 2 (${give})`],
  [() => (scaler as Any).fit([1, 2]), `StandardScaler: row 0 has undefined columns, row 0 undefined (${give})`],
  [() => scaler.fit([]), `StandardScaler: x is 0 values of shape [0, ] (${give})`],
  [() => scaler.fit({ data: new Float32Array(3), shape: [3] }), `StandardScaler: x is 3 values of shape [3] (${give})`],
  [() => (scaler as Any).fit('abc'), `StandardScaler: x is 'abc' (${give})`],
  [
    () =>
      pets.transform([
        ['cat', 1],
        ['eel', 2],
      ]),
    "OneHotEncoder: row 1, column 0 is 'eel' (fit saw 'cat', 'dog')",
  ],
  [() => pets.fit([['cat'], [1]]), "OneHotEncoder: row 1, column 0 is 1 (row 0 is 'cat')"],
  [() => pets.fit([[null]]), 'OneHotEncoder: row 0, column 0 is null (classes are text, numbers or booleans)'],
  [() => pets.fit([[1], [Number.NaN]]), 'OneHotEncoder: row 1, column 0 is NaN (row 0 is 1)'],
  [
    () => pets.inverseTransform([[0, 0, 1, 0]]),
    "OneHotEncoder: row 0 has zeros only for column 0 (give handleUnknown: 'ignore')",
  ],
  [
    () => new OneHotEncoder({ categories: [['a']] }).fit([['b']]),
    "OneHotEncoder: row 0, column 0 is 'b' (fit saw 'a')",
  ],
  [() => (pets as Any).transform(z(1, 2)), `OneHotEncoder: x is a Tensor (${give})`],
  [() => labels.transform(['cat', 'eel']), "LabelEncoder: row 1 is 'eel' (fit saw 'cat', 'dog')"],
  [() => labels.fit([]), 'LabelEncoder: labels are an array (give an array of one or more)'],
  [() => labels.fit('cat' as Any), "LabelEncoder: labels are 'cat' (give an array of one or more)"],
  [() => labels.inverseTransform([2]), 'LabelEncoder: row 0 is 2 (give integers from 0 to 1)'],
  [
    () =>
      new SimpleImputer().fit([
        [1, Number.NaN],
        [2, Number.NaN],
      ]),
    'SimpleImputer: column 1 has no value (leave it out, or give keepEmptyFeatures: true)',
  ],
  [() => new SimpleImputer().fit([['a']]), "SimpleImputer: row 0, column 0 is 'a' (give finite numbers)"],
  [
    () => new SimpleImputer().fit([[1]]).transform([[-Infinity]]),
    `SimpleImputer: row 0, column 0 is -Infinity (${finite})`,
  ],
  [
    () => new SimpleImputer({ strategy: 'mostFrequent' }).fit([['a']]).transform(z(1, 1)),
    'SimpleImputer: text would fill a tensor',
  ],
  [
    () => new DropDuplicates({ columns: [2] }).transform([[1, 2]]),
    'DropDuplicates: a column is 2 (give a finite number from 0 to 1)',
  ],
  [
    () => new Pipeline([new DropDuplicates(), scaler]).fitTransform(z(1, 2)),
    'Pipeline: rows of a tensor stay (fit rows on the host)',
  ],
  [
    () => new Pipeline([new SimpleImputer()]).inverseTransform({ data: new Float64Array(1), shape: [1, 1] }),
    'Pipeline: a SimpleImputer has no inverseTransform',
  ],
  [() => (scaler as Any).loadStateDict([]), 'StandardScaler: the state is an array (give what stateDict() gave)'],
  [
    () => (scaler as Any).loadStateDict({ mean: 3 }),
    'StandardScaler: mean of the state is 3 without its values (give what stateDict() gave)',
  ],
  [() => scaler.loadStateDict(pets.stateDict()), 'StandardScaler: the state has categories (it takes mean, scale)'],
  [
    () =>
      scaler.loadStateDict({ ...scaler.stateDict(), mean: { dtype: 'float64', shape: [1], data: Float64Array.of(1) } }),
    'StandardScaler: the state has lists of several lengths',
  ],
  [
    () =>
      scaler.loadStateDict({
        ...scaler.stateDict(),
        mean: { dtype: 'float64', shape: [2], data: Float64Array.of(1, Number.NaN) },
      }),
    'StandardScaler: mean of the state is an object without its values (give what stateDict() gave)',
  ],
  [
    () => new Pipeline([scaler]).loadStateDict({ '1.mean': scaler.stateDict().mean }),
    'Pipeline: the state has 1.mean (there are 1 steps)',
  ],
]

describe('refusals', () => {
  refuse(cases)
})
