/**
 * @file What reductions, sorting and counting give where PyTorch's answer is not the obvious one: no axes, nothing,
 * NaN, infinities, two tensors. Values and gradients of ordinary inputs are in ops.test.ts. The numbers are PyTorch's.
 */
import { describe, expect, it } from 'vitest'
import {
  amax,
  amin,
  argmax,
  argmin,
  type Extremes,
  grad,
  histc,
  max,
  median,
  min,
  quantile,
  searchsorted,
  type Tensor,
  tensor,
  zeros,
} from '../../src/index.ts'

const x = tensor([
  [0, 1, 2],
  [3, 4, 5],
])
const array = (y: Tensor) => y.array()
const inf = Infinity

describe('an empty list of axes', () => {
  it('stands for all of them', async () => {
    const found = [
      x.sum([]),
      x.mean([]),
      x.amax([]),
      x.amin([]),
      x.var([]),
      x.prod([]),
      x.countNonzero([]),
      x.norm(1, []),
    ]
    expect(await Promise.all(found.map(array))).toEqual([15, 2.5, 5, 0, 3.5, 0, 5, 15])
    expect(await Promise.all([x.all([]), x.any([])].map(array))).toEqual([false, true])
    expect(await array(x.sum([], { keepdim: true }))).toEqual([[15]])
    expect((await x.logsumexp([]).item()).toFixed(4)).toBe((await x.logsumexp().item()).toFixed(4))
  })

  it('has the gradient of all', async () => {
    const w = x.clone().requiresGrad_()
    expect(await array(grad(w.mean([]), w).mul(6))).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ])
  })
})

describe('null is not an axis', () => {
  // biome-ignore lint/suspicious/noExplicitAny: null is what PyTorch's None is
  const [none, whole, least]: any[] = [null, max, min]
  it('argmax, argmin, max, min and median are over all then', async () => {
    const found = [argmax(x, null), argmin(x, null), whole(x, none), least(x, none), median(x, none), x.norm(null)]
    expect(await Promise.all(found.map(array))).toEqual([5, 0, 5, 0, 2, Math.fround(Math.sqrt(55))])
  })
  it('and keepdim keeps all axes', async () => {
    const keep = { keepdim: true }
    const found = [argmax(x, undefined, keep), argmin(x, null, keep), whole(x, none, keep), median(x, none, keep)]
    expect(await Promise.all(found.map(array))).toEqual([[[5]], [[0]], [[5]], [[2]]])
    expect(await array(argmax(tensor(3), null, keep))).toBe(0)
  })
  it('correction: null is the default', async () => {
    expect(await array(x.var(null, { correction: null }))).toBe(3.5)
  })
})

describe('NaN', () => {
  it('has the gradient to itself, shared evenly', async () => {
    const w = tensor([1, NaN, 3, NaN], { requiresGrad: true })
    const forms: readonly ((x: Tensor) => Tensor)[] = [(t) => t.max(), (t) => t.min(), amax, amin, (t) => t.median()]
    for (const f of forms) expect(await array(grad(f(w), w))).toEqual([0, 0.5, 0, 0.5])
    const rows = tensor(
      [
        [1, NaN, 3],
        [2, 5, 5],
      ],
      { requiresGrad: true },
    )
    expect(await array(grad(rows.amax(1).sum(), rows))).toEqual([
      [0, 1, 0],
      [0, 0.5, 0.5],
    ])
  })
})

describe('max and min of two tensors', () => {
  const [a, b] = [tensor([1, 5, 2]), tensor([4, 2, 2])]
  it('are maximum and minimum', async () => {
    expect(await Promise.all([max(a, b), min(a, b), a.max(tensor(3)), a.min(b)].map(array))).toEqual([
      [4, 5, 2],
      [1, 2, 2],
      [3, 5, 3],
      [1, 2, 2],
    ])
  })
  it('with their gradients', async () => {
    const [p, q] = [a.clone().requiresGrad_(), b.clone().requiresGrad_()]
    const gs = grad(max(p, q).sum(), [p, q])
    expect(await Promise.all(gs.map(array))).toEqual([
      [0, 1, 0.5],
      [1, 0, 0.5],
    ])
  })
})

describe('the median of nothing', () => {
  it('is NaN, with a gradient of nothing', async () => {
    const w = zeros([0, 3], { requiresGrad: true })
    expect(await w.median().item()).toBeNaN()
    expect(grad(w.median(), w).shape).toEqual([0, 3])
    expect(median(zeros([2, 0]), 0).values.shape).toEqual([0])
  })
})

describe('values and indices', () => {
  const pairs: Readonly<Record<string, () => Extremes>> = {
    max: () => x.max(1),
    min: () => x.min(0),
    sort: () => x.sort(0),
    topk: () => x.topk(2),
    median: () => x.median(1),
    'median of a scalar': () => tensor(3).median(0),
  }
  it.each(Object.entries(pairs))('of %s come as a pair too', async (_, f) => {
    const found = f()
    const [values, indices, ...more] = found
    expect([values === found.values, indices === found.indices, more.length]).toEqual([true, true, 0])
  })
})

describe('histc', () => {
  const counts = (data: readonly number[], options: object) => array(histc(tensor([...data]), options))
  it('takes its range from the finite elements', async () => {
    expect(await counts([1, 2, 2, 3, 5], { bins: 4 })).toEqual([1, 2, 1, 1])
    expect(await counts([1, 2, 2, 3, 5, inf, -inf, NaN], { bins: 4 })).toEqual([1, 2, 1, 1])
  })
  it('counts nothing where none is finite', async () => {
    expect(await counts([inf, NaN, -inf], { bins: 3 })).toEqual([0, 0, 0])
    expect(await counts([], { bins: 3 })).toEqual([0, 0, 0])
  })
  it('has a range wider than its largest number', async () => {
    expect(await counts([3e38, -3e38, 0, 1e38], { bins: 4 })).toEqual([1, 0, 2, 1])
  })
  it('leaves out what is outside of a given range', async () => {
    expect(await counts([NaN, -inf, 0, 1, 2, inf], { bins: 2, min: 0, max: 2 })).toEqual([1, 2])
  })
})

it('searchsorted takes the right end by name', async () => {
  const [s, v] = [tensor([1, 2, 2, 3]), tensor([2, 0, 4])]
  expect(await array(searchsorted(s, v, { right: true }))).toEqual([3, 0, 4])
})

it('quantile of a row with NaN gives its gradient to the last one', async () => {
  const row = tensor([1, NaN, 2, NaN], { requiresGrad: true })
  const y = quantile(row, [0.3, 0.9])
  expect(await array(y)).toEqual([NaN, NaN])
  expect(await array(grad(y.sum(), [row])[0])).toEqual([0, 0, 0, 2])
})
