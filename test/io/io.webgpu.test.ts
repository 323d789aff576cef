/** @file Weights on WebGPU: files of 16 and 64 bits of float are loaded to a device that has 32. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { io, nn, tensor } from '../../src/index.ts'
import { createWebGPUDevice } from '../../src/webgpu/device.ts'
import { findGpu } from '../support/adapters.ts'

test('weights of every width reach a model on the device, float64 where it is asked for', async () => {
  const device = await createWebGPUDevice((await findGpu()).gpu)
  const folder = await mkdtemp(join(tmpdir(), 'handgrad-io-webgpu-'))
  try {
    const path = join(folder, 'w.safetensors')
    const values = [[1.5, -0.25]]
    for (const dtype of ['float16', 'bfloat16', 'float32'] as const) {
      await io.saveSafetensors(path, { weight: tensor(values, { device }) }, { dtype })
      const model = await new nn.Linear(2, 1, { bias: false }).to(device)
      model.loadStateDict(await io.loadSafetensors(path, { device }))
      expect(await model.weight.array()).toEqual(values)
    }
    await io.saveSafetensors(path, { weight: tensor([[0.1, 1e300]], { dtype: 'float64' }) })
    await expect(io.loadSafetensors(path, { device })).rejects.toThrow(
      `loadSafetensors: ${path}: tensor "weight" is float64, which ${device.name} does not have (round to float32 by { dtype: 'float32' }, or load to the cpu)`,
    )
    const { weight } = await io.loadSafetensors(path, { device, dtype: 'float32' })
    expect([weight.device, weight.dtype, await weight.array()]).toEqual([
      device,
      'float32',
      [[Math.fround(0.1), Infinity]],
    ])
  } finally {
    await rm(folder, { recursive: true })
    device.destroy()
  }
})
