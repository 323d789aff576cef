/** @file A classifier on WebGPU: PyTorch's numbers at every padding, nothing done for what is frozen, memory flat. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { idsOn } from './cases.ts'
import { classifierErrors, classifierOn, heldBySteps, paddings, stepOf, targetsOn } from './classified.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

it.each(paddings)('%i tokens behind the longer text: logits, loss and gradients', async (padding) => {
  for (const [what, found] of Object.entries(await classifierErrors(padding, gpu, 'float32')))
    expect(found, what).toBeLessThan(1e-5)
})

it('reports a text without tokens at the next read', async () => {
  const model = await classifierOn(gpu)
  const logits = model.forward(idsOn(gpu), targetsOn(gpu, [7, 0]))
  await expect(logits.data()).rejects.toThrow('index 14 at position 1 is outside')
})

it('frozen weights keep no activations, and nothing is computed for them', () => {
  const [all, upper, head] = [null, /^transformer\.(wte|wpe|h\.[01]\.)/, 'transformer'].map((one) => stepOf(gpu, one))
  expect(upper.kept).toBeLessThan(0.4 * all.kept)
  expect(upper.launches).toBeLessThan(0.4 * all.launches)
  expect(head.launches).toBeLessThan(6)
})

it('60 steps hold what two hold', async () => {
  const own = await device('webgpu')
  const [second, last] = await heldBySteps(own, 60)
  own.destroy()
  expect(last).toEqual(second)
})
