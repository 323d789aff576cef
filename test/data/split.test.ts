/** @file Splits and folds: without overlap or loss, with each class in its share and groups together. */
import { describe, expect, it } from 'vitest'
import { type Dataset, kFold, type Subset, trainTestSplit } from '../../src/data/index.ts'
import { said } from '../support/said.ts'

const counting = (length: number): Dataset<number> => ({ length, get: (i) => i })
const sorted = (...lists: Iterable<number>[]) => lists.flatMap((list) => [...list]).sort((a, b) => a - b)
const all = (n: number) => [...Array(n).keys()]
const counts = (part: Subset<unknown>, labels: readonly (number | string)[], names: readonly (number | string)[]) =>
  names.map((name) => [...part.indices].filter((i) => labels[i] === name).length)

describe('trainTestSplit', () => {
  const labels = Array.from({ length: 100 }, (_, i) => (i % 20 === 0 ? 'c' : i % 4 === 0 ? 'b' : 'a'))
  const names = ['a', 'b', 'c']

  it('has a part for validation, too', () => {
    const { train, validation, test } = trainTestSplit(counting(50), { testSize: 0.2, validationSize: 5, seed: 2 })
    expect([train.length, validation.length, test.length]).toEqual([35, 5, 10])
    expect(sorted(train.indices, validation.indices, test.indices)).toEqual(all(50))
    expect(trainTestSplit(counting(50)).validation).toBeUndefined()
  })

  it('keeps the share of each class', () => {
    const { train, validation, test } = trainTestSplit(counting(100), {
      testSize: 0.2,
      validationSize: 0.2,
      stratify: labels,
    })
    expect([train, validation, test].map((part) => counts(part, labels, names))).toEqual([
      [45, 12, 3],
      [15, 4, 1],
      [15, 4, 1],
    ])
    expect(sorted(train.indices, validation.indices, test.indices)).toEqual(all(100))
    expect([...train.indices]).not.toEqual(sorted(train.indices))
    for (let seed = 0; seed < 20; seed++) {
      const n = 30 + 7 * seed
      const own = Int32Array.from({ length: n }, (_, i) => (i * i + seed) % 4)
      const parts = trainTestSplit(counting(n), { testSize: 0.3, stratify: own, seed })
      const again = trainTestSplit(counting(n), { testSize: 0.3, stratify: own, seed })
      expect([...parts.test.indices]).toEqual([...again.test.indices])
      expect(sorted(parts.train.indices, parts.test.indices)).toEqual(all(n))
      for (const c of new Set(own)) {
        const [inTest] = counts(parts.test, [...own], [c])
        const share = ([...own].filter((x) => x === c).length * parts.test.length) / n
        expect(Math.abs(inTest - share)).toBeLessThan(1)
      }
    }
  })

  it('refuses what does not fit', async () => {
    const texts = [
      await said(() => trainTestSplit(counting(4), { testSize: 2, validationSize: 2 })),
      await said(() => trainTestSplit(counting(4), { validationSize: 0 })),
      // @ts-expect-error a text
      await said(() => trainTestSplit(counting(4), { validationSize: '1' })),
      await said(() => trainTestSplit(counting(4), { stratify: [0, 1] })),
      await said(() => trainTestSplit(counting(4), { stratify: [0, 0, 0, 1], testSize: 2 })),
      await said(() => trainTestSplit(counting(4), { stratify: [0, 0, 1, 1] })),
      await said(() => trainTestSplit(counting(2), { stratify: [0, Number.NaN] })),
      // @ts-expect-error no list
      await said(() => trainTestSplit(counting(4), { stratify: true })),
    ]
    expect(texts).toMatchInlineSnapshot(`
      [
        "HandgradError: trainTestSplit: testSize 2 and validationSize 2 leave nothing of 4 samples to train on",
        "HandgradError: trainTestSplit: validationSize 0 of 4 samples leaves an empty part (use a fraction, or 1 to n - 1 samples)",
        "HandgradError: trainTestSplit: validationSize is '1' (use a fraction, or 1 to n - 1 samples)",
        "HandgradError: trainTestSplit: stratify has 2 entries for 4 samples",
        "HandgradError: trainTestSplit: class 1 has 1 samples for 2 parts (leave stratify out, or add some)",
        "HandgradError: trainTestSplit: a part of 1 samples is too small for 2 classes",
        "HandgradError: trainTestSplit: stratify has NaN at row 1 (give numbers or texts)",
        "HandgradError: trainTestSplit: stratify is true (give a list, one for each sample)",
      ]
    `)
  })
})

describe('kFold', () => {
  it('has each sample in one test part', () => {
    const folds = kFold(counting(23), { folds: 4, seed: 1 })
    expect(folds.map(({ test }) => test.length).sort()).toEqual([5, 6, 6, 6])
    expect(sorted(...folds.map(({ test }) => test.indices))).toEqual(all(23))
    for (const { train, test } of folds) expect(sorted(train.indices, test.indices)).toEqual(all(23))
    expect([...folds[0].test.indices]).not.toEqual(all(6))
    const first = (seed: number) => [...kFold(counting(23), { folds: 4, seed })[0].test.indices]
    expect(first(1)).toEqual([...folds[0].test.indices])
    expect(first(2)).not.toEqual(first(1))
    expect(kFold(counting(10)).length).toBe(5)
  })

  it('keeps the share of each class in every fold, to within a sample', () => {
    const labels = Array.from({ length: 47 }, (_, i) => (i < 26 ? 'x' : i < 38 ? 'y' : 'z'))
    const folds = kFold(counting(47), { folds: 4, stratify: labels })
    expect(folds.map(({ test }) => test.length).sort()).toEqual([11, 12, 12, 12])
    for (const { test } of folds) {
      const [x, y, z] = counts(test, labels, ['x', 'y', 'z'])
      expect([6, 7]).toContain(x)
      expect(y).toBe(3)
      expect([2, 3]).toContain(z)
    }
  })

  it('keeps groups together, with and without classes', () => {
    const groups = Array.from({ length: 60 }, (_, i) => `patient ${(i * i) % 17}`)
    const labels = Array.from({ length: 60 }, (_, i) => i % 2)
    for (const stratify of [undefined, labels]) {
      const folds = kFold(counting(60), { folds: 3, groups, ...(stratify && { stratify }) })
      expect(sorted(...folds.map(({ test }) => test.indices))).toEqual(all(60))
      for (const { train, test } of folds) {
        const inside = new Set([...test.indices].map((i) => groups[i]))
        expect([...train.indices].some((i) => inside.has(groups[i]))).toBe(false)
        expect(Math.abs(test.length - 20)).toBeLessThan(5)
        if (stratify) expect(Math.abs(counts(test, labels, [0])[0] - 10)).toBeLessThan(5)
      }
    }
  })

  it('refuses what does not fit', async () => {
    const texts = [
      await said(() => kFold(counting(3))),
      await said(() => kFold(counting(3), { folds: 1 })),
      await said(() => kFold(counting(4), { folds: 2, stratify: ['a', 'a', 'a', 'b'] })),
      await said(() => kFold(counting(4), { folds: 3, groups: [1, 1, 2, 2] })),
      await said(() => kFold(counting(4), { folds: 2, groups: [1] })),
      // @ts-expect-error no option
      await said(() => kFold(counting(4), { fold: 2 })),
      // @ts-expect-error no data set
      await said(() => kFold([1, 2, 3])),
    ]
    expect(texts).toMatchInlineSnapshot(`
      [
        "HandgradError: kFold: folds is 5 for 3 samples (use an integer from 2 to the number of samples)",
        "HandgradError: kFold: folds is 1 for 3 samples (use an integer from 2 to the number of samples)",
        "HandgradError: kFold: class b has 1 samples for 2 folds (use fewer)",
        "HandgradError: kFold: there are 2 groups for 3 folds (use fewer)",
        "HandgradError: kFold: groups has 1 entries for 4 samples",
        "HandgradError: kFold: there is no option fold (did you mean folds? it takes { folds, seed, stratify, groups })",
        "HandgradError: kFold: the first argument is not a data set (it needs a length and get(index))",
      ]
    `)
  })
})
