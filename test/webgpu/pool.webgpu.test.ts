/** @file Buffers that are free: how many a program leaves behind, and that one in a steady state makes none. */
import { expect, test } from 'vitest'
import { full, ones, scope, type Tensor } from '../../src/node.ts'
import type { Slab } from '../../src/webgpu/buffers.ts'
import { createWebGPUDevice } from '../../src/webgpu/device.ts'
import { Pool } from '../../src/webgpu/pool.ts'
import { findGpu } from '../support/adapters.ts'

/** So many launches on tensors of x's size. */
const launches = (x: Tensor, count: number): Tensor => {
  let y = x
  for (let i = 0; i < count; i++) y = y.add(1)
  return y
}

test('a context that grows leaves few buffers behind', async () => {
  const device = await createWebGPUDevice((await findGpu()).gpu)
  try {
    let most = 0
    // From 1 KiB to 600 KiB in steps of 1 KiB: 37 size classes, each for the launches of a token.
    for (let length = 1; length <= 600; length++) {
      scope(() => void launches(ones([length, 256], { device }), 9))
      if (length % 10 === 0) await device.sync()
      if (length > 300) most = Math.max(most, device.memory().pooled)
    }
    // Ten tensors a token, of the two or three classes of the last hundred. Without letting go there were 330.
    expect(most).toBeLessThan(35)
    // What comes after it needs less, and gets by with it.
    for (let i = 0; i < 15; i++) {
      scope(() => void launches(full([4], 0, { device }), 99))
      await device.sync()
    }
    expect(device.memory().pooledBytes).toBeLessThan(64 * 2 ** 10)
  } finally {
    device.destroy()
  }
})

test('a step that repeats makes no buffers, however many launches it takes', async () => {
  const device = await createWebGPUDevice((await findGpu()).gpu)
  try {
    let made = 0
    const { gpu } = device
    const create = gpu.createBuffer.bind(gpu)
    gpu.createBuffer = (descriptor) => {
      made++
      return create(descriptor)
    }
    /** Buffers made by each of some steps; each step needs one size at its beginning only. */
    const steps = async (count: number, length: number) => {
      const counts: number[] = []
      for (let i = 0; i < count; i++) {
        made = 0
        scope(() => {
          void launches(ones([5000], { device }), 3)
          void scope(() => void launches(ones([100], { device }), length))
        })
        await device.sync()
        counts.push(made)
      }
      return counts
    }
    expect((await steps(60, 50)).slice(2).filter((n) => n > 0)).toEqual([])
    // Three thousand launches: it is watched over longer and longer.
    expect((await steps(14, 3000)).slice(-6)).toEqual([0, 0, 0, 0, 0, 0])
  } finally {
    device.destroy()
  }
})

test('what was never free for long is kept, what was is let go of, oldest first', () => {
  const gone: number[] = []
  const pool = new Pool(({ id }) => gone.push(id))
  // The pool reads nothing else of a slab.
  const slab = (id: number) => ({ id, bytes: 256 }) as Slab
  for (const id of [1, 2, 3, 4]) pool.give(slab(id))
  pool.ran(512)
  expect(gone).toEqual([])
  const taken = [pool.take(256), pool.take(256)].map((one) => one?.id)
  expect(taken).toEqual([4, 3])
  pool.give(slab(3))
  pool.give(slab(4))
  pool.ran(511)
  expect(gone).toEqual([])
  pool.ran(1)
  expect(gone).toEqual([1, 2])
  expect([pool.count, pool.bytes]).toEqual([2, 512])
  pool.ran(512)
  expect([...gone, pool.count]).toEqual([1, 2, 3, 4, 0])
  // One that had been let go of is asked for: from now on over twice as many launches.
  expect(pool.take(256)).toBeUndefined()
  pool.ran(512)
  pool.give(slab(5))
  pool.ran(1024)
  pool.ran(1023)
  expect(pool.count).toBe(1)
  pool.ran(1)
  expect(pool.count).toBe(0)
})
