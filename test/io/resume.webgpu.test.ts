/** @file A training that is stopped and goes on gives the bits of one that was not stopped, on WebGPU. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { device, io } from '../../src/index.ts'
import { createWebGPUDevice } from '../../src/webgpu/device.ts'
import { findGpu } from '../support/adapters.ts'
import { makeTraining, resumed } from '../support/resume.ts'

it('50 steps and 50 more are 100 steps, bit for bit; another device is refused until it is asked for', async () => {
  const gpu = await createWebGPUDevice((await findGpu()).gpu)
  const folder = await mkdtemp(join(tmpdir(), 'handgrad-resume-webgpu-'))
  try {
    const path = join(folder, 'c.safetensors')
    const { whole, halves, found } = await resumed(gpu, path)
    expect(found.extra).toEqual({ batch: 4 })
    expect(halves).toEqual(whole)

    const there = await makeTraining(gpu, 1)
    await io.loadCheckpoint(path, there.parts)
    const here = await makeTraining(await device('cpu'), 1)
    const before = await here.bits()
    await expect(io.loadCheckpoint(path, here.parts)).rejects.toThrow(
      `it was saved on ${gpu.name}, what is given is on cpu`,
    )
    expect(await here.bits()).toEqual(before)
    await io.loadCheckpoint(path, here.parts, { otherDevice: true })
    expect(await here.bits()).toEqual(await there.bits())
  } finally {
    await rm(folder, { recursive: true })
    gpu.destroy()
  }
})
