/** @file Chromium's own WebGPU works in the test browser: without it no other browser test means anything. */
import { expect, test } from 'vitest'
import { announceAdapter } from '../support/announce.ts'

test('navigator.gpu runs a kernel', async () => {
  const adapter = await navigator.gpu.requestAdapter()
  if (!adapter) throw new Error('navigator.gpu has no adapter (start the browser with --enable-unsafe-webgpu)')
  announceAdapter('chromium', `${adapter.info.vendor} ${adapter.info.architecture}`, adapter.features)
  const device = await adapter.requestDevice()
  const module = device.createShaderModule({
    code: `@group(0) @binding(0) var<storage, read_write> x: array<u32>;
      @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) { x[id.x] = id.x * id.x; }`,
  })
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } })
  const size = 256
  const buffer = device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC })
  const read = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST })
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer } }],
  })
  const encoder = device.createCommandEncoder()
  const pass = encoder.beginComputePass()
  pass.setPipeline(pipeline)
  pass.setBindGroup(0, group)
  pass.dispatchWorkgroups(1)
  pass.end()
  encoder.copyBufferToBuffer(buffer, 0, read, 0, size)
  device.queue.submit([encoder.finish()])
  await read.mapAsync(GPUMapMode.READ)
  expect([...new Uint32Array(read.getMappedRange())]).toEqual(Array.from({ length: 64 }, (_, i) => i * i))
  device.destroy()
})
