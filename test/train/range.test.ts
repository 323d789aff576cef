/** @file The learning-rate range test: the curve, the suggestion, and that everything is as it was. */
import { expect, test } from 'vitest'
import { CpuDevice, getRandomState, type Tensor, train } from '../../src/index.ts'
import { lesson } from '../support/training.ts'

test('rates rise evenly in their logarithm until the loss breaks; afterwards all is as it was', async () => {
  const { model, optimizer, train: batches, loss } = lesson(new CpuDevice(), { lr: 0.03 })
  const options = { train: batches, loss, optimizer }
  // Something in the optimizer's state, and a loader that has begun.
  await train.fit(model, { ...options, progress: false })
  const stand = async () => ({
    weights: await Promise.all(model.parameters().map((x) => x.data())),
    moments: await Promise.all(Object.values(optimizer.stateDict().state).map((s) => (s.exp_avg as Tensor).data())),
    groups: optimizer.stateDict().param_groups,
    loader: batches.stateDict(),
    random: getRandomState(),
    mode: model.training,
  })
  const before = await stand()
  const { rates, losses, smoothed, suggestion, plot } = await train.lrRange(model, {
    ...options,
    low: 1e-4,
    high: 100,
    steps: 61,
  })
  expect(await stand()).toEqual(before)
  expect([rates[0], rates[10]].map((x) => Number(x.toPrecision(6)))).toEqual([1e-4, 1e-3])
  expect(rates.length).toBeLessThan(61)
  expect([losses.length, smoothed.length]).toEqual([rates.length, rates.length])
  expect(smoothed[1]).toBeCloseTo((0.9 * 0.1 * losses[0] + 0.1 * losses[1]) / (1 - 0.81), 10)
  expect(smoothed.at(-1)).toBeGreaterThan(4 * Math.min(...smoothed))
  expect(suggestion).toBeGreaterThan(1e-3)
  expect(suggestion).toBeLessThan(1)
  expect(plot()).toMatch(/^loss \(smoothed\)\n[\s\S]*0\.0001 +learning rate \(log scale\) +[\d.]+$/)
  // The same again, from where it stood.
  expect((await train.lrRange(model, { ...options, low: 1e-4, high: 100, steps: 61 })).losses).toEqual(losses)
})

test('what is suggested is not late: a loss that falls most steeply at 10⁻³ gives a rate near it', async () => {
  const { model, optimizer, train: batches } = lesson(new CpuDevice(), { lr: 0.03 })
  /** Falls from 2 to 0.5 around 10⁻³, breaks at 1; ±0.02 from step to step. */
  let step = 0
  const loss = (y: Tensor): Tensor => {
    const place = Math.log10(optimizer.groups[0].lr as number)
    const value = 0.5 + 1.5 / (1 + Math.exp(3 * (place + 3))) + Math.exp(8 * place)
    return y
      .sum()
      .mul(0)
      .add(value + 0.02 * (step++ % 2 ? 1 : -1))
  }
  for (const [steps, smooth] of [
    [100, 0.9],
    [200, 0.95],
    [60, 0.8],
  ]) {
    const { suggestion } = await train.lrRange(model, { train: batches, loss, optimizer, steps, smooth })
    expect(Math.abs(Math.log10(suggestion as number) + 3), `${steps} steps`).toBeLessThan(0.25)
  }
})
