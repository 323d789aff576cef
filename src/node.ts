/**
 * @file The entry for Node: the whole API of index.ts, with WebGPU from the optional package `webgpu`. Bundlers for
 * browsers never see this file: package.json offers it under the `node` condition only.
 */
import { useGpuProvider } from './devices.ts'
import { createDawn } from './webgpu/node.ts'

useGpuProvider(
  createDawn,
  "use device('cpu'), or install a graphics driver: on Linux one for Vulkan, such as Mesa 24.2",
)

export * from './index.ts'
