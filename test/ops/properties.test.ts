/**
 * @file Properties that hold for all inputs, tried on random ones (fast-check). A failure prints its seed and the
 * smallest example found; HANDGRAD_SEED and HANDGRAD_RUNS repeat it, or try more.
 */
import fc from 'fast-check'
import { beforeAll, describe, it } from 'vitest'
import { eachAddress } from '../../src/core/shape.ts'
import {
  cat,
  crossEntropy,
  type DType,
  getDefaultDevice,
  grad,
  io,
  mseLoss,
  stack,
  type Tensor,
  tensor,
} from '../../src/index.ts'
import { leavesOf, programs, run } from '../support/programs.ts'
import {
  close,
  filled,
  type Host,
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
} from '../support/properties.ts'

beforeAll(() => console.log(`properties: seed ${seed}, ${numRuns} runs each`))

/** A tensor seen through some view: permuted, turned around, cut. */
const views: fc.Arbitrary<{ host: Host; see: (x: Tensor) => Tensor }> = hosts(1).chain((host) =>
  fc
    .record({
      dims: permuted(host.shape.length),
      cuts: fc.array(fc.record({ start: fc.nat(2), step: fc.constantFrom(1, 2, -1) }), {
        minLength: host.shape.length,
        maxLength: host.shape.length,
      }),
      wide: fc.boolean(),
    })
    .map(({ dims, cuts, wide }) => ({
      host,
      see: (x) => {
        const cut = x
          .permute(dims)
          .slice(
            ...cuts.map(({ start, step }) =>
              step < 0 ? ([null, null, step] as const) : ([start, null, step] as const),
            ),
          )
        return wide ? cut.unsqueeze(0).expand([2, ...cut.shape]) : cut
      },
    })),
)

/** Two shapes that broadcast, and the shape they make. */
const broadcasting: fc.Arbitrary<[Host, Host]> = shapes(0, 4).chain((shape) => {
  const part = fc
    .tuple(fc.nat(shape.length), fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }))
    .chain(([drop, ones]) => filled(shape.map((n, i) => (ones[i] ? 1 : n)).slice(drop)))
  return fc.tuple(part, part)
})

describe('movement', () => {
  holds(
    'transpose ∘ transpose is the identity, and permute undone by its inverse',
    [hosts(2).chain((h) => fc.tuple(fc.constant(h), permuted(h.shape.length)))],
    ([h, dims]) => {
      const x = make(h)
      same(x.transpose().transpose(), x)
      same(x.permute(dims).permute(dims.map((_, i) => dims.indexOf(i))), x)
    },
  )

  holds('reshape keeps the order of elements, of any view', [views], ({ host, see }) => {
    const x = see(make(host))
    close(read(x.reshape([-1])), read(x), 0)
    same(x.reshape([1, x.numel, 1]).reshape(x.shape), x)
    same(x.flatten().reshape(x.shape), x)
  })

  holds('clone and contiguous change nothing', [views], ({ host, see }) => {
    const x = see(make(host))
    same(x.clone(), x)
    same(x.contiguous(), x)
  })

  holds(
    'cat puts together what slices took apart, and so do gradients',
    [
      hosts(1).chain((h) =>
        fc.tuple(fc.constant(h), fc.nat(h.shape.length - 1), fc.array(fc.nat(4), { maxLength: 3 })),
      ),
    ],
    ([h, dim, cuts]) => {
      const x = leaf(h)
      const n = h.shape[dim]
      const bounds = [0, ...cuts.map((c) => Math.min(c, n)).sort((a, b) => a - b), n]
      const parts = bounds
        .slice(1)
        .map((end, i) => x.slice(...h.shape.map((_, d) => (d === dim ? ([bounds[i], end] as const) : null))))
      const whole = cat(parts, dim)
      same(whole, x)
      const [g] = grad(whole.mul(make(h)).sum(), [x])
      same(g, make(h))
    },
  )

  holds(
    'stack is cat of unsqueezed, and slices of it are its inputs',
    [shapes(0, 3).chain((s) => fc.tuple(filled(s), filled(s), fc.nat(s.length)))],
    ([a, b, dim]) => {
      const [x, y] = [make(a), make(b)]
      const z = stack([x, y], dim)
      same(z, cat([x.unsqueeze(dim), y.unsqueeze(dim)], dim))
      const at = (i: number) =>
        z.slice(...z.shape.map((_, d) => (d === dim ? ([i, i + 1] as const) : null))).squeeze(dim)
      same(at(0), x)
      same(at(1), y)
    },
  )

  holds(
    'slices of a row are Array.slice with steps',
    [
      fc.array(numbers, { minLength: 1, maxLength: 9 }),
      fc.integer({ min: -10, max: 10 }),
      fc.integer({ min: -10, max: 10 }),
      fc.integer({ min: 1, max: 4 }),
    ],
    (data, start, stop, step) => {
      const x = tensor(data, { dtype: 'float64' })
      close(
        read(x.slice([start, stop, step])),
        data.slice(start, stop).filter((_, i) => i % step === 0),
        0,
      )
      close(
        read(x.slice([null, null, -step])),
        [...data].reverse().filter((_, i) => i % step === 0),
        0,
      )
    },
  )

  holds('the gradient of a sum over a view counts how often each element is seen', [views], ({ host, see }) => {
    const x = leaf(host)
    const counts = new Array<number>(host.data.length).fill(0)
    const y = see(x)
    eachAddress(y.layout, (address) => void counts[address]++)
    const [g] = grad(y.sum(), [x])
    close(read(g), counts, 0)
  })
})

describe('broadcasting', () => {
  holds(
    'is the same as expanding first, values and gradients',
    [broadcasting, fc.constantFrom('add', 'sub', 'mul', 'maximum', 'pow')],
    ([a, b], op) => {
      const f = (x: Tensor, y: Tensor) => (op === 'pow' ? x.square().add(0.5).pow(y.mul(0.3)) : x[op as 'add'](y))
      const [x, y] = [leaf(a), leaf(b)]
      const z = f(x, y)
      const wide = f(x.expand(z.shape), y.expand(z.shape))
      same(z, wide)
      const c = z.detach().sin()
      const [gx, gy] = grad(z, [x, y], { gradOutputs: [c] })
      const [hx, hy] = grad(wide, [x, y], { gradOutputs: [c] })
      near(gx, hx)
      near(gy, hy)
    },
  )

  holds('add and mul commute, exactly', [broadcasting], ([a, b]) => {
    const [x, y] = [make(a, 'float32'), make(b, 'float32')]
    same(x.add(y), y.add(x))
    same(x.mul(y), y.mul(x))
    same(x.maximum(y), y.maximum(x))
    same(x.sub(y), y.sub(x).neg())
  })
})

describe('reductions', () => {
  const withDims = hosts(1).chain((h) =>
    fc.tuple(
      fc.constant(h),
      fc.subarray(
        h.shape.map((_, i) => i),
        { minLength: 1 },
      ),
    ),
  )

  holds('sums over axes one after the other, in any order, are the sum over all', [withDims], ([h, dims]) => {
    const x = make(h)
    const all = x.sum(dims)
    const one = (order: number[]) => order.reduce((y, d) => y.sum(d, { keepdim: true }), x)
    near(one(dims).reshape(all.shape), all)
    near(one([...dims].reverse()).reshape(all.shape), all)
    same(x.sum(dims, { keepdim: true }).reshape(all.shape), all)
    near(x.mean(dims).mul(x.numel / all.numel), all)
  })

  holds(
    'max along an axis is amax, at its first position; argmax says where',
    [hosts(1).chain((h) => fc.tuple(filled(h.shape, fc.integer({ min: -2, max: 2 })), fc.nat(h.shape.length - 1)))],
    ([h, dim]) => {
      const x = make(h)
      const { values, indices } = x.max(dim)
      same(values, x.amax(dim))
      same(x.argmax(dim), indices)
      same(x.neg().min(dim).values.neg(), values)
      const rows = x.transpose(dim, -1).reshape([-1, h.shape[dim]])
      const list = read(rows)
      const at = read(
        h.shape.length > 1 && dim !== h.shape.length - 1 ? indices.unsqueeze(dim).transpose(dim, -1) : indices,
      )
      at.forEach((i, r) => {
        const row = list.slice(r * h.shape[dim], (r + 1) * h.shape[dim])
        if (row.indexOf(Math.max(...row)) !== i) throw new Error(`row ${r} [${row}] has its maximum at ${i}?`)
      })
    },
  )

  holds(
    'softmax sums to 1, is positive, and does not feel a shift',
    [hosts(1).chain((h) => fc.tuple(fc.constant(h), fc.nat(h.shape.length - 1))), numbers],
    ([h, dim], shift) => {
      const y = make(h).softmax(dim)
      close(read(y.sum(dim)), read(y.sum(dim)).fill(1), 1e-14)
      near(
        make(h)
          .add(shift * 100)
          .softmax(dim),
        y,
        1e-10,
      )
      if (read(y).some((v) => !(v > 0))) throw new Error('not positive')
      near(make(h).logSoftmax(dim).exp(), y)
      // A gradient of constant cotangents is 0.
      const x = leaf(h)
      const [g] = grad(x.softmax(dim).sum(), [x])
      close(read(g), read(g).fill(0), 1e-14)
    },
  )
})

describe('products and losses', () => {
  const matrices = fc
    .tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: 1, max: 5 })))
    .chain(([m, k, l, n]) => fc.tuple(filled([m, k]), filled([k, l]), filled([l, n])))

  holds('matmul is associative within rounding, distributes, and (AB)ᵀ = BᵀAᵀ', [matrices], ([a, b, c]) => {
    const [x, y, z] = [make(a), make(b), make(c)]
    near(x.matmul(y).matmul(z), x.matmul(y.matmul(z)))
    near(x.matmul(y.add(y.sin())), x.matmul(y).add(x.matmul(y.sin())))
    near(x.matmul(y).transpose(), y.transpose().matmul(x.transpose()))
  })

  holds(
    'a batched matmul is the matmul of each',
    [fc.tuple(fc.integer({ min: 1, max: 3 }), matrices)],
    ([count, [a, b]]) => {
      const [x, y] = [make(a), make(b)]
      const batch = stack(Array.from({ length: count }, (_, i) => x.mul(i + 1)))
      const got = batch.matmul(y)
      for (let i = 0; i < count; i++) near(got.slice([i, i + 1]).squeeze(0), x.mul(i + 1).matmul(y))
    },
  )

  holds(
    'indexAdd is the adjoint of indexSelect: ⟨x[i], y⟩ = ⟨x, Σ y→i⟩',
    [
      fc
        .integer({ min: 1, max: 5 })
        .chain((n) => fc.tuple(filled([n, 3]), fc.array(fc.nat(n - 1), { minLength: 1, maxLength: 7 }))),
    ],
    ([h, index]) => {
      const x = make(h)
      const y = x.indexSelect(0, index).sin()
      const left = x.indexSelect(0, index).mul(y).sum()
      const right = x.mul(x.mul(0).indexAdd(0, index, y)).sum()
      near(left, right, 1e-11)
      const w = leaf(h)
      const [g] = grad(w.indexSelect(0, index), [w], { gradOutputs: [y] })
      near(g, x.mul(0).indexAdd(0, index, y))
    },
  )

  holds(
    'crossEntropy is −mean log softmax at the targets, smoothed and with rows ignored',
    [
      fc
        .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
        .chain(([rows, classes]) =>
          fc.tuple(filled([rows, classes]), fc.array(fc.nat(classes - 1), { minLength: rows, maxLength: rows })),
        ),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.boolean(),
    ],
    ([h, target], labelSmoothing, ignore) => {
      const x = make(h)
      const [rows, classes] = h.shape
      const ignoreIndex = ignore ? target[0] : undefined
      const got = crossEntropy(x, tensor(Int32Array.from(target)), { labelSmoothing, ignoreIndex })
      const logp = read(x.logSoftmax(1))
      let [sum, count] = [0, 0]
      for (let r = 0; r < rows; r++) {
        if (target[r] === ignoreIndex) continue
        count++
        for (let c = 0; c < classes; c++)
          sum -= ((1 - labelSmoothing) * (c === target[r] ? 1 : 0) + labelSmoothing / classes) * logp[r * classes + c]
      }
      if (count === 0 && Number.isNaN(read(got)[0])) return
      close(read(got), [sum / count], 1e-12)
    },
  )

  holds('mseLoss is the mean of squares', [shapes().chain((s) => fc.tuple(filled(s), filled(s)))], ([a, b]) => {
    const [x, y] = [make(a), make(b)]
    near(mseLoss(x, y), x.sub(y).mul(x.sub(y)).mean())
    near(mseLoss(x, y, { reduction: 'sum' }), mseLoss(x, y, { reduction: 'none' }).sum())
  })
})

describe('elementwise', () => {
  holds('inverses, symmetries and definitions', [hosts()], (h) => {
    const x = make(h)
    near(x.exp().log(), x)
    near(x.square().sqrt(), x.abs())
    near(x.sigmoid().add(x.neg().sigmoid()), x.mul(0).add(1))
    same(x.neg().tanh(), x.tanh().neg())
    same(x.relu(), x.maximum(0))
    same(x.abs(), x.sign().mul(x))
    same(x.neg().neg(), x)
    near(x.softplus().sub(x.neg().softplus()), x, 1e-11)
    near(x.sin().square().add(x.cos().square()), x.mul(0).add(1))
    same(x.gt(0).logicalNot(), x.le(0))
    same(x.where(x.gt(0), x.neg()), x.abs())
  })

  holds('casts: integers there and back; towards zero; bools by ≠ 0', [hosts()], (h) => {
    const x = make(h)
    same(x.trunc().to('int32').to('float64'), x.trunc())
    same(x.to('int32').to('float64'), x.trunc())
    same(x.to('bool').to('float64'), x.ne(0).to('float64'))
    near(x.to('float32').to('float64'), x, 0)
  })

  holds('in place is the op and a copy', [hosts(), numbers], (h, b) => {
    for (const op of ['add', 'sub', 'mul'] as const) {
      const x = make(h)
      const want = x[op](b)
      same(x[`${op}_`](b), want)
    }
  })
})

describe('gradients', () => {
  holds('backward is linear in its cotangent', [programs, numbers, numbers], (program, p, q) => {
    const xs = leavesOf(program, getDefaultDevice(), 'float64')
    const y = run(program, xs)
    if (!y.requiresGrad) return
    const [u, v] = [y.detach().sin(), y.detach().cos()]
    const pull = (g: Tensor) => grad(y, xs, { gradOutputs: [g], retainGraph: true, allowUnused: true })
    const [a, b, c] = [pull(u), pull(v), pull(u.mul(p).add(v.mul(q)))]
    xs.forEach((_, i) => {
      const [ga, gb, gc] = [a[i], b[i], c[i]]
      if (ga && gb && gc) near(gc, ga.mul(p).add(gb.mul(q)), 1e-10)
    })
  })

  holds('of a sum are sums of gradients, and a detached part has none', [programs], (program) => {
    const xs = leavesOf(program, getDefaultDevice(), 'float64')
    const pull = (y: Tensor) => grad(y.sum(), xs, { allowUnused: true }).map((g, i) => g ?? xs[i].detach().mul(0))
    const f = () => run(program, xs)
    const [both, one] = [pull(f().add(xs[0].mul(3)).add(f().detach())), pull(f())]
    near(both[0], one[0].add(3), 1e-10)
    near(both[1], one[1], 1e-10)
  })

  // Fused ops go by their composition there, which rounds otherwise.
  holds('under createGraph are the same, up to rounding', [programs], (program) => {
    const xs = leavesOf(program, getDefaultDevice(), 'float64')
    const pull = (createGraph: boolean) => grad(run(program, xs).sin().sum(), xs, { createGraph, allowUnused: true })
    const [plain, graph] = [pull(false), pull(true)]
    plain.forEach((g, i) => {
      if (g) near(g, graph[i] as Tensor, 1e-10)
    })
  })

  holds(
    'agree with a central difference along a random direction',
    [programs, fc.array(numbers, { minLength: 32, maxLength: 32 })],
    (program, direction) => {
      const xs = leavesOf(program, getDefaultDevice(), 'float64')
      const f = (inputs: readonly Tensor[]) => run(program, inputs).sin().sum()
      const grads = grad(f(xs), xs, { allowUnused: true })
      const us = xs.map((x, i) =>
        tensor(direction.slice(i * 16, i * 16 + x.numel), { shape: x.shape, dtype: 'float64' }),
      )
      const slope = us.reduce((sum, u, i) => sum + (grads[i] ? read((grads[i] as Tensor).mul(u).sum())[0] : 0), 0)
      const step = 1e-6
      const at = (s: number) => read(f(xs.map((x, i) => x.detach().add(us[i].mul(s)))))[0]
      const difference = (at(step) - at(-step)) / (2 * step)
      close([difference], [slope], 1e-5)
    },
  )

  holds('random programs in float32 follow float64', [programs], (program) => {
    const result = (dtype: DType) => {
      const xs = leavesOf(program, getDefaultDevice(), dtype)
      const y = run(program, xs)
      const grads = grad(y.sum(), xs, { allowUnused: true })
      return [read(y), ...grads.map((g) => (g ? read(g) : []))]
    }
    const [single, double] = [result('float32'), result('float64')]
    single.forEach((list, i) => close(list, double[i], 1e-4))
  })
})

describe('files', () => {
  it('save ∘ load gives the same tensors, bit for bit', async () => {
    const dtypes = fc.constantFrom<DType>('float32', 'float64', 'int32', 'bool')
    const named = fc.dictionary(
      fc.string({ minLength: 1, maxLength: 8 }).filter((name) => name !== '__metadata__'),
      fc.tuple(hosts(), dtypes),
      { maxKeys: 4 },
    )
    await fc.assert(
      fc.asyncProperty(named, async (entries) => {
        const tensors = Object.fromEntries(
          Object.entries(entries).map(([name, [h, dtype]]) => [name, make(h, 'float64').to(dtype)]),
        )
        const hostTensors = Object.fromEntries(
          await Promise.all(
            Object.entries(tensors).map(
              async ([name, x]) =>
                [name, { dtype: x.dtype, shape: x.shape, data: await x.data() } as io.HostTensor] as const,
            ),
          ),
        )
        const { tensors: back } = io.decodeSafetensors(io.encodeSafetensors(hostTensors))
        for (const [name, x] of Object.entries(hostTensors)) {
          const found = back[name]
          if (found.dtype !== x.dtype || found.shape.join() !== x.shape.join())
            throw new Error(`${name}: ${found.dtype} [${found.shape}]`)
          close(found.data, x.data, 0)
        }
        for (const x of Object.values(tensors)) x.dispose()
      }),
      { seed, numRuns },
    )
  })
})
