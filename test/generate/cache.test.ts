/** @file The cache of keys and values: reading with it is as reading at once, and what is wrong is said before. */
import * as entry from 'handgrad/generate'
import { describe, expect, it, test } from 'vitest'
import { KVCache } from '../../src/generate/index.ts'
import { CpuDevice, device, memory, noGrad, tensor } from '../../src/index.ts'
import { cacheError, idsOf, llamaOn, logitsOf, modelOn, row } from './cases.ts'

const cpu = await device('cpu')

test('the entry handgrad/generate is this', () => {
  expect(entry.KVCache).toBe(KVCache)
})

it('transformers#4130, #18104: cached, alone or in a padded batch, after rewind: the same logits', async () => {
  expect(await cacheError(modelOn(cpu, {}, 'float64'))).toBeLessThan(1e-12)
  expect(await cacheError(modelOn(cpu))).toBeLessThan(1e-5)
  expect(await cacheError(llamaOn(cpu))).toBeLessThan(1e-5)
})

it('what lies behind the end of a row has no influence, whatever it is', async () => {
  const model = modelOn(cpu)
  using cache = new KVCache(model, { batch: 2, length: 8 })
  await logitsOf(model, [row(1, 6), row(2, 2)], cache)
  // Of the second row the keys that it was filled up with are there, until others take their place.
  cache.rewind([2, 2])
  const got = await logitsOf(model, [row(3, 1), row(3, 4)], cache)
  const want = await logitsOf(model, [[...row(2, 2), ...row(3, 4)]])
  expect(Math.max(...got[1].map((v, i) => Math.abs(v - want[0][2 * 40 + i])))).toBeLessThan(1e-5)
})

it('takes memory once, and gives all of it back', async () => {
  const own = new CpuDevice()
  const model = modelOn(own)
  const before = memory(own).bytes
  const cache = new KVCache(model, { batch: 2, length: 8 })
  const { bytes, storages } = memory(own)
  expect(bytes - before).toBe(4 * 2 * 2 * 2 * 9 * 16)
  for (let t = 0; t < 3; t++) await logitsOf(model, [row(t, 1), row(t, 2)], cache)
  expect(memory(own)).toMatchObject({ bytes, storages })
  cache.dispose()
  expect(memory(own).bytes).toBe(before)
  expect(() => noGrad(() => model.forward(idsOf([[1], [1]], own), { cache }))).toThrow(
    'KVCache: it was disposed (make another one)',
  )
})

it('grows, with what was read, and takes as much as one that was made so', () => {
  const own = new CpuDevice()
  const model = modelOn(own)
  const before = memory(own).bytes
  using cache = new KVCache(model, { length: 8 })
  cache.grow(20)
  expect(cache.length).toBe(20)
  expect(memory(own).bytes - before).toBe(4 * 2 * 2 * 2 * 21 * 8)
  const { storages } = memory(own)
  cache.grow(20)
  expect(() => cache.grow(19)).toThrow('KVCache.grow: length is 19 (give an integer from 20, its length, to 24)')
  expect(() => cache.grow(25)).toThrow('KVCache.grow: length is 25 (give')
  expect(() => cache.grow(20.5)).toThrow('KVCache.grow: length is 20.5 (give')
  expect(memory(own).storages).toBe(storages)
  cache.dispose()
  expect(() => cache.grow(24)).toThrow('KVCache.grow: it was disposed (make another one)')
})

it('a reading that fails adds nothing', async () => {
  const model = modelOn(cpu)
  using cache = new KVCache(model)
  await logitsOf(model, [row(1, 5)], cache)
  const end = model.transformer.h.at(1).mlp.registerForwardHook(() => {
    throw new Error('no')
  })
  expect(() => noGrad(() => model.forward(idsOf([[1]], cpu), { cache }))).toThrow('no')
  end()
  expect(cache.lengths).toEqual([5])
  const [got] = await logitsOf(model, [[3]], cache)
  const [want] = await logitsOf(model, [[...row(1, 5), 3]])
  expect(Math.max(...got.map((v, i) => Math.abs(v - want[5 * 40 + i])))).toBeLessThan(1e-5)
})

describe('refuses', () => {
  const model = modelOn(cpu)
  const made = (options: object) => () => void new KVCache(model, options)
  it.each([
    [{ batch: 0 }, 'KVCache: batch is 0 (give an integer from 1 to 65535)'],
    [{ batch: 1.5 }, 'KVCache: batch is 1.5 (give an integer from 1 to 65535)'],
    [{ length: 0 }, 'KVCache: length is 0 (the model has positions for 1 to 24 tokens)'],
    [{ length: 25 }, 'KVCache: length is 25 (the model has positions for 1 to 24 tokens)'],
    [{ dtype: 'float64' }, "KVCache: dtype is 'float64', the model computes in float32 (leave it out)"],
    [{ rows: 2 }, 'KVCache: there is no option rows (it takes { batch, length, dtype })'],
  ])('%j', (options, text) => {
    const { storages } = memory(cpu)
    expect(made(options)).toThrow(text)
    expect(memory(cpu).storages).toBe(storages)
  })

  const two = new KVCache(model, { batch: 2, length: 6 })
  const call = (rows: number[][], lengths?: unknown, cache: unknown = two) =>
    noGrad(() => model.forward(idsOf(rows, cpu), { cache: cache as KVCache, lengths: lengths as number[] }))
  it.each<[number[][], unknown, string]>([
    [[[1]], undefined, 'KVCache: the batch is 1, the cache has 2 rows (give as many rows)'],
    [
      [
        [1, 2],
        [3, 4],
      ],
      undefined,
      'KVCache: 2 rows of 2 tokens without lengths (give lengths, the tokens that count in each row)',
    ],
    [[[1], [2]], [1], 'KVCache: 1 lengths for 2 rows (give one for each row)'],
    [[[1], [2]], [1, 2], 'KVCache: row 1 has length 2 (give an integer from 0 to 1, what it was given)'],
    [
      [[1], [2]],
      tensor([1, 1], { dtype: 'int32' }),
      'KVCache: lengths is a Tensor (give numbers: rows are counted on the host)',
    ],
    [
      [row(1, 7), row(2, 7)],
      [3, 7],
      'KVCache: row 1 has 0 of 6 tokens, 7 more do not fit (rewind, or give it more length)',
    ],
  ])('%j with lengths %s', (rows, lengths, text) => {
    expect(() => call(rows, lengths)).toThrow(text)
    expect(two.lengths).toEqual([0, 0])
  })

  it('recording, another model, and lengths of rewind', () => {
    expect(() => model.forward(idsOf([[1], [2]], cpu), { cache: two })).toThrow(
      'a cache is given, and operations are recorded (wrap it in noGrad(() => …))',
    )
    const other = new KVCache(modelOn(cpu), { batch: 2 })
    expect(() => call([[1], [2]], undefined, other)).toThrow(
      'KVCache: it was made for another model (make one for each)',
    )
    call([row(1, 4), row(2, 4)], [4, 2])
    expect(() => two.rewind(5)).toThrow('KVCache.rewind: n is 5 (give an integer from 0 to 4, or one for each row)')
    expect(() => two.rewind([1, 3])).toThrow(
      'KVCache.rewind: row 1 has 2 tokens, its length is 3 (give no more than it has)',
    )
    expect(() => two.rewind([1])).toThrow('KVCache.rewind: 1 lengths for 2 rows (give one for each row)')
    two.rewind(3)
    expect(two.lengths).toEqual([3, 2])
  })
})
