/**
 * @file Every layer of test/reference/nn_sequence.json on WebGPU, as PyTorch has it in float64; and a wrong index,
 * which is found late there.
 */
import { expect, it } from 'vitest'
import type { Device } from '../../src/core/device.ts'
import { nn, tensor } from '../../src/index.ts'
import { device } from '../../src/node.ts'
import { faultsOf } from './layers.ts'

it('embeddings and recurrent layers are PyTorch’s: outputs, gradients, second order, shortened rows', async () => {
  const gpu = await device('webgpu', { debug: true })
  expect(await faultsOf('nn_sequence', gpu as Device, 'float32', 2e-5)).toEqual([])
  gpu.destroy()
})

it('rows are shortened, and a row that is not there shortens none', async () => {
  const gpu = (await device('webgpu', { debug: true })) as Device
  const weight = tensor(
    [
      [3, 4],
      [3, 4],
      [3, 4],
    ],
    { device: gpu },
  )
  const layer = new nn.Embedding(3, 2, { device: gpu, maxNorm: 1, weight })
  const y = layer.forward(tensor(Int32Array.of(1, 7, -9), { device: gpu }))
  await expect(y.array()).rejects.toThrow('embedding: index 7 at position 1 is outside [-3, 3)')
  const near = (value: number) => expect.closeTo(value, 6)
  expect(await weight.array()).toEqual([
    [3, 4],
    [near(0.6), near(0.8)],
    [3, 4],
  ])
  gpu.destroy()
})
