/** @file Where there is no WebGPU or no adapter, the remedies are those of the place: a browser's, or Node's. */
import { afterEach, expect, test, vi } from 'vitest'
import { device } from '../../src/index.ts'
import { refusal } from '../support/refusals.ts'

/** A WebGPU without adapters; what it has is not asked for before one is found. */
const empty = { requestAdapter: async () => null } as unknown as GPU

afterEach(() => {
  vi.unstubAllGlobals()
  vi.doUnmock('webgpu')
})

test('in a browser', async () => {
  vi.stubGlobal('navigator', {})
  expect(await refusal(() => device('webgpu'))).toBe(
    "device: this environment has no WebGPU (use device('cpu'), or a browser with WebGPU on an https or localhost page)",
  )
  vi.stubGlobal('navigator', { gpu: empty })
  expect(await refusal(() => device('webgpu'))).toBe(
    "webgpu: no adapter found (use device('cpu'), or look whether the browser's settings and its list of GPUs allow WebGPU here)",
  )
  const told: string[] = []
  expect((await device('auto', { log: (line) => told.push(line) })).kind).toBe('cpu')
  expect(told.join()).not.toMatch(/Vulkan|Mesa|npm|driver|handgrad info/)
})

test('in Node', async () => {
  vi.doMock('webgpu', () => ({ create: () => empty }))
  await import('../../src/node.ts')
  expect(await refusal(() => device('webgpu'))).toBe(
    "webgpu: no adapter found (use device('cpu'), or install a graphics driver: on Linux one for Vulkan, such as Mesa 24.2)",
  )
})
