/**
 * @file The entry for Node: the whole API of index.ts, with WebGPU from the optional package `webgpu`. Bundlers for
 * browsers never see this file: package.json offers it under the `node` condition only.
 */
import { useGpuProvider } from './devices.ts'
import { createDawn } from './webgpu/node.ts'

useGpuProvider(createDawn)

export * from './index.ts'
