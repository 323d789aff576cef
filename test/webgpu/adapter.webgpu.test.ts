/**
 * @file The adapter that the test set-up prepared is found by any later instance of the package webgpu, and gives a
 * device.
 */
import { expect, test } from 'vitest'
import { create } from 'webgpu'
import { findGpu } from '../support/adapters.ts'

/** Kept for the life of the process: Dawn crashes when an instance is collected before its devices. */
const gpu = create([])

test('an instance made after the set-up has an adapter', async () => {
  const adapter = await gpu.requestAdapter()
  const device = await adapter?.requestDevice()
  expect(device?.limits.maxComputeInvocationsPerWorkgroup).toBeGreaterThanOrEqual(256)
  device?.destroy()
})

test('findGpu returns the same adapter each time, and names it', async () => {
  const first = await findGpu()
  const again = await findGpu()
  expect(again.name).toBe(first.name)
  expect(first.name).toMatch(/\w+ \S+/)
})

test('an adapter that does not exist is refused, and those that exist are named', async () => {
  await expect(findGpu({ adapter: 'no such adapter' })).rejects.toThrow(/swiftshader|llvmpipe|name:/i)
})
