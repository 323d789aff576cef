/**
 * @file Attention means what PyTorch means by it: scale, masks, groups of heads, dropout; and keeps nothing of queries
 * × keys.
 */
import { beforeEach, expect, it } from 'vitest'
import {
  grad,
  manualSeed,
  matmul,
  memory,
  ones,
  randn,
  scaledDotProductAttention,
  scope,
  softmax,
  type Tensor,
  tap,
  tensor,
} from '../../src/index.ts'

beforeEach(() => manualSeed(11))

const close = async (a: Tensor, b: Tensor): Promise<void> => {
  expect(a.shape).toEqual(b.shape)
  const [x, y] = await Promise.all([a.data(), b.data()])
  x.forEach((v, i) => expect(Math.abs(v - y[i])).toBeLessThan(1e-12))
}

const L = 4
const S = 5
const [q, k, v] = [randn([2, 6, L, 3], f64()), randn([2, 6, S, 3], f64()), randn([2, 6, S, 2], f64())]
function f64() {
  return { dtype: 'float64' } as const
}
/** What is where a key takes no part. */
const HIDDEN = -1e300
const weigh = (scores: Tensor, values: Tensor): Tensor => matmul(softmax(scores), values)
const products = (keys: Tensor = k): Tensor => matmul(q, keys.transpose())
/** L × S values. */
const table = (f: (i: number, j: number) => number): Tensor =>
  tensor(
    Float64Array.from({ length: L * S }, (_, e) => f(Math.floor(e / S), e % S)),
    { shape: [L, S], dtype: 'float64' },
  )

it('scales by 1/√E, or as told', async () => {
  await close(scaledDotProductAttention(q, k, v), weigh(products().div(Math.sqrt(3)), v))
  await close(scaledDotProductAttention(q, k, v, { scale: null, attnMask: null }), scaledDotProductAttention(q, k, v))
  await close(scaledDotProductAttention(q, k, v, { scale: 2 }), weigh(products().mul(2), v))
})

it('a bool mask is true where a key takes part, a float mask is added', async () => {
  const sees = (i: number, j: number) => (i * 3 + j * 2) % 4 !== 0
  const allow = table((i, j) => (sees(i, j) ? 1 : 0)).ne(0)
  const bias = table((i, j) => (sees(i, j) ? 0 : -Infinity))
  const want = weigh(
    products()
      .div(Math.sqrt(3))
      .add(table((i, j) => (sees(i, j) ? 0 : HIDDEN))),
    v,
  )
  await close(scaledDotProductAttention(q, k, v, { attnMask: allow }), want)
  await close(scaledDotProductAttention(q, k, v, { attnMask: bias }), want)
  const slope = table((i, j) => 0.3 * i - 0.2 * j)
  await close(
    scaledDotProductAttention(q, k, v, { attnMask: slope }),
    weigh(products().div(Math.sqrt(3)).add(slope), v),
  )
})

it('causal: query i sees keys 0 … i, whatever there are of each', async () => {
  const past = weigh(
    products()
      .div(Math.sqrt(3))
      .add(table((i, j) => (j <= i ? 0 : HIDDEN))),
    v,
  )
  await close(scaledDotProductAttention(q, k, v, { isCausal: true }), past)
  const first = await scaledDotProductAttention(q, k, v, { isCausal: true }).slice(null, null, [0, 1]).data()
  expect(first).toEqual(await v.slice(null, null, [0, 1]).data())
})

it('causal from the last: the last query sees all keys, each before it one less', async () => {
  const sees = (i: number, j: number) => j <= i + S - L
  const past = weigh(
    products()
      .div(Math.sqrt(3))
      .add(table((i, j) => (sees(i, j) ? 0 : HIDDEN))),
    v,
  )
  await close(scaledDotProductAttention(q, k, v, { causalFromLast: true }), past)
  // One query after keys that are kept: the last row of all queries at once.
  const all = scaledDotProductAttention(k, k, v, { isCausal: true })
  const last = scaledDotProductAttention(k.slice(null, null, [S - 1]), k, v, { causalFromLast: true })
  await close(last, all.slice(null, null, [S - 1]))
  // Queries that come before the first key.
  const early = scaledDotProductAttention(k, q, v.slice(null, null, [0, L]), { causalFromLast: true })
  expect((await early.slice(null, null, [0, 1]).data()).every((e) => e === 0)).toBe(true)
})

/** Queries, keys and values as heads cut out of one tensor [B, T, 3·H·D]; and the result joined to [B, T, H·D]. */
function ofOne(x: Tensor, heads: number): Tensor {
  const [B, T, all] = x.shape
  const cut = x.chunk(3, 2).map((part) => part.reshape([B, T, heads, all / 3 / heads]).transpose(1, 2))
  return scaledDotProductAttention(cut[0], cut[1], cut[2])
    .transpose(1, 2)
    .reshape([B, T, all / 3])
}

it('heads are walked where they lie: only their gradients are joined, by one launch', async () => {
  const x = randn([2, 5, 24], { dtype: 'float64', requiresGrad: true })
  const copies: string[] = []
  const end = tap(x.device, {
    run: (next, launch) => {
      if (launch.kernel.name === 'copy' || launch.label === 'cat') copies.push(launch.label)
      next(launch)
    },
  })
  const y = ofOne(x, 2)
  expect(copies).toEqual([])
  const gradOutputs = [randn(y.shape, f64())]
  const [g] = grad(y, [x], { gradOutputs })
  end()
  expect(copies).toEqual(['cat'])
  // The same by copies of q, k and v.
  const parts = [0, 1, 2].map((i) =>
    x
      .slice(null, null, [8 * i, 8 * i + 8])
      .reshape([2, 5, 2, 4])
      .transpose(1, 2),
  )
  const [a, b, c] = parts.map((part) => part.contiguous())
  const z = scaledDotProductAttention(a, b, c).transpose(1, 2).reshape(y.shape)
  await close(y, z)
  await close(g, grad(z, [x], { gradOutputs })[0])
})

it('results lie as q, k and v do', () => {
  const lies = (x: Tensor) => x.layout.strides
  const [q, k, v] = [3, 5, 5].map((n) => randn([2, n, 4, 6], { requiresGrad: true }).transpose(1, 2))
  const y = scaledDotProductAttention(q, k, v)
  expect(lies(y)).toEqual(lies(q))
  expect(lies(scaledDotProductAttention(q.contiguous(), k, v))).toEqual(lies(q.contiguous()))
  const gs = grad(y, [q, k, v], { gradOutputs: [randn(y.shape)] })
  expect(gs.map(lies)).toEqual([q, k, v].map(lies))
})

it('grouped: neighbouring heads of q share one of k and v', async () => {
  const [fewK, fewV] = [k, v].map((x) => x.slice(null, [0, 2]))
  const repeated = [fewK, fewV].map((x) =>
    x.unsqueeze(2).expand([2, 2, 3, S, x.shape[3]]).reshape([2, 6, S, x.shape[3]]),
  )
  await close(
    scaledDotProductAttention(q, fewK, fewV, { enableGqa: true }),
    scaledDotProductAttention(q, repeated[0], repeated[1]),
  )
})

it('keeps y and two numbers a query, not queries × keys', () => {
  const [rows, columns] = [700, 4]
  const x = [0, 1, 2].map(() => randn([rows, columns], { requiresGrad: true }))
  const before = memory().bytes
  const y = scaledDotProductAttention(x[0], x[1], x[2], { isCausal: true, dropoutP: 0.1 })
  expect(memory().bytes - before).toBe(4 * rows * (columns + 2))
  y.dispose()
})

it('attention drops a share of its weights, each query its own', async () => {
  const [rows, cols, p] = [200, 500, 0.3]
  // With equal scores and the identity for values, y is the weights.
  const weights = scope(() => {
    const eye = tensor(
      Float32Array.from({ length: cols * cols }, (_, i) => (i % (cols + 1) === 0 ? 1 : 0)),
      { shape: [cols, cols] },
    )
    const zeros = (n: number) => ones([n, 1]).mul(0)
    return scaledDotProductAttention(zeros(rows), zeros(cols), eye, { dropoutP: p })
  })
  const data = await weights.data()
  const dropped = data.filter((v) => v === 0).length / data.length
  expect(Math.abs(dropped - p)).toBeLessThan(6 * Math.sqrt((p * (1 - p)) / data.length))
  const kept = data.find((v) => v !== 0) as number
  expect(kept).toBeCloseTo(1 / cols / (1 - p), 6)
  const row = (i: number) => [...data.slice(i * cols, (i + 1) * cols)]
  expect(row(0)).not.toEqual(row(1))
  const same = row(0).filter((v, j) => (v === 0) === (row(1)[j] === 0)).length / cols
  expect(Math.abs(same - (p * p + (1 - p) ** 2))).toBeLessThan(0.15)
})

it('attention without a key gives zeros, and no gradient', async () => {
  const [q, k, v] = [0, 1, 2].map(() => randn([2, 3, 4], { requiresGrad: true }))
  const none = tensor([[true], [false], [true]]).expand([3, 3])
  const y = scaledDotProductAttention(q, k, v, { attnMask: none })
  const grads = grad(y, [q, k, v], { gradOutputs: [randn([2, 3, 4])] })
  expect((await y.slice(null, [1, 2]).data()).every((e) => e === 0)).toBe(true)
  expect((await grads[0].slice(null, [1, 2]).data()).every((e) => e === 0)).toBe(true)
  for (const g of grads) expect((await g.data()).every(Number.isFinite)).toBe(true)
})
