/** @file Text from a model on WebGPU. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { collect } from '../support/gc.ts'
import { asItGrows, leaking, leftBy, seedsApart, unlikePyTorch } from './cases.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

it.each(['gpt2-long', 'gpt2-head-of-its-own'])('%s: 40 greedy tokens equal PyTorch, slid or not', async (name) => {
  expect(await unlikePyTorch(name, gpu)).toEqual([])
})

it('by one seed the same, alone and in any batch', async () => {
  expect(await seedsApart(gpu)).toEqual([])
})

it('to the last position, with memory that grows as the text does', async () => {
  const { wrong, first, last } = await asItGrows(gpu)
  expect(wrong).toBe(0)
  expect(last).toBeGreaterThan(2 * first)
})

it('transformers.js#1734: after 200 generations as after the second, however one leaves', async () => {
  await collect()
  const own = await device('webgpu')
  expect(await leaking(own, 200)).toEqual({})
  expect(await leftBy(own)).toEqual({})
  own.destroy()
})
