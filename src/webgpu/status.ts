/**
 * @file The status buffer: where a kernel reports what is wrong in its input, such as an index that is out of range,
 * since it cannot throw. What its words say is in reported.ts. It is copied and cleared with the next read or sync, see
 * read.ts.
 */
import { type Buffers, type Slab, USAGE } from './buffers.ts'
import { Reported, STATUS_BYTES } from './reported.ts'

export class Status extends Reported {
  private readonly buffers: Buffers
  /** Made with the first launch of a kernel that reports. */
  private slab: Slab | null = null
  /** Something that may have reported was encoded since the last look. */
  private dirty = false

  constructor(buffers: Buffers) {
    super()
    this.buffers = buffers
  }

  /** The buffer that kernels report to. */
  buffer(): Slab {
    const usage = USAGE.storage | USAGE.copySrc | USAGE.copyDst
    return (this.slab ??= this.buffers.createCached(STATUS_BYTES, usage, 'status'))
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
}
