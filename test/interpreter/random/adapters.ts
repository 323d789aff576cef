/** @file Runs random programs on a WebGPU device: many under way at once, because compiling them is what takes time. */
import type { Batch } from './programs.ts'

/** What the written buffers are afterwards, by binding; or why there are none. */
export type Outcome = ReadonlyMap<number, ArrayBuffer> | Error

/** Outcomes in the order of the batches. */
export const runAll = (device: GPUDevice, batches: readonly Batch[]): Promise<Outcome[]> =>
  Promise.all(batches.map((batch) => run(device, batch).catch((error: unknown) => error as Error)))

async function run(device: GPUDevice, { text, constants, groups, bindings }: Batch): Promise<Outcome> {
  device.pushErrorScope('validation')
  const module = device.createShaderModule({ code: text })
  void device.popErrorScope() // it is among the messages
  const messages = (await module.getCompilationInfo()).messages.filter(({ type }) => type === 'error')
  if (messages.length > 0) {
    const [{ lineNum, message }] = messages
    throw new Error(`line ${lineNum}: ${message} in\n${text.split('\n')[lineNum - 1]}`)
  }
  const { COPY_DST, COPY_SRC, MAP_READ, STORAGE, UNIFORM } = GPUBufferUsage
  // A layout of its own, because a program may leave a buffer unused.
  const entryOf = ({ binding, kind }: (typeof bindings)[number]): GPUBindGroupLayoutEntry => {
    const type = kind === 'storage' ? 'read-only-storage' : kind === 'written' ? 'storage' : 'uniform'
    return { binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } }
  }
  const bindGroup = device.createBindGroupLayout({ entries: bindings.map(entryOf) })
  const layout = device.createPipelineLayout({ bindGroupLayouts: [bindGroup] })
  const pipeline = await device.createComputePipelineAsync({ layout, compute: { module, constants } })
  device.pushErrorScope('validation')
  const buffers = bindings.map(({ kind, data }) => {
    const usage = (kind === 'uniform' ? UNIFORM : STORAGE) | COPY_SRC | COPY_DST
    const buffer = device.createBuffer({ size: data.byteLength, usage })
    device.queue.writeBuffer(buffer, 0, data)
    return buffer
  })
  const encoder = device.createCommandEncoder()
  const pass = encoder.beginComputePass()
  pass.setPipeline(pipeline)
  const entries = bindings.map(({ binding }, i) => ({ binding, resource: { buffer: buffers[i] } }))
  pass.setBindGroup(0, device.createBindGroup({ layout: bindGroup, entries }))
  pass.dispatchWorkgroups(...groups)
  pass.end()
  const reads = bindings.flatMap(({ kind, binding, data }, i) => {
    if (kind !== 'written') return []
    const buffer = device.createBuffer({ size: data.byteLength, usage: MAP_READ | COPY_DST })
    encoder.copyBufferToBuffer(buffers[i], 0, buffer, 0, data.byteLength)
    return [{ binding, buffer }]
  })
  device.queue.submit([encoder.finish()])
  const error = await device.popErrorScope()
  if (error) throw new Error(error.message)
  await Promise.all(reads.map(({ buffer }) => buffer.mapAsync(GPUMapMode.READ)))
  const outcome = new Map(reads.map(({ binding, buffer }) => [binding, buffer.getMappedRange().slice(0)]))
  for (const buffer of [...buffers, ...reads.map((read) => read.buffer)]) buffer.destroy()
  return outcome
}
