/**
 * @file Running sums of terms from 0 up never fall and stay where a term is 0, in every order in which a device may
 * add; and what stands on that: searching in them, and drawing by them. For any device: sums(.webgpu).test.ts run them.
 */
import { expect, it } from 'vitest'
import { Philox } from '../../src/core/philox.ts'
import {
  type Device,
  type DType,
  eq,
  manualSeed,
  multinomial,
  openScope,
  searchsorted,
  type Tensor,
  type TypedArray,
  tensor,
} from '../../src/index.ts'

/** Half a unit in the last place of 1, of a float32. */
const U = 2 ** -24

/** The weights: 0 at even places, else thousandths drawn by a multiplicative hash. */
const hashed = (n: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => (i % 2 ? ((Math.imul(i + 1, 2654435761) >>> 0) % 1000) / 1000 : 0))

/** A third zeros, else of all sizes: from 2⁻²⁰ to 2²⁰, with denormals and +∞ where `wild`. */
function drawn(n: number, seed: number, wild = false): Float32Array {
  const random = new Philox(seed)
  return Float32Array.from({ length: n }, (_, i) => {
    if (random.int(3) === 0) return 0
    if (wild && i > 0.9 * n && random.int(500) === 0) return Infinity
    if (wild && random.int(4) === 0) return random.int(2 ** 20) * 2 ** -149
    return random.uniform() * 2 ** (random.int(41) - 20)
  })
}

/** [outer, n, inner], summed along the middle. */
interface Case {
  readonly name: string
  readonly outer: number
  readonly n: number
  readonly inner: number
  readonly terms: (n: number) => Float32Array
}

const lengths = [1, 2, 3, 4, 5, 63, 64, 65, 127, 256, 257, 1023, 1024, 1025, 4096, 4097, 8191, 8192, 8193, 8194]
const long = [12_289, 3 * 8193, 5 * 8193 + 7, 2 ** 17 + 1]

const cases: readonly Case[] = [
  ...[...lengths, ...long, 2 ** 20 + 3].map((n) => ({ name: 'hashed', outer: 1, n, inner: 1, terms: hashed })),
  ...[...lengths, ...long].map((n) => ({
    name: 'drawn',
    outer: 1,
    n,
    inner: 1,
    terms: (size: number) => drawn(size, n),
  })),
  ...[300, 9000, 70_000].map((n) => ({
    name: 'wild',
    outer: 2,
    n,
    inner: 1,
    terms: (size: number) => drawn(size, n, true),
  })),
  ...[5, 1500, 8193, 20_000].flatMap((n) => [
    { name: 'inner axis', outer: 3, n, inner: 1, terms: hashed },
    { name: 'middle axis', outer: 2, n, inner: 3, terms: (size: number) => drawn(size, n + 1) },
    { name: 'outer axis', outer: 1, n, inner: 5, terms: (size: number) => drawn(size, n + 2) },
  ]),
  { name: 'many rows side by side', outer: 1, n: 1100, inner: 2100, terms: (size) => drawn(size, 7) },
]

/** The first place at which sums along the middle axis fall, or move where the term is 0; null: nowhere. */
function fault(x: TypedArray, y: TypedArray, { outer, n, inner }: Case, reverse: boolean): string | null {
  for (let o = 0; o < outer; o++) {
    for (let c = 0; c < inner; c++) {
      let before = 0
      for (let t = 0; t < n; t++) {
        const at = (o * n + (reverse ? n - 1 - t : t)) * inner + c
        if (!(y[at] >= before) || (x[at] === 0 && y[at] !== before))
          return `row ${o}, ${c}: s[${t}] = ${y[at]} after ${before}, term ${x[at]}`
        before = y[at]
      }
    }
  }
  return null
}

/** Tensors of the same terms [outer, n, inner] that lie differently in memory. */
const layouts: Readonly<Record<string, (data: TypedArray, c: Case, of: Options) => Tensor>> = {
  contiguous: (data, { outer, n, inner }, of) => tensor(data, { shape: [outer, n, inner], ...of }),
  transposed: (data, { outer, n, inner }, of) => {
    const moved = new Float32Array(data.length)
    for (let o = 0; o < outer; o++)
      for (let t = 0; t < n; t++)
        for (let c = 0; c < inner; c++) moved[(c * n + t) * outer + o] = data[(o * n + t) * inner + c]
    return tensor(moved, { shape: [inner, n, outer], ...of }).permute([2, 1, 0])
  },
  shifted: (data, { outer, n, inner }, of) => {
    const longer = new Float32Array(data.length + n * inner)
    longer.set(data, n * inner)
    return tensor(longer, { shape: [outer + 1, n, inner], ...of }).slice([1])
  },
}

interface Options {
  readonly device: Device
  readonly dtype: DType
}

/**
 * @param on         the device
 * @param workgroups a workgroup for each row: on a software adapter too slow for many rows
 */
export function sumTests(on: () => Device, dtype: DType = 'float32', workgroups = false): void {
  const slow = (c: Case) => workgroups && c.outer * c.inner > 1000
  it('sums of terms ≥ 0 never fall and stay at zeros, of every length and axis, from both ends', async () => {
    using s = openScope()
    for (const c of cases.filter((one) => !slow(one))) {
      const terms = c.terms(c.outer * c.n * c.inner)
      const named = c.outer * c.n * c.inner > 50_000 ? ['contiguous'] : Object.keys(layouts)
      for (const layout of named) {
        const [front, back] = s.run(() => {
          const x = layouts[layout](terms, c, { device: on(), dtype }).requiresGrad_()
          // The gradient of Σ g·cumsum is the sum of g from the end back.
          const g = tensor(terms, { shape: x.shape, device: on(), dtype })
          const y = x.cumsum(1)
          y.backward(g)
          return [y.detach(), x.grad]
        })
        const title = `${c.name} [${c.outer}, ${c.n}, ${c.inner}], ${layout}`
        const [forwards, backwards] = await Promise.all([front.data(), back.data()])
        expect(fault(terms, forwards, c, false), title).toBe(null)
        expect(fault(terms, backwards, c, true), `${title}, from the end`).toBe(null)
        let sum = 0
        const last = (c.n - 1) * c.inner
        for (let t = 0; t < c.n; t++) sum += terms[t * c.inner]
        if (Number.isFinite(sum)) expect(Math.abs(forwards[last] / sum - 1) || 0, title).toBeLessThan(1024 * U)
      }
    }
  })

  it('searchsorted in sums finds no place of weight 0', async () => {
    const n = 20_001
    const weights = hashed(n)
    using s = openScope()
    const found = s.run(() => {
      const sums = tensor(weights, { device: on(), dtype }).cumsum(0)
      return searchsorted(sums, sums, { right: true })
    })
    const [places, sums] = await Promise.all([
      found.data(),
      s.run(() => tensor(weights, { device: on(), dtype }).cumsum(0)).data(),
    ])
    // Behind the last weight there is nothing to find.
    places.forEach((at, i) => {
      if (sums[i] < sums[n - 1]) expect(weights[at], `after ${i}`).toBeGreaterThan(0)
    })
  })
}

/** Draws by weights, counted on the device. @param perSeed  draws of each seed */
export function drawTests(on: () => Device, dtype: DType = 'float32', perSeed = 2_000_000): void {
  it(`a weight of 0 is never drawn, in ${5 * perSeed} draws of five seeds`, async () => {
    const rows = 2
    for (const n of [64, 2 ** 17 + 1]) {
      // Zeros at both ends, and between.
      const weights = hashed(n).map((w, i) => (i < 7 || i > n - 5 ? 0 : w))
      for (const seed of [0, 1, 2, 3, 4]) {
        using s = openScope()
        manualSeed(seed)
        const none = s.run(() => {
          const w = tensor(weights, { device: on(), dtype })
          const table = w.expand([rows, n])
          const draws = multinomial(table, perSeed / rows / 2, { replacement: true })
          return eq(w.indexSelect(0, draws.reshape([-1])), 0).sum()
        })
        expect(await none.item(), `${n} weights, seed ${seed}`).toBe(0)
      }
    }
  })

  /** The smallest weight: a GPU may take denormals for 0. */
  const least = () => (on().kind === 'cpu' ? 2 ** -149 : 2 ** -126)

  it('the ends of the range: u = 0, sums that are denormal, weights at one end only', async () => {
    using s = openScope()
    manualSeed(5)
    const tiny = least()
    for (const list of [
      [0, 0, tiny, 0, 2 * tiny, 0],
      [0, 0, 1, 0, 0],
      [0, 3e38, 0],
      [1, 0, 0, 0],
      [0, 0, 0, 1],
    ]) {
      const draws = s.run(() => multinomial(tensor(list, { device: on(), dtype }), 100_000, { replacement: true }))
      const drawn = new Set(await draws.data())
      for (const at of drawn) expect(list[at], `${list}: ${at}`).toBeGreaterThan(0)
      expect(drawn.size, `${list}`).toBe(list.filter((w) => w > 0).length)
    }
  })

  it('without replacement no weight of 0 comes before one that is above 0, however small', async () => {
    using s = openScope()
    manualSeed(6)
    const list = [0, least(), 0, 1, 500 * least(), 0]
    const above = list.filter((w) => w > 0).length
    const draws = s.run(() => multinomial(tensor(list, { device: on(), dtype }).expand([2000, 6]), above))
    for (const at of await draws.data()) expect(list[at]).toBeGreaterThan(0)
  })
}
