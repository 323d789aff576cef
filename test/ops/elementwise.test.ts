/** @file Elementwise ops and changes in place where PyTorch's ways of calling them matter; values are PyTorch's. */
import { describe, expect, it } from 'vitest'
import {
  CpuDevice,
  clamp,
  emptyLike,
  fullLike,
  grad,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  onesLike,
  type Tensor,
  tensor,
  zerosLike,
} from '../../src/index.ts'

const f64 = (data: Parameters<typeof tensor>[0], shape?: number[]): Tensor => tensor(data, { dtype: 'float64', shape })
const int = (...data: number[]): Tensor => tensor(Int32Array.from(data))
const is = async (x: Tensor, want: unknown): Promise<void> => expect(await x.array()).toEqual(want)

describe('alpha', () => {
  it('is a factor on the second operand, and in its gradient', async () => {
    const [a, b] = [f64([1, 2, -3]).requiresGrad_(), f64([[0.5], [4]]).requiresGrad_()]
    const y = a.add(b, { alpha: -2.5 })
    await is(y, [
      [-0.25, 0.75, -4.25],
      [-9, -8, -13],
    ])
    const [da, db] = grad(y.square().sum(), [a, b])
    await is(da, [-18.5, -14.5, -34.5])
    await is(db, [[18.75], [150]])
    const z = a.sub(b, { alpha: 3 })
    await is(z, [
      [-0.5, 0.5, -4.5],
      [-11, -10, -15],
    ])
    const [ea, eb] = grad(z.square().sum(), [a, b])
    await is(ea, [-23, -19, -39])
    await is(eb, [[27], [216]])
  })
  it('is there for int32 and next to numbers', async () => {
    await is(int(1, 2).add(int(3, 4), { alpha: -2 }), [-5, -6])
    await is(f64([3, 4]).add(2, { alpha: 0.5 }), [4, 5])
    await is(f64([3, 4]).sub(2, { alpha: 0 }), [3, 4])
  })
  it('makes the step of gradient descent', async () => {
    await is(f64([1, 2]).add_(f64([10, 20]), { alpha: -0.125 }), [-0.25, -0.5])
    await is(f64([1, 2]).sub_(f64([10, 20]), { alpha: 0.125 }), [-0.25, -0.5])
  })
})

describe('in place', () => {
  it('div_ rounds', async () => {
    await is(f64([7, -7, 5]).div_(2, { roundingMode: 'floor' }), [3, -4, 2])
    await is(int(7, -7).div_(2, { roundingMode: 'trunc' }), [3, -3])
    await is(f64([7, -7]).div_(2, { roundingMode: null }), [3.5, -3.5])
  })
  it('arithmetic casts the operand', async () => {
    await is(f64([1.5, 2.5]).mul_(int(2, 3)), [3, 7.5])
    await is(int(1, 2).add_(tensor([true, false])), [2, 2])
    await is(tensor([1, 2]).sub_(f64([0.5, 1])), [0.5, 1])
  })
  it('copy_ and fill_ take numbers, 0-d tensors and other dtypes', async () => {
    await is(int(1, 2).copy_(f64([1.9, -2.9])), [1, -2])
    await is(tensor([true, false]).copy_(int(0, 3)), [false, true])
    await is(f64([1, 2]).copy_(7), [7, 7])
    await is(f64([1, 2]).fill_(tensor(Int32Array.of(7), { shape: [] })), [7, 7])
    const x = f64([1, 2, 3])
    await is(x.fill_(x.at(1)), [2, 2, 2])
  })
})

describe('…Like', () => {
  const x = tensor([1, 2])
  it('takes dtype, device and requiresGrad', async () => {
    const device = new CpuDevice()
    for (const like of [zerosLike, onesLike, emptyLike]) {
      expect(like(x, { dtype: 'int32' }).dtype).toBe('int32')
      expect(like(x, { device }).device).toBe(device)
      expect(like(x, { requiresGrad: true }).requiresGrad).toBe(true)
      expect(like(x).requiresGrad).toBe(false)
    }
    const y = fullLike(int(1, 2), 0.5, { dtype: 'float64', requiresGrad: true })
    expect([y.dtype, y.requiresGrad]).toEqual(['float64', true])
    await is(y.detach(), [0.5, 0.5])
    expect(zerosLike(x, { dtype: null, device: null }).dtype).toBe('float32')
    await is(fullLike(tensor([false, true]), true), [true, true])
    expect(() => fullLike(x, 0.5, { dtype: 'int32' })).toThrow('fullLike: 0.5 is not an int32')
  })
})

describe('int32 and bool', () => {
  const x = int(3, -2, 0)
  it('is whole and finite', async () => {
    await is(x.square(), [9, 4, 0])
    await is(x.relu(), [3, 0, 0])
    for (const y of [x.floor(), x.ceil(), x.round(), x.trunc(), x.nanToNum()]) {
      expect(y.dtype).toBe('int32')
      await is(y, [3, -2, 0])
    }
    await is(x.isnan(), [false, false, false])
    await is(x.isinf(), [false, false, false])
    await is(x.isfinite(), [true, true, true])
  })
  it('logic takes what is not 0 for true', async () => {
    const [y, z] = [tensor([Number.NaN, 0, 2]), int(1, 0, 0)]
    await is(logicalAnd(y, z), [true, false, false])
    await is(logicalOr(y, z), [true, false, true])
    await is(logicalXor(y, z), [false, false, true])
    await is(logicalNot(y), [false, true, false])
  })
})

describe('bounds and masks', () => {
  it('clamp takes them one after the other, and null', async () => {
    const x = f64([-1, 0.5, 3])
    await is(clamp(x, 0, 1), [0, 0.5, 1])
    await is(x.clamp(null, 1), [-1, 0.5, 1])
    await is(x.clamp(f64([0, 1, 0])), [0, 1, 3])
    await is(x.clamp({ min: null, max: 1 }), [-1, 0.5, 1])
  })
  it('maskedFill broadcasts both', async () => {
    const x = f64([1, 2, 3]).requiresGrad_()
    const y = x.maskedFill(tensor([[true], [false]]), 9)
    await is(y, [
      [9, 9, 9],
      [1, 2, 3],
    ])
    await is(grad(y.square().sum(), [x])[0], [2, 4, 6])
  })
  it('null is the default of what PyTorch calls None', async () => {
    await is(tensor([Number.NaN, Number.POSITIVE_INFINITY]).nanToNum({ nan: null, posinf: 5 }), [0, 5])
    await is(f64([0.5]).logit(null), [0])
    await is(f64([1]).div(2, { roundingMode: null }), [0.5])
  })
})
