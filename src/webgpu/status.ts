/**
 * @file The status buffer: where a kernel reports what is wrong in its input, such as an index that is out of range,
 * since it cannot throw. Its words are those of shaders/lib/status.wgsl. It is copied and cleared with the next read or
 * sync, see read.ts.
 */
import { WORD_BYTES } from '../core/contract.ts'
import type { HandgradError } from '../core/errors.ts'
import { floatKinds, reportError } from '../core/reports.ts'
import { type Buffers, type Slab, USAGE } from './buffers.ts'

/** Launch, position, value, limit, kind, low. */
export const STATUS_BYTES = 6 * WORD_BYTES

export class Status {
  private readonly buffers: Buffers
  /** Made with the first launch of a kernel that reports. */
  private slab: Slab | null = null
  /** Something that may have reported was encoded since the last look. */
  private dirty = false
  /** Ops that launched such kernels; the id of one is its position, from 1. */
  private readonly labels: string[] = []
  private readonly ids = new Map<string, number>()

  constructor(buffers: Buffers) {
    this.buffers = buffers
  }

  /** The buffer that kernels report to. */
  buffer(): Slab {
    const usage = USAGE.storage | USAGE.copySrc | USAGE.copyDst
    return (this.slab ??= this.buffers.createCached(STATUS_BYTES, usage, 'status'))
  }

  /** The number that stands for an op in the buffer. */
  idOf(label: string): number {
    const known = this.ids.get(label)
    if (known !== undefined) return known
    this.labels.push(label)
    this.ids.set(label, this.labels.length)
    return this.labels.length
  }

  /** A kernel that reports is being encoded. */
  use(): void {
    this.dirty = true
  }

  /** Whether there is anything to look at. */
  get used(): boolean {
    return this.dirty && this.slab !== null
  }

  /** Copy what was reported so far, and clear it for what comes. */
  take(encoder: GPUCommandEncoder, target: GPUBuffer, offset: number): void {
    if (!this.slab) return
    this.dirty = false
    encoder.copyBufferToBuffer(this.slab.buffer, 0, target, offset, STATUS_BYTES)
    encoder.clearBuffer(this.slab.buffer, 0, STATUS_BYTES)
  }

  /** The error that a copy of the buffer tells of. */
  errorIn(copy: ArrayBuffer, offset: number): HandgradError | undefined {
    const [launch, position, index, limit, kind, low] = new Int32Array(copy, offset, STATUS_BYTES / WORD_BYTES)
    if (launch === 0) return undefined
    const value = floatKinds.includes(kind) ? new Float32Array(Int32Array.of(index).buffer)[0] : index
    return reportError(this.labels[launch - 1], { kind, position, value, limit, low })
  }
}
