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

/** Equal bytes: `toEqual` takes seconds for a million numbers. */
const isSame = (a: ArrayBufferView, b: ArrayBufferView): boolean =>
  Buffer.compare(new Uint8Array(a.buffer), new Uint8Array(b.buffer)) === 0

test('a tensor goes up in pieces, rows of it alone, and down again in any layout', async () => {
  const device = await createWebGPUDevice((await findGpu()).gpu)
  try {
    // More than a piece of 4 MiB as float32, and an odd number of halves.
    const count = 1_100_001
    const data = Float32Array.from({ length: count }, (_, i) => (i % 2048) - 1024)
    const written: Uint8Array[] = []
    const stream = () => new WritableStream<Uint8Array>({ write: (piece) => void written.push(piece) })
    await io.writeSafetensors(stream(), { w: { dtype: 'float32', shape: [count], data } }, { dtype: 'F16' })
    const file = await io.openSafetensors(new Blob(written as BlobPart[]), { device })
    const w = await file.tensor('w')
    expect([w.device, w.dtype]).toEqual([device, 'float32'])
    expect(isSame(await w.data(), data)).toBe(true)
    const rows = await file.tensor('w', { rows: [count - 3, count] })
    expect(await rows.data()).toEqual(data.slice(-3))

    written.length = 0
    const turned = w.slice([0, 1_100_000]).reshape([1000, 1100]).t()
    await io.writeSafetensors(stream(), { turned, same: turned })
    const { turned: back, same } = await io.loadSafetensors(new Blob(written as BlobPart[]))
    expect(same).toBe(back)
    expect(isSame(await back.data(), await turned.data())).toBe(true)
  } finally {
    device.destroy()
  }
})
