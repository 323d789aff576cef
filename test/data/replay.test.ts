/** @file Replay: each sample of a stream is kept as likely as any other, and batches have their share of old ones. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DataLoader, type Dataset, mix, Reservoir } from '../../src/data/index.ts'
import { device, io, setDefaultDevice, type Tensor } from '../../src/index.ts'
import { refusal } from '../support/refusals.ts'

setDefaultDevice(await device('cpu'))
const counting = (length: number, from = 0): Dataset<number> => ({ length, get: (i) => from + i })
const numbersOf = async (loader: Iterable<Tensor>): Promise<number[][]> => {
  const all: number[][] = []
  for (const batch of loader) all.push([...(await batch.data())])
  return all
}

describe('Reservoir', () => {
  const filled = (count: number, capacity: number, seed: number) => {
    const kept = new Reservoir<number>({ capacity, seed })
    for (let i = 0; i < count; i++) kept.add(i)
    return kept
  }
  const all = (kept: Reservoir<number>) => Array.from({ length: kept.length }, (_, i) => kept.get(i))

  it('keeps all there are until it is full', () => {
    const kept = filled(3, 5, 0)
    expect([kept.length, kept.seen, all(kept), String(kept)]).toEqual([3, 3, [0, 1, 2], 'Reservoir(3 of 5, 3 seen)'])
  })

  it('keeps each sample as likely as any other', () => {
    const [count, capacity, runs] = [40, 10, 4000]
    const hits = new Array<number>(count).fill(0)
    for (let seed = 0; seed < runs; seed++) for (const x of all(filled(count, capacity, seed))) hits[x]++
    // χ² of 40 cells, each with probability 1/4: beyond 75 in one run of 2000.
    const expected = (runs * capacity) / count
    const chi = hits.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0) / (1 - capacity / count)
    expect(chi).toBeLessThan(75)
    expect(new Set(all(filled(count, capacity, 1))).size).toBe(capacity)
  })

  it('says whether it took a sample, and draws by the seed alone', () => {
    const kept = filled(5, 5, 7)
    const took = Array.from({ length: 50 }, (_, i) => kept.add(5 + i))
    expect(took.filter(Boolean).length).toBeGreaterThan(0)
    expect(took.filter(Boolean).length).toBeLessThan(50)
    expect(all(kept)).toEqual(all(filled(55, 5, 7)))
    expect(all(kept)).not.toEqual(all(filled(55, 5, 8)))
  })

  it('goes on from a checkpoint as it would have', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'handgrad-replay-'))
    try {
      const file = join(dir, 'state.safetensors')
      const sample = (i: number) => ({ text: `text ${i}`, ids: Int32Array.of(i, i + 1) })
      const whole = new Reservoir<ReturnType<typeof sample>>({ capacity: 6, seed: 3 })
      for (let i = 0; i < 30; i++) whole.add(sample(i))
      await io.saveCheckpoint(file, { whole })
      const again = new Reservoir<ReturnType<typeof sample>>({ capacity: 6, seed: 3 })
      await io.loadCheckpoint(file, { whole: again })
      for (let i = 30; i < 90; i++) for (const one of [whole, again]) one.add(sample(i))
      expect(again.stateDict()).toEqual(whole.stateDict())
    } finally {
      await rm(dir, { recursive: true })
    }
  })

  it('refuses what is none', async () => {
    const kept = new Reservoir<number>({ capacity: 2 })
    kept.add(5)
    const state = kept.stateDict()
    const cases: [call: () => unknown, text: string][] = [
      [() => new Reservoir({ capacity: 0 }), 'Reservoir: capacity is 0 (use an integer from 1 to 2147483647)'],
      [() => new Reservoir({ capacity: 1, seed: -1 }), 'Reservoir: seed is -1 (use an integer from 0 to 2^53 - 1)'],
      [() => kept.get(1), 'Reservoir.get: index 1 is outside 0 to 0 (the data set has 1 samples)'],
      [
        () => kept.loadStateDict({ ...state, capacity: 3 }),
        'Reservoir: the state has capacity 3 and seed 0 (this one has 2 and 0: make it as that one was made)',
      ],
      [
        () => kept.loadStateDict({ ...state, samples: [] }),
        'Reservoir: the samples of the state are an array (give 1, what stateDict() of a reservoir gave)',
      ],
      [
        () => kept.loadStateDict({ ...state, seen: 0.5 }),
        'Reservoir: seen is 0.5 (use an integer from 0 to 2147483647)',
      ],
      [
        () => kept.loadStateDict(null as never),
        'Reservoir: the state is null (give what stateDict() of a reservoir gave)',
      ],
    ]
    for (const [call, text] of cases) expect(await refusal(call)).toBe(text)
    expect([kept.length, kept.get(0)]).toEqual([1, 5])
  })
})

describe('mix', () => {
  const loaderOf = (fresh: number, old: number, options: Parameters<typeof mix>[2], seed = 1) => {
    const { dataset, batchSampler } = mix(counting(fresh), counting(old, 1000), options)
    return new DataLoader(dataset, { batchSampler, seed })
  }
  const oldOf = (batch: readonly number[]) => batch.filter((x) => x >= 1000)

  it.each([
    [0.5, 8, 4],
    [0.25, 8, 2],
    [0.1, 10, 1],
    [0.9, 10, 9],
  ])('a share of %d of %d samples is %d', async (share, batchSize, olds) => {
    const loader = loaderOf(90, 7, { batchSize, share })
    const batches = await numbersOf(loader)
    expect(batches.length).toBe(loader.length)
    const whole = batches.filter((batch) => batch.length === batchSize)
    expect(whole.length).toBeGreaterThanOrEqual(batches.length - 1)
    for (const batch of whole) expect(oldOf(batch).length).toBe(olds)
    const fresh = batches.flat().filter((x) => x < 1000)
    expect(fresh.sort((a, b) => a - b)).toEqual(Array.from({ length: 90 }, (_, i) => i))
  })

  it('draws each old sample once before one again', async () => {
    const olds = (await numbersOf(loaderOf(40, 6, { batchSize: 8, share: 0.5 }))).flatMap(oldOf)
    expect(olds.length).toBe(40)
    for (let at = 0; at + 6 <= olds.length; at += 6) expect(new Set(olds.slice(at, at + 6)).size).toBe(6)
  })

  it('has as large a part in the last batch, or leaves that out', async () => {
    const batches = await numbersOf(loaderOf(10, 5, { batchSize: 8 }))
    expect(batches.map((batch) => [batch.length, oldOf(batch).length])).toEqual([
      [8, 4],
      [8, 4],
      [4, 2],
    ])
    expect((await numbersOf(loaderOf(10, 5, { batchSize: 8, dropLast: true }))).length).toBe(2)
  })

  it('depends on seed and epoch alone, and keeps the order where it is asked to', async () => {
    const options = { batchSize: 6 }
    const [a, b, other] = [loaderOf(20, 9, options), loaderOf(20, 9, options), loaderOf(20, 9, options, 2)]
    const first = await numbersOf(a)
    expect(await numbersOf(b)).toEqual(first)
    expect(await numbersOf(other)).not.toEqual(first)
    const second = await numbersOf(a)
    expect(second).not.toEqual(first)
    expect(await numbersOf(b)).toEqual(second)
    const still = await numbersOf(loaderOf(5, 9, { batchSize: 4, shuffle: false }))
    expect(still.flat().filter((x) => x < 1000)).toEqual([0, 1, 2, 3, 4])
  })

  it('resumes in the middle of an epoch', async () => {
    const make = () => loaderOf(30, 8, { batchSize: 8 })
    const [whole, rest]: number[][][] = [[], []]
    const loader = make()
    let state = loader.stateDict()
    for (const batch of loader) {
      whole.push([...(await batch.data())])
      if (whole.length === 3) state = loader.stateDict()
    }
    const again = make()
    again.loadStateDict(state)
    for (const batch of again) rest.push([...(await batch.data())])
    expect(rest).toEqual(whole.slice(3))
  })

  it('refuses what cannot be mixed', async () => {
    const two = counting(2)
    const cases: [call: () => unknown, text: string][] = [
      [
        () => mix([1] as never, two, { batchSize: 2 }),
        'mix: the first argument is not a data set (it needs a length and get(index))',
      ],
      [() => mix(two, counting(0), { batchSize: 2 }), 'mix: the old data set is empty'],
      [() => mix(counting(0), two, { batchSize: 2 }), 'mix: the new data set is empty'],
      [() => mix(two, two, { batchSize: 1 }), 'mix: batchSize is 1 (use an integer from 2 to 2147483647)'],
      [() => mix(two, two, { batchSize: 2, share: 1 }), 'mix: share is 1 (give a number above 0 and below 1)'],
      [() => mix(two, two, { batchSize: 2, share: NaN }), 'mix: share is NaN (give a number above 0 and below 1)'],
      [
        () => mix(two, two, { batchSize: 4, share: 0.1 }),
        'mix: 0.1 of 4 samples are 0 old and 4 new (give larger batches, or another share)',
      ],
      [
        () => mix(two, two, { batchSize: 8, dropLast: true }),
        'mix: dropLast leaves no batch, 2 new samples do not fill one with 4',
      ],
      [
        () => mix(two, two, { batchSize: 2, shares: 1 } as never),
        'mix: there is no option shares (did you mean share? it takes { batchSize, share, shuffle, dropLast })',
      ],
    ]
    for (const [call, text] of cases) expect(await refusal(call)).toBe(text)
  })
})
