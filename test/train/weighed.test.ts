/** @file Accumulation weighed by what a loss is the mean of. */
import { expect, it, test } from 'vitest'
import { CpuDevice, memory, nn, optim, type Tensor, tensor, train } from '../../src/index.ts'
import { accumulationError, ownLoopError, printedError, weights } from './weighed.ts'

const cpu = new CpuDevice()

test('transformers#34191: batches of texts of different lengths are one batch, not a mean of means', async () => {
  // Two batches of four, of which one has no token that counts, with a loss that is a mean of nothing.
  for (const [how, weight] of Object.entries(weights)) {
    expect(await accumulationError(cpu, weight), how).toBeLessThan(1e-6)
    expect(await accumulationError(cpu, weight, 'float64'), how).toBeLessThan(1e-12)
  }
  // By batches it is another number, or none.
  expect(await accumulationError(cpu, undefined)).not.toBeLessThan(0.01)
})

it.each(['number', 'tensor'] as const)('in a loop of one’s own: scaleGrad by a %s', async (counted) => {
  expect(await ownLoopError(cpu, counted)).toBeLessThan(1e-6)
})

const lesson = (weight: unknown, accumulate = 2) => {
  const model = new nn.Linear(1, 1)
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 })
  const batches = [1, 2, 3, 4].map((x) => [tensor([[x]]), tensor([[2 * x]])])
  const all = { train: batches, loss: nn.functional.mseLoss, optimizer, accumulate, progress: false }
  return train.fit(model, { ...all, weight: weight as train.Weight })
}

it('a group in which nothing counts changes no weight', async () => {
  const model = new nn.Linear(2, 3)
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 })
  const targets = [
    [0, 1],
    [2, -100],
    [-100, -100],
  ].map((list) => tensor(list, { dtype: 'int32' }))
  const batches = targets.map((target) => [
    tensor([
      [1, 2],
      [3, 4],
    ]),
    target,
  ])
  const loss = (z: Tensor, target: Tensor) => nn.functional.crossEntropy(z, target)
  const weight = (_: unknown, target: Tensor) => target.ne(-100).sum()
  const seen: number[][] = []
  const steps = train.trainSteps(model, { train: batches, loss, optimizer, accumulate: 2, weight })
  for await (const _ of steps) seen.push([...(await model.weight.data())])
  expect(seen).toHaveLength(2)
  expect(seen[1]).toEqual(seen[0])
})

it('holds nothing more afterwards, in fit', async () => {
  await lesson(() => 3)
  const { bytes, storages } = memory()
  const { losses } = await lesson(() => 3)
  expect(losses).toHaveLength(2)
  const after = memory()
  // Model, gradients and batches of the second run are its own.
  expect([after.bytes - bytes, after.storages - storages]).toEqual([12 * 4, 12])
})

it('transformers#34191: what is printed of an epoch and of the validation is weighed by the same', async () => {
  for (const [how, weight] of Object.entries(weights)) expect(await printedError(cpu, weight), how).toBeLessThan(1e-6)
  const batches = [1, 3].map((x) => [tensor([[x]]), tensor([[0]])])
  const loss = (z: Tensor) => z.sum().mul(0).add(z.sum().detach())
  const given = { loss, weight: (inputs: readonly Tensor[]) => inputs[0].sum() }
  const model = new nn.Linear(1, 1, { bias: false })
  model.weight = nn.parameter(tensor([[1]]))
  expect((await train.evaluate(model, batches, given)).loss).toBe((1 * 1 + 3 * 3) / (1 + 3))
  // @ts-expect-error no function
  await expect(train.evaluate(model, batches, { loss, weight: 3 })).rejects.toThrow(
    'evaluate: weight is 3 (give a func',
  )
})

it.each([
  [3, 'fit: weight is 3 (give a function of a batch: (inputs, target) => how much it counts)'],
  [() => -1, 'fit: weight gave -1 (return a number from 0 up, or a tensor of one, at once)'],
  [() => Number.NaN, 'fit: weight gave NaN (return a number from 0 up'],
  [async () => 1, 'noGrad: the callback returned a promise'],
  [() => tensor([1, 2]), 'fit: weight gave'],
])('a weight that is none: %s', async (weight, text) => {
  await expect(lesson(weight)).rejects.toThrow(text)
})

it('scaleGrad refuses factors that are none', () => {
  const { weight } = new nn.Linear(2, 2)
  for (const factor of [Number.NaN, Infinity, '2', tensor([1, 2])])
    expect(() => optim.scaleGrad(weight, factor as number)).toThrow(/scaleGrad: factor is .* \(give a number, or a ten/)
  weight.sum().backward()
  const elsewhere = tensor(2, { device: new CpuDevice() })
  expect(() => optim.scaleGrad(weight, elsewhere)).toThrow('scaleGrad: factor is on cpu, the gradients on cpu')
})
