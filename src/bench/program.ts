/**
 * @file One compute shader outside of the engine, ready to be dispatched: the kernels that measure a device's limits,
 * and a reader's own. Faults of its text are errors by line.
 */
import { HandgradError } from '../core/errors.ts'
import type { Work } from './clock.ts'
import type { PassTimer } from './timer.ts'
import { USAGE } from './usage.ts'

export interface ProgramSpec {
  /** WGSL. */
  readonly code: string
  /** Where the text is, for errors. */
  readonly file: string
  readonly entry: string
  readonly constants?: Readonly<Record<string, number>>
  /** Of the bindings of group 0. Default: what the entry point uses. */
  readonly layout?: readonly GPUBindGroupLayoutEntry[]
}

export class Program {
  readonly pipeline: GPUComputePipeline
  readonly gpu: GPUDevice

  private constructor(gpu: GPUDevice, pipeline: GPUComputePipeline) {
    this.gpu = gpu
    this.pipeline = pipeline
  }

  /** @throws HandgradError  with file, line and column of what the compiler refuses */
  static async of(gpu: GPUDevice, { code, file, entry, constants, layout }: ProgramSpec): Promise<Program> {
    gpu.pushErrorScope('validation')
    const module = gpu.createShaderModule({ code, label: file })
    const [info, fault] = await Promise.all([module.getCompilationInfo(), gpu.popErrorScope()])
    const errors = info.messages.filter(({ type }) => type === 'error')
    const lines = errors.map((error) => located(error, code, file))
    if (fault || lines.length > 0) throw new HandgradError('bench', lines.join('\n') || fault?.message || file)
    try {
      const pipeline = await gpu.createComputePipelineAsync({
        layout: layout
          ? gpu.createPipelineLayout({ bindGroupLayouts: [gpu.createBindGroupLayout({ entries: [...layout] })] })
          : 'auto',
        compute: { module, entryPoint: entry, constants: { ...constants } },
      })
      return new Program(gpu, pipeline)
    } catch (error) {
      throw new HandgradError('bench', `${file}: ${(error as Error).message}`)
    }
  }

  /** Bind buffers of group 0, by binding. A program that does not use one of them has no such binding. */
  bind(buffers: Readonly<Record<number, GPUBuffer>>): GPUBindGroup {
    return this.gpu.createBindGroup({
      layout: this.pipeline.getBindGroupLayout(0),
      entries: Object.entries(buffers).map(([binding, buffer]) => ({ binding: Number(binding), resource: { buffer } })),
    })
  }

  /** Work: `repeat` dispatches in one pass, of these bind groups in turn. */
  work(groups: readonly GPUBindGroup[], grid: readonly [number, number, number], repeat = 1): Work {
    const { gpu, pipeline } = this
    let next = 0
    const work: Work & { timer: PassTimer | null } = {
      timer: null,
      run() {
        const encoder = gpu.createCommandEncoder()
        const timestampWrites = work.timer?.begins()
        const pass = encoder.beginComputePass(timestampWrites && { timestampWrites })
        pass.setPipeline(pipeline)
        for (let i = 0; i < repeat; i++) {
          pass.setBindGroup(0, groups[next])
          pass.dispatchWorkgroups(...grid)
          next = (next + 1) % groups.length
        }
        pass.end()
        gpu.queue.submit([encoder.finish()])
      },
    }
    return work
  }
}

/** `file:line:column: what is wrong`, the line below it, and a mark below the column. */
function located({ lineNum, linePos, message }: GPUCompilationMessage, code: string, file: string): string {
  // 0: the compiler knows no place.
  if (lineNum === 0) return `${file}: ${message}`
  const line = code.split('\n')[lineNum - 1] ?? ''
  const before = line.slice(0, Math.max(0, linePos - 1)).replace(/[^\t]/g, ' ')
  return `${file}:${lineNum}:${linePos}: ${message}\n    ${line}\n    ${before}^`
}

/** A buffer with these contents, which kernels may write and which can be read back. */
export function bufferOf(gpu: GPUDevice, contents: Float32Array | Uint32Array | Int32Array | Uint8Array): GPUBuffer {
  const size = Math.max(16, Math.ceil(contents.byteLength / 4) * 4)
  const buffer = gpu.createBuffer({ size, usage: USAGE.storage | USAGE.copySrc | USAGE.copyDst })
  // A view of what may be shared memory is copied: WebGPU refuses that.
  const bytes = new Uint8Array(size)
  bytes.set(new Uint8Array(contents.buffer, contents.byteOffset, contents.byteLength))
  gpu.queue.writeBuffer(buffer, 0, bytes)
  return buffer
}
