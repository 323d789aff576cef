/** @file Loading: streams, samplers, transforms whose randomness is by (seed, epoch, index), batches made ahead. */
import { describe, expect, it } from 'vitest'
import { CpuDevice } from '../../src/cpu/device.ts'
import {
  ConcatDataset,
  DataLoader,
  type Dataset,
  LengthBatchSampler,
  RandomSampler,
  randomOf,
  type SampleContext,
  SequentialSampler,
  StratifiedSampler,
  Subset,
  WeightedRandomSampler,
} from '../../src/data/index.ts'
import { memory, type Tensor } from '../../src/index.ts'
import { said } from '../support/said.ts'

const counting = (length: number): Dataset<number> => ({ length, get: (i) => i })
const numbersOf = async (batches: Iterable<Tensor> | AsyncIterable<Tensor>): Promise<number[][]> => {
  const all: number[][] = []
  for await (const batch of batches) all.push([...(await batch.data())])
  return all
}
/** A value that comes later. */
const later = async <T>(ms: number, value: T): Promise<T> => {
  await pause(ms)
  return value
}
const pause = (ms = 0) => new Promise((done) => setTimeout(done, ms))

describe('streams', () => {
  const stream = {
    *[Symbol.iterator]() {
      yield* [0, 1, 2, 3, 4]
    },
  }
  const late = {
    async *[Symbol.asyncIterator]() {
      for (const i of [0, 1, 2, 3, 4]) {
        await pause()
        yield i
      }
    },
  }

  it('are batched in their own order, epoch after epoch', async () => {
    for (const data of [stream, [0, 1, 2, 3, 4], new Set([0, 1, 2, 3, 4])]) {
      const loader = new DataLoader(data, { batchSize: 2 })
      const both = [await numbersOf(loader), await numbersOf({ [Symbol.iterator]: () => loader[Symbol.iterator]() })]
      expect(both).toEqual([
        [[0, 1], [2, 3], [4]],
        [[0, 1], [2, 3], [4]],
      ])
      expect([loader.epoch, String(loader)]).toEqual([
        2,
        'DataLoader(a stream, batchSize: 2, shuffle: false, dropLast: false, epoch: 2)',
      ])
    }
    expect(await numbersOf(new DataLoader(late, { batchSize: 2, dropLast: true }))).toEqual([
      [0, 1],
      [2, 3],
    ])
    expect(await numbersOf(new DataLoader(late, { batchSize: 2, prefetch: 5 }))).toEqual([[0, 1], [2, 3], [4]])
  })

  it('go on in the middle of an epoch, and give transforms their position', async () => {
    for (const data of [stream, late]) {
      const make = () =>
        new DataLoader(data, {
          batchSize: 2,
          seed: 3,
          transform: (x, { index, epoch }) => x * 100 + index * 10 + epoch,
        })
      const loader = make()
      await numbersOf(loader)
      let state = loader.stateDict()
      for await (const _ of loader) {
        state = loader.stateDict()
        break
      }
      expect(state).toEqual({ seed: 3, epoch: 1, batch: 1 })
      const other = make()
      other.loadStateDict(state)
      expect(await numbersOf(other)).toEqual([[221, 331], [441]])
      // After the last batch nothing is left of the epoch.
      other.loadStateDict({ seed: 3, epoch: 1, batch: 3 })
      expect([await numbersOf(other), other.epoch]).toEqual([[], 2])
    }
  })

  it('are closed when the loop is left, and refused where they do not fit', async () => {
    let closed = 0
    const held = {
      *[Symbol.iterator]() {
        try {
          yield* [1, 2, 3]
        } finally {
          closed++
        }
      },
    }
    for (const _ of new DataLoader(held)) break
    for await (const _ of new DataLoader(held)) break
    expect(closed).toBe(2)
    const once = new DataLoader(held[Symbol.iterator]())
    await numbersOf(once)
    const texts = [
      await said(() => numbersOf(once)),
      await said(() => [...new DataLoader([])]),
      await said(() => [...new DataLoader(late)]),
      await said(() => [...new DataLoader<unknown, unknown, unknown>([1, undefined])]),
      await said(() => [...new DataLoader<unknown, unknown, unknown>([Promise.resolve(1)])]),
      await said(() => new DataLoader(stream, { shuffle: true })),
      await said(() => new DataLoader(stream, { sampler: new RandomSampler(5) })),
      await said(() => new DataLoader(stream).length),
      await said(() => new DataLoader(stream).order(0)),
    ]
    expect(texts).toMatchInlineSnapshot(`
      [
        "HandgradError: DataLoader: the stream gave no sample (a generator ends once: give what begins anew, such as an array)",
        "HandgradError: DataLoader: the stream gave no sample (a generator ends once: give what begins anew, such as an array)",
        "HandgradError: DataLoader: the data set is an asynchronous stream (take its batches by for await)",
        "HandgradError: DataLoader: sample 1 is undefined (a stream gives samples)",
        "HandgradError: DataLoader: get(0) returned a promise (take the batches by for await, or load data before)",
        "HandgradError: DataLoader: shuffle or a sampler is given for a stream (its samples have no index: it comes in its own order)",
        "HandgradError: DataLoader: shuffle or a sampler is given for a stream (its samples have no index: it comes in its own order)",
        "HandgradError: DataLoader.length: the data set is a stream, which has no length (count its batches)",
        "HandgradError: DataLoader.order: the data set is a stream (its samples come in its own order)",
      ]
    `)
  })
})

describe('transforms', () => {
  const noisy = (x: number, context: SampleContext) => x + randomOf(context).uniform()
  const options = { batchSize: 3, shuffle: true, seed: 5, transform: noisy }
  const bySample = async (loader: AsyncIterable<Tensor>) => (await numbersOf(loader)).flat().sort((a, b) => a - b)

  it('give a sample the same in each epoch of a seed, whoever loads it', async () => {
    const whole = new DataLoader(counting(10), options)
    const epochs = [await bySample(whole), await bySample(whole)]
    expect(epochs[0]).not.toEqual(epochs[1])
    for (const prefetch of [0, 1, 7])
      expect(await bySample(new DataLoader(counting(10), { ...options, batchSize: 4, prefetch }))).toEqual(epochs[0])
    // Two loaders of a part each, one of them of a part of a part; and get() itself, with the context.
    const odd = new Subset(new Subset(counting(10), [9, 7, 5, 3, 1]), [4, 3, 2, 1, 0])
    const even = new Subset(counting(10), [0, 2, 4, 6, 8])
    const parts = [
      ...(await bySample(new DataLoader(odd, options))),
      ...(await bySample(new DataLoader(even, options))),
    ]
    expect(parts.sort((a, b) => a - b)).toEqual(epochs[0])
    const own = { length: 10, get: (i: number, context?: SampleContext) => noisy(i, context as SampleContext) }
    for (const data of [own, new Subset(own, [3, 1, 0, 2, 4, 5, 6, 7, 8, 9])])
      expect(await bySample(new DataLoader(data, { batchSize: 2, seed: 5 }))).toEqual(epochs[0])
    expect(await bySample(new DataLoader(counting(10), { ...options, seed: 6 }))).not.toEqual(epochs[0])
  })

  it('change the same sample in two ways where it is there twice', async () => {
    const twice = new ConcatDataset([counting(3), counting(3)])
    expect(twice.length).toBe(6)
    expect(Array.from({ length: 6 }, (_, i) => twice.get(i))).toEqual([0, 1, 2, 0, 1, 2])
    const own = {
      length: 1,
      get: (_: number, context?: SampleContext) => randomOf(context as SampleContext).int(2 ** 32),
    }
    const [[a, b]] = await numbersOf(new DataLoader(new ConcatDataset([own, own]), { batchSize: 2 }))
    expect(a).not.toBe(b)
    // Parts of parts: get() and transform are told the same.
    const told: number[] = []
    const tells = {
      length: 4,
      get: (i: number, context?: SampleContext) => {
        told.push((context as SampleContext).index)
        return i
      },
    }
    const parts = new ConcatDataset([new Subset(tells, [3, 1]), new Subset(tells, [2, 1])])
    const seen: number[] = []
    const transform = (x: number, { index }: SampleContext) => {
      seen.push(index)
      return x
    }
    await numbersOf(new DataLoader(new Subset(parts, [3, 0, 2]), { transform }))
    expect([told, seen]).toEqual([
      [3, 0, 2],
      [3, 0, 2],
    ])
  })

  it('change batches, and are told which samples these are', async () => {
    const seen: unknown[] = []
    const loader = new DataLoader(new Subset(counting(9), [8, 6, 4]), {
      batchSize: 2,
      seed: 4,
      batchTransform: (batch, { seed, epoch, indices }) => {
        seen.push([seed, epoch, ...indices])
        return batch.mul(2)
      },
    })
    const device = new CpuDevice()
    expect(await numbersOf(loader)).toEqual([[16, 12], [8]])
    expect(seen).toEqual([
      [4, 0, 8, 6],
      [4, 0, 4],
    ])
    const collate = new DataLoader(counting(3), { batchSize: 2, collate: (_, { indices }) => [...indices] })
    expect([...collate]).toEqual([[0, 1], [2]])
    expect(memory(device).storages).toBe(0)
  })

  it('may take their time by for await', async () => {
    const data = { length: 4, get: (i: number) => later(4 - i, i) }
    const loader = new DataLoader(data, { batchSize: 2, transform: (x) => later(0, x + 1) })
    expect(await numbersOf(loader)).toEqual([
      [1, 2],
      [3, 4],
    ])
  })
})

describe('prefetch', () => {
  it('makes as many batches ahead while the loop waits, and frees them when it is left', async () => {
    for (const prefetch of [0, 3]) {
      const device = new CpuDevice()
      const asked: number[] = []
      const get = (i: number) => {
        asked.push(i)
        return i
      }
      const loader = new DataLoader({ length: 20, get }, { device, prefetch })
      const counts: number[] = []
      for await (const batch of loader) {
        const n = counts.length
        expect(await batch.array()).toEqual([n])
        for (let i = 0; i < 20 && asked.length < n + 1 + prefetch; i++) await pause(1)
        counts.push(asked.length - 1 - n)
        expect(memory(device).storages).toBe(1 + prefetch)
        expect(loader.stateDict()).toEqual({ seed: 0, epoch: 0, batch: n + 1 })
        if (n === 7) break
      }
      expect(counts).toEqual(new Array(8).fill(prefetch))
      await pause(5)
      expect(asked.length).toBe(8 + prefetch)
      // The last one of a loop that was left stays, as without it.
      expect(memory(device).storages).toBe(1)
    }
  })

  it('gives an error where its batch would be, and none where nobody waits', async () => {
    const unhandled: unknown[] = []
    const note = (error: unknown) => void unhandled.push(error)
    process.on('unhandledRejection', note)
    const data = { length: 6, get: (i: number) => (i > 2 ? Promise.reject(new Error(`sample ${i}`)) : i) }
    for (const prefetch of [0, 4]) {
      const got: number[] = []
      const walk = async () => {
        for await (const batch of new DataLoader<number>(data, { prefetch })) {
          got.push(await batch.item())
          await pause(5)
        }
      }
      expect(await said(walk)).toBe('Error: sample 3')
      expect(got).toEqual([0, 1, 2])
    }
    for await (const _ of new DataLoader<number>(data, { prefetch: 6 })) {
      await pause(20)
      break
    }
    await pause(5)
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })

  it('loses no time of the device: batches are ready when the step is done', async () => {
    // A batch takes 8 ms and a step 12 ms of waiting: one after the other 20 ms, ahead 12.
    const data = { length: 10, get: (i: number) => later(8, i) }
    const time = async (prefetch: number) => {
      const start = performance.now()
      for await (const _ of new DataLoader(data, { prefetch })) await pause(12)
      return performance.now() - start
    }
    const [alone, ahead] = [await time(0), await time(2)]
    expect(ahead).toBeLessThan(alone - 30)
  })

  it('goes through the same batches as the plain loop, and resumes as it does', async () => {
    const make = (prefetch: number) => new DataLoader(counting(11), { batchSize: 3, shuffle: true, seed: 9, prefetch })
    const plain = make(0)
    const expected: number[][] = []
    for (const batch of plain) expected.push([...(await batch.data())])
    for (let stop = 1; stop < 4; stop++) {
      const loader = make(2)
      let state = loader.stateDict()
      for await (const _ of loader) {
        await pause(2)
        state = loader.stateDict()
        if (state.batch === stop) break
      }
      const other = make(3)
      other.loadStateDict(state)
      expect(await numbersOf(other)).toEqual(expected.slice(stop))
      expect(loader.stateDict()).toEqual({ seed: 9, epoch: 1, batch: 0 })
    }
  })
})

describe('samplers', () => {
  const sorted = (list: Iterable<number>) => [...list].sort((a, b) => a - b)

  it('depend on seed and epoch alone, and a loader takes them', async () => {
    const labels = Array.from({ length: 30 }, (_, i) => (i < 20 ? 'a' : 'b'))
    const samplers = [
      new RandomSampler(30),
      new RandomSampler(counting(30), { replacement: true, count: 12 }),
      new WeightedRandomSampler(labels.map((_, i) => i)),
      new WeightedRandomSampler(
        labels.map((_, i) => i % 3),
        { replacement: false, count: 20 },
      ),
      new StratifiedSampler(labels),
    ]
    for (const sampler of samplers) {
      const first = [...sampler.order(0, 7)]
      expect([...sampler.order(0, 7)]).toEqual(first)
      expect([...sampler.order(1, 7)]).not.toEqual(first)
      expect([...sampler.order(0, 8)]).not.toEqual(first)
      expect(first.length).toBe(sampler.length)
      const loader = new DataLoader(counting(30), { batchSize: 7, seed: 7, sampler })
      expect(loader.length).toBe(Math.ceil(sampler.length / 7))
      expect((await numbersOf(loader)).flat()).toEqual(first)
      expect((await numbersOf(loader)).flat()).toEqual([...sampler.order(1, 7)])
    }
    expect([...new SequentialSampler(3).order()]).toEqual([0, 1, 2])
    const plain = new DataLoader(counting(30), { shuffle: true, seed: 7 })
    expect([...plain.order(4)]).toEqual([...samplers[0].order(4, 7)])
  })

  it('draw by weight', () => {
    const weights = [0, 1, 2, 5]
    const counts = [0, 0, 0, 0]
    for (const i of new WeightedRandomSampler(weights, { count: 8000 }).order(0, 1)) counts[i]++
    counts.forEach((count, i) => {
      expect(Math.abs(count - 1000 * weights[i])).toBeLessThan(5 * Math.sqrt(1000 * weights[i]) + 1)
    })
    const without = new WeightedRandomSampler(weights, { replacement: false, count: 3 })
    const firsts = [0, 0, 0, 0]
    for (let epoch = 0; epoch < 800; epoch++) {
      const order = without.order(epoch, 2)
      expect(sorted(order)).toEqual([1, 2, 3])
      firsts[order[0]]++
    }
    expect(firsts[0]).toBe(0)
    expect(Math.abs(firsts[3] - 500)).toBeLessThan(70)
  })

  it('spread classes evenly', () => {
    const even = Array.from({ length: 60 }, (_, i) => i % 3)
    for (let at = 0, order = new StratifiedSampler(even).order(3, 1); at < 60; at += 6)
      expect(sorted(order.subarray(at, at + 6).map((i) => even[i]))).toEqual([0, 0, 1, 1, 2, 2])
    const rare = Array.from({ length: 1000 }, (_, i) => (i % 10 === 0 ? 'rare' : i % 3 === 0 ? 'some' : 'often'))
    const order = new StratifiedSampler(rare).order(0, 1)
    expect(sorted(order)).toEqual([...rare.keys()])
    for (let at = 0; at < 1000; at += 50)
      for (const name of ['rare', 'some', 'often']) {
        const count = [...order.subarray(at, at + 50)].filter((i) => rare[i] === name).length
        expect(Math.abs(count - (50 * rare.filter((one) => one === name).length) / 1000)).toBeLessThan(2)
      }
  })

  it('put together samples of about the same length', async () => {
    const lengths = Array.from({ length: 103 }, (_, i) => (i * 37) % 50)
    const waste = (batches: readonly Int32Array[]) =>
      batches.reduce((sum, batch) => {
        const own = [...batch].map((i) => lengths[i])
        return sum + Math.max(...own) * own.length - own.reduce((a, b) => a + b, 0)
      }, 0)
    const sampler = new LengthBatchSampler(lengths, { batchSize: 8 })
    const batches = sampler.batches(0, 5)
    expect([sampler.length, batches.length]).toEqual([13, 13])
    expect(sorted(batches.flatMap((batch) => [...batch]))).toEqual([...lengths.keys()])
    const plain = new DataLoader(counting(103), { batchSize: 8, shuffle: true, seed: 5 })
    const shuffled = await numbersOf(plain)
    expect(waste(batches)).toBeLessThan(waste(shuffled.map((batch) => Int32Array.from(batch))) / 5)
    // Short batches do not come first.
    const means = batches.map((batch) => [...batch].reduce((sum, i) => sum + lengths[i], 0) / batch.length)
    expect(means).not.toEqual([...means].sort((a, b) => a - b))
    expect(sampler.batches(1, 5)).not.toEqual(batches)
    const loader = new DataLoader(counting(103), { batchSampler: sampler, seed: 5 })
    expect(loader.length).toBe(13)
    expect(await numbersOf(loader)).toEqual(batches.map((batch) => [...batch]))
    expect(
      new LengthBatchSampler(lengths, { batchSize: 8, dropLast: true }).batches(0, 0).map((b) => b.length),
    ).toEqual(new Array(12).fill(8))
  })

  it('refuse what does not fit', async () => {
    const bad = (options: object) => said(() => new DataLoader(counting(4), options))
    const texts = [
      await said(() => new RandomSampler(3, { count: 4 })),
      await said(() => new RandomSampler(3, { count: 0 })),
      await said(() => new RandomSampler(-1)),
      await said(() => new RandomSampler(3).order(-1, 0)),
      await said(() => new WeightedRandomSampler([1, Number.NaN])),
      await said(() => new WeightedRandomSampler([1, -1])),
      await said(() => new WeightedRandomSampler([0, 0])),
      await said(() => new WeightedRandomSampler([])),
      await said(() => new WeightedRandomSampler([1, 0], { replacement: false })),
      await said(() => new StratifiedSampler([0, Number.NaN])),
      await said(() => new StratifiedSampler('ab')),
      await said(() => new LengthBatchSampler([1, -2])),
      await said(() => new LengthBatchSampler([1, 2], { batchSize: 3, dropLast: true })),
      await said(() => new LengthBatchSampler([])),
      await bad({ sampler: {} }),
      await bad({ sampler: null }),
      await bad({ sampler: new RandomSampler(0) }),
      await bad({ sampler: new RandomSampler(4), shuffle: true }),
      await bad({ batchSampler: new LengthBatchSampler([1, 2, 3, 4]), batchSize: 2 }),
      await bad({ prefetch: -1 }),
      await bad({ transform: 1 }),
      await bad({ batchTransform: 1 }),
      await bad({ collate: () => 0, batchTransform: () => 0 }),
      await said(() => [...new DataLoader(counting(4), { sampler: new RandomSampler(9) })]),
      // @ts-expect-error no data sets
      await said(() => new ConcatDataset()),
      await said(() => new ConcatDataset([])),
      await said(() => new ConcatDataset([counting(2)]).get(2)),
      // @ts-expect-error no context
      await said(() => randomOf()),
      await said(() => randomOf({ seed: 0, epoch: 0.5, index: 0 })),
      await said(() => [...new DataLoader(counting(4), { transform: async (x) => x })]),
    ]
    expect(texts).toMatchInlineSnapshot(`
      [
        "HandgradError: RandomSampler: count is 4 of 3 samples (draw fewer, or with { replacement: true })",
        "HandgradError: RandomSampler: count is 0 (use an integer from 1 to 2147483647)",
        "HandgradError: RandomSampler: the number of samples is -1 (use an integer from 0 to 2147483647)",
        "HandgradError: RandomSampler: epoch is -1 (use an integer from 0 to 2147483647)",
        "HandgradError: WeightedRandomSampler: weight 1 is NaN (weights are numbers from 0 up)",
        "HandgradError: WeightedRandomSampler: weight 1 is -1 (weights are numbers from 0 up)",
        "HandgradError: WeightedRandomSampler: none of 2 weights is above 0",
        "HandgradError: WeightedRandomSampler: none of 0 weights is above 0",
        "HandgradError: WeightedRandomSampler: count is 2, and 1 weights are above 0 (draw fewer, or with { replacement: true })",
        "HandgradError: StratifiedSampler: labels has NaN at row 1 (give numbers or texts)",
        "HandgradError: StratifiedSampler: labels is 'ab' (give a list, one for each sample)",
        "HandgradError: LengthBatchSampler: length 1 is -2 (lengths are numbers from 0 up)",
        "HandgradError: LengthBatchSampler: there is no batch of 3 in 2 samples",
        "HandgradError: LengthBatchSampler: there is no batch of 1 in 0 samples",
        "HandgradError: DataLoader: sampler is an object (it needs a length and order(epoch, seed))",
        "HandgradError: DataLoader: sampler is null (it needs a length and order(epoch, seed))",
        "HandgradError: DataLoader: sampler gives nothing (its length is 0)",
        "HandgradError: DataLoader: sampler and shuffle are given (leave shuffle out)",
        "HandgradError: DataLoader: batchSampler is given with batchSize, shuffle, dropLast or sampler (it decides all of these)",
        "HandgradError: DataLoader: prefetch is -1 (use an integer from 0 to 2147483647)",
        "HandgradError: DataLoader: transform is 1 (give a function)",
        "HandgradError: DataLoader: batchTransform is 1 (give a function)",
        "HandgradError: DataLoader: collate and batchTransform are given (change the batch in collate)",
        "HandgradError: DataLoader: index 7 is outside 0 to 3 (the data set has 4 samples)",
        "HandgradError: ConcatDataset: the data sets are undefined (give a list of one or more)",
        "HandgradError: ConcatDataset: the data sets are an array (give a list of one or more)",
        "HandgradError: ConcatDataset.get: index 2 is outside 0 to 1 (the data set has 2 samples)",
        "HandgradError: randomOf: the context is undefined (give { seed, epoch, index }, integers from 0)",
        "HandgradError: randomOf: the context is an object (give { seed, epoch, index }, integers from 0)",
        "HandgradError: DataLoader: transform returned a promise (take the batches by for await, or load data before)",
      ]
    `)
  })
})
