/**
 * @file The loops of the CPU's twins against plain definitions, to the bit: elementwise operations by blocks, copies by
 * axes, folds by rows and columns of memory, products of few rows and of many columns. And sums of a million terms.
 */
import { describe, expect, it } from 'vitest'
import * as shaders from '../../src/core/contracts.generated.ts'
import { toBFloat16, toFloat16, widened } from '../../src/core/half.ts'
import { Philox } from '../../src/core/philox.ts'
import { loops } from '../../src/cpu/kernels/blocks.ts'
import { copy } from '../../src/cpu/kernels/copy.ts'
import { matmul } from '../../src/cpu/kernels/matmul.ts'
import { apply, type PointwiseCode, pointwise } from '../../src/cpu/kernels/pointwise.ts'
import { reduce } from '../../src/cpu/kernels/reduce.ts'
import { cpu } from '../../src/devices.ts'
import {
  conv2d,
  crossEntropy,
  cumsum,
  embedding,
  full,
  grad,
  layerNorm,
  linear,
  ones,
  matmul as product,
  scaledDotProductAttention,
  scope,
  type Tensor,
  zeros,
} from '../../src/index.ts'

const random = new Philox(14)
const pick = <T>(list: readonly T[]): T => list[random.int(list.length)]
const draw = (n: number): Float32Array => Float32Array.from({ length: n }, () => random.normal())

/** Where two results are not the same; `toEqual` takes seconds for long arrays. */
const differing = (a: ArrayLike<number>, b: ArrayLike<number>): number[] =>
  Array.from(a, (_, i) => i).filter((i) => !Object.is(a[i], b[i]))

/** A view of three axes: where it begins, its strides, and how many elements must lie there. */
function view(sizes: readonly number[], steps: readonly number[]) {
  const strides = sizes.map(() => pick(steps))
  const reach = sizes.map((n, d) => (n - 1) * strides[d])
  const offset = 2 - reach.reduce((sum, r) => sum + Math.min(0, r), 0)
  return { walk: [offset, ...strides], length: offset + reach.reduce((sum, r) => sum + Math.max(0, r), 0) + 1 }
}

/** The address of an element, by division. */
const addressOf = (e: number, [, d1, d2]: readonly number[], [offset, s0, s1, s2]: readonly number[]): number =>
  offset + Math.floor(e / (d1 * d2)) * s0 + (Math.floor(e / d2) % d1) * s1 + (e % d2) * s2

const shapes = [
  [1, 1, 1],
  [1, 1, 2500],
  [1, 2500, 1],
  [700, 1, 3],
  [5, 7, 11],
  [2, 3, 600],
  [3, 40, 33],
] as const

const HARD = [0, -0, 1, -1, 0.5, -2.75, 1e-310, -1e-42, 3e38, -1e300, Infinity, -Infinity, NaN]

describe('elementwise', () => {
  it.each(Object.keys(loops) as PointwiseCode[])('the loop of %s is its line of the table', (name) => {
    const pairs = HARD.flatMap((x) => HARD.map((y) => [x, y]))
    const [a, b] = [0, 1].map((i) => Float64Array.from(pairs, (pair) => pair[i]))
    const c = a.map((_, i) => i)
    const got = new Float64Array(a.length)
    const flat = [0, 0, 0, 1]
    const p = { size: a.length, d1: 1, d2: a.length, scalar: 0, a: flat, b: flat, c: flat }
    pointwise([got, a, b, c], p, { OP: shaders.pointwise.consts[name] }, name)
    expect(
      differing(
        got,
        a.map((x, i) => apply[name](x, b[i], c[i])),
      ),
    ).toEqual([])
  })

  it.each(shapes)('%i × %i × %i: operands of any strides, and a number in each place', (...shape) => {
    const [d0, d1, d2] = shape
    const size = d0 * d1 * d2
    for (let round = 0; round < 8; round++) {
      const arity = 1 + random.int(3)
      const SCALAR = arity === 1 ? 0 : random.int(arity + 1)
      const views = Array.from({ length: arity - (SCALAR ? 1 : 0) }, () => view(shape, [0, 1, 1, 40, -1, 3, -33]))
      const data = views.map(({ length }) => draw(length))
      const [a, b, c] = views.map(({ walk }) => walk)
      const name = pick(
        (
          [
            ['SQUARE', 'SILU'],
            ['SUB', 'POLAR'],
            ['WHERE', 'LERP'],
          ] as const
        )[arity - 1],
      )
      const y = new Float32Array(size)
      const p = { size, d1, d2, scalar: 0.7, a, b, c }
      pointwise([y, ...data], p, { OP: shaders.pointwise.consts[name], SCALAR }, name)
      const want = y.map((_, e) => {
        const values = data.map((x, i) => x[addressOf(e, shape, views[i].walk)])
        if (SCALAR) values.splice(SCALAR - 1, 0, 0.7)
        return apply[name](values[0], values[1], values[2])
      })
      expect(differing(y, want)).toEqual([])
    }
  })
})

describe('copy', () => {
  it.each(shapes)('%i × %i × %i, from any strides to any order', (...shape) => {
    const [d0, d1, d2] = shape
    for (let round = 0; round < 12; round++) {
      const source = view(shape, [0, 1, 40, 33, -1, 2])
      const order = pick([
        [d1 * d2, d2, 1],
        [1, d0, d0 * d1],
        [d2, d0 * d2, 1],
        [d1, 1, d0 * d1],
        [-d1 * d2, -d2, -1],
      ])
      const first = order[0] < 0 ? d0 * d1 * d2 + 1 : 2
      const x = draw(source.length)
      const [y, want] = [new Float32Array(d0 * d1 * d2 + 5), new Float32Array(d0 * d1 * d2 + 5)]
      const [offset, ...strides] = source.walk
      const halves = (list: readonly number[], pad: number): number[][] => [new Array(4).fill(pad), [pad, ...list]]
      const [shape_lo, shape_hi] = halves(shape, 1)
      const [dst_lo, dst_hi] = halves(order, 0)
      const [src_lo, src_hi] = halves(strides, 0)
      const p = { size: d0 * d1 * d2, dst_offset: first, src_offset: offset, flat: 0 }
      copy([y, x], { ...p, shape_lo, shape_hi, dst_lo, dst_hi, src_lo, src_hi }, {}, 'copy')
      for (let e = 0; e < p.size; e++)
        want[addressOf(e, shape, [first, ...order])] = x[addressOf(e, shape, [offset, ...strides])]
      expect(differing(y, want)).toEqual([])
    }
  })
})

describe('reduce', () => {
  const { SUM, PROD, MAX, MIN } = shaders.reduce.consts
  const foldOf = {
    [SUM]: (a: number, b: number) => a + b,
    [PROD]: (a: number, b: number) => a * b,
    [MAX]: Math.max,
    [MIN]: Math.min,
  }
  it.each(shapes)('%i × %i × %i of any strides, kept and folded', (...shape) => {
    for (const INT of [0, 1])
      for (const OP of [SUM, PROD, MAX, MIN])
        for (const other of [
          [1, 1, 1],
          [1, 3, 17],
          [2, 1, 5],
        ] as const) {
          const [kept, reduced] = random.int(2) ? [shape, other] : [other, shape]
          const [ks, rs] = [view(kept, [1, 1, 40, -1]), view(reduced, [1, 17, -17])]
          rs.walk[0] = 0
          const low = reduced.reduce((sum, n, d) => sum + Math.min(0, (n - 1) * rs.walk[d + 1]), 0)
          ks.walk[0] -= low
          const length = ks.length + 2 * rs.length - low
          const x = INT ? Int32Array.from({ length }, () => random.int(9) - 4) : Float64Array.from(draw(length))
          const count = (sizes: readonly number[]): number => sizes[0] * sizes[1] * sizes[2]
          const [n, m] = [count(kept), count(reduced)]
          const y = INT ? new Int32Array(n) : new Float64Array(n)
          const p = {
            kept: [n, kept[1], kept[2], 1],
            reduced: [m, reduced[1], reduced[2], m],
            ks: ks.walk,
            rs: rs.walk,
          }
          reduce([y, x], p, { OP, INT }, 'reduce')
          // Sums and products of floats in another order differ in their last digits.
          const bound = INT || OP === MAX || OP === MIN ? 0 : 1e-12
          const wrong = Array.from(y, (got, i) => {
            const terms = Array.from(
              { length: m },
              (_, j) => x[addressOf(i, kept, ks.walk) + addressOf(j, reduced, rs.walk)],
            )
            const want = INT && OP === PROD ? terms.reduce(Math.imul) : terms.reduce((a, b) => foldOf[OP](a, b))
            return Math.abs(got - want) > bound * terms.reduce((a, b) => a + Math.abs(b), 0)
          })
          expect(wrong).not.toContain(true)
        }
  })
})

describe('matmul', () => {
  it.each([
    [1, 1, 1],
    [1, 70, 33],
    [4, 9, 1],
    [2, 3, 1001],
    [70, 1, 34],
    [61, 4, 5],
    [5, 5, 0],
    [7, 11, 13],
    [6, 200, 600],
  ])('%i × %i by k = %i: all layouts are sums in the order of k', (m, n, k) => {
    for (const aTurned of [false, true])
      for (const bTurned of [false, true]) {
        const [a, b] = [draw(2 * m * k + 3), draw(2 * k * n + 5)]
        const walkA = aTurned ? [m * k, 0, 1, m] : [m * k, 0, k, 1]
        const walkB = bTurned ? [k * n, 0, 1, k] : [k * n, 0, n, 1]
        const y = new Float32Array(2 * m * n)
        const p = { batch: 2, inner: 1, m, n, k, a_offset: 3, b_offset: 5, a: walkA, b: walkB }
        matmul([y, a, b], p, {}, 'matmul')
        const want = y.map((_, e) => {
          const [t, i, j] = [Math.floor(e / (m * n)), Math.floor(e / n) % m, e % n]
          let sum = 0
          for (let c = 0; c < k; c++) {
            const left = a[3 + t * walkA[0] + i * walkA[2] + c * walkA[3]]
            sum += left * b[5 + t * walkB[0] + c * walkB[2] + j * walkB[3]]
          }
          return sum
        })
        expect(differing(y, want)).toEqual([])
      }
  })

  // Products of few rows and few columns, in which sums end behind fours, and those that are packed: more columns than
  // go through at once, and a last panel with room to spare.
  it.each([
    [1, 1, 5],
    [1, 33, 70],
    [4, 9, 3],
    [9, 4, 6],
    [5, 5, 0],
    [7, 11, 13],
    [5, 300, 1024],
  ])('%i × %i by k = %i: 16 bits on the right are the numbers that they stand for', (m, n, k) => {
    for (const [format, round] of [
      [shaders.copy.consts.FLOAT16, toFloat16],
      [shaders.copy.consts.BFLOAT16, toBFloat16],
    ] as const)
      for (const [down, right] of [
        [n, 1],
        [1, k],
        [2 * n, 2],
        [-n, -1],
      ]) {
        const a = draw(2 * m * k)
        const steps = Math.abs(down) * Math.max(0, k - 1) + Math.abs(right) * (n - 1)
        const b = round(draw(2 * steps + 9))
        b[3] = b[4] = format === shaders.copy.consts.FLOAT16 ? 0x0001 : 0x8000
        const b_offset = down < 0 ? steps : 3
        const strides = { a: [m * k, 0, k, 1], b: [down < 0 ? 0 : steps, 0, down, right] }
        const p = { batch: 2, inner: 1, m, n, k, a_offset: 0, b_offset, ...strides, bias_offset: 0 }
        const [y, want] = [new Float32Array(2 * m * n), new Float32Array(2 * m * n)]
        matmul([y, a, b], p, { HALF: format }, 'matmul')
        matmul([want, a, widened(format, b)], p, {}, 'matmul')
        expect(differing(y, want), `format ${format}, strides ${down}, ${right}`).toEqual([])
      }
  })
})

describe('a million equal terms of 0.1, in float32', () => {
  const K = 1_000_003
  const tenth = Math.fround(0.1)
  const terms = (...shape: number[]): Tensor => full(shape, 0.1, { device: cpu })
  /** The gradient of the second tensor from cotangents of 0.1 for all of y. */
  const slope = (y: Tensor, by: Tensor): Tensor => grad(y, [by], { gradOutputs: terms(...y.shape) })[0]
  const parameter = (...shape: number[]): Tensor => ones(shape, { device: cpu }).requiresGrad_()

  it.each<[string, number, () => Tensor]>([
    ['sum', K * tenth, () => terms(K).sum()],
    ['sum of columns', K * tenth, () => terms(K, 9).sum(0)],
    ['the last of cumsum', K * tenth, () => cumsum(terms(K), 0).slice([K - 1, K])],
    ['a dot product', K * tenth ** 2, () => product(terms(1, K), terms(K, 1))],
    ['a packed product', K * tenth ** 2, () => product(terms(5, K), terms(K, 5))],
    ['the weight of linear', K * tenth ** 2, () => ((w) => slope(linear(terms(K, 5), w), w))(parameter(5, 5))],
    ['its bias', K * tenth, () => ((b) => slope(linear(terms(K, 1), terms(1, 1), b), b))(parameter(1))],
    ['a broadcast operand', K * tenth, () => ((b) => slope(terms(K, 2).add(b), b))(parameter(2))],
    [
      'a row of an embedding',
      K * tenth,
      () => ((w) => slope(embedding(w, zeros([K], { dtype: 'int32', device: cpu })), w).slice([0, 1]))(parameter(3, 2)),
    ],
    [
      'the filter of conv2d',
      K * tenth ** 2,
      () => ((w) => slope(conv2d(terms(1, 1, 1, K), w), w))(parameter(1, 1, 1, 1)),
    ],
    [
      'values of attention',
      K * tenth,
      () => ((v) => slope(scaledDotProductAttention(terms(K, 1), terms(1, 1), v), v))(parameter(1, 1)),
    ],
    ['the bias of layerNorm', K * tenth, () => ((b) => slope(layerNorm(terms(K, 2), 2, terms(2), b), b))(parameter(2))],
    [
      'cross-entropy',
      K * Math.log(2),
      () => crossEntropy(terms(K, 2), zeros([K], { dtype: 'int32', device: cpu }), { reduction: 'sum' }),
    ],
  ])('%s', async (_, want, f) => {
    for (const got of await scope(f).data()) expect(Math.abs(got / want - 1)).toBeLessThan(1e-6)
  })
})
