/** @file inspect.checkGrad: a gradient worked out by hand beside the engine's. */
import { expect, test } from 'vitest'
import { device, inspect, tensor } from '../../src/node.ts'

/** w with ∂L/∂w = 2w, in float64. */
async function squares() {
  const w = tensor(
    [
      [1, 2, 3],
      [0.1, 0.2, 0.3],
    ],
    { device: await device('cpu'), dtype: 'float64', requiresGrad: true },
  )
  w.square().sum().backward()
  return w
}
const right = [
  [2, 4, 6],
  [0.2, 0.4, 0.6],
]

test('equal numbers are exact; as lists, and as a tensor', async () => {
  const w = await squares()
  const found = await inspect.checkGrad(w, right)
  expect({ ...found, toString: null }).toEqual({
    exact: true,
    approximate: true,
    maxdiff: 0,
    different: [],
    toString: null,
  })
  expect(`${found}`).toBe('exact: true | approximate: true | maxdiff: 0')
  const scalar = tensor(3, { device: w.device, requiresGrad: true })
  scalar.square().backward()
  expect((await inspect.checkGrad(scalar, 6)).exact).toBe(true)
  expect((await inspect.checkGrad(w, w.detach().mul(2))).exact).toBe(true)
})

test('what is near is approximate, with the elements that differ', async () => {
  const found = await inspect.checkGrad(await squares(), [
    [2, 4.00001, 6],
    [0.2, 0.4, 0.6],
  ])
  expect([found.exact, found.approximate]).toEqual([false, true])
  expect(found.different).toEqual([{ index: [0, 1], mine: 4.00001, grad: 4 }])
  expect(found.maxdiff).toBeCloseTo(1e-5, 12)
  expect(`${found}`).toBe(`exact: false | approximate: true | maxdiff: ${found.maxdiff}`)
})

test('what is wrong is an error with the first element that differs, and both values', async () => {
  const w = await squares()
  const refused = async (...args: [mine: inspect.Numbers, options?: object]) =>
    inspect.checkGrad(w, ...args).then(
      () => 'nothing',
      (error: Error) => error.message,
    )
  const remedy = '(look at the term of the chain rule that makes the first of them)'
  expect(
    await refused([
      [2, 4, 6],
      [0.2, 0.5, 0.6],
    ]),
  ).toBe(`inspect.checkGrad: 1 of 6 elements differs, by ${0.5 - 0.4} at most: [1, 1]: mine 0.5, grad 0.4 ${remedy}`)
  expect(
    await refused([
      [1, 2, 3],
      [0.1, 0.2, 0.3],
    ]),
  ).toBe(
    'inspect.checkGrad: 6 of 6 elements differ, by 3 at most: [0, 0]: mine 1, grad 2; [0, 1]: mine 2, grad 4; ' +
      `[0, 2]: mine 3, grad 6; [1, 0]: mine 0.1, grad 0.2; [1, 1]: mine 0.2, grad 0.4; and 1 more ${remedy}`,
  )
  expect(
    await refused([
      [Number.NaN, 4, 6],
      [0.2, 0.4, 0.7],
    ]),
  ).toMatch(/2 of 6 elements differ, by NaN at most: \[0, 0\]: mine NaN/)
  expect(
    await refused(
      [
        [2, 4.00001, 6],
        [0.2, 0.4, 0.6],
      ],
      { rtol: 0, atol: 0 },
    ),
  ).toMatch(/1 of 6 elements differs/)
  expect(await refused([2, 4, 6])).toBe(
    'inspect.checkGrad: mine is [3], x.grad [2, 3] (a gradient has the shape of its x)',
  )
  expect(await refused([[2, 4], [6]])).toMatch(
    /^inspect.checkGrad: mine is .* \(give a tensor, or lists of numbers in its shape\)$/,
  )
  expect(await refused(right, { rtol: -1 })).toBe('inspect.checkGrad: rtol is -1 (give a number from 0 up)')
  expect(await refused(right, { tolerance: 1 })).toMatch(/^inspect.checkGrad: .*tolerance/)
  const fresh = tensor([1, 2], { device: w.device, requiresGrad: true })
  await expect(inspect.checkGrad(fresh, [1, 2])).rejects.toThrow(/grad/)
  // @ts-expect-error x is not a tensor
  await expect(inspect.checkGrad(3, 3)).rejects.toThrow('inspect.checkGrad: x is 3, not a tensor')
})

test('an infinite gradient is near nothing but itself', async () => {
  const w = tensor([0, 1], { device: await device('cpu'), requiresGrad: true })
  w.sqrt().sum().backward()
  expect((await inspect.checkGrad(w, [Infinity, 0.5])).exact).toBe(true)
  for (const mine of [3, -Infinity]) await expect(inspect.checkGrad(w, [mine, 0.5])).rejects.toThrow('1 of 2 elements')
})
