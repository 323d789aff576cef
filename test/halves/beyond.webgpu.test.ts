/** @file Tensors of 16 bits beyond one binding, in parts, on WebGPU. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { device, nn, noGrad, tensor } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { numbers } from './suite.ts'

let [small, large]: WebGPUDevice[] = []
beforeAll(async () => {
  small = await device('webgpu', { limits: { maxStorageBufferBindingSize: 65536 } })
  large = await device('webgpu')
})
afterAll(() => {
  small?.destroy()
  large?.destroy()
})

test.each([
  [1000, 64],
  [999, 65],
])('a table [%s, %s] is widened, rounded, copied, looked up and multiplied by', async (rows, cols) => {
  const [data, few] = [numbers(rows * cols), numbers(2 * cols, 5)]
  const on = async (where: WebGPUDevice) => {
    const w = tensor(data, { shape: [rows, cols], dtype: 'bfloat16', device: where })
    const index = tensor(Int32Array.of(rows - 1, 0, 500, -2, 3), { device: where })
    const x = tensor(few, { shape: [2, cols], device: where })
    const all = [w.to('float32'), w.to('float32').to('float16'), w.T.clone(), w.slice([3, 990]).clone()]
    const found = [...all, nn.functional.embedding(w, index), noGrad(() => nn.functional.linear(x, w))]
    return Promise.all(found.map(async (y) => [...(await y.data())]))
  }
  expect(await on(small)).toEqual(await on(large))
})

test.each([
  [1003, 36],
  [2001, 20],
])('a weight [in, out] of [%s, %s], whose parts end within a vec4', async (rows, cols) => {
  const [data, few] = [numbers(rows * cols), numbers(2 * rows, 5)]
  const on = async (where: WebGPUDevice) => {
    const w = tensor(data, { shape: [rows, cols], dtype: 'float16', device: where })
    const x = tensor(few, { shape: [2, rows], device: where })
    return [...(await noGrad(() => nn.functional.linear(x, w.T)).data())]
  }
  const [parts, whole] = [await on(small), await on(large)]
  const largest = Math.max(...whole.map(Math.abs))
  for (const [i, v] of parts.entries()) expect(Math.abs(v - whole[i]) / largest).toBeLessThan(1e-5)
})
