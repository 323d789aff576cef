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
