/** @file Augmentations on WebGPU: the bits that the CPU gives. */
import { expect, it } from 'vitest'
import { device } from '../../src/node.ts'
import { bitsOf } from './images.ts'

it('images have the bits that they have everywhere', async () => {
  const gpu = await device('webgpu', { debug: true })
  expect(await bitsOf(gpu)).toBe('')
  gpu.destroy()
})
