/**
 * @file Laws that ops keep for all inputs, each by itself and with the ops it is defined by, tried on random ones
 * (fast-check): what mathematics says of them, not what the code does. A failure prints its seed and the smallest
 * example found.
 */
import fc from 'fast-check'
import { beforeAll, describe } from 'vitest'
import * as hg from '../../src/index.ts'
import { grad, manualSeed, type Tensor, tensor } from '../../src/index.ts'
import {
  atLeast,
  close,
  filled,
  holds,
  hosts,
  leaf,
  make,
  near,
  numbers,
  numRuns,
  permuted,
  read,
  same,
  seed,
  shapes,
  sizes,
  withDim,
} from '../support/properties.ts'

beforeAll(() => console.log(`properties of ops: seed ${seed}, ${numRuns} runs each`))

const int = (min: number, max: number) => fc.integer({ min, max })
const ints = (data: readonly number[], ...shape: number[]): Tensor => tensor(Int32Array.from(data), { shape })
const whole = int(-3, 3)
/** A number of the tensor's own kind, everywhere. */
const all = (x: Tensor, value: number): Tensor => x.detach().mul(0).add(value)
/** The inner product. */
const inner = (a: Tensor, b: Tensor): Tensor => a.mul(b).sum()
const pull = (y: Tensor, x: Tensor, g: Tensor): Tensor => grad(y, [x], { gradOutputs: [g] })[0]

describe('rearranging', () => {
  holds(
    'split and chunk undone by cat, unbind by stack, values and gradients',
    [withDim(), int(1, 4)],
    ([h, dim], n) => {
      const x = leaf(h)
      const c = make(h).sin()
      for (const y of [hg.cat(x.split(n, dim), dim), hg.cat(x.chunk(n, dim), dim), hg.stack(x.unbind(dim), dim)]) {
        same(y, x)
        same(pull(y, x, c), c)
      }
    },
  )

  holds(
    'flip and roll are undone by themselves, and so are their gradients',
    [withDim(), int(-5, 5)],
    ([h, dim], n) => {
      const x = leaf(h)
      const c = make(h).cos()
      same(x.flip(dim).flip(dim), x)
      same(x.roll(n, dim).roll(-n, dim), x)
      same(pull(x.roll(n, dim), x, c), c.roll(-n, dim))
      same(pull(x.flip(dim), x, c), c.flip(dim))
    },
  )

  holds('repeat is cat of copies, and adds their gradients up', [withDim(hosts(1, 3)), int(1, 3)], ([h, dim], n) => {
    const x = leaf(h)
    const y = x.repeat(h.shape.map((_, d) => (d === dim ? n : 1)))
    same(y, hg.cat(new Array(n).fill(x), dim))
    near(pull(y, x, y.detach()), x.detach().mul(n))
    const z = x.repeatInterleave(n, dim)
    same(
      z,
      x.indexSelect(
        dim,
        Array.from({ length: h.shape[dim] * n }, (_, i) => Math.floor(i / n)),
      ),
    )
    same(z.narrow(dim, 0, 1), x.narrow(dim, 0, 1))
  })

  holds(
    'pad, then what is inside: the identity, in every mode; a constant margin takes no gradient',
    [hosts(2, 2, 5), int(0, 2), int(0, 2), fc.constantFrom('constant', 'replicate', 'circular', 'reflect')],
    (h, left, right, mode) => {
      const most = h.shape[1] - (mode === 'reflect' ? 1 : 0)
      const [l, r] =
        mode === 'circular' || mode === 'reflect' ? [Math.min(left, most), Math.min(right, most)] : [left, right]
      const x = leaf(h)
      const y = hg.pad(x, [l, r], { mode })
      same(y.narrow(1, l, h.shape[1]), x)
      if (mode === 'constant') same(pull(y, x, y.detach().cos()), x.detach().cos())
      // Every element of the margin is one of x.
      else near(pull(y, x, all(y, 1)).sum(), all(y, 1).sum())
    },
  )

  holds(
    'tril + what is above = x; trace is the sum of the diagonal; diag ∘ diag',
    [hosts(2, 2, 5), int(-4, 4)],
    (h, k) => {
      const x = leaf(h)
      same(x.tril(k).add(x.triu(k + 1)), x)
      const [g] = grad(
        x
          .tril(k)
          .mul(2)
          .add(x.triu(k + 1))
          .sum(),
        [x],
      )
      same(g, all(x, 1).tril(k).add(1))
      if (h.shape[0] === h.shape[1]) near(x.trace(), x.diagonal().sum())
      const d = x.detach().reshape([-1])
      same(d.diag(k).diag(k), d)
    },
  )

  holds('movedim and unflatten are permute and reshape', [withDim(hosts(2)), fc.nat(3)], ([h, from], at) => {
    const x = make(h)
    const to = at % h.shape.length
    const order = h.shape.map((_, i) => i).filter((i) => i !== from)
    order.splice(to, 0, from)
    same(x.movedim(from, to), x.permute(order))
    same(x.flatten().unflatten(0, h.shape), x)
  })
})

describe('indices', () => {
  const rows = int(1, 5).chain((n) => fc.tuple(fc.constant(n), filled([n, 3]), permuted(n)))

  holds('gather undoes scatter by a permutation, and is its adjoint', [rows], ([n, h, order]) => {
    const index = ints(
      order.flatMap((i) => [i, (i + 1) % n, (i + 2) % n]),
      n,
      3,
    )
    const x = leaf(h)
    const zeros = all(x, 0)
    const there = zeros.scatter(0, index, x)
    same(there.gather(0, index), x)
    same(zeros.scatterAdd(0, index, x), there)
    const c = x.detach().sin()
    same(pull(there, x, c), c.gather(0, index))
    same(pull(x.gather(0, index), x, c), zeros.scatterAdd(0, index, c))
  })

  holds(
    'gather with repeats is the adjoint of scatterAdd: ⟨x[i], y⟩ = ⟨x, Σ y→i⟩',
    [int(1, 4).chain((n) => fc.tuple(filled([n, 2]), fc.array(fc.nat(n - 1), { minLength: 1, maxLength: 6 })))],
    ([h, list]) => {
      const x = leaf(h)
      const index = ints(
        list.flatMap((i) => [i, i]),
        list.length,
        2,
      )
      const picked = x.gather(0, index)
      same(picked, x.indexSelect(0, list))
      same(picked, x.takeAlongDim(index, 0))
      const y = picked.detach().cos()
      near(inner(picked, y), inner(x, all(x, 0).scatterAdd(0, index, y)), 1e-11)
      near(pull(picked, x, y), pull(x.indexSelect(0, list), x, y))
    },
  )

  holds(
    'oneHot: argmax undoes it, a product with it is embedding',
    [int(1, 5).chain((n) => fc.tuple(filled([n, 3]), fc.array(fc.nat(n - 1), { minLength: 1, maxLength: 6 })))],
    ([h, list]) => {
      const index = ints(list, list.length)
      const hot = hg.oneHot(index, h.shape[0])
      same(hot.argmax(-1), index)
      const table = make(h)
      near(hot.to('float64').matmul(table), hg.embedding(table, index), 0)
    },
  )

  holds(
    'where takes from either side, and each gets its own gradient',
    [shapes().chain((s) => fc.tuple(filled(s), filled(s), filled(s)))],
    ([a, b, m]) => {
      const [x, y, mask] = [leaf(a), leaf(b), make(m).gt(0)]
      near(x.where(mask, y).add(y.where(mask, x)), x.add(y), 0)
      const c = x.detach().sin()
      const [gx, gy] = grad(x.where(mask, y), [x, y], { gradOutputs: [c] })
      same(gx.add(gy), c)
      same(gx, c.mul(mask.to('float64')))
      same(x.maskedFill(mask, 0), x.where(mask.logicalNot(), 0))
    },
  )
})

describe('order', () => {
  const repeating = withDim(hosts(1, 3, 5, whole))

  holds(
    'sort: in order, the same values, by gather of argsort; its gradient goes back',
    [repeating, fc.boolean()],
    ([h, dim], descending) => {
      const x = leaf(h)
      const { values, indices } = x.sort(dim, { descending })
      same(values, x.gather(dim, indices))
      same(x.argsort(dim, { descending }), indices)
      const n = h.shape[dim]
      const steps = values.narrow(dim, 1, n - 1).sub(values.narrow(dim, 0, n - 1))
      if (n > 1) atLeast(descending ? steps.neg() : steps, 0, 0)
      near(values.exp().sum(dim), x.exp().sum(dim), 1e-13)
      const c = x.detach().add(7)
      same(pull(values, x, c), c.detach().mul(0).scatter(dim, indices, c))
    },
  )

  holds(
    'topk are the first of sort; median lies between',
    [repeating, fc.nat(5), fc.boolean()],
    ([h, dim], some, largest) => {
      const x = make(h)
      const n = h.shape[dim]
      const k = Math.min(some, n)
      const sorted = x.sort(dim, { descending: largest })
      const top = x.topk(k, dim, { largest })
      same(top.values, sorted.values.narrow(dim, 0, k))
      same(top.values, x.gather(dim, top.indices))
      same(x.median(dim).values, x.sort(dim).values.select(dim, Math.floor((n - 1) / 2)))
      same(x.amax(dim), x.sort(dim).values.select(dim, n - 1))
    },
  )

  holds('extremes bound everything, and nanless argmin is argmax of −x', [repeating], ([h, dim]) => {
    const x = make(h)
    atLeast(x.amax(dim, { keepdim: true }).sub(x), 0, 0)
    atLeast(x.sub(x.amin(dim, { keepdim: true })), 0, 0)
    same(x.argmin(dim), x.neg().argmax(dim))
    same(x.gather(dim, x.argmax(dim, { keepdim: true })), x.amax(dim, { keepdim: true }))
  })

  holds(
    'searchsorted counts what is less; histc counts everything once',
    [fc.array(whole, { minLength: 1, maxLength: 8 }), fc.array(whole, { minLength: 1, maxLength: 8 })],
    (row, list) => {
      const sorted = tensor(
        [...row].sort((a, b) => a - b),
        { dtype: 'float64' },
      )
      const x = tensor(list, { dtype: 'float64' })
      const counts = (below: (a: number, v: number) => boolean) =>
        list.map((v) => row.filter((a) => below(a, v)).length)
      close(
        read(hg.searchsorted(sorted, x)),
        counts((a, v) => a < v),
        0,
      )
      close(
        read(hg.searchsorted(sorted, x, { right: true })),
        counts((a, v) => a <= v),
        0,
      )
      close(read(hg.histc(x, { bins: 5, min: -4, max: 4 }).sum()), [list.length], 0)
    },
  )
})

describe('sums and statistics', () => {
  holds('cumsum: differences give x, its last is the sum, its gradient runs backwards', [withDim()], ([h, dim]) => {
    const x = leaf(h)
    const n = h.shape[dim]
    const y = x.cumsum(dim)
    near(y.select(dim, n - 1), x.sum(dim))
    near(y.sub(hg.cat([all(y.narrow(dim, 0, 1), 0), y.narrow(dim, 0, n - 1)], dim)), x)
    const c = x.detach().cos()
    near(pull(y, x, c), c.flip(dim).cumsum(dim).flip(dim))
    const z = x.detach().mul(0.1).add(2)
    near(z.cumprod(dim), z.log().cumsum(dim).exp(), 1e-11)
    near(z.cumprod(dim).select(dim, n - 1), z.prod(dim), 1e-11)
    near(x.logcumsumexp(dim).select(dim, n - 1), x.logsumexp(dim))
  })

  holds(
    'logsumexp: between max and max + ln n, moves with a shift, its gradient is softmax',
    [withDim(), numbers],
    ([h, dim], shift) => {
      const x = leaf(h)
      const y = x.logsumexp(dim)
      atLeast(y, x.amax(dim))
      atLeast(x.amax(dim).add(Math.log(h.shape[dim])), y)
      near(x.add(shift * 100).logsumexp(dim), y.add(shift * 100), 1e-11)
      near(grad(y.sum(), [x])[0], x.softmax(dim))
      near(x.sub(x.logsumexp(dim, { keepdim: true })), x.logSoftmax(dim))
      near(hg.softmin(x, dim), x.neg().softmax(dim))
    },
  )

  holds(
    'variance feels no shift, and a scale as its square; std is its root',
    [hosts(1), numbers, numbers],
    (h, shift, scale) => {
      const x = make(h)
      if (x.numel < 2) return
      const v = x.var()
      near(x.add(shift * 10).var(), v, 1e-10)
      near(x.mul(scale).var(), v.mul(scale * scale), 1e-10)
      near(x.std().square(), v)
      const n = x.numel
      near(
        x
          .square()
          .mean()
          .sub(x.mean().square())
          .mul(n / (n - 1)),
        v,
        1e-10,
      )
    },
  )

  holds(
    'norms: homogeneous, triangle inequality, ‖x‖₁ ≥ ‖x‖₂ ≥ ‖x‖∞',
    [shapes(1, 2).chain((s) => fc.tuple(filled(s), filled(s))), numbers, fc.constantFrom(1, 1.5, 2, 3, Infinity)],
    ([a, b], scale, p) => {
      const [x, y] = [make(a), make(b)]
      near(x.mul(scale).norm(p), x.norm(p).mul(Math.abs(scale)), 1e-11)
      atLeast(x.norm(p).add(y.norm(p)), x.add(y).norm(p), 1e-10)
      atLeast(x.norm(1), x.norm(2), 1e-10)
      atLeast(x.norm(2), x.norm(Infinity), 1e-10)
    },
  )

  holds('all, any and countNonzero: De Morgan, and a sum of [x ≠ 0]', [withDim(hosts(1, 3, 4, whole))], ([h, dim]) => {
    const b = make(h).ne(0)
    same(b.all(dim), b.logicalNot().any(dim).logicalNot())
    same(make(h).countNonzero(dim), b.to('int32').sum(dim))
    same(b.any(dim), make(h).countNonzero(dim).gt(0))
  })
})

describe('products', () => {
  const pair = sizes(4, 4, 4).chain(([m, k, n]) => fc.tuple(filled([m, k]), filled([k, n])))

  holds('einsum says what matmul, transpose, trace, sum and outer do', [pair], ([a, b]) => {
    const [x, y] = [leaf(a), leaf(b)]
    const e = hg.einsum('ij,jk->ik', x, y)
    near(e, x.matmul(y))
    const c = e.detach().sin()
    const [gx, gy] = grad(e, [x, y], { gradOutputs: [c] })
    near(gx, c.matmul(y.transpose()))
    near(gy, x.transpose().matmul(c))
    same(hg.einsum('ij->ji', x), x.transpose())
    near(hg.einsum('ij->', x), x.sum())
    near(hg.einsum('ij->j', x), x.sum(0))
    const square = x.matmul(x.transpose())
    near(hg.einsum('ii->', square), square.trace())
    const [u, v] = [x.reshape([-1]), y.reshape([-1])]
    near(hg.einsum('i,j->ij', u, v), hg.outer(u, v), 0)
    near(hg.tensordot(x, y, 1), x.matmul(y))
    near(u.dot(u), u.square().sum())
  })

  holds('(A ⊗ B)(C ⊗ D) = AC ⊗ BD', [fc.tuple(pair, pair)], ([[a, c], [b, d]]) => {
    near(
      hg.kron(make(a), make(b)).matmul(hg.kron(make(c), make(d))),
      hg.kron(make(a).matmul(make(c)), make(b).matmul(make(d))),
    )
  })

  holds('linear is x wᵀ + b, addmm β·x + α·ab, bmm a product each', [pair, numbers, numbers], ([a, b], alpha, beta) => {
    const [x, w] = [make(a), make(b).transpose()]
    const bias = w.sum(1)
    near(hg.linear(x, w, bias), x.matmul(w.transpose()).add(bias))
    const y = x.matmul(make(b))
    near(hg.addmm(y.sin(), x, make(b), { alpha, beta }), y.mul(alpha).add(y.sin().mul(beta)))
    near(hg.stack([x, x.neg()]).bmm(hg.stack([make(b), make(b)])), hg.stack([y, y.neg()]))
  })

  holds('the Jacobian of x ↦ Ax is A; hvp of a quadratic form is its matrix times v', [pair], ([a]) => {
    const m = make(a)
    const x = m.sum(0).sin()
    near(
      hg.jacobian((v) => m.matmul(v), x),
      m,
    )
    const q = m.transpose().matmul(m)
    near(hg.hvp((v) => inner(v, q.matmul(v)), x, x.cos()).products, q.matmul(x.cos()).mul(2))
  })
})

describe('windows', () => {
  const images = fc
    .record({ n: int(1, 2), c: int(1, 3), h: int(1, 5), w: int(1, 5) })
    .chain(({ n, c, h, w }) => filled([n, c, h, w]))
  const problem = fc
    .record({
      n: int(1, 2),
      c: int(1, 2),
      o: int(1, 2),
      k: int(1, 3),
      stride: int(1, 3),
      dilation: int(1, 2),
      padding: int(0, 2),
      size: int(1, 5),
    })
    .map((p) => ({ ...p, size: Math.max(p.size, p.dilation * (p.k - 1) + 1 - 2 * p.padding) }))
    .chain((p) => fc.tuple(fc.constant(p), filled([p.n, p.c, p.size, p.size]), filled([p.o, p.c, p.k, p.k])))

  holds('a convolution with δ is the identity, and shifts where δ is off the middle', [images], (h) => {
    const x = make(h)
    const [, c, height, width] = h.shape
    const at = (k: number) =>
      tensor(
        [0, 0, 0, 0, 0, 0, 0, 0, 0].map((_, i) => (i === k ? 1 : 0)),
        { shape: [1, 1, 3, 3], dtype: 'float64' },
      )
    const w = (k: number) => at(k).expand([c, 1, 3, 3])
    near(hg.conv2d(x, w(4), null, { padding: 1, groups: c }), x, 0)
    const shifted = hg.conv2d(x, w(5), null, { padding: 1, groups: c })
    near(shifted, hg.pad(x, [0, 1]).slice(null, null, [0, height], [1, width + 1]), 0)
  })

  holds(
    'convTranspose is the adjoint of conv, and conv’s gradient by x: ⟨x ∗ w, y⟩ = ⟨x, y ∗ᵀ w⟩',
    [problem],
    ([p, a, b]) => {
      const { stride, dilation, padding } = p
      const [x, w] = [leaf(a), leaf(b)]
      const y = hg.conv2d(x, w, null, { stride, dilation, padding })
      const c = y.detach().sin()
      const outputPadding = (p.size + 2 * padding - dilation * (p.k - 1) - 1) % stride
      const back = hg.convTranspose2d(c, w, null, { stride, dilation, padding, outputPadding })
      near(inner(y, c), inner(x, back), 1e-10)
      const [gx, gw] = grad(y, [x, w], { gradOutputs: [c] })
      near(gx, back, 1e-11)
      // Linear in w as well.
      near(inner(w, gw), inner(y, c), 1e-10)
    },
  )

  holds('conv is a product with im2col; fold adds up what im2col takes apart', [problem], ([p, a, b]) => {
    const { stride, dilation, padding, k } = p
    const x = leaf(a)
    const w = make(b)
    const columns = hg.im2col(x, k, { stride, dilation, padding })
    const y = hg.conv2d(x, w, null, { stride, dilation, padding })
    near(w.reshape([p.o, -1]).matmul(columns), y.reshape([p.n, p.o, -1]), 1e-11)
    const c = columns.detach().cos()
    near(hg.fold(c, [p.size, p.size], k, { stride, dilation, padding }), pull(columns, x, c))
  })

  holds('conv1d is conv2d of height 1, groups are convolutions of their own', [problem], ([p, a, b]) => {
    const { stride, dilation, padding } = p
    const x = make(a).select(2, 0)
    const w = make(b).select(2, 0)
    const y = hg.conv1d(x, w, null, { stride, dilation, padding })
    const wide = hg.conv2d(x.unsqueeze(2), w.unsqueeze(2), null, {
      stride: [1, stride],
      dilation: [1, dilation],
      padding: [0, padding],
    })
    near(y, wide.squeeze(2))
    const twice = hg.conv1d(hg.cat([x, x.neg()], 1), hg.cat([w, w.mul(2)], 0), null, {
      stride,
      dilation,
      padding,
      groups: 2,
    })
    near(twice, hg.cat([y, y.mul(-2)], 1), 1e-11)
  })

  holds(
    'pooling: max ≥ mean of each window, a window of everything is amax and mean',
    [images, int(1, 3), int(1, 3)],
    (h, k, stride) => {
      const x = leaf(h)
      const [, , height, width] = h.shape
      const size = Math.min(k, height, width)
      const max = hg.maxPool2d(x, size, { stride })
      const mean = hg.avgPool2d(x, size, { stride })
      atLeast(max, mean)
      const [n, c] = h.shape
      near(
        hg
          .im2col(x, size, { stride })
          .reshape([n, c, size * size, -1])
          .mean(2)
          .reshape(mean.shape),
        mean,
      )
      same(
        hg
          .im2col(x, size, { stride })
          .reshape([n, c, size * size, -1])
          .amax(2)
          .reshape(max.shape),
        max,
      )
      near(hg.adaptiveAvgPool2d(x, 1), x.mean([2, 3], { keepdim: true }))
      same(hg.adaptiveMaxPool2d(x, [height, width]), x)
      near(grad(mean.sum(), [x])[0].sum(), all(mean, 1).sum(), 1e-11)
    },
  )
})

describe('normalization and attention', () => {
  holds(
    'layerNorm: mean 0, variance 1, no shift and no positive scale shows',
    [sizes(4, 6).chain((s) => filled(s)), numbers],
    (h, shift) => {
      const x = make(h)
      const [, n] = h.shape
      const y = hg.layerNorm(x, [n], null, null, { eps: 0.01 })
      near(y.mean(1), y.mean(1).mul(0), 1e-10)
      const v = x.var(1, { correction: 0 })
      near(y.square().mean(1), v.div(v.add(0.01)), 1e-10)
      near(hg.layerNorm(x.add(shift), [n], null, null, { eps: 0.01 }), y, 1e-9)
      near(hg.layerNorm(x.mul(4), [n], null, null, { eps: 0.16 }), y, 1e-10)
      near(hg.rmsNorm(x.mul(4), [n], null, { eps: 0.16 }), hg.rmsNorm(x, [n], null, { eps: 0.01 }), 1e-10)
    },
  )

  holds(
    'groupNorm of one group is layerNorm, of every channel instanceNorm; batchNorm its transpose',
    [sizes(3, 3, 4).chain((s) => filled(s))],
    (h) => {
      const x = make(h)
      const [n, c, d] = h.shape
      near(hg.groupNorm(x, 1), hg.layerNorm(x, [c, d]), 1e-10)
      if (d > 1) near(hg.groupNorm(x, c), hg.instanceNorm(x), 1e-10)
      if (n * d > 1) {
        const rows = x.transpose(0, 1).reshape([c, n * d])
        near(
          hg.batchNorm(x, null, null, { training: true }),
          hg
            .layerNorm(rows, [n * d])
            .reshape([c, n, d])
            .transpose(0, 1),
          1e-10,
        )
      }
    },
  )

  const qkv = sizes(4, 5, 3).chain(([l, s, e]) => fc.tuple(filled([l, e]), filled([s, e]), filled([s, e])))

  holds('attention is softmax(q kᵀ/√e) v: within the values, whatever their order', [qkv], ([a, b, c]) => {
    const [q, k, v] = [leaf(a), leaf(b), leaf(c)]
    const y = hg.scaledDotProductAttention(q, k, v)
    const plain = q
      .matmul(k.transpose())
      .mul(1 / Math.sqrt(a.shape[1]))
      .softmax(1)
      .matmul(v)
    near(y, plain, 1e-11)
    const g = y.detach().sin()
    const grads = [y, plain].map((one) => grad(one, [q, k, v], { gradOutputs: [g] }))
    grads[0].forEach((one, i) => {
      near(one, grads[1][i], 1e-10)
    })
    atLeast(v.amax(0).sub(y), 0, 1e-10)
    atLeast(y.sub(v.amin(0)), 0, 1e-10)
    near(hg.scaledDotProductAttention(q, k.flip(0), v.flip(0)), y, 1e-11)
    const causal = hg.scaledDotProductAttention(q, k, v, { isCausal: true })
    near(causal.select(0, 0), v.select(0, 0))
  })

  holds('a mask of attention: keys left out might as well not be there', [qkv, fc.nat(4)], ([a, b, c], some) => {
    const [q, k, v] = [make(a), make(b), make(c)]
    const kept = 1 + (some % b.shape[0])
    const mask = hg.arange(0, b.shape[0], 1, { dtype: 'float64' }).lt(kept).expand([a.shape[0], b.shape[0]])
    const few = hg.scaledDotProductAttention(q, k.slice([0, kept]), v.slice([0, kept]))
    near(hg.scaledDotProductAttention(q, k, v, { attnMask: mask }), few, 1e-12)
    const biases = all(mask.to('float64'), 0).where(mask, -Infinity)
    near(hg.scaledDotProductAttention(q, k, v, { attnMask: biases }), few, 1e-12)
  })

  holds(
    'dropout keeps x/(1 − p) or drops it, the gradient likewise, the same for the same seed',
    [hosts(), int(1, 9), int(0, 1e6)],
    (h, tenths, seeded) => {
      const p = tenths / 10
      const x = leaf({ ...h, data: h.data.map((v) => v || 1) })
      const draw = () => {
        manualSeed(seeded)
        return hg.dropout(x, { p })
      }
      const y = draw()
      same(draw(), y)
      const kept = y.ne(0)
      near(y, x.div(1 - p).where(kept, 0), 1e-15)
      near(pull(y, x, all(x, 1)), kept.to('float64').div(1 - p), 1e-15)
    },
  )
})

describe('elementwise, the larger set', () => {
  holds('what an activation is, by others', [hosts(), int(0, 8)], (h, tenths) => {
    const x = make(h)
    const slope = tenths / 10
    same(x.relu().sub(x.neg().relu()), x)
    near(hg.leakyRelu(x, slope), x.relu().sub(x.neg().relu().mul(slope)))
    near(hg.prelu(x, tensor([slope], { dtype: 'float64' })), hg.leakyRelu(x, slope))
    near(hg.silu(x).sub(hg.silu(x.neg())), x)
    near(hg.silu(x), x.mul(x.sigmoid()))
    near(hg.gelu(x).sub(hg.gelu(x.neg())), x)
    near(hg.mish(x), x.mul(x.softplus().tanh()), 1e-11)
    near(hg.logSigmoid(x), x.neg().softplus().neg())
    near(hg.softsign(x.neg()), hg.softsign(x).neg(), 0)
    near(hg.elu(x), x.where(x.gt(0), x.minimum(0).expm1()))
    near(hg.celu(x, 2), x.where(x.gt(0), x.minimum(0).div(2).expm1().mul(2)))
    same(hg.hardtanh(x), x.clamp({ min: -1, max: 1 }))
    same(hg.relu6(x), x.clamp({ min: 0, max: 6 }))
    near(hg.hardswish(x), x.mul(hg.hardsigmoid(x)))
    const two = hg.cat([x.reshape([-1]), x.reshape([-1]).neg()])
    near(hg.glu(two), x.reshape([-1]).mul(x.neg().sigmoid().reshape([-1])))
  })

  holds('circular and hyperbolic: identities and inverses', [hosts()], (h) => {
    const x = make(h).mul(0.2)
    const one = all(x, 1)
    near(x.cosh().square().sub(x.sinh().square()), one)
    near(x.tan(), x.sin().div(x.cos()), 1e-11)
    near(x.sinh().asinh(), x)
    near(x.tanh().atanh(), x, 1e-10)
    near(x.sin().atan2(x.cos()), x)
    near(x.atan().tan(), x)
    near(x.sin().asin().sin(), x.sin())
    near(x.asin().nanToNum().add(x.acos().nanToNum()), one.mul(Math.PI / 2).where(x.abs().le(1), 0))
    near(x.exp().log2().mul(Math.LN2), x)
    near(x.exp().log10(), x.mul(Math.LOG10E))
    near(x.expm1().log1p(), x)
    near(x.sigmoid().logit(), x, 1e-11)
  })

  holds(
    'remainders and parts: x = b·⌊x/b⌋ + rest, x = ⌊x⌋ + what is after the point',
    [shapes().chain((s) => fc.tuple(filled(s), filled(s, fc.constantFrom(-2.5, -1, 0.25, 0.5, 3))))],
    ([a, b]) => {
      const [x, y] = [make(a), make(b)]
      near(x.div(y, { roundingMode: 'floor' }).mul(y).add(x.remainder(y)), x, 1e-12)
      near(x.div(y, { roundingMode: 'trunc' }).mul(y).add(x.fmod(y)), x, 1e-12)
      near(x.trunc().add(x.frac()), x, 0)
      near(x.logaddexp(y), hg.stack([x, y]).logsumexp(0))
      near(x.lerp(y, 0.25), x.mul(0.75).add(y.mul(0.25)))
      near(x.addcmul(y, x, { value: 2 }), x.add(y.mul(x).mul(2)))
      same(x.clamp({ min: y }), x.maximum(y))
      same(x.clamp({ min: -1, max: 2 }).clamp({ min: -1, max: 2 }), x.clamp({ min: -1, max: 2 }))
    },
  )
})

describe('losses and distances', () => {
  const two = sizes(4, 4).chain((s) => fc.tuple(filled(s), filled(s)))

  holds(
    'losses of distances: huber lies between, smoothL1 is huber over β, all are 0 at x = t',
    [two, int(1, 20)],
    ([a, b], tenths) => {
      const [x, t] = [make(a), make(b)]
      const d = tenths / 10
      const none = { reduction: 'none' } as const
      const huber = hg.huberLoss(x, t, { ...none, delta: d })
      near(hg.smoothL1Loss(x, t, { ...none, beta: d }).mul(d), huber)
      atLeast(hg.mseLoss(x, t, none).mul(0.5), huber)
      atLeast(hg.l1Loss(x, t, none).mul(d), huber)
      near(hg.l1Loss(x, t, none), x.sub(t).abs(), 0)
      for (const loss of [hg.l1Loss, hg.mseLoss, hg.huberLoss, hg.smoothL1Loss]) {
        close(read(loss(x, x)), [0], 0)
        near(loss(x, t, { reduction: 'sum' }), loss(x, t, { reduction: 'none' }).sum())
        near(loss(x, t), loss(t, x))
      }
    },
  )

  holds(
    'losses of probabilities: the divergence of p from itself is 0, from logits as from logarithms',
    [two, fc.array(fc.nat(3), { minLength: 4, maxLength: 4 })],
    ([a, b], list) => {
      const [x, z] = [make(a), make(b)]
      const p = x.softmax(1)
      near(hg.klDiv(p.log(), p), all(p.sum(), 0), 1e-13)
      atLeast(hg.klDiv(z.logSoftmax(1), p, { reduction: 'sum' }), 0)
      near(hg.klDiv(z.logSoftmax(1), p), hg.klDiv(z.logSoftmax(1), p.log(), { logTarget: true }), 1e-11)
      const [rows, classes] = a.shape
      const target = ints(
        list.slice(0, rows).map((c) => c % classes),
        rows,
      )
      near(hg.nllLoss(x.logSoftmax(1), target), hg.crossEntropy(x, target), 1e-12)
      near(hg.bceLoss(x.sigmoid(), p), hg.bceWithLogits(x, p), 1e-10)
    },
  )

  holds(
    'distances: 0 to itself, the same both ways, triangle inequality; angles feel no scale',
    [sizes(4, 3).chain((s) => fc.tuple(filled(s), filled(s), filled(s))), fc.constantFrom(1, 2, 3, Infinity)],
    ([a, b, c], p) => {
      const [x, y, z] = [make(a), make(b), make(c)]
      const d = (u: Tensor, v: Tensor) => hg.cdist(u, v, { p })
      near(d(x, x).diagonal(), all(x.sum(1), 0), 1e-12)
      near(d(x, y), d(y, x).transpose())
      near(d(x, y), x.unsqueeze(1).sub(y.unsqueeze(0)).norm(p, 2), 1e-11)
      atLeast(d(x, y).diagonal().add(d(y, z).diagonal()), d(x, z).diagonal(), 1e-10)
      near(hg.pairwiseDistance(x, y, { p, eps: 0 }), d(x, y).diagonal(), 1e-11)
      const cosine = hg.cosineSimilarity(x, y, { dim: 1 })
      atLeast(all(cosine, 1).sub(cosine.abs()), 0, 1e-12)
      near(hg.cosineSimilarity(x.mul(3), y.mul(0.5), { dim: 1 }), cosine, 1e-12)
      const unit = hg.normalize(x, { p, dim: 1 })
      near(unit.norm(p, 1), x.norm(p, 1).gt(0).to('float64'), 1e-12)
    },
  )
})
