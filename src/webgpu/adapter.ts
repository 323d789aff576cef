/**
 * @file Where the GPU object comes from: `navigator.gpu`, unless an entry point registered another source (src/node.ts
 * registers Dawn, see node.ts beside this file).
 */
import { fail } from '../errors.ts'
import { createWebGPUDevice, type WebGPUDevice, type WebGPUOptions } from './device.ts'

/** Finds the GPU object; `adapter` is the name the user asked for, if any. */
export type GpuSource = (adapter: string | undefined) => Promise<GPU>

let source: GpuSource = async () => {
  const gpu = (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu
  if (gpu) return gpu
  const todo = "use device 'cpu', or a browser with WebGPU, on https or localhost"
  return fail('webgpu', 'this environment has no navigator.gpu', todo)
}

/** Take GPU objects from elsewhere. */
export function setGpuSource(from: GpuSource): void {
  source = from
}

/** A new device of the best adapter, or of the one named in the options. @throws HandgradError if there is none */
export async function requestWebGPUDevice(options: WebGPUOptions = {}): Promise<WebGPUDevice> {
  return createWebGPUDevice(await source(options.adapter), options)
}
