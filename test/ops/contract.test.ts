/**
 * @file einsum and what is written with it, against sums over all labels one by one; the other products against these.
 */
import { describe, expect, it } from 'vitest'
import { Philox } from '../../src/core/philox.ts'
import {
  addmm,
  bilinear,
  bmm,
  cdist,
  cov,
  dist,
  einsum,
  kron,
  linear,
  mm,
  mv,
  ones,
  outer,
  type Tensor,
  tensor,
  tensordot,
  zeros,
} from '../../src/index.ts'

const random = new Philox(5)
const draw = (...shape: number[]): Tensor =>
  tensor(
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
    { shape, dtype: 'float64' },
  )

/** Σ over all labels of the output's, by a counter that runs through every combination. Labels only, no ellipsis. */
async function naive(equation: string, ...xs: Tensor[]): Promise<{ shape: number[]; data: number[] }> {
  const [inputs, out] = equation.split('->')
  const terms = inputs.split(',')
  const sizes = new Map<string, number>()
  terms.forEach((term, i) => {
    ;[...term].forEach((l, d) => sizes.set(l, Math.max(sizes.get(l) ?? 1, xs[i].shape[d])))
  })
  const labels = [...new Set([...out, ...terms.join('')])]
  const data = await Promise.all(xs.map((x) => x.data()))
  const shape = [...out].map((l) => sizes.get(l) as number)
  const y = new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(0)
  const total = labels.reduce((n, l) => n * (sizes.get(l) as number), 1)
  for (let step = 0; step < total; step++) {
    const at = new Map<string, number>()
    let rest = step
    for (const l of [...labels].reverse()) {
      const n = sizes.get(l) as number
      at.set(l, rest % n)
      rest = Math.floor(rest / n)
    }
    const place = (term: string, dims: readonly number[]) =>
      [...term].reduce((sum, l, d) => sum * dims[d] + (dims[d] === 1 ? 0 : (at.get(l) as number)), 0)
    const product = terms.reduce((p, term, i) => p * data[i][place(term, xs[i].shape)], 1)
    y[place(out, shape)] += product
  }
  return { shape, data: y }
}

async function near(x: Tensor, want: { shape: readonly number[]; data: ArrayLike<number> }): Promise<void> {
  expect(x.shape).toEqual(want.shape)
  const got = await x.data()
  for (let i = 0; i < got.length; i++) expect(got[i]).toBeCloseTo(want.data[i], 10)
}

const same = async (x: Tensor, y: Tensor): Promise<void> => near(x, { shape: y.shape, data: await y.data() })

describe('einsum is the sum over all labels', () => {
  it.each<[string, ...number[][]]>([
    ['ij,jk->ik', [3, 4], [4, 2]],
    ['ij,kj->ki', [3, 4], [2, 4]],
    ['ii->i', [4, 4]],
    ['ii->', [4, 4]],
    ['iij->j', [3, 3, 2]],
    ['iji,j->i', [3, 2, 3], [2]],
    ['ijij->ji', [2, 3, 2, 3]],
    ['ij->', [3, 4]],
    ['ijk->kj', [2, 3, 4]],
    ['i,j,k->kij', [2], [3], [4]],
    ['ij,ij,ij->j', [3, 4], [3, 4], [3, 4]],
    ['abc,bd,ce->ade', [2, 3, 4], [3, 2], [4, 2]],
    ['bij,bjk,bkl->bil', [2, 2, 3], [2, 3, 2], [2, 2, 3]],
    ['ab,bc,cd,da->', [2, 3], [3, 4], [4, 2], [2, 2]],
    ['aB,Ab,bB->aA', [2, 3], [2, 4], [4, 3]],
    ['ij,jk->ik', [3, 1], [4, 5]],
    ['ii,i->i', [3, 3], [1]],
    ['i,ii->', [3], [3, 3]],
    ['abcd,dcba->ac', [2, 1, 3, 2], [2, 3, 1, 2]],
    ['ab,c->abc', [2, 2], [3]],
    ['ab,a,b->', [3, 4], [3], [4]],
  ])('%s', async (equation, ...shapes) => {
    const xs = shapes.map((shape) => draw(...shape))
    await near(einsum(equation, ...xs), await naive(equation, ...xs))
  })

  it.each<[string, string, ...number[][]]>([
    ['ij,jk', 'ij,jk->ik', [3, 4], [4, 2]],
    ['ba', 'ba->ab', [3, 4]],
    ['bB', 'bB->Bb', [3, 4]],
    ['ii', 'ii->', [3, 3]],
    [' i j , j k -> k i ', 'ij,jk->ki', [2, 3], [3, 4]],
    ['...ij,...jk->...ik', 'abij,abjk->abik', [2, 3, 2, 4], [2, 3, 4, 2]],
    ['...ij,...jk->...ik', 'abij,bjk->abik', [2, 3, 2, 4], [3, 4, 2]],
    ['...ij,...jk', 'abij,abjk->abik', [2, 1, 2, 4], [1, 3, 4, 2]],
    ['...', 'ab->ab', [2, 3]],
    ['...i', 'abi->abi', [2, 3, 4]],
    ['i...->i', 'iab->i', [2, 3, 4]],
    ['i...,i->...', 'iab,i->ab', [2, 3, 4], [2]],
    ['i...j->j...i', 'iabj->jabi', [2, 3, 4, 2]],
    ['...,...', 'ab,b->ab', [2, 3], [3]],
  ])('%s is %s', async (short, long, ...shapes) => {
    const xs = shapes.map((shape) => draw(...shape))
    await near(einsum(short, ...xs), await naive(long, ...xs))
  })

  it('is a view where nothing is computed', () => {
    const x = draw(3, 3)
    const y = einsum('ij->ji', x)
    expect(y.storage).toBe(x.storage)
    expect(einsum('ii->i', x).storage).toBe(x.storage)
    const same = einsum('ij->ij', x)
    same.dispose()
    expect(x.disposed).toBe(false)
  })

  it('takes eight labels, and more operands than two at once', async () => {
    const [a, b] = [draw(1, 2, 1, 2, 1, 2, 1, 2), draw(2, 1, 2, 1, 2, 1, 2, 1)]
    await near(einsum('abcdefgh,hgfedcba->hgb', a, b), await naive('abcdefgh,hgfedcba->hgb', a, b))
  })
})

describe('the other contractions are sums of products too', () => {
  it('tensordot', async () => {
    const [a, b] = [draw(2, 3, 4), draw(4, 3, 5)]
    await near(tensordot(a, draw(3, 4, 5).mul(0).add(1)), await naive('abc,bcd->ad', a, draw(3, 4, 5).mul(0).add(1)))
    await near(
      tensordot(a, b, [
        [2, 1],
        [0, 1],
      ]),
      await naive('abc,cbd->ad', a, b),
    )
    await near(tensordot(a, b, [[-1], [0]]), await naive('abc,cde->abde', a, b))
    await near(tensordot(a, b, 0), await naive('abc,def->abcdef', a, b))
  })
  it('bilinear', async () => {
    const [x, y, w, b] = [draw(3, 4), draw(3, 2), draw(5, 4, 2), draw(5)]
    const products = await naive('ri,oij,rj->ro', x, w, y)
    await near(bilinear(x, y, w), products)
    await same(bilinear(x, y, w, b), bilinear(x, y, w).add(b))
  })
  it('bmm, addmm, linear, kron, outer, dot', async () => {
    const [a, b, c] = [draw(2, 3, 4), draw(2, 4, 5), draw(3, 5)]
    await near(bmm(a, b), await naive('bij,bjk->bik', a, b))
    const [p, q] = [draw(3, 4), draw(4, 5)]
    await same(addmm(c, p, q, { alpha: 2, beta: -0.5 }), p.matmul(q).mul(2).sub(c.mul(0.5)))
    await same(addmm(c, p, q), p.matmul(q).add(c))
    await near(linear(p, draw(5, 4).mul(0).add(1)), await naive('ij,kj->ik', p, draw(5, 4).mul(0).add(1)))
    const [k, l] = [draw(2, 3), draw(4, 5)]
    const products = await naive('ac,bd->abcd', k, l)
    await near(kron(k, l), { shape: [8, 15], data: products.data })
    const [u, v] = [draw(4), draw(3)]
    await near(outer(u, v), await naive('i,j->ij', u, v))
    await near(u.dot(u), await naive('i,i->', u, u))
  })
  it('mm and mv are matmul of their shapes', async () => {
    const x = tensor([
      [0.5, -1, 2],
      [1.5, 0.25, -0.75],
    ])
    expect(await mm(x, x.transpose()).array()).toEqual([
      [5.25, -1],
      [-1, 2.875],
    ])
    expect(await mv(x, tensor([1, 2, -1])).array()).toEqual([-3.5, 2.75])
  })
  it('einsum takes its tensors as a list too', async () => {
    const [a, b] = [draw(2, 3), draw(3, 4)]
    await same(einsum('ij,jk->ik', [a, b]), einsum('ij,jk->ik', a, b))
  })
  it('kron has missing axes in front', async () => {
    const [a, b] = [draw(2), draw(3, 2)]
    await same(kron(a, b), kron(a.reshape([1, 2]), b))
    await same(kron(b, a), kron(b, a.reshape([1, 2])))
  })
})

describe('cdist', () => {
  it.each([0, 0.5, 1, 2, 3, Number.POSITIVE_INFINITY])('is the p-norm of differences, p = %s', async (p) => {
    const [a, b] = [draw(3, 4), draw(2, 4)]
    const [as, bs] = [await a.data(), await b.data()]
    const want: number[] = []
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 2; j++) {
        const d = [0, 1, 2, 3].map((k) => Math.abs(as[i * 4 + k] - bs[j * 4 + k]))
        if (p === 0) want.push(d.filter((v) => v !== 0).length)
        else if (p === Number.POSITIVE_INFINITY) want.push(Math.max(...d))
        else want.push(d.reduce((s, v) => s + v ** p, 0) ** (1 / p))
      }
    await near(cdist(a, b, { p }), { shape: [3, 2], data: want })
  })
  it('has no gradient at distance 0, for any p', async () => {
    for (const p of [0.5, 1, 1.5, 2, 4, Number.POSITIVE_INFINITY]) {
      const x = tensor([[1, 2]], { requiresGrad: true })
      cdist(x, tensor([[1, 2]]), { p })
        .sum()
        .backward()
      expect([...(await x.grad.data())], `p = ${p}`).toEqual([0, 0])
    }
  })
})

it('nothing is at no distance from anything, whatever p', async () => {
  for (const p of [-Infinity, -1, 0, 1, 2, Infinity]) expect(await dist(zeros([0, 4]), ones([]), p).item()).toBe(0)
})

it('of weights only the proportions count: covariances are alike at both ends of the range', async () => {
  const x = tensor([1, 2, 4, 3, 1, 2], { shape: [2, 3], dtype: 'float64' })
  for (const size of [1, 1e-200, 1e200]) {
    const aweights = tensor([0.5 * size, size, 2 * size], { dtype: 'float64' })
    const [a, b, c, d] = await cov(x, { aweights }).data()
    // PyTorch's for the weights 0.5, 1 and 2.
    expect(a).toBeCloseTo(2.5, 12)
    expect([b, c].every((off) => Math.abs(off) < 1e-12)).toBe(true)
    expect(d).toBeCloseTo(5 / 7, 12)
  }
})
