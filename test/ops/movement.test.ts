/** @file Movement beyond the op table: what is a copy, lists and single numbers, empty pieces. Values are PyTorch's. */
import { describe, expect, it } from 'vitest'
import { cat, flip, grad, meshgrid, ones, type Tensor, tensor, zeros } from '../../src/index.ts'

const x = (): Tensor =>
  tensor([
    [1, 2, 3],
    [4, 5, 6],
  ])

describe('what repeats is a copy', () => {
  it.each<readonly [string, (x: Tensor) => Tensor]>([
    ['repeat of an axis of size 1', (x) => x.repeat([4, 1])],
    ['repeat of two axes of size 1', (x) => x.repeat([3, 1, 1]).narrow(2, 0, 1).repeat([1, 1, 2])],
    ['repeat along a new axis', (x) => x.repeat([3, 1, 1])],
    ['repeat of all', (x) => x.unsqueeze(1).repeat([2, 3, 2])],
    ['tile', (x) => x.tile([2, 1])],
    ['tile by a new axis', (x) => x.tile(2, 1, 1)],
    ['repeatInterleave', (x) => x.repeatInterleave(2, 0)],
    ['repeatInterleave of one element', (x) => x.narrow(1, 0, 1).repeatInterleave(3)],
    ['repeatInterleave, once', (x) => x.repeatInterleave(1, 0)],
  ])('%s', async (_, f) => {
    const x = ones([1, 3])
    const y = f(x)
    expect(y.isContiguous).toBe(true)
    expect(y.storage).not.toBe(x.storage)
    y.fill_(7)
    expect(await x.array()).toEqual([[1, 1, 1]])
  })
})

describe('lists and single numbers', () => {
  it.each<readonly [string, Tensor, Tensor]>([
    ['reshape', x().reshape(3, -1), x().reshape([3, -1])],
    ['view', x().view(6), x().view([6])],
    ['permute', x().permute(1, 0), x().permute([1, 0])],
    ['expand', x().expand(2, -1, 3), x().expand([2, -1, 3])],
    ['repeat', x().repeat(1, 2), x().repeat([1, 2])],
    ['tile', x().tile(2, 2), x().tile([2, 2])],
    ['flip', flip(x(), 0, 1), flip(x(), [0, 1])],
    ['meshgrid', meshgrid(ones([2]), ones([3]))[1], meshgrid([ones([2]), ones([3])])[1]],
  ])('%s', async (_, y, same) => {
    expect(y.shape).toEqual(same.shape)
    expect(await y.array()).toEqual(await same.array())
  })

  it('have the values of PyTorch', async () => {
    expect(await x().flip(0, 1).array()).toEqual([
      [6, 5, 4],
      [3, 2, 1],
    ])
    expect(x().tile(2, 2).shape).toEqual([4, 6])
    expect(tensor([5]).reshape().shape).toEqual([])
    expect(meshgrid(ones([2]), ones([3]), { indexing: 'xy' })[0].shape).toEqual([3, 2])
  })
})

describe('nothing', () => {
  it('chunk of an empty axis gives as many pieces as are asked for', () => {
    expect(
      zeros([0, 2])
        .chunk(3)
        .map((piece) => piece.shape),
    ).toEqual([
      [0, 2],
      [0, 2],
      [0, 2],
    ])
  })

  it('cat takes empty vectors next to anything', async () => {
    const nothing = zeros([0], { requiresGrad: true })
    const y = cat([nothing, ones([1, 2]), nothing], -1)
    expect(await y.array()).toEqual([[1, 1]])
    expect((await grad(y.sum(), [nothing])[0].data()).length).toBe(0)
    expect(cat([zeros([0]), zeros([0])]).shape).toEqual([0])
  })

  it('null is not a dim', async () => {
    expect(await x().roll(1, null).array()).toEqual([
      [6, 1, 2],
      [3, 4, 5],
    ])
    expect(await x().repeatInterleave(1, null).array()).toEqual([1, 2, 3, 4, 5, 6])
    expect(
      await x()
        .takeAlongDim(tensor(Int32Array.of(5, 0)), null)
        .array(),
    ).toEqual([6, 1])
  })
})
