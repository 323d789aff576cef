/** @file A plan on a device: its pipeline, its buffers between guard cells, and one run that is looked at. */
import { fail } from '../../core/errors.ts'
import type { WebGPUDevice } from '../../webgpu/device.ts'
import { Program } from '../program.ts'
import { READ, USAGE } from '../usage.ts'
import { filled } from './fill.ts'
import { faultsIn, guarded, HEAD, layoutOf, numbersIn } from './guarded.ts'
import type { Files, OwnSpec, Plan, Planned } from './spec.ts'
import { pack } from './types.ts'
import { uniformBytes } from './uniform.ts'

const COMPUTE = 4 // GPUShaderStage.COMPUTE

/** The pipeline of a plan. @throws HandgradError  with file, line and column of what the compiler refuses */
export function programOf(gpu: GPUDevice, { code, file }: OwnSpec, plan: Plan): Promise<Program> {
  const { declared, constants } = plan
  return Program.of(gpu, {
    code,
    file,
    entry: declared.entry.name,
    constants,
    layout: declared.variables.map(({ binding, space, writable }) => ({
      binding,
      visibility: COMPUTE,
      buffer: { type: space === 'uniform' ? 'uniform' : writable ? 'storage' : 'read-only-storage' },
    })),
  })
}

/** The buffers of one set of inputs and outputs, by variable. */
export type Buffers = ReadonlyMap<string, GPUBuffer>

/** The bytes that each buffer begins with. */
export type Contents = ReadonlyMap<string, Uint8Array<ArrayBuffer>>

export function contentsOf({ buffers }: Plan, files: Files): Contents {
  return new Map(
    buffers.map((planned) => {
      const { bind, variable, count } = planned
      if (bind.role === 'out') return [bind.name, guarded(planned, null)]
      const file = bind.path === undefined ? undefined : files.get(bind.path)
      return [
        bind.name,
        guarded(planned, pack(variable.element, file?.data ?? filled(bind, count, variable.element.scalar))),
      ]
    }),
  )
}

/** The numbers that inputs have on the device, for a reference. */
export const inputsOf = ({ buffers }: Plan, contents: Contents): Record<string, Float64Array> =>
  Object.fromEntries(
    buffers
      .filter(({ bind }) => bind.role !== 'out')
      .map((planned) => [planned.bind.name, numbersIn(planned, bytesIn(contents, planned))]),
  )

const bytesIn = (contents: Contents, { bind }: Planned): Uint8Array<ArrayBuffer> =>
  contents.get(bind.name) as Uint8Array<ArrayBuffer> // contentsOf makes them for all

/** Buffers of these contents. @throws HandgradError if one is larger than the device binds */
export function setOf(device: WebGPUDevice, { buffers }: Plan, contents: Contents): Buffers {
  const { gpu } = device
  const most = Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize)
  return new Map(
    buffers.map((planned) => {
      const { name } = planned.bind
      const bytes = bytesIn(contents, planned)
      if (bytes.length > most)
        fail('bench', `${name} takes ${bytes.length} bytes with its guards`, `${device.name} binds at most ${most}`)
      const buffer = emptyOf(gpu, bytes.length)
      gpu.queue.writeBuffer(buffer, 0, bytes)
      return [name, buffer]
    }),
  )
}

/** Another set, elsewhere in memory, of the same contents. */
export function copyOf(gpu: GPUDevice, set: Buffers): Buffers {
  const encoder = gpu.createCommandEncoder()
  const copies = [...set].map(([name, from]): [string, GPUBuffer] => {
    const to = emptyOf(gpu, from.size)
    encoder.copyBufferToBuffer(from, 0, to, 0, from.size)
    return [name, to]
  })
  gpu.queue.submit([encoder.finish()])
  return new Map(copies)
}

const emptyOf = (gpu: GPUDevice, size: number): GPUBuffer =>
  gpu.createBuffer({ size, usage: USAGE.storage | USAGE.copySrc | USAGE.copyDst })

export function uniformsOf(gpu: GPUDevice, { uniforms, params }: Plan): Map<number, GPUBuffer> {
  return new Map(
    uniforms.map((variable) => {
      const bytes = uniformBytes(variable, params)
      const buffer = gpu.createBuffer({ size: bytes.length, usage: USAGE.uniform | USAGE.copyDst })
      gpu.queue.writeBuffer(buffer, 0, bytes)
      return [variable.binding, buffer]
    }),
  )
}

/** The bind group of a set. */
export function groupOf(
  { gpu, pipeline }: Program,
  { buffers }: Plan,
  set: Buffers,
  uniforms: ReadonlyMap<number, GPUBuffer>,
): GPUBindGroup {
  const entries = buffers.map((planned) => ({
    binding: planned.variable.binding,
    resource: { buffer: set.get(planned.bind.name) as GPUBuffer, offset: HEAD, size: layoutOf(planned).bound },
  }))
  return gpu.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [...entries, ...[...uniforms].map(([binding, buffer]) => ({ binding, resource: { buffer } }))],
  })
}

/** What one run left. */
export interface Left {
  readonly faults: readonly string[]
  /** Of all buffers that may be written, by name. */
  readonly numbers: Readonly<Record<string, Float64Array>>
}

/** Run once, and look at every buffer that could be written. @throws HandgradError if the device refuses the run */
export async function runOnce(
  program: Program,
  plan: Plan,
  group: GPUBindGroup,
  set: Buffers,
  contents: Contents,
): Promise<Left> {
  const { gpu } = program
  gpu.pushErrorScope('validation')
  program.work([group], plan.grid).run()
  const refused = await gpu.popErrorScope()
  if (refused) fail('bench', refused.message.trim().split('\n')[0], 'do shapes, --groups and the file agree?')
  const faults: string[] = []
  const numbers: Record<string, Float64Array> = {}
  for (const planned of plan.buffers.filter(({ variable }) => variable.writable)) {
    const { name } = planned.bind
    const after = await bytesFrom(gpu, set.get(name) as GPUBuffer)
    faults.push(...faultsIn(planned, bytesIn(contents, planned), after))
    numbers[name] = numbersIn(planned, after)
  }
  return { faults, numbers }
}

async function bytesFrom(gpu: GPUDevice, from: GPUBuffer): Promise<Uint8Array<ArrayBuffer>> {
  const to = gpu.createBuffer({ size: from.size, usage: USAGE.mapRead | USAGE.copyDst })
  const encoder = gpu.createCommandEncoder()
  encoder.copyBufferToBuffer(from, 0, to, 0, from.size)
  gpu.queue.submit([encoder.finish()])
  await to.mapAsync(READ)
  const bytes = new Uint8Array(to.getMappedRange().slice(0))
  to.destroy()
  return bytes
}
