/** @file gradcheck and gradgradcheck as tools: they pass what is right, and find what is wrong, by name and place. */
import { describe, expect, it } from 'vitest'
import {
  customGrad,
  gradcheck,
  gradgradcheck,
  manualSeed,
  memory,
  noGrad,
  rand,
  randn,
  type Tensor,
  tensor,
} from '../../src/index.ts'
import { collect } from '../support/gc.ts'

const point = (...data: number[]): Tensor => tensor(data, { dtype: 'float64' })
/** x³ with a gradient rule of the test's own. */
const cube = (rule: (g: Tensor, x: Tensor) => Tensor) =>
  customGrad(
    (x: Tensor) => x.mul(x).mul(x),
    (g, [x]) => [rule(g, x)],
  )
const right = cube((g, x) => g.mul(x.square()).mul(3))

describe('gradcheck', () => {
  it('passes right rules, and says how close they are', async () => {
    const { ok, worst } = await gradcheck(right, [point(1, -2, 0.5)])
    expect(ok).toBe(true)
    expect(worst).toBeLessThan(1e-8)
  })

  it('names the worst element of a wrong one', async () => {
    const wrong = cube((g, x) => g.mul(x.square()).mul(tensor([3, 2, 3], { dtype: 'float64' })))
    await expect(gradcheck(wrong, [point(1, -2, 0.5)])).rejects.toThrow(
      /^gradcheck: the gradient is off by \d\.\d\de[+-]\d+, more than 0.000001; worst at element 1 of input 0 \[3\]: rule .*, difference .* \(check the gradient rule/,
    )
  })

  it('says that a function is random, and does not blame its rule', async () => {
    const noisy = (x: Tensor): Tensor => right(x).mul(rand([3], { dtype: 'float64' }))
    const text =
      /^gradcheck: f is not the same at every call: of the same inputs Σ v ⊙ f was \S+, then \S+ \(take random/
    await expect(gradcheck(noisy, [point(1, -2, 0.5)])).rejects.toThrow(text)
    await expect(gradgradcheck(noisy, [point(1, -2, 0.5)])).rejects.toThrow(text)
    const seeded = (x: Tensor): Tensor => {
      manualSeed(1)
      return noisy(x)
    }
    expect((await gradcheck(seeded, [point(1, -2, 0.5)])).ok).toBe(true)
    // NaN is the same each time: what is wrong then is the gradient.
    await expect(gradcheck((x) => x.mul(NaN), [point(1)])).rejects.toThrow('the gradient is off by')
  })

  it.each([
    ['a sign', cube((g, x) => g.mul(x.square()).mul(-3))],
    ['a factor', cube((g, x) => g.mul(x.square()).mul(3.00001))],
    ['a constant', cube((g, x) => g.mul(x.square()).mul(3).add(1e-4))],
    ['a gradient that is not multiplied by the cotangent', cube((_, x) => x.square().mul(3))],
    ['zeros', cube((g) => g.mul(0))],
    ['NaN', cube((g) => g.mul(NaN))],
    ['elements in another order', cube((g, x) => g.mul(x.square()).mul(3).slice([null, null, -1]))],
  ])('finds %s', async (_, f) => {
    await expect(gradcheck(f, [point(1, -2, 0.5)])).rejects.toThrow('gradcheck: the gradient is off by')
  })

  it('weights the outputs, so that a rule that is right only for a cotangent of ones is found', async () => {
    // The gradient of Σ softmax is 0 whatever the rule does.
    const lazy = customGrad(
      (x: Tensor) => x.softmax(),
      (g) => [g.mul(0)],
    )
    await expect(gradcheck(lazy, [point(1, -2, 0.5)])).rejects.toThrow('is off by')
  })

  it('takes several inputs and outputs; those that are not float64 are constants', async () => {
    const index = tensor(Int32Array.of(1, 0))
    const f = (a: Tensor, i: Tensor, b: Tensor) => [a.indexSelect(0, i).matmul(b), a.sum(), a.argmax()]
    const inputs = [randn([2, 3], { dtype: 'float64' }), index, randn([3, 2], { dtype: 'float64' })]
    expect((await gradcheck(f, inputs)).ok).toBe(true)
    const wrong = customGrad(
      (a: Tensor, b: Tensor) => a.mul(b),
      (g, [, b]) => [g.mul(b), g],
    )
    await expect(gradcheck(wrong, [point(1, 2), point(3, 4)])).rejects.toThrow('of input 1 [2]')
  })

  it('an output that depends on no input has gradient 0', async () => {
    expect((await gradcheck((x) => x.detach().mul(0), [point(1, 2)])).worst).toBe(0)
  })

  it('a kink shows, away from it all is well', async () => {
    // symmetric: slope 0 on both
    await expect(gradcheck((x) => x.abs(), [point(0)])).resolves.toMatchObject({ ok: true })
    await expect(gradcheck((x) => x.relu(), [point(0)])).rejects.toThrow('is off by')
    expect((await gradcheck((x) => x.relu(), [point(0.001, -0.001)])).ok).toBe(true)
  })

  it('tolerance, step, directions and seed are as asked', async () => {
    const close = cube((g, x) => g.mul(x.square()).mul(3.01))
    const inputs = [point(1, -2, 0.5)]
    expect((await gradcheck(close, inputs, { tolerance: 0.1 })).worst).toBeGreaterThan(1e-4)
    const [a, b] = [await gradcheck(right, inputs, { seed: 5 }), await gradcheck(right, inputs, { seed: 5 })]
    expect(a).toEqual(b)
    expect((await gradcheck(right, inputs, { step: 1e-3 })).worst).toBeGreaterThan(a.worst)
    let calls = 0
    const counted = (x: Tensor) => {
      calls++
      return x.exp()
    }
    await gradcheck(counted, inputs, { directions: 1 })
    const one = calls
    await gradcheck(counted, inputs, { directions: 4 })
    expect(calls - one).toBe(one + 6)
  })

  it('leaves nothing behind, and its inputs alone', async () => {
    const x = point(1, 2)
    await gradcheck(right, [x])
    await collect()
    const before = memory()
    await gradcheck(right, [x])
    await expect(gradcheck((y) => y.mul(tensor(NaN, { dtype: 'float64' })), [x])).rejects.toThrow('gradcheck')
    await gradgradcheck(right, [x])
    expect(memory()).toEqual(before)
    expect([x.requiresGrad, x.hasGrad]).toEqual([false, false])
  })

  it('works under noGrad too', async () => {
    const { ok } = await noGrad(() => ({ later: gradcheck(right, [point(2)]) })).later
    expect(ok).toBe(true)
  })
})

describe('gradgradcheck', () => {
  it('passes right rules', async () => {
    const { worst } = await gradgradcheck(right, [point(1, -2, 0.5)])
    expect(worst).toBeLessThan(1e-6)
    await gradgradcheck((a, b) => a.mul(b.exp()).sum(), [point(1, 2), point(0.3, -0.2)])
  })

  it('finds a rule that is right to first order only', async () => {
    const flat = cube((g, x) => g.mul(x.detach().square()).mul(3))
    expect((await gradcheck(flat, [point(1, -2)])).ok).toBe(true)
    await expect(gradgradcheck(flat, [point(1, -2)])).rejects.toThrow('is off by')
  })

  it('and one that loses its cotangent', async () => {
    const lost = cube((g, x) => g.detach().mul(x.square()).mul(3))
    expect((await gradcheck(lost, [point(1, -2)])).ok).toBe(true)
    await expect(gradgradcheck(lost, [point(1, -2)])).rejects.toThrow('is off by')
  })

  it('the second derivative of a linear function is 0', async () => {
    expect((await gradgradcheck((x) => x.mul(3), [point(1, 2)])).ok).toBe(true)
  })
})
