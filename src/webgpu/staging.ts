/** @file Buffers that results are copied into and mapped from, some of them kept for the next read. */
import { type Buffers, roundUp, type Slab, USAGE } from './buffers.ts'

/** Size of a buffer that small reads share, and the step in which sizes grow. */
export const SHARED_BYTES = 65536
/** Bytes kept for the next read. */
const KEPT_BYTES = 64 * 2 ** 20

export class Staging {
  private readonly buffers: Buffers
  private readonly idle: Slab[] = []
  private idleBytes = 0

  constructor(buffers: Buffers) {
    this.buffers = buffers
  }

  /** A buffer of at least `bytes`: the smallest idle one that is not wastefully large, else a new one. */
  take(bytes: number): Slab {
    const most = 4 * Math.max(bytes, SHARED_BYTES)
    let best = -1
    this.idle.forEach((slab, i) => {
      const fits = slab.bytes >= bytes && slab.bytes <= most
      if (fits && (best < 0 || slab.bytes < this.idle[best].bytes)) best = i
    })
    if (best < 0) {
      return this.buffers.createCached(roundUp(bytes, SHARED_BYTES), USAGE.mapRead | USAGE.copyDst, 'staging')
    }
    const [slab] = this.idle.splice(best, 1)
    this.idleBytes -= slab.bytes
    return slab
  }

  give(slab: Slab): void {
    if (slab.buffer.mapState !== 'unmapped') slab.buffer.unmap()
    if (this.idleBytes + slab.bytes > KEPT_BYTES) return this.buffers.destroyCached(slab)
    this.idle.push(slab)
    this.idleBytes += slab.bytes
  }
}
