/** @file What a tensor has besides the ops: PyTorch's short methods, and iteration. */
import { describe, expect, it } from 'vitest'
import { grad, HandgradError, type Tensor, tensor, zeros } from '../../src/index.ts'

const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
])

describe('short methods', () => {
  it('T and t() transpose', async () => {
    expect(await x.T.array()).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ])
    expect(await x.t().array()).toEqual(await x.T.array())
    expect([zeros([2, 3, 4]).T.shape, tensor([1, 2]).t().shape, tensor(1).T.shape]).toEqual([[4, 3, 2], [2], []])
    expect(x.T.storage).toBe(x.storage)
    expect(() => zeros([1, 2, 3]).t()).toThrow(HandgradError)
  })

  it('size and dim', () => {
    expect([x.size(), x.size(0), x.size(-1), x.dim(), tensor(1).dim()]).toEqual([[2, 3], 2, 3, 2, 0])
  })

  it('tolist', async () => {
    expect(await x.gt(3).tolist()).toEqual([
      [false, false, false],
      [true, true, true],
    ])
  })

  it('float, double, int and bool cast, and pass gradients between floats', async () => {
    const y = tensor([0, 1.5, -2.5])
    expect([y.float(), y.double(), y.int(), y.bool()].map((t) => t.dtype)).toEqual([
      'float32',
      'float64',
      'int32',
      'bool',
    ])
    expect([await y.int().array(), await y.bool().array()]).toEqual([
      [0, 1, -2],
      [false, true, true],
    ])
    const w = tensor([1, 2], { requiresGrad: true })
    expect(await grad(w.double().square().sum(), w).array()).toEqual([2, 4])
  })

  it('where keeps x where the condition is true', async () => {
    expect(await x.where(x.gt(2), 0).array()).toEqual([
      [0, 0, 3],
      [4, 5, 6],
    ])
    expect(
      await tensor([1, 2])
        .where(tensor([true, false]), tensor([[7], [8]]))
        .array(),
    ).toEqual([
      [1, 7],
      [1, 8],
    ])
  })
})

describe('iteration', () => {
  it('gives the rows along axis 0, with gradients', async () => {
    const w = x.clone().requiresGrad_()
    const rows: Tensor[] = []
    for (const row of w) rows.push(row)
    const [first, second] = w
    expect([rows.length, first.shape]).toEqual([2, [3]])
    expect(await grad(first.sum().add(second.mul(2).sum()), w).array()).toEqual([
      [1, 1, 1],
      [2, 2, 2],
    ])
    expect([...tensor([5, 6])].map((t) => t.shape)).toEqual([[], []])
    expect([...zeros([0, 3])]).toEqual([])
  })

  it('refuses a 0-d tensor', () => {
    expect(() => [...tensor(3)]).toThrow(
      /^iterate: tensor #\d+ \[\] is 0-d \(it has no rows; await x.item\(\) reads it\)$/,
    )
  })
})
