/** @file examples/tiny/engine.ts: short, without an import, and in float64 the same bits as handgrad. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as tiny from '../../examples/tiny/engine.ts'
import * as handgrad from '../../src/node.ts'

/** What both engines' tensors can do. */
interface Both<T> {
  add(b: T | number): T
  sub(b: T): T
  mul(b: T | number): T
  div(n: number): T
  pow(n: number): T
  square(): T
  relu(): T
  tanh(): T
  sigmoid(): T
  matmul(b: T): T
  sum(): T
}

/** Micrograd's expression, with all that leads to it. */
function micrograd<T extends Both<T>>(a: T, b: T): T[] {
  let c = a.add(b)
  let d = a.mul(b).add(b.pow(3))
  c = c.add(c.add(1))
  c = c.add(c.add(1).sub(a))
  d = d.add(d.mul(2).add(b.add(a).relu()))
  d = d.add(d.mul(3).add(b.sub(a).relu()))
  const e = c.sub(d)
  const f = e.pow(2)
  return [c, d, e, f, f.div(2).add(f.pow(-1).mul(10))]
}

/** The 3–4–2 network's error. */
function network<T extends Both<T>>([w1, b1, w2, b2, x, t]: T[]): T[] {
  const h = w1.matmul(x).add(b1).tanh()
  const y = w2.matmul(h).add(b2).sigmoid()
  return [h, y, y.sub(t).square().sum().mul(0.5)]
}

/** W₁, b₁, W₂, b₂, x, t. */
const shapesOfT2 = [
  [4, 3],
  [4, 1],
  [2, 4],
  [2, 1],
  [3, 1],
  [2, 1],
] as const
const weights = (seed: number) => shapesOfT2.map((shape, i) => nested(shape, seed + i))

const bits = async (values: readonly handgrad.Tensor[]) =>
  Promise.all(values.map(async (x) => Array.from((await x.data()) as Float64Array)))
const on = async () => ({ device: await handgrad.device('cpu'), dtype: 'float64', requiresGrad: true }) as const

test("T0: micrograd's expression, every value and gradient to the last bit", async () => {
  for (const [va, vb] of [
    [-4, 2],
    [0.3, -1.7],
    [2.5, 0.1],
  ]) {
    const [a, b] = [va, vb].map((v) => tiny.tensor(v))
    const own = micrograd(a, b)
    own[4].backward()
    const leaves = [handgrad.tensor(va, await on()), handgrad.tensor(vb, await on())]
    const theirs = micrograd<handgrad.Tensor>(leaves[0], leaves[1])
    const values = await bits(theirs)
    theirs[4].backward()
    expect(own.map(({ data }) => Array.from(data))).toEqual(values)
    expect([a, b].map(({ grad }) => Array.from(grad?.data ?? []))).toEqual(await bits(leaves.map(({ grad }) => grad)))
  }
  const [a, b] = [tiny.tensor(-4), tiny.tensor(2)]
  const g = micrograd(a, b)[4]
  g.backward()
  expect([g, a.grad, b.grad].map((x) => x?.item().toFixed(4))).toEqual(['24.7041', '138.8338', '645.5773'])
})

test('T2: the 3–4–2 network, and 20 steps of gradient descent, to the last bit', async () => {
  for (const seed of [1, 2, 3]) {
    let own = weights(seed).map((rows) => tiny.tensor(rows))
    const theirs: handgrad.Tensor[] = []
    for (const rows of weights(seed)) theirs.push(handgrad.tensor(rows, await on()))
    for (let step = 0; step < 20; step++) {
      const [mine, other] = [network(own), network<handgrad.Tensor>(theirs)]
      expect(mine.map(({ data }) => Array.from(data))).toEqual(await bits(other))
      mine[2].backward()
      for (const x of theirs) x.zeroGrad()
      other[2].backward()
      expect(own.map(({ grad }) => Array.from(grad?.data ?? []))).toEqual(await bits(theirs.map(({ grad }) => grad)))
      handgrad.noGrad(() => {
        for (const x of theirs) x.sub_(x.grad.mul(0.1))
      })
      own = own.map((x) => new tiny.Tensor(x.sub((x.grad as tiny.Tensor).mul(0.1)).data, x.shape))
    }
  }
})

test('it broadcasts with sums, and says what does not broadcast', async () => {
  const shapes = [[2, 3], [3], [2, 1], []] as const
  const own = shapes.map((shape, i) => tiny.tensor(nested(shape, i + 1)))
  const theirs: handgrad.Tensor[] = []
  for (const [i, shape] of shapes.entries()) theirs.push(handgrad.tensor(nested(shape, i + 1), await on()))
  const f = <T extends Both<T>>([a, b, c, d]: T[]): T => a.mul(b).sub(c).add(d.mul(a)).square().sum()
  f(own).backward()
  f<handgrad.Tensor>(theirs).backward()
  expect(own.map(({ grad }) => Array.from(grad?.data ?? []))).toEqual(await bits(theirs.map(({ grad }) => grad)))
  expect(() => tiny.tensor([1, 2]).add(tiny.tensor([1, 2, 3]))).toThrow('[2] and [3] do not broadcast')
})

test('its gradcheck agrees with its rules, and sees a wrong one', () => {
  const inputs = weights(5).map((rows) => tiny.tensor(rows))
  expect(tiny.gradcheck((...all) => network(all)[2], inputs)).toBeLessThan(1e-8)
  expect(tiny.gradcheck((a, b) => micrograd(a, b)[4], [tiny.tensor(0.3), tiny.tensor(-1.7)])).toBeLessThan(1e-5)
  const wrong = (x: tiny.Tensor) => new tiny.Tensor(x.square().data, x.shape, [x], (g) => [g.mul(x)]).sum()
  expect(tiny.gradcheck(wrong, [tiny.tensor([1, 2])])).toBeGreaterThan(1)
})

test('it is at most 150 lines and imports nothing', () => {
  const text = readFileSync(new URL('../../examples/tiny/engine.ts', import.meta.url), 'utf8')
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(150)
  expect(text).not.toMatch(/^import |\b(import|require)\(/m)
})

function nested(shape: readonly number[], seed: number): handgrad.Nested<number> {
  if (shape.length === 0) return Math.cos(seed)
  return Array.from({ length: shape[0] }, (_, i) => nested(shape.slice(1), seed * 3 + i))
}
