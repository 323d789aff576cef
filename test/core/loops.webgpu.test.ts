/** @file The loops of docs/memory.md on WebGPU: what they hold over 3 epochs of MNIST-sized data. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Device, device } from '../../src/node.ts'
import { collect } from '../support/gc.ts'
import { expectFew, expectFlat, flat, logged, train, unscoped } from '../support/loops.ts'

let gpu: Device
beforeAll(async () => {
  gpu = await device('webgpu')
})
afterAll(() => gpu.destroy())
beforeEach(collect)

test('a flat loop over a DataLoader', async () => expectFlat(await train(gpu, flat)))

test('a loop that logs its loss', async () => expectFlat(await train(gpu, logged)))

test('a loop without a scope that awaits stays below 512 MiB and 15,000 tensors', async () => {
  const held = await train(gpu, unscoped)
  expect(Math.max(...held.map(({ bytes }) => bytes))).toBeLessThan(512 * 2 ** 20)
  expectFew(held)
})
