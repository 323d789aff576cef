/**
 * @file What is measured of a device: a limit, checked before it is timed, and the ground that the kernels of limits
 * stand on: programs and buffers that are given back together.
 */
import type { WebGPUDevice } from '../../webgpu/device.ts'
import type { ClockName, Work } from '../clock.ts'
import type { PeakRow } from '../figure.ts'
import { bufferOf, Program } from '../program.ts'
import { READ, USAGE } from '../usage.ts'
import { benchShaders } from '../wgsl.generated.ts'

export interface Limit {
  readonly name: string
  readonly unit: PeakRow['unit']
  /** What one run does: operations or bytes; of a limit in seconds, how many things take them. */
  readonly amount: number
  readonly work: Work
  /** Clocks that it has a row of; absent: the device's best. */
  readonly clocks?: readonly ClockName[]
  /** Run it once and look at all that it computed. @returns what is wrong, if anything is */
  check(): Promise<string | undefined>
}

/** A file of shaders/bench/, without its ending. */
type ShaderName = keyof typeof benchShaders extends `bench/${infer Name}.wgsl` ? Name : never

/** Bytes read at a time. */
const PIECE = 16 * 2 ** 20

export class Ground {
  readonly gpu: GPUDevice
  readonly software: boolean
  readonly features: ReadonlySet<string>
  /** Threads of a workgroup. */
  readonly lanes: number
  /** Threads that fill the device. */
  readonly threads: number
  private readonly buffers: GPUBuffer[] = []

  constructor({ gpu, facts }: WebGPUDevice) {
    this.gpu = gpu
    this.software = facts.software
    this.features = facts.features
    this.lanes = facts.software ? 64 : 256
    this.threads = facts.software ? 4096 : 2 ** 20
  }

  /** An entry point of shaders/bench/. */
  program(name: ShaderName, entry: string): Promise<Program> {
    const file = `bench/${name}.wgsl`
    const code = this.text(name)
    const constants = code.includes('override LANES') ? { LANES: this.lanes } : undefined
    return Program.of(this.gpu, { code, file, entry, constants })
  }

  /** WGSL; a test puts other text in its place. */
  protected text(name: ShaderName): string {
    return benchShaders[`bench/${name}.wgsl`]
  }

  /** A buffer with these contents, or zeros of so many bytes. */
  buffer(contents: Float32Array | Uint32Array | number): GPUBuffer {
    const made =
      typeof contents === 'number'
        ? this.gpu.createBuffer({ size: contents, usage: USAGE.storage | USAGE.copySrc | USAGE.copyDst })
        : bufferOf(this.gpu, contents)
    this.buffers.push(made)
    return made
  }

  /** Write zeros into a buffer. */
  clear(buffer: GPUBuffer): void {
    const encoder = this.gpu.createCommandEncoder()
    encoder.clearBuffer(buffer)
    this.gpu.queue.submit([encoder.finish()])
  }

  /** What a buffer holds, in pieces: `look` gets each with the byte that it begins at, and may say what is wrong. */
  async look(
    buffer: GPUBuffer,
    look: (piece: ArrayBuffer, from: number) => string | undefined,
  ): Promise<string | undefined> {
    const { gpu } = this
    const staging = gpu.createBuffer({
      size: Math.min(PIECE, buffer.size),
      usage: USAGE.mapRead | USAGE.copyDst,
    })
    try {
      for (let from = 0; from < buffer.size; from += PIECE) {
        const size = Math.min(PIECE, buffer.size - from)
        const encoder = gpu.createCommandEncoder()
        encoder.copyBufferToBuffer(buffer, from, staging, 0, size)
        gpu.queue.submit([encoder.finish()])
        await staging.mapAsync(READ, 0, size)
        const wrong = look(staging.getMappedRange(0, size), from)
        staging.unmap()
        if (wrong) return wrong
      }
      return undefined
    } finally {
      staging.destroy()
    }
  }

  /** The whole numbers of a buffer that is not large. */
  async integers(buffer: GPUBuffer): Promise<Uint32Array> {
    const all = new Uint32Array(buffer.size / 4)
    await this.look(buffer, (piece, from) => {
      all.set(new Uint32Array(piece), from / 4)
      return undefined
    })
    return all
  }

  async floats(buffer: GPUBuffer): Promise<Float32Array> {
    return new Float32Array((await this.integers(buffer)).buffer)
  }

  destroy(): void {
    for (const buffer of this.buffers) buffer.destroy()
  }
}

/** The first of some numbers that is not as it should be, in words. */
export function firstWrong(
  found: ArrayLike<number>,
  right: (i: number) => number,
  close: (found: number, right: number) => boolean = Object.is,
): string | undefined {
  for (let i = 0; i < found.length; i++)
    if (!close(found[i], right(i))) return `element ${i} is ${found[i]}, right is ${right(i)}`
  return undefined
}
