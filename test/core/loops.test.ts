/** @file The loops of docs/memory.md on the CPU: what they hold over 3 epochs of MNIST-sized data. */
import { beforeEach, expect, test } from 'vitest'
import { CpuDevice } from '../../src/cpu/device.ts'
import { collect } from '../support/gc.ts'
import { expectFew, expectFlat, flat, logged, train, unscoped } from '../support/loops.ts'

beforeEach(collect)

test('a flat loop over a DataLoader', { timeout: 120_000 }, async () => expectFlat(await train(new CpuDevice(), flat)))

test('a loop that logs its loss', { timeout: 120_000 }, async () => expectFlat(await train(new CpuDevice(), logged)))

test('a loop without a scope that awaits stays below 128 MiB and 15,000 tensors', { timeout: 120_000 }, async () => {
  const held = await train(new CpuDevice(), unscoped)
  expect(Math.max(...held.map(({ bytes }) => bytes))).toBeLessThan(128 * 2 ** 20)
  expectFew(held)
})
