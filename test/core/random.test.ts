/**
 * @file Random numbers on the CPU: what a seed repeats, and that the numbers are what they say. Known answers of Philox
 * are in digits.test.ts, equality with WebGPU in random.webgpu.test.ts.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import { Philox } from '../../src/core/philox.ts'
import {
  arange,
  bernoulli,
  CpuDevice,
  dropout,
  empty,
  emptyLike,
  eye,
  full,
  fullLike,
  getRandomState,
  linspace,
  manualSeed,
  multinomial,
  nn,
  normal,
  ones,
  rand,
  randint,
  randLike,
  randn,
  randnLike,
  randperm,
  setRandomState,
  type Tensor,
  type TypedArray,
  tensor,
  zeros,
} from '../../src/index.ts'
import { defaultGenerator, Generator } from '../../src/ops/base/generator.ts'

beforeEach(() => manualSeed(42))

const all = (...xs: Tensor[]): Promise<TypedArray[]> => Promise.all(xs.map((x) => x.data()))
const mean = (data: ArrayLike<number>): number => Array.from(data).reduce((a, b) => a + b, 0) / data.length
const moment = (data: ArrayLike<number>, k: number): number => mean(Array.from(data, (v) => v ** k))

describe('manualSeed', () => {
  it('repeats everything that is drawn: kernels and the host', async () => {
    const draw = async () => {
      manualSeed(7)
      const layer = new nn.Linear(5, 4)
      return [...(await all(rand([10]), randn([3, 3]), rand([7]), layer.weight)), defaultGenerator.host.uniform()]
    }
    expect(await draw()).toEqual(await draw())
  })

  it('other seeds give other numbers, also beyond 32 bits', async () => {
    const seen = new Set<number>()
    for (const seed of [0, 1, 2, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1]) {
      manualSeed(seed)
      seen.add((await rand([1]).data())[0])
    }
    expect(seen.size).toBe(7)
  })

  it('without a seed every program draws its own', async () => {
    const { spawnSync } = await import('node:child_process')
    const script = `import { rand } from './src/index.ts'; console.log((await rand([1]).data())[0])`
    const once = () =>
      spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { encoding: 'utf8' })
    const [a, b] = [once(), once()]
    expect([a.status, b.status], a.stderr + b.stderr).toEqual([0, 0])
    expect(a.stdout).not.toBe(b.stdout)
  })

  it('numbers for kernels and for the host come from streams that never meet', async () => {
    manualSeed(3)
    const device = new Set(await rand([1000]).data())
    const host = Array.from({ length: 500 }, () => defaultGenerator.host.uniform32())
    expect(host.filter((v) => device.has(v)).length).toBeLessThan(3)
  })
})

describe('the random state', () => {
  const draw = async () => [
    ...(await all(
      rand([7]),
      randperm(9),
      dropout(ones([50])),
      new nn.Linear(3, 2).weight,
      randint(9, [5]),
      randn([3]),
    )),
  ]

  it('goes on where it was taken, by way of JSON', async () => {
    manualSeed(2 ** 40 + 1)
    await draw()
    const state = JSON.stringify(getRandomState())
    expect(state).toMatch(/^{"seed":1099511627777,"blocks":16,"words":\d+}$/)
    const first = await draw()
    expect(await draw()).not.toEqual(first)
    manualSeed(3)
    await draw()
    setRandomState(JSON.parse(state))
    expect(await draw()).toEqual(first)
    setRandomState(JSON.parse(state))
    expect(JSON.stringify(getRandomState())).toBe(state)
  })

  it('a state that is refused changes nothing', () => {
    const before = getRandomState()
    expect(() => setRandomState({ seed: 1, blocks: 2, words: NaN })).toThrow('setRandomState: words is NaN')
    expect(getRandomState()).toEqual(before)
  })

  it('generators do not touch each other', () => {
    const own = new Generator(5)
    const before = getRandomState()
    own.draw(3)
    own.host.word()
    expect(own.state()).toEqual({ seed: 5, blocks: 3, words: 1 })
    own.manualSeed(6)
    expect(own.state()).toEqual({ seed: 6, blocks: 0, words: 0 })
    expect(getRandomState()).toEqual(before)
  })
})

describe('rand', () => {
  it('is Philox in order: words of the stream 0, 24 bits each', async () => {
    const words = new Philox(42)
    expect(await rand([10]).data()).toEqual(Float32Array.from({ length: 10 }, () => words.uniform32()))
    // A tensor takes whole blocks of four words.
    const next = new Philox(42, 12)
    expect((await rand([1]).data())[0]).toBe(next.uniform32())
  })

  it('goes on past 2³² blocks, and does not begin again', async () => {
    const [first] = await all(rand([16]))
    for (const border of [2 ** 32, 5 * 2 ** 32]) {
      manualSeed(42)
      defaultGenerator.draw(border - 2)
      const [across] = await all(rand([24]))
      const words = new Philox(42, 4 * (border - 2))
      expect(across).toEqual(Float32Array.from({ length: 24 }, () => words.uniform32()))
      expect(across.slice(8)).not.toEqual(first)
    }
  })

  it('is the same in every shape, dtype and on every CPU device', async () => {
    const [a] = await all(rand([24]))
    manualSeed(42)
    const [b] = await all(rand([2, 3, 4], { device: new CpuDevice(), requiresGrad: true }))
    manualSeed(42)
    const [c] = await all(rand([24], { dtype: 'float64' }))
    expect(b).toEqual(a)
    expect(Float32Array.from(c)).toEqual(a)
  })

  it('no two tensors share numbers, and empty ones take none', async () => {
    const [a, none, b] = await all(rand([4]), rand([0]), rand([4]))
    expect(none.length).toBe(0)
    expect(a).not.toEqual(b)
    manualSeed(42)
    const [both] = await all(rand([8]))
    expect([...a, ...b]).toEqual([...both])
  })

  it('is uniform on [0, 1): range, mean, variance, every tenth alike', async () => {
    const [data] = await all(rand([100_000]))
    expect(Math.min(...data.slice(0, 10_000))).toBeGreaterThanOrEqual(0)
    expect(data.every((v) => v >= 0 && v < 1 && Number.isInteger(v * 2 ** 24))).toBe(true)
    // Five standard errors.
    expect(Math.abs(mean(data) - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / 1e5))
    expect(Math.abs(moment(data, 2) - 1 / 3)).toBeLessThan(5 * Math.sqrt(4 / 45 / 1e5))
    const bins = new Array<number>(10).fill(0)
    for (const v of data) bins[Math.floor(v * 10)]++
    const chi = bins.reduce((sum, n) => sum + (n - 1e4) ** 2 / 1e4, 0)
    expect(chi).toBeLessThan(33.7) // 9 degrees of freedom, p = 1e-4
  })
})

describe('randn', () => {
  it('is Box–Muller of the same words', async () => {
    const [u] = await all(rand([4]))
    manualSeed(42)
    const [z] = await all(randn([4], { dtype: 'float64' }))
    const pair = (a: number, b: number) => {
      const r = Math.sqrt(-2 * Math.log(1 - a))
      return [r * Math.cos(2 * Math.PI * b), r * Math.sin(2 * Math.PI * b)]
    }
    expect(Array.from(z)).toEqual([...pair(u[0], u[1]), ...pair(u[2], u[3])])
  })

  it('is standard normal: moments to the fourth, no neighbours alike', async () => {
    const [z] = await all(randn([100_000], { dtype: 'float64' }))
    const error = (variance: number) => 5 * Math.sqrt(variance / 1e5)
    expect(Math.abs(moment(z, 1))).toBeLessThan(error(1))
    expect(Math.abs(moment(z, 2) - 1)).toBeLessThan(error(2))
    expect(Math.abs(moment(z, 3))).toBeLessThan(error(15))
    expect(Math.abs(moment(z, 4) - 3)).toBeLessThan(error(96))
    const products = Array.from(z.slice(1), (v, i) => v * z[i])
    expect(Math.abs(mean(products))).toBeLessThan(error(1))
    expect(z.every(Number.isFinite)).toBe(true)
  })
})

/** Pearson's χ² of counts against expected ones. */
const chiSquare = (counts: readonly number[], expected: readonly number[]): number =>
  counts.reduce((sum, n, i) => sum + (n - expected[i]) ** 2 / expected[i], 0)
const countsOf = (data: ArrayLike<number>, n: number): number[] => {
  const counts = new Array<number>(n).fill(0)
  for (const v of Array.from(data)) counts[v]++
  return counts
}

describe('randint', () => {
  it('is uniform on [low, high)', async () => {
    const x = randint(-3, 7, [50, 1000])
    expect([x.dtype, x.shape]).toEqual(['int32', [50, 1000]])
    const counts = countsOf(
      (await x.data()).map((v) => v + 3),
      10,
    )
    expect(counts.length).toBe(10)
    expect(chiSquare(counts, new Array(10).fill(5000))).toBeLessThan(33.7) // 9 degrees of freedom, p = 1e-4
  })

  it('begins at 0, reaches the ends of int32, makes other dtypes', async () => {
    expect(new Set(await randint(2, [100]).data())).toEqual(new Set([0, 1]))
    const wide = await randint(-(2 ** 31), 2 ** 31, [2000]).data()
    expect(Math.min(...wide)).toBeLessThan(-(2 ** 30))
    expect(Math.max(...wide)).toBeGreaterThan(2 ** 30)
    const x = randint(1, 3, [20], { dtype: 'float64', requiresGrad: true })
    expect([x.dtype, x.requiresGrad]).toEqual(['float64', true])
    expect((await randint(5, [0]).data()).length).toBe(0)
  })
})

describe('randperm', () => {
  it('has every number once, in any order alike', async () => {
    const [order, none] = await all(randperm(1000), randperm(0))
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
    expect(none.length).toBe(0)
    const orders = new Map<string, number>()
    for (let i = 0; i < 3000; i++) {
      const key = (await randperm(3).data()).join()
      orders.set(key, (orders.get(key) ?? 0) + 1)
    }
    expect(orders.size).toBe(6)
    expect(chiSquare([...orders.values()], new Array(6).fill(500))).toBeLessThan(25.7) // 5 degrees of freedom, p = 1e-4
  })
})

describe('bernoulli', () => {
  it('is 1 with the given probability', async () => {
    const [data] = await all(bernoulli(0.3, [100_000]))
    expect(new Set(data)).toEqual(new Set([0, 1]))
    expect(Math.abs(mean(data) - 0.3)).toBeLessThan(5 * Math.sqrt((0.3 * 0.7) / 1e5))
  })

  it('takes a tensor of probabilities, whose kind the result has; 0 and 1 are certain', async () => {
    const p = tensor([0, 1, 0.5, 0.25], { dtype: 'float64' }).requiresGrad_().reshape([4, 1]).expand([4, 10_000])
    const y = bernoulli(p)
    expect([y.dtype, y.shape, y.requiresGrad]).toEqual(['float64', [4, 10_000], false])
    const rows = await y.mean(1).data()
    expect([...rows.slice(0, 2)]).toEqual([0, 1])
    expect(Math.abs(rows[2] - 0.5)).toBeLessThan(0.025)
    expect(Math.abs(rows[3] - 0.25)).toBeLessThan(0.022)
  })
})

describe('normal', () => {
  it('has the given mean and deviation', async () => {
    const x = normal(3, 0.5, [100_000], { requiresGrad: true })
    expect(x.requiresGrad).toBe(true)
    const z = (await x.data()).map((v) => (v - 3) / 0.5)
    expect(Math.abs(mean(z))).toBeLessThan(5 / Math.sqrt(1e5))
    expect(Math.abs(moment(z, 2) - 1)).toBeLessThan(5 * Math.sqrt(2 / 1e5))
  })

  it('is randn, moved and stretched; tensors broadcast', async () => {
    const by = { dtype: 'float64' } as const
    const [z] = await all(randn([6], by))
    const given = [
      () => normal(tensor([[1], [2]], by), tensor([1, 0, 10], by)),
      () =>
        normal(
          tensor(
            [
              [1, 1, 1],
              [2, 2, 2],
            ],
            by,
          ),
          0.5,
        ),
      () =>
        normal(
          -1,
          tensor(
            [
              [1, 0, 10],
              [1, 0, 10],
            ],
            by,
          ),
        ),
    ]
    const wanted = [
      (v: number, i: number) => (i < 3 ? 1 : 2) + v * [1, 0, 10][i % 3],
      (v: number, i: number) => (i < 3 ? 1 : 2) + v * 0.5,
      (v: number, i: number) => -1 + v * [1, 0, 10][i % 3],
    ]
    for (let i = 0; i < 3; i++) {
      manualSeed(42)
      expect(Array.from(await given[i]().data())).toEqual(Array.from(z, wanted[i]))
    }
  })
})

describe('multinomial', () => {
  const weights = [0.5, 0, 2, 1, 0, 0.5]
  const shares = weights.map((w) => w / 4)
  const likely = [0, 2, 3, 5]

  it('with replacement: in proportion to the weights, never one of 0', async () => {
    const y = multinomial(tensor(weights), 40_000, { replacement: true })
    expect([y.dtype, y.shape]).toEqual(['int32', [40_000]])
    const counts = countsOf(await y.data(), 6)
    expect([counts[1], counts[4]]).toEqual([0, 0])
    const expected = likely.map((i) => shares[i] * 40_000)
    expect(
      chiSquare(
        likely.map((i) => counts[i]),
        expected,
      ),
    ).toBeLessThan(21.1) // 3 degrees of freedom, p = 1e-4
  })

  it('without: different ones, one after the other in proportion to the weights that are left', async () => {
    const runs = 20_000
    const y = multinomial(tensor(weights).expand([runs, 6]), 2)
    expect(y.shape).toEqual([runs, 2])
    const data = await y.data()
    const seen = new Map<string, number>()
    for (let r = 0; r < runs; r++) {
      const key = `${data[2 * r]} ${data[2 * r + 1]}`
      seen.set(key, (seen.get(key) ?? 0) + 1)
    }
    const pairs = likely.flatMap((i) => likely.filter((j) => j !== i).map((j) => [i, j]))
    const expected = pairs.map(([i, j]) => (runs * shares[i] * shares[j]) / (1 - shares[i]))
    expect([...seen.keys()].sort()).toEqual(pairs.map((pair) => pair.join(' ')).sort())
    const counts = pairs.map((pair) => seen.get(pair.join(' ')) ?? 0)
    expect(chiSquare(counts, expected)).toBeLessThan(37.4) // 11 degrees of freedom, p = 1e-4
  })

  it('takes rows; all weights above 0 of a row are a permutation', async () => {
    const [first] = (await multinomial(tensor([weights, [1, 1, 1, 1, 1, 1]]), 4).array()) as number[][]
    expect([...first].sort()).toEqual(likely)
    expect([...(await multinomial(ones([6]), 6).data())].sort()).toEqual([0, 1, 2, 3, 4, 5])
    const rows = await multinomial(
      tensor([
        [1, 0],
        [0, 1],
      ]),
      3,
      { replacement: true },
    ).array()
    expect(rows).toEqual([
      [0, 0, 0],
      [1, 1, 1],
    ])
  })
})

describe('constants', () => {
  it('eye', async () => {
    expect(await eye(2).array()).toEqual([
      [1, 0],
      [0, 1],
    ])
    expect(await eye(2, 3, { dtype: 'int32' }).array()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ])
    expect(await eye(3, 1, { requiresGrad: true }).array()).toEqual([[1], [0], [0]])
    expect((await eye(0).data()).length).toBe(0)
    expect(await eye(1, 0).array()).toEqual([[]])
    expect(await eye(2, 2, { dtype: 'bool' }).array()).toEqual([
      [true, false],
      [false, true],
    ])
  })

  it('options come in the place of what is left out', async () => {
    expect((await arange(3, { dtype: 'float64' }).data()) instanceof Float64Array).toBe(true)
    expect(await arange(1, 4, { dtype: 'float32' }).array()).toEqual([1, 2, 3])
    expect(await arange(1, 4, undefined, { dtype: 'float32' }).array()).toEqual([1, 2, 3])
    expect(await arange(3, undefined, 2).array()).toEqual([0, 2])
    // Start and step as integers, as many as there are before: PyTorch 1.13 gives the same.
    const ints = (from: number, to: number, step: number) => arange(from, to, step, { dtype: 'int32' }).array()
    expect(await ints(2.1, -2.9, -1)).toEqual([2, 1, 0, -1, -2])
    expect(await ints(0.5, 4, 1.5)).toEqual([0, 1, 2])
    expect(await ints(-0.5, 3, 1)).toEqual([0, 1, 2, 3])
    expect(await ints(1.9, 6.2, 1.2)).toEqual([1, 2, 3, 4])
    expect(await ints(5.5, 0, -1.5)).toEqual([5, 4, 3, 2])
    expect([arange(3, { requiresGrad: true, dtype: 'float32' }).requiresGrad, arange(0, 2).dtype]).toEqual([
      true,
      'int32',
    ])
    expect(await eye(2, { dtype: 'int32' }).array()).toEqual([
      [1, 0],
      [0, 1],
    ])
    expect(eye(2, { dtype: 'bool' }).dtype).toBe('bool')
  })

  it('full of a truth value is bool', async () => {
    expect(await full([2], true).array()).toEqual([true, true])
    expect(await full([2], false, { dtype: 'float32' }).array()).toEqual([0, 0])
    expect(full([2], 1).dtype).toBe('float32')
  })

  it('null is the default', async () => {
    expect([zeros([1], { dtype: null, device: null }).dtype, tensor([1, 2], { shape: null }).ndim]).toEqual([
      'float32',
      1,
    ])
    expect(randLike(tensor([1], { dtype: 'float64' }), { dtype: null }).dtype).toBe('float64')
  })

  it('linspace has both ends, and is symmetric', async () => {
    expect(await linspace(0, 1, 5).array()).toEqual([0, 0.25, 0.5, 0.75, 1])
    expect(await linspace(3, -3, 3).array()).toEqual([3, 0, -3])
    expect(await linspace(2, 7, 1).array()).toEqual([2])
    expect(await linspace(2, 7, 0).array()).toEqual([])
    const x = Array.from(await linspace(-0.7, 0.7, 1001, { dtype: 'float64' }).data())
    expect([x[0], x[1000], x[500]]).toEqual([-0.7, 0.7, 0])
    x.forEach((v, i) => {
      expect(v + x[1000 - i]).toBe(0)
    })
  })

  it('empty is cleared', async () => {
    expect(await empty([2, 2]).array()).toEqual(await zeros([2, 2]).array())
  })

  it('like another: shape, dtype, device', async () => {
    const x = ones([2, 3], { dtype: 'float64', requiresGrad: true })
    for (const y of [emptyLike(x), fullLike(x, 0.1), randLike(x), randnLike(x)]) {
      expect([y.shape, y.dtype, y.device, y.requiresGrad]).toEqual([x.shape, x.dtype, x.device, false])
    }
    expect(await fullLike(x, 0.1).array()).toEqual([
      [0.1, 0.1, 0.1],
      [0.1, 0.1, 0.1],
    ])
    expect(await fullLike(tensor([true]), 0).array()).toEqual([false])
    expect(randLike(tensor([1, 2]), { dtype: 'float64' }).dtype).toBe('float64')
    manualSeed(42)
    const [u] = await all(rand([2, 3], { dtype: 'float64' }))
    manualSeed(42)
    expect(await all(randLike(x))).toEqual([u])
  })
})
