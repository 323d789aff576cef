/** @file A number beside a tensor is a param of a launch: nothing is uploaded, on either side of the other operand. */
import { beforeAll, expect, it } from 'vitest'
import { CpuDevice, fmax, fmin, grad, hypot, type Operand, type Tensor, tap, tensor, xlogy } from '../../src/index.ts'

const device = new CpuDevice()
/** Lengths of what is allocated, and of what is written. */
const sizes: number[] = []
beforeAll(() => {
  tap(device, {
    alloc: (next, ...args) => {
      sizes.push(args[1])
      return next(...args)
    },
    write: (next, block, data, offset) => {
      sizes.push(data.length)
      next(block, data, offset)
    },
  })
})

type Pair = (a: Operand, b: Operand) => Tensor
const pairs: Readonly<Record<string, Pair>> = { fmax, fmin, hypot, xlogy }
const numbers = [1, 0.1, 0, -2, Infinity, -Infinity, NaN]
const values = [-2, -0.5, 0, 0.1, 1, 3, Infinity, NaN]

it.each(Object.entries(pairs))('%s uploads no number', async (_, f) => {
  const x = tensor(values, { device })
  sizes.length = 0
  for (const c of numbers) [f(x, c), f(c, x)].map((y) => y.dispose())
  expect(sizes.filter((length) => length !== values.length)).toEqual([])
  expect(sizes).not.toEqual([])
})

/** Value and gradient in x, of a pair of which one is c. */
async function both(f: Pair, c: Operand, dtype: 'float32' | 'float64', first: boolean): Promise<number[][]> {
  const x = tensor(values, { device, dtype, requiresGrad: true })
  const y = first ? f(x, c) : f(c, x)
  const dx = grad(y.sum(), x)
  return Promise.all([y, dx].map(async (t) => [...(await t.data())]))
}

it.each(Object.entries(pairs))('%s of a number is what it is of a tensor', async (_, f) => {
  for (const dtype of ['float32', 'float64'] as const)
    for (const first of [true, false])
      for (const c of numbers) {
        const [y, dx] = await both(f, c, dtype, first)
        const [y2, dx2] = await both(f, tensor(c, { device, dtype }), dtype, first)
        const near = (want: number[]) => want.map((w) => (Number.isFinite(w) ? expect.closeTo(w, 6) : w))
        expect([c, first, y, dx]).toEqual([c, first, near(y2), near(dx2)])
      }
})

it('an integer beside int32', async () => {
  const x = tensor([1, -3, 2], { device, dtype: 'int32' })
  expect(await Promise.all([fmax(x, 1), fmin(1, x)].map((y) => y.tolist()))).toEqual([
    [1, 1, 2],
    [1, -3, 1],
  ])
})
