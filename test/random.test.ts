/**
 * @file Random numbers on the CPU: what a seed repeats, and that the numbers are what they say. Known answers of Philox are in
 * digits.test.ts, equality with WebGPU in random.webgpu.test.ts.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import { CpuDevice, manualSeed, nn, rand, randn, type Tensor, type TypedArray } from '../src/index.ts'
import { hostRandom } from '../src/ops/generator.ts'
import { Philox } from '../src/random.ts'

beforeEach(() => manualSeed(42))

const all = (...xs: Tensor[]): Promise<TypedArray[]> => Promise.all(xs.map((x) => x.data()))
const mean = (data: ArrayLike<number>): number => Array.from(data).reduce((a, b) => a + b, 0) / data.length
const moment = (data: ArrayLike<number>, k: number): number => mean(Array.from(data, (v) => v ** k))

describe('manualSeed', () => {
  it('repeats everything that is drawn: kernels and the host', async () => {
    const draw = async () => {
      manualSeed(7)
      const layer = new nn.Linear(5, 4)
      return [...(await all(rand([10]), randn([3, 3]), rand([7]), layer.weight)), hostRandom().uniform()]
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
    const host = Array.from({ length: 500 }, () => hostRandom().uniform32())
    expect(host.filter((v) => device.has(v)).length).toBeLessThan(3)
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
