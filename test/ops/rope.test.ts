/** @file Rotary positions beyond their row: against complex numbers, what they are for, and what is refused. */
import { describe, expect, it } from 'vitest'
import { grad, randn, rope, type Tensor, tensor, zeros } from '../../src/index.ts'

const f64 = { dtype: 'float64' } as const
const COUNT = 12
/** Angles of two pairs at 12 positions. */
const angleOf = (n: number, c: number): number => n * (c === 0 ? 1 : 0.1)
const table = (f: (x: number) => number, dtype: 'float32' | 'float64' = 'float64'): Tensor =>
  tensor(
    Float64Array.from({ length: 2 * COUNT }, (_, i) => f(angleOf(Math.floor(i / 2), i % 2))),
    {
      shape: [COUNT, 2],
      dtype,
    },
  )
const [cos, sin] = [table(Math.cos), table(Math.sin)]
const ints = (list: number[], shape = [list.length]) => tensor(Int32Array.from(list), { shape })
const far = async (a: Tensor, b: Tensor): Promise<number> => a.sub(b).abs().max().item()

describe('rope', () => {
  it('multiplies pairs, as complex numbers, by those of their positions', async () => {
    const x = randn([2, 3, 4, 4], f64)
    const positions = [5, 11, 0, 0, 7, 1, 2, 3]
    const [data, got] = [await x.data(), await rope(x, cos, sin, ints(positions, [2, 4])).data()]
    for (let row = 0; row < 24; row++) {
      const n = positions[4 * Math.floor(row / 12) + (row % 4)]
      for (const c of [0, 1]) {
        const [re, im] = [data[4 * row + c], data[4 * row + c + 2]]
        const [length, angle] = [Math.hypot(re, im), Math.atan2(im, re) + angleOf(n, c)]
        expect(got[4 * row + c]).toBeCloseTo(length * Math.cos(angle), 12)
        expect(got[4 * row + c + 2]).toBeCloseTo(length * Math.sin(angle), 12)
      }
    }
  })

  it('positions are 0, 1, 2, … of themselves, and follow a start', async () => {
    const x = randn([2, 3, 4, 4], f64)
    expect(await far(rope(x, cos, sin), rope(x, cos, sin, ints([0, 0])))).toBe(0)
    const each = ints([3, 4, 5, 6, 8, 9, 10, 11], [2, 4])
    expect(await far(rope(x, cos, sin, ints([3, 8])), rope(x, cos, sin, each))).toBe(0)
    const last = rope(x, cos, sin).slice(null, null, [3, 4])
    expect(await far(last, rope(x.slice(null, null, [3, 4]), cos, sin, ints([3, 3])))).toBe(0)
  })

  it('leaves products as they are where both rows move on by as many positions', async () => {
    const [q, k] = [randn([1, 1, 3, 4], f64), randn([1, 1, 3, 4], f64)]
    const products = (n: number) => {
      const [a, b] = [q, k].map((x) => rope(x, cos, sin, ints([n])))
      return a.matmul(b.transpose(-1, -2))
    }
    expect(await far(products(0), products(9))).toBeLessThan(1e-12)
    expect(await far(products(0), q.matmul(k.transpose(-1, -2)))).toBeGreaterThan(0.01)
  })

  it('lies as x does, and so does its gradient: heads are never copied', () => {
    const x = randn([2, 5, 3, 4], f64).requiresGrad_()
    const heads = x.transpose(1, 2)
    const y = rope(heads, cos, sin)
    expect(y.shape).toEqual([2, 3, 5, 4])
    expect(y.layout.strides).toEqual(heads.layout.strides)
    const [g] = grad(y.square().sum(), [x])
    expect(g.isContiguous).toBe(true)
  })

  it('is turned back by its gradient', async () => {
    const x = randn([2, 3, 4, 4], f64).requiresGrad_()
    const [g] = grad(
      rope(x, cos, sin, ints([1, 6]))
        .square()
        .sum()
        .mul(0.5),
      [x],
    )
    expect(await far(g, x.detach())).toBeLessThan(1e-12)
  })

  it('says which position the tables lack', () => {
    const x = zeros([2, 1, 3, 4], f64)
    const said = (positions: Tensor) => () => rope(x, cos, sin, positions)
    expect(said(ints([0, 10]))).toThrow('rope: index 12 at position 1 is outside [0, 12)')
    expect(said(ints([0, 1, 2, 3, -1, 4], [2, 3]))).toThrow('rope: index -1 at position 4 is outside [0, 12)')
    expect(() => rope(zeros([13, 4], f64), cos, sin)).toThrow(
      'rope: x has 13 tokens, the tables 12 positions (make longer tables)',
    )
  })

  it('refuses what does not fit', () => {
    const x = zeros([2, 1, 3, 4], f64)
    expect(() => rope(zeros([4], f64), cos, sin)).toThrow('rope: x is [4] (give [..., tokens, channels])')
    expect(() => rope(zeros([2, 3], f64), cos, sin)).toThrow(
      'rope: x has 3 channels (pairs of them are turned: give an even number)',
    )
    expect(() => rope(zeros([2, 6], f64), cos, sin)).toThrow('rope: cos is [12, 2], x [2, 6] (give [positions, 3])')
    expect(() => rope(x, cos, sin.slice([1, null]))).toThrow(
      'rope: sin is [11, 2], x [2, 1, 3, 4] (give [12, 2], as cos)',
    )
    expect(() => rope(x, table(Math.cos, 'float32'), sin)).toThrow('rope: inputs are float64 and float32')
    expect(() => rope(x, cos, sin.clone().requiresGrad_())).toThrow(
      'rope: sin needs a gradient (the tables are constants: give sin.detach())',
    )
    expect(() => rope(x, cos, sin, ints([1, 2, 3]))).toThrow(
      'rope: positions is [3], x [2, 1, 3, 4] (give [2, 3] or [2])',
    )
    expect(() => rope(zeros([2, 4], f64), cos, sin, ints([1, 2]))).toThrow(
      'rope: positions is [2], x [2, 4] (give x an axis before tokens and channels)',
    )
    expect(() => rope(x, cos, sin, zeros([2]))).toThrow('positions')
  })
})
