/**
 * @file Weights that nothing can be drawn by: on WebGPU the next read tells of them, once, and nothing waits before.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { multinomial, ones, tap, tensor } from '../../src/index.ts'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { badWeights } from '../support/weights.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

for (const [text, list, n, replacement] of badWeights)
  it(text, async () => {
    let reads = 0
    const off = tap(gpu, {
      read: (next, ...args) => {
        reads++
        return next(...args)
      },
    })
    const indices = multinomial(tensor(list, { device: gpu }), n, { replacement })
    expect(reads).toBe(0)
    await expect(indices.data()).rejects.toThrow(text)
    off()
    // The report is gone, and what was drawn lies in the rows: it can be looked up.
    const m = Array.isArray(list[0]) ? list[0].length : list.length
    const drawn = await indices.data()
    drawn.forEach((at) => {
      expect(at).toBeGreaterThanOrEqual(0)
      expect(at).toBeLessThan(m)
    })
    expect(Array.from(await ones([2], { device: gpu }).data())).toEqual([1, 1])
  })

it('sync tells of them too', async () => {
  multinomial(tensor([0, 0], { device: gpu }), 1)
  await expect(gpu.sync()).rejects.toThrow('multinomial: row 0 has 0 weights above 0, and 1 are drawn')
  await gpu.sync()
})

it('another view of good weights is fine', async () => {
  const table = tensor(
    [
      [1, 0, 9],
      [0, 2, 9],
    ],
    { device: gpu },
  )
  const two = table.slice(null, [0, 2])
  for (const weights of [two, two.transpose()])
    for (const replacement of [true, false])
      expect(Array.from(await multinomial(weights, 1, { replacement }).data())).toEqual([0, 1])
})
