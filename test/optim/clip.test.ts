/** @file Gradient clipping on the CPU: PyTorch over fifty steps, the ends of the range, shared memory, refusals. */
import { expect, test } from 'vitest'
import { CpuDevice, grad, memory, ones, optim, scope, tap, tensor, zeros } from '../../src/index.ts'
import { clipFaults, nonfinite, nonfiniteErrors, nonfiniteWanted, withGradients } from '../support/clip.ts'
import { clipCases, clipDistance, float32Bound } from '../support/clipcases.ts'

const device = new CpuDevice({ debug: true })

test.each(clipCases.map((c) => [JSON.stringify(c.norm ?? { value: c.value }), c] as const))(
  'fifty steps of SGD with clipping %s are those of PyTorch',
  async (_, c) => {
    expect(await clipDistance(c, device, 'float64')).toBeLessThan(1e-9)
    expect(await clipDistance(c, device, 'float32')).toBeLessThan(float32Bound(c))
  },
)

test('norms are right over all of the range, in float32 and float64', async () => {
  expect(await clipFaults({ device })).toEqual([])
  for (const unit of [1e300, 1e-300, 1]) {
    const params = withGradients([[3 * unit], [4 * unit, 0]], { device, dtype: 'float64' })
    expect((await optim.clipGradNorm(params, 1e-320).item()) / unit).toBeCloseTo(5, 12)
  }
  const mixed = withGradients([[1e300, 1e-300, 1]], { device, dtype: 'float64' })
  expect(await optim.clipGradNorm(mixed, 1).item()).toBe(1e300)
})

test('orders other than 2, without powers that leave the range', async () => {
  const norms = async (p: number, unit: number) =>
    (await optim.clipGradNorm(withGradients([[3 * unit], [-4 * unit, 0]], { device }), 1, { p }).item()) / unit
  for (const unit of [1, 1e30, 1e-30]) {
    expect(await norms(1, unit)).toBeCloseTo(7, 5)
    expect(await norms(Infinity, unit)).toBeCloseTo(4, 5)
    expect(await norms(3, unit)).toBeCloseTo(91 ** (1 / 3), 5)
  }
  expect(await norms(3, 0)).toBeNaN()
  const none = withGradients([[0, 0]], { device })
  expect(await optim.clipGradNorm(none, 1, { p: 3 }).item()).toBe(0)
})

test('an infinite bound takes the norm alone', async () => {
  const params = withGradients([[3, Infinity]], { device })
  expect(await optim.clipGradNorm(params, Infinity).item()).toBe(Infinity)
  expect([...(await params[0].grad.data())]).toEqual([3, Infinity])
})

test('what is not finite flows on, or is an error before anything is changed', async () => {
  expect(await nonfinite({ device })).toEqual(nonfiniteWanted)
  const text = 'clipGradNorm: the norm of the gradients is NaN (find what grew, or leave out errorIfNonfinite)'
  expect(await nonfiniteErrors({ device })).toEqual([text, text, text])
  const params = withGradients([[3, Infinity]], { device })
  expect(() => optim.clipGradNorm(params, 1, { errorIfNonfinite: true })).toThrow(
    'clipGradNorm: the norm of the gradients is Infinity (find what grew, or leave out errorIfNonfinite)',
  )
  expect([...(await params[0].grad.data())]).toEqual([3, Infinity])
})

test('a handle on a gradient sees it clipped; memory that is shared is not changed twice', async () => {
  const [w] = withGradients([[3, 4]], { device })
  const g = w.grad
  optim.clipGradNorm(w, 2.5)
  const clipped = [...(await g.data())]
  expect(clipped[0]).toBeCloseTo(1.5, 5)
  expect(clipped[1]).toBeCloseTo(2, 5)
  expect([...(await w.grad.data())]).toEqual(clipped)
  // Under createGraph both gradients are the cotangent itself.
  const [a, b] = [ones([2], { device, requiresGrad: true }), ones([2], { device, requiresGrad: true })]
  const cotangent = tensor([3, 4], { device })
  a.add(b).backward(cotangent, { createGraph: true })
  const shown = a.grad
  optim.clipGradValue([a, b], 2)
  optim.clipGradNorm([a, b], 2)
  const lists = await Promise.all([a.grad, b.grad, shown].map((x) => x.array()))
  expect(lists).toEqual([lists[0], lists[0], lists[0]])
  expect((lists[0] as number[])[0]).toBeCloseTo(1, 5)
  expect(await cotangent.array()).toEqual([3, 4])
})

test('parameters without a gradient are passed over, one given twice is clipped once', async () => {
  const [w] = withGradients([[4]], { device })
  const others = [
    zeros([2], { device, requiresGrad: true }),
    zeros([0], { device, requiresGrad: true }),
    zeros([1], { device }),
  ]
  expect(await optim.clipGradNorm([w, ...others], 2).item()).toBe(4)
  expect(await w.grad.item()).toBeCloseTo(2, 5)
  expect(await optim.clipGradNorm(others, 1).item()).toBe(0)
  optim.clipGradValue(others, 1)
  const [twice] = withGradients([[4]], { device })
  expect(await optim.clipGradNorm([twice, twice], Infinity).item()).toBe(4)
  expect(await twice.grad.item()).toBe(4)
})

test('two launches for six tensors, and nothing is left behind', () => {
  const params = withGradients([[1], [2], [3], [4], [5], [6]], { device })
  const runs: string[] = []
  const off = tap(device, {
    run: (next, launch) => {
      runs.push(launch.kernel.name)
      next(launch)
    },
  })
  const before = memory(device)
  scope(() => {
    optim.clipGradNorm(params, 1)
  })
  off()
  expect(runs).toEqual(['squares', 'scale'])
  expect(memory(device)).toEqual(before)
})

test('what cannot be clipped is refused', () => {
  const [w] = withGradients([[4]], { device })
  const [double] = withGradients([[4]], { device, dtype: 'float64' })
  const norm =
    (...args: unknown[]) =>
    () =>
      (optim.clipGradNorm as (...args: unknown[]) => unknown)(...args)
  expect(norm([w], 0)).toThrow('clipGradNorm: maxNorm is 0 (give a number above 0)')
  expect(norm([w])).toThrow('clipGradNorm: maxNorm is undefined (give a number above 0)')
  expect(norm([w], 1, { p: 0 })).toThrow('clipGradNorm: p is 0 (give a number above 0, or Infinity)')
  expect(norm([w], 1, { normType: 2 })).toThrow(
    'clipGradNorm: there is no option normType (it takes { p, errorIfNonfinite })',
  )
  expect(norm([w], 1, { errorIfNonfinite: 1 })).toThrow('clipGradNorm: errorIfNonfinite is 1 (give true or false)')
  expect(norm(3, 1)).toThrow('clipGradNorm: the parameters are 3 (give model.parameters(), or a list of tensors)')
  expect(norm([w, 3], 1)).toThrow('clipGradNorm: parameter 1 is 3, not a tensor')
  expect(norm([], 1)).toThrow('clipGradNorm: there are no parameters (give model.parameters(), or a list of tensors)')
  expect(norm([w, double], 1)).toThrow(
    'clipGradNorm: gradients 0 and 1 are float32 on cpu and float64 on cpu (clip those of one kind at a time)',
  )
  expect(() => optim.clipGradValue([w], -1)).toThrow('clipGradValue: maxValue is -1 (give a number from 0 up)')
  const y = grad(w.square().sum(), w)
  expect(y.requiresGrad).toBe(false)
})
