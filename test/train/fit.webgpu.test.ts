/** @file The trainer on WebGPU: what is read, where a fault begins, and that a run goes on with the same bits. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { memory, type Tensor, tap, tensor, train } from '../../src/index.ts'
import { device } from '../../src/node.ts'
import { Accuracy, fiftyAndFifty, lesson, lines } from '../support/training.ts'

const gpu = await device('webgpu')
const folder = mkdtempSync(join(tmpdir(), 'handgrad-gpu-'))
afterAll(() => {
  gpu.destroy()
  rmSync(folder, { recursive: true, force: true })
})

test('steps read nothing, and a run leaves nothing behind', async () => {
  const { model, validation, ...rest } = lesson(gpu)
  const options = { ...rest, clip: { norm: 1 }, metrics: { accuracy: new Accuracy() } }
  await train.fit(model, { ...options, validation, progress: false })
  const held = () => ({ ...memory(gpu), tensors: 0, pooled: 0, pooledBytes: 0, allocatedBytes: 0 })
  const before = held()
  let reads = 0
  const untap = tap(gpu, {
    read: (next, ...args) => {
      reads++
      return next(...args)
    },
  })
  for await (const _ of train.trainSteps(model, { ...options, epochs: 2 }));
  expect(reads).toBe(0)
  untap()
  for (const metric of Object.values(options.metrics)) metric.reset()
  const { losses } = await train.fit(model, { ...options, validation, progress: false, epochs: 2 })
  expect(losses.every(Number.isFinite)).toBe(true)
  expect(held()).toEqual(before)
})

test('50 steps and 50 more are 100, measures of the epoch in which they stopped among them', async () => {
  const { whole, first, resumed } = await fiftyAndFifty(gpu, folder)
  expect([whole.losses.length, first.losses.length, first.epochs.length]).toEqual([100, 50, 2])
  expect(resumed).toEqual(whole)
})

test('a fault that was read late is found where it began', async () => {
  const { model, train: batches, ...rest } = lesson(gpu)
  const all = [...batches].map(([, y]) => [
    tensor(lines(y.shape[0]), { device: gpu }),
    tensor(
      lines(y.shape[0]).map(() => 1),
      { device: gpu, dtype: 'int32' },
    ),
  ])
  all[4][0] = tensor(
    lines(7).map((_, i) => [i, -i, 1].map((x) => x * 1e25)),
    { device: gpu },
  )
  // The squares of outputs that large are beyond float32.
  const loss = (y: Tensor) => y.mul(y).mean()
  const bad = train.fit(model, { train: all, optimizer: rest.optimizer, loss, progress: false })
  await expect(bad).rejects.toThrow(
    /the loss is Infinity at step 5, batch 5 of epoch 1, learning rate 0.05; mul at \S*fit\.webgpu\.test\.ts:\d+:33, gives Infinity at \[0, 0\] of a = /,
  )
})
