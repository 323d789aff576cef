/**
 * @file Tensors as text: console.log, print(), toString(), in PyTorch's layout. Expected texts without a comment are
 * PyTorch's.
 */
import { inspect } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { arange, rand, randn, Tensor, type TensorOptions, tensor, zeros } from '../../src/node.ts'

afterEach(() => vi.restoreAllMocks())

/** What print() writes. */
async function printed(x: Tensor): Promise<string> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  await x.print()
  const [[text]] = log.mock.calls
  log.mockRestore()
  return text as string
}

const text = (data: number[] | number[][] | boolean[], options?: TensorOptions) =>
  printed(tensor(data as number[], options))

describe('print()', () => {
  it('numbers: whole ones with a point, others with four digits, aligned', async () => {
    expect(await text([1, 2, 3])).toBe('tensor([1., 2., 3.])')
    expect(await text([1.5, -2, Math.PI])).toBe('tensor([ 1.5000, -2.0000,  3.1416])')
    expect(await printed(tensor(5))).toBe('tensor(5.)')
    expect(await printed(tensor(0.1))).toBe('tensor(0.1000)')
    expect(await text([0, -0])).toBe('tensor([0., 0.])')
  })

  it('powers of ten where four digits do not do', async () => {
    expect(await text([1e-5, 1])).toBe('tensor([1.0000e-05, 1.0000e+00])')
    expect(await text([0.001, 100.5])).toBe('tensor([1.0000e-03, 1.0050e+02])')
    expect(await text([1, 2000])).toBe('tensor([1.0000e+00, 2.0000e+03])')
    expect(await text([2e8, 1e9])).toBe('tensor([2.0000e+08, 1.0000e+09])')
    expect(await text([1e30, -1e-30])).toBe('tensor([ 1.0000e+30, -1.0000e-30])')
    expect(await text([0, 1e-5])).toBe('tensor([0.0000e+00, 1.0000e-05])')
  })

  it('what is not finite', async () => {
    expect(await text([NaN, Infinity, -Infinity, 1])).toBe('tensor([ nan,  inf, -inf,   1.])')
    expect(await text([NaN, 0.5])).toBe('tensor([   nan, 0.5000])')
    expect(await text([NaN])).toBe('tensor([nan])')
  })

  it('other dtypes, and what a gradient needs', async () => {
    expect(await printed(tensor(Int32Array.of(1, -20, 300)))).toBe('tensor([  1, -20, 300], dtype=int32)')
    expect(await text([true, false])).toBe('tensor([ true, false], dtype=bool)')
    expect(await text([1], { dtype: 'float64' })).toBe('tensor([1.], dtype=float64)')
    const w = tensor([1, 2], { requiresGrad: true })
    expect(await printed(w)).toBe('tensor([1., 2.], requiresGrad=true)')
    expect(await printed(w.mul(2))).toBe('tensor([2., 4.], from=mul)')
  })

  it('axes as brackets, rows below each other, blocks apart', async () => {
    expect(
      await text([
        [1, 2],
        [3, 4],
      ]),
    ).toBe('tensor([[1., 2.],\n        [3., 4.]])')
    expect(await printed(arange(8).reshape([2, 2, 2]))).toBe(
      'tensor([[[0, 1],\n         [2, 3]],\n\n        [[4, 5],\n         [6, 7]]], dtype=int32)',
    )
  })

  it('nothing', async () => {
    expect(await printed(zeros([0]))).toBe('tensor([])')
    expect(await printed(zeros([2, 0]))).toBe('tensor([], size=[2, 0])')
    expect(await printed(zeros([0, 3]))).toBe('tensor([], size=[0, 3])')
    expect(inspect(zeros([1000, 0]))).toBe('Tensor([1000, 0], float32, cpu)\n[]')
  })

  it('views as they are read', async () => {
    const x = arange(6).reshape([2, 3])
    expect(await printed(x.transpose())).toBe('tensor([[0, 3],\n        [1, 4],\n        [2, 5]], dtype=int32)')
    expect(await printed(x.slice(null, [null, null, -1]))).toBe('tensor([[2, 1, 0],\n        [5, 4, 3]], dtype=int32)')
    expect(await printed(tensor([7]).expand([3]))).toBe('tensor([7., 7., 7.])')
  })

  it('long axes are cut in the middle, short ones next to them are not', async () => {
    expect(await printed(arange(1001))).toBe('tensor([   0,    1,    2, ...,  998,  999, 1000], dtype=int32)')
    expect(await printed(arange(1000))).toMatch(/^tensor\(\[ {2}0, {3}1,[^.]* 999\], dtype=int32\)$/)
    expect(await printed(arange(2002).reshape([1001, 2]))).toBe(
      `tensor([[   0,    1],
        [   2,    3],
        [   4,    5],
        ...,
        [1996, 1997],
        [1998, 1999],
        [2000, 2001]], dtype=int32)`,
    )
    expect(await printed(arange(1_000_000).reshape([1000, 1000]))).toBe(
      `tensor([[     0,      1,      2, ...,    997,    998,    999],
        [  1000,   1001,   1002, ...,   1997,   1998,   1999],
        [  2000,   2001,   2002, ...,   2997,   2998,   2999],
        ...,
        [997000, 997001, 997002, ..., 997997, 997998, 997999],
        [998000, 998001, 998002, ..., 998997, 998998, 998999],
        [999000, 999001, 999002, ..., 999997, 999998, 999999]], dtype=int32)`,
    )
  })
})

describe('console.log', () => {
  it('shows shape, dtype, device, and values where the host sees them', () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ])
    expect(inspect(x)).toBe('Tensor([2, 2], float32, cpu)\n[[1., 2.],\n [3., 4.]]')
    expect(inspect(x.transpose().slice([1]))).toBe('Tensor([1, 2], float32, cpu)\n[[2., 4.]]')
    expect(inspect(x.requiresGrad_())).toContain('Tensor([2, 2], float32, cpu, requiresGrad)\n')
    expect(inspect(x.exp())).toContain('Tensor([2, 2], float32, cpu, from exp)\n')
    expect(inspect({ x: zeros([0]) })).toBe('{\n  x: Tensor([0], float32, cpu)\n  []\n}')
  })

  it('reads a large tensor only where it shows it', () => {
    const x = rand([3000, 1000])
    const start = performance.now()
    expect(inspect(x).length).toBeLessThan(1000)
    expect(inspect(x.transpose()).split('\n')).toHaveLength(8)
    expect(performance.now() - start).toBeLessThan(1000)
  })

  it('a disposed tensor says so; interpolation gives one line', () => {
    const x = randn([2])
    expect(`${x}`).toBe('Tensor([2], float32, cpu)')
    x.dispose()
    expect(inspect(x)).toBe(`Tensor(#${x.id}, disposed)`)
    expect(x).toBeInstanceOf(Tensor)
  })
})
