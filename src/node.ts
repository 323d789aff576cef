/**
 * @file The entry for Node: the whole API of index.ts, with WebGPU from the optional package `webgpu`, and tensors
 * whose values console.log shows. Bundlers for browsers never see this file: package.json offers it under the `node`
 * condition only.
 */
import { Tensor } from './core/tensor.ts'
import { useGpuProvider } from './devices.ts'
import { describeTensor } from './text/print.ts'
import { createDawn } from './webgpu/node.ts'

useGpuProvider(
  createDawn,
  "use device('cpu'), or install a graphics driver: on Linux one for Vulkan, such as Mesa 24.2",
)

Object.defineProperty(Tensor.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: Tensor) {
    return describeTensor(this)
  },
})

export * from './index.ts'
