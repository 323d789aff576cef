/**
 * @file Shapes and views as pure functions, against slow and obvious versions: broadcasting, slices, reshaping without
 * a copy, merging of axes. What the ops make of them is in ops.test.ts.
 */
import { describe, expect, it } from 'vitest'
import { Philox } from '../../src/core/philox.ts'
import {
  broadcastShapes,
  contiguousView,
  eachAddress,
  expandView,
  isContiguous,
  mergeViews,
  normalDim,
  normalDims,
  permuteView,
  reshapeView,
  rowMajor,
  type Shape,
  showShape,
  sizeOf,
  type View,
  viewRange,
} from '../../src/core/shape.ts'
import { sliceView } from '../../src/ops/base/slices.ts'

/** Addresses of a view's elements in row-major order, by the definition. */
function addresses({ shape, strides, offset }: View): number[] {
  const walk = (dim: number, at: number): number[] =>
    dim === shape.length
      ? [at]
      : Array.from({ length: shape[dim] }, (_, i) => walk(dim + 1, at + i * strides[dim])).flat()
  return walk(0, offset)
}

const random = new Philox(7)
const pick = <T>(list: readonly T[]): T => list[random.int(list.length)]
const randomShape = (rank: number, sizes = [1, 2, 3]): number[] => Array.from({ length: rank }, () => pick(sizes))

/** Some view: permuted, sliced, stretched. */
function randomView(sizes?: number[]): View {
  let view = contiguousView(randomShape(random.int(5), sizes))
  const { length: rank } = view.shape
  if (random.int(2)) view = permuteView(view, Array.from(random.permutation(rank)))
  if (random.int(2))
    view = sliceView(
      'test',
      view,
      view.shape.map((n) => pick([null, [random.int(n + 1), null, pick([1, 2])], [null, null, -1]] as const)),
    )
  if (random.int(2))
    view = expandView(
      'test',
      view,
      view.shape.map((n) => (n === 1 ? pick([1, 4]) : n)),
    )
  return view
}

describe('views', () => {
  it('eachAddress, viewRange and isContiguous agree with the definition, on 500 random views', () => {
    for (let i = 0; i < 500; i++) {
      const view = randomView()
      const want = addresses(view)
      const got: number[] = []
      eachAddress(view, (address, at) => {
        expect(at).toBe(got.length)
        got.push(address)
      })
      expect(got).toEqual(want)
      if (want.length === 0) continue
      expect(viewRange(view)).toEqual([Math.min(...want), Math.max(...want)])
      expect(isContiguous(view)).toBe(want.every((address, at) => address === want[0] + at))
    }
  })

  it('reshapeView keeps the order of elements, and gives null only where strides cannot say it', () => {
    let copies = 0
    for (let i = 0; i < 1000; i++) {
      const view = randomView()
      const n = sizeOf(view.shape)
      if (n === 0) continue
      const shape = factors(n)
      const got = reshapeView(view, shape)
      if (got) {
        expect(got.shape).toEqual(shape)
        expect(addresses(got)).toEqual(addresses(view))
      } else {
        copies++
        expect(stridesFor(addresses(view), shape)).toBe(null)
      }
    }
    expect(copies).toBeGreaterThan(20)
  })

  it('mergeViews visits the same addresses over as few axes as possible', () => {
    for (let i = 0; i < 500; i++) {
      const a = randomView()
      const b = contiguousView(a.shape)
      if (sizeOf(a.shape) === 0) continue
      const { shape, strides } = mergeViews([a, b])
      expect(addresses({ shape, strides: strides[0], offset: a.offset })).toEqual(addresses(a))
      expect(addresses({ shape, strides: strides[1], offset: 0 })).toEqual(addresses(b))
      expect(shape).not.toContain(1)
      for (let d = 1; d < shape.length; d++) {
        const joins = strides.every((s) => s[d - 1] === shape[d] * s[d])
        expect(joins, `${showShape(a.shape)} merged to ${showShape(shape)}`).toBe(false)
      }
    }
    expect(mergeViews([contiguousView([4, 5, 6])])).toEqual({ shape: [120], strides: [[1]] })
    expect(mergeViews([contiguousView([])])).toEqual({ shape: [], strides: [[]] })
  })
})

/** A random way to write n as a product of sizes, with ones in it. */
function factors(n: number): number[] {
  const shape: number[] = []
  let left = n
  for (let d = 2; left > 1; ) {
    if (left % d === 0) {
      shape.push(d)
      left /= d
    } else d++
  }
  while (shape.length > 1 && random.int(2)) {
    const at = random.int(shape.length - 1)
    shape.splice(at, 2, shape[at] * shape[at + 1])
  }
  if (random.int(2)) shape.splice(random.int(shape.length + 1), 0, 1)
  return shape
}

/** Strides under which a view of that shape visits exactly these addresses, or null. */
function stridesFor(list: readonly number[], shape: Shape): number[] | null {
  const rows = rowMajor(shape)
  const strides = shape.map((n, d) => (n > 1 ? list[rows[d]] - list[0] : 0))
  const got = addresses({ shape, strides, offset: list[0] })
  return got.every((address, i) => address === list[i]) ? strides : null
}

describe('broadcasting', () => {
  it('follows the rule, right-aligned', () => {
    const cases: [Shape[], Shape][] = [
      [
        [[2, 3], [3]],
        [2, 3],
      ],
      [[[], [4]], [4]],
      [
        [
          [3, 1, 5],
          [4, 1],
        ],
        [3, 4, 5],
      ],
      [[[1], [0]], [0]],
      [
        [
          [2, 1],
          [1, 0],
        ],
        [2, 0],
      ],
      [
        [[5], [2, 1], [3, 1, 1]],
        [3, 2, 5],
      ],
      [[[], []], []],
    ]
    for (const [shapes, want] of cases) expect(broadcastShapes('op', ...shapes)).toEqual(want)
  })

  it('names the shapes and the axis that do not fit', () => {
    expect(() => broadcastShapes('op', [2, 3], [2, 4])).toThrow(
      'op: [2, 3] and [2, 4] do not broadcast, axis -1 is 3 and 4 (reshape or unsqueeze one)',
    )
    expect(() => broadcastShapes('op', [2, 3], [3, 1], [5, 1, 1])).toThrow('axis -2 is 2 and 3')
    expect(() => broadcastShapes('op', [0], [2])).toThrow('axis -1 is 0 and 2')
  })

  it('expandView repeats along axes of size 1 and missing ones, and nothing else', () => {
    expect(addresses(expandView('op', contiguousView([2, 1]), [3, 2, 2]))).toEqual([0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1])
    expect(expandView('op', contiguousView([1]), [0]).shape).toEqual([0])
    for (const [from, to] of [
      [[2], [3]],
      [[2, 1], [2]],
      [[0], [1]],
      [[2], [2, 1]],
    ] as const) {
      expect(() => expandView('op', contiguousView([...from]), [...to])).toThrow('does not expand')
    }
  })
})

describe('slices', () => {
  it('are Python’s, on every start, stop and step of an axis of 5', () => {
    const bounds = [null, -7, -6, -5, -3, -1, 0, 1, 2, 4, 5, 6, 9]
    for (const start of bounds) {
      for (const stop of bounds) {
        for (const step of [null, 1, 2, 3, 7, -1, -2, -9]) {
          const got = addresses(sliceView('op', contiguousView([5]), [[start, stop, step]]))
          expect(got, `[${start}:${stop}:${step}]`).toEqual(python(5, start, stop, step ?? 1))
        }
      }
    }
  })

  it('compose, and leave axes without a slice alone', () => {
    const view = sliceView('op', contiguousView([4, 6]), [
      [1, 4],
      [null, null, 2],
    ])
    expect(addresses(view)).toEqual([6, 8, 10, 12, 14, 16, 18, 20, 22])
    expect(addresses(sliceView('op', view, [null, [-1]]))).toEqual([10, 16, 22])
    expect(sliceView('op', view, []).shape).toEqual([3, 3])
    expect(sliceView('op', contiguousView([3, 0]), [[1, 2]]).shape).toEqual([1, 0])
    expect(sliceView('op', contiguousView([0]), [[null, null, -1]]).shape).toEqual([0])
  })
})

/** range(n)[start:stop:step] by Python's own definition. */
function python(n: number, start: number | null, stop: number | null, step: number): number[] {
  const clip = (at: number, low: number, high: number) => Math.max(low, Math.min(at < 0 ? at + n : at, high))
  const [low, high] = step > 0 ? [0, n] : [-1, n - 1]
  const from = start === null ? (step > 0 ? low : high) : clip(start, low, high)
  const to = stop === null ? (step > 0 ? high : low) : clip(stop, low, high)
  const out: number[] = []
  for (let i = from; step > 0 ? i < to : i > to; i += step) out.push(i)
  return out
}

describe('dims', () => {
  it('count from either end', () => {
    expect([0, 2, -1, -3].map((d) => normalDim('op', d, 3))).toEqual([0, 2, 2, 0])
    expect([0, -1].map((d) => normalDim('op', d, 0))).toEqual([0, 0])
    for (const bad of [3, -4, 0.5, NaN])
      expect(() => normalDim('op', bad, 3)).toThrow(
        `op: dim ${bad} is out of range for a tensor of 3 dims (give -3 to 2)`,
      )
  })

  it('several are sorted, each once; null means all, an empty list none', () => {
    expect(normalDims('op', [2, 0], 3)).toEqual([0, 2])
    expect(normalDims('op', -1, 3)).toEqual([2])
    expect([normalDims('op', null, 2), normalDims('op', undefined, 0)]).toEqual([[0, 1], []])
    expect(normalDims('op', [], 2)).toEqual([])
    expect(normalDims('op', [0], 0)).toEqual([])
    expect(() => normalDims('op', [1, -1], 2)).toThrow('op: dims [1, 1] name one twice')
  })
})
