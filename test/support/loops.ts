/**
 * @file The three training loops of docs/memory.md over MNIST-sized data: 60,000 images of 784 pixels, 3 epochs. What
 * the engine holds is noted at the end of every step; what it may hold is said there, and tested in loops*.test.ts.
 */
import { expect } from 'vitest'
import { type Device, data, type Memory, memory, nn, optim, scope, type Tensor } from '../../src/index.ts'

const IMAGES = 60_000
const BATCH = 500
const EPOCHS = 3

/**
 * As many samples as MNIST has, of its size; a hundred that differ, and a model of two classes, are enough for a loop.
 */
function images(): data.Dataset<[Float32Array, data.Field]> {
  const pixels = Float32Array.from({ length: 100 * 784 }, (_, i) => (Math.imul(i, 2654435761) >>> 24) / 255)
  return {
    length: IMAGES,
    get: (i) => [pixels.subarray((i % 100) * 784, ((i % 100) + 1) * 784), { data: Int32Array.of(i % 2), shape: [] }],
  }
}

/** A body of the loop: what it does with a batch. */
export type Body = (step: (x: Tensor, target: Tensor) => Tensor, x: Tensor, target: Tensor) => void | Promise<void>

/** Each step in a scope. */
export const flat: Body = (step, x, target) => scope(() => void step(x, target))

/** The loss leaves the scope, and ends with its block. */
export const logged: Body = async (step, x, target) => {
  using loss = scope(() => step(x, target).detach())
  await loss.item()
}

/** No scope: the collector frees, while the loop awaits. What it has to free is as large as the data. */
export const unscoped: Body = async (step, x, target) => {
  await step(x.sub(0.5), target).item()
}

/** Train by a loop; what the engine holds after each step of it. */
export async function train(device: Device, body: Body): Promise<Memory[]> {
  const loader = new data.DataLoader(images(), { batchSize: BATCH, shuffle: true, device })
  const model = new nn.Linear(784, 2, { device })
  const adam = new optim.Adam(model.parameters(), { lr: 1e-3 })
  const step = (x: Tensor, target: Tensor): Tensor => {
    adam.zeroGrad()
    const loss = nn.functional.crossEntropy(model.forward(x), target)
    loss.backward()
    adam.step()
    return loss
  }
  const held: Memory[] = []
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (const [x, target] of loader) {
      await body(step, x, target)
      held.push(memory(device))
    }
  }
  return held
}

/** The same to the byte after each step of 3 epochs, 2 tensors of a batch and what the model and the optimizer hold. */
export function expectFlat(held: readonly Memory[]): void {
  expect(held).toHaveLength((EPOCHS * IMAGES) / BATCH)
  // `tensors` counts those of all devices, also what earlier loops left to the collector.
  const own = held.map(({ tensors, ...rest }) => rest)
  for (const now of own.slice(1)) expect(now).toEqual(own[0])
  const tensors = held.map((now) => now.tensors)
  expect(tensors).toEqual(tensors.toSorted((a, b) => b - a))
  // Weight and bias, their gradients, two moments in a storage each; and the batch.
  expect(own[0].storages).toBe(2 + 2 + 2 + 2)
}

/** Of handles and of storages, at most 15,000 more at any time than at the best one, of all that the loop made. */
export function expectFew(held: readonly Memory[]): void {
  for (const of of ['tensors', 'storages'] as const) {
    const counts = held.map((now) => now[of])
    expect(Math.max(...counts) - Math.min(...counts), of).toBeLessThan(15_000)
  }
}
