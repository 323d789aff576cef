/** @file Gradient clipping on WebGPU: PyTorch over fifty steps, the ends of the range, both variants of the sums. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWebGPUDevice, type WebGPUDevice } from '../../src/webgpu/device.ts'
import { findGpu } from '../support/adapters.ts'
import { clipFaults, nonfinite, nonfiniteErrors, nonfiniteWanted } from '../support/clip.ts'
import { clipCases, clipDistance, float32Bound } from '../support/clipcases.ts'

const devices: WebGPUDevice[] = []
beforeAll(async () => {
  for (const squares of ['thread', 'group'])
    devices.push(await createWebGPUDevice((await findGpu()).gpu, { debug: true, force: { squares } }))
})
afterAll(() => {
  for (const device of devices) device.destroy()
})

test.each([0, 1])('norms are right over all of the range, variant %i', async (i) => {
  expect(await clipFaults({ device: devices[i] })).toEqual([])
})

test('fifty steps of SGD with clipping are those of PyTorch', async () => {
  const far = await Promise.all(clipCases.map((c) => clipDistance(c, devices[0], 'float32')))
  expect(far.filter((d, i) => !(d < float32Bound(clipCases[i])))).toEqual([])
})

test('what is not finite flows on, or is an error at the next read', async () => {
  const [device] = devices
  expect(await nonfinite({ device })).toEqual(nonfiniteWanted)
  const text = 'clipGradNorm: the norm of the gradients is NaN (find what grew, or leave out errorIfNonfinite)'
  expect(await nonfiniteErrors({ device })).toEqual([text, text, text])
})
