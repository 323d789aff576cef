/**
 * @file Live cells: what advances, and that a step which is run again by its launches does what the step itself does.
 */
import { expect, test } from 'vitest'
import { CpuDevice, dropout, Live, manualSeed, ones, optim, randn, type Tensor } from '../../src/index.ts'
import { drawn, train } from '../support/noisy.ts'
import { cases } from '../support/optimizers.ts'
import { record } from '../support/replay.ts'

test('a cell goes on by its own function, or stays until it is set', () => {
  const doubling = new Live(3, (x) => 2 * x)
  doubling.advance()
  doubling.advance()
  expect(doubling.value).toBe(12)
  const rate = new Live(0.1)
  rate.advance()
  expect(rate.value).toBe(0.1)
})

test('launches run again do what the step does, bit for bit', async () => {
  const eager = await train(new CpuDevice(), false)
  const afterEager = await drawn(new CpuDevice())
  const again = await train(new CpuDevice(), true)
  expect(await drawn(new CpuDevice())).toEqual(afterEager)
  expect(again).toEqual(eager)
  expect(eager.losses.length).toBe(12)
  expect(new Set(eager.losses).size).toBe(6)
})

test('two dropouts and an optimizer: masks are fresh in each run, the same forwards and backwards', async () => {
  const run = async (again: boolean) => {
    manualSeed(8)
    const device = new CpuDevice()
    const w = ones([64], { device, requiresGrad: true })
    const adam = new optim.Adam([w], { lr: 0.1 })
    const step = () => {
      adam.zeroGrad()
      dropout(dropout(w).mul(w)).sum().backward()
      adam.step()
    }
    const seen: unknown[] = []
    const next = again ? record(device, step) : step
    for (let i = again ? 2 : 0; i < 6; i++) {
      next()
      if (i >= 2) seen.push(await w.data())
    }
    return seen
  }
  const eager = await run(false)
  expect(new Set(eager.map(String)).size).toBe(4)
  expect(await run(true)).toEqual(eager)
})

const optimizers = [...cases, { name: 'Muon', make: (p: readonly Tensor[]) => new optim.Muon(p) }]

test.each(optimizers)('$name: steps run again count on, and follow options that are set', async ({ make }) => {
  const run = async (again: boolean) => {
    manualSeed(3)
    const device = new CpuDevice()
    const params = [
      [3, 2],
      [2, 4],
      [1, 1],
      [5, 1],
    ].map((shape) => randn(shape, { device, requiresGrad: true }))
    const own = make(params)
    const step = () => {
      own.zeroGrad()
      for (const p of params) p.sin().sum().backward()
      own.step()
    }
    const next = again ? record(device, step) : step
    for (let i = again ? 2 : 0; i < 8; i++) {
      if (i === 4) own.lr = 0.5
      if (i === 6) Object.assign(own.groups[0], { weightDecay: 0.25, maximize: true })
      next()
    }
    const { tensors, numbers } = optim.splitState(own.stateDict())
    return [numbers, await Promise.all([...params, ...Object.values(tensors)].map((x) => x.data()))]
  }
  expect(await run(true)).toEqual(await run(false))
})
