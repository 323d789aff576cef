/**
 * @file Views and indexing beyond the op table: x.at against a loop over coordinates, which results share memory,
 * changes through views, who wins when several write to one place, and what gradients of pieces cost.
 */
import { describe, expect, expectTypeOf, it } from 'vitest'
import { Philox } from '../../src/core/philox.ts'
import { sizeOf } from '../../src/core/shape.ts'
import {
  type AtIndex,
  CpuDevice,
  embedding,
  noGrad,
  ones,
  randn,
  type Slice,
  type Tensor,
  tensor,
  unfold,
  zeros,
} from '../../src/index.ts'
import { negativeTests } from '../support/negative.ts'

const count = (...shape: number[]): Tensor =>
  tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => i),
    { shape },
  )

/** NumPy's rules, an element at a time: the numbers of count(...shape) that the indices pick, and their shape. */
function picked(shape: readonly number[], indices: readonly AtIndex[], host: ReadonlyMap<AtIndex, Int32Array>) {
  const named = indices.filter((index) => index !== 'new' && index !== '...').length
  const rest = new Array<null>(shape.length - named).fill(null)
  const dots = indices.indexOf('...')
  const full = dots < 0 ? [...indices, ...rest] : [...indices.slice(0, dots), ...rest, ...indices.slice(dots + 1)]
  // What each dim of the result, before integers pick, takes from which axis; integers drop theirs.
  type Dim = { axis: number; positions: number[]; integers: boolean }
  const dims: Dim[] = []
  const fixed = new Array<number>(shape.length).fill(0)
  let axis = 0
  for (const index of full) {
    if (index === 'new') {
      dims.push({ axis: -1, positions: [0], integers: false })
      continue
    }
    const n = shape[axis]
    if (typeof index === 'number') fixed[axis] = index < 0 ? index + n : index
    else if (index === null || Array.isArray(index)) {
      const all = Array.from({ length: n }, (_, i) => i)
      const [start, stop, step = 1] = (index ?? []) as NonNullable<Slice>
      const cut = step === -1 ? all.reverse() : all.slice(start ?? 0, stop ?? n).filter((_, i) => i % (step ?? 1) === 0)
      dims.push({ axis, positions: cut, integers: false })
    } else {
      const positions = Array.from(host.get(index) as Int32Array, (i) => (i < 0 ? i + n : i))
      dims.push({ axis, positions, integers: true })
    }
    axis++
  }
  const first = dims.findIndex((d) => d.integers)
  const last = dims.findLastIndex((d) => d.integers)
  const together = dims.slice(first, last + 1).every((d) => d.integers)
  const plain = dims.filter((d) => !d.integers)
  const lists = dims.filter((d) => d.integers)
  const place = together ? dims.slice(0, first).length : 0
  const sizes = plain.map((d) => d.positions.length)
  if (lists.length > 0) sizes.splice(place, 0, lists[0].positions.length)
  const data = Array.from({ length: sizeOf(sizes) }, (_, i) => {
    const at = [...fixed]
    let left = i
    const coordinates = sizes.map(() => 0)
    for (let d = sizes.length - 1; d >= 0; d--) {
      coordinates[d] = left % sizes[d]
      left = Math.floor(left / sizes[d])
    }
    const list = lists.length > 0 ? coordinates.splice(place, 1)[0] : 0
    for (const d of lists) at[d.axis] = d.positions[list]
    plain.forEach((d, k) => {
      if (d.axis >= 0) at[d.axis] = d.positions[coordinates[k]]
    })
    return at.reduce((sum, p, d) => sum * shape[d] + p, 0)
  })
  return { sizes, data }
}

describe('x.at', () => {
  it('picks what a loop over coordinates picks, in 400 random calls', async () => {
    const random = new Philox(20_26)
    const host = new Map<AtIndex, Int32Array>()
    for (let run = 0; run < 400; run++) {
      const shape = Array.from({ length: 1 + random.int(4) }, () => 1 + random.int(4))
      const length = 1 + random.int(3)
      const given = 1 + random.int(shape.length)
      const indices = shape.slice(0, given).map((n): AtIndex => {
        const kind = random.int(6)
        if (kind === 0) return random.int(2 * n) - n
        if (kind === 1) return null
        if (kind === 2) return [random.int(n), null, 1 + random.int(2)]
        if (kind === 3) return [null, null, -1]
        const integers = Int32Array.from({ length }, () => random.int(2 * n) - n)
        const index = kind === 4 ? tensor(integers) : integers
        host.set(index, integers)
        return index
      })
      if (random.int(3) === 0) indices.splice(random.int(indices.length + 1), 0, 'new')
      if (given === shape.length && random.int(3) === 0) indices.splice(random.int(indices.length + 1), 0, '...')
      const { sizes, data } = picked(shape, indices, host)
      const y = count(...shape).at(...indices)
      const call = `seed 2026, run ${run}: [${shape}].at(${indices.map((i) => host.get(i)?.join(' ') ?? JSON.stringify(i))})`
      expect(y.shape, call).toEqual(sizes)
      expect(Array.from(await y.data()), call).toEqual(data)
      // What is put there is what is read there.
      const lists = indices.map((i) => (host.has(i) ? (i as Tensor | Int32Array) : null))
      if (indices.length === given && indices.every((i) => i === null || host.has(i)) && lists.some((i) => i)) {
        const put = zeros(shape).indexPut(lists, y)
        expect(Array.from(await put.at(...indices).data()), call).toEqual(data)
      }
    }
  })

  it('gives a view without integer tensors, and a tensor of its own with them', () => {
    const x = count(3, 4)
    for (const view of [x.at(1), x.at([0, 2], 'new'), x.at('...', -1), x.at()]) expect(view.storage).toBe(x.storage)
    for (const copy of [x.at(Int32Array.of(1)), x.at(null, tensor(Int32Array.of(0)))])
      expect(copy.storage).not.toBe(x.storage)
  })

  it('adds up the gradients of what was picked twice', async () => {
    const x = ones([3, 2], { requiresGrad: true })
    x.at(Int32Array.of(0, -1, 0), [0, 1])
      .sum()
      .backward()
    expect(Array.from(await x.grad.data())).toEqual([2, 0, 0, 0, 1, 0])
  })
})

describe('views', () => {
  it('share memory where PyTorch has views, and flip too', () => {
    const x = count(4, 6)
    const pieces = [...x.split(2), ...x.chunk(2, 1), ...x.unbind(), ...x.unbind(1)]
    const more = [
      x.flip(0),
      x.narrow(1, 2, 3),
      x.select(0, -1),
      x.diagonal(),
      x.diag(),
      unfold(x, 1, 3, 2),
      x.movedim(0, 1),
    ]
    for (const view of [...pieces, ...more, x.unflatten(1, [2, 3]), x.broadcastTo([2, 4, 6])])
      expect(view.storage).toBe(x.storage)
    for (const copy of [x.roll(1, 0), x.repeat([1, 1]), x.tile(1), x.repeatInterleave(1, 0), x.roll(4, 0)])
      expect(copy.storage).not.toBe(x.storage)
  })

  it('pieces are outputs of one node, and go back through one copy', async () => {
    const x = randn([5, 3], { requiresGrad: true })
    const rows = x.unbind()
    expect(new Set(rows.map((row) => row.edge?.source)).size).toBe(1)
    rows[0].add(rows[2].mul(3)).sum().backward()
    expect(Array.from(await x.grad.data())).toEqual([1, 1, 1, 0, 0, 0, 3, 3, 3, 0, 0, 0, 0, 0, 0])
  })

  it('windows that overlap add up', async () => {
    const x = ones([5], { requiresGrad: true })
    unfold(x, 0, 3, 1).sum().backward()
    expect(Array.from(await x.grad.data())).toEqual([1, 2, 3, 2, 1])
  })

  it('a change through a view is a change of the tensor', async () => {
    const x = zeros([3, 4])
    noGrad(() => {
      x.at(0).fill_(1)
      x.at('...', -1).add_(tensor([10, 20, 30]))
      x.slice([1, 3], [0, 2]).copy_(
        tensor([
          [5, 6],
          [7, 8],
        ]),
      )
      x.flip(1).at(2, 0).mul_(2)
      x.diagonal().sub_(1)
      x.unbind(1)[2].zero_()
    })
    expect(await x.array()).toEqual([
      [0, 1, 0, 11],
      [5, 5, 0, 20],
      [7, 8, 0, 60],
    ])
  })

  it('a parameter may be changed through a view under noGrad only, and backward notices what it needed', () => {
    const w = ones([3], { requiresGrad: true })
    expect(() => w.at([0, 2]).zero_()).toThrow('changes in place are not recorded')
    const loss = w.square().sum()
    noGrad(() => w.at(0).fill_(5))
    expect(() => loss.backward()).toThrow(/square needs its x, .* which fill_ changed in place since/)
  })
})

describe('writing where integers say', () => {
  const index = tensor(Int32Array.of(2, 0, 2))
  const source = () => tensor([1, 2, 3], { requiresGrad: true })

  it('scatter: the last one wins, and has the gradient', async () => {
    const [x, src] = [ones([4], { requiresGrad: true }), source()]
    const y = x.scatter(0, index, src)
    expect(Array.from(await y.data())).toEqual([2, 1, 3, 1])
    y.mul(tensor([1, 2, 4, 8]))
      .sum()
      .backward()
    expect(Array.from(await x.grad.data())).toEqual([0, 2, 0, 8])
    expect(Array.from(await src.grad.data())).toEqual([0, 1, 4])
  })

  it('indexPut_ changes the tensor, also through a view', async () => {
    const x = zeros([3, 4])
    x.indexPut_([index], tensor([[1], [2], [3]]))
    x.at('...', [1, 3]).indexPut_([null, Int32Array.of(-1)], 9)
    x.at(1).indexPut_([index], 0.5, { accumulate: true })
    expect(await x.array()).toEqual([
      [2, 2, 9, 2],
      [0.5, 0, 10, 0],
      [3, 3, 9, 3],
    ])
    const { version } = x.storage
    x.indexPut_([index], 0)
    expect(x.storage.version).toBeGreaterThan(version)
  })

  it('indexAdd multiplies the source by alpha', async () => {
    const y = zeros([3]).indexAdd(0, [0, 2, 0], tensor([1, 2, 3]), { alpha: 10 })
    expect(await y.array()).toEqual([40, 0, 20])
  })

  it('indexAdd sums in float64 and rounds once', async () => {
    const source = tensor(Float32Array.from({ length: 20_001 }, (_, i) => (i === 0 ? 1 : 1e-8)))
    expect(await zeros([1]).indexAdd(0, new Int32Array(20_001), source).item()).toBe(Math.fround(1.0002))
  })

  it('a row for padding gets no gradient', async () => {
    const w = ones([3, 2], { requiresGrad: true })
    embedding(w, index, { paddingIdx: 2 }).sum().backward()
    expect(Array.from(await w.grad.data())).toEqual([1, 1, 0, 0, 0, 0])
  })
})

describe('reading where integers say', () => {
  it('embedding takes its inputs in both orders', async () => {
    const w = count(3, 2)
    const i = tensor(Int32Array.of(2, 0))
    for (const y of [embedding(w, i), embedding(i, w, { paddingIdx: null })])
      expect(await y.array()).toEqual([
        [4, 5],
        [0, 1],
      ])
  })

  it('indexSelect takes one index without an axis', async () => {
    expect(
      await count(3, 2)
        .indexSelect(0, tensor(Int32Array.of(2), { shape: [] }))
        .array(),
    ).toEqual([[4, 5]])
  })
})

describe('types', () => {
  it('methods keep the types of their functions', () => {
    expectTypeOf<ReturnType<Tensor['split']>>().toEqualTypeOf<Tensor[]>()
    expectTypeOf<Parameters<Tensor['at']>>().toEqualTypeOf<AtIndex[]>()
    // @ts-expect-error a list of integers would be a slice: Int32Array.of(…)
    const wrong = () => ones([5]).at([0, 1, 1, 1])
    expect(wrong).toThrow('the slice of axis 0')
  })
})

describe('negative indices', () => {
  const debug = new CpuDevice({ debug: true })
  negativeTests(() => debug)
})
