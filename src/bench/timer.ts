/**
 * @file When the device ran which pass, by timestamp queries: two of each pass, in nanoseconds of the device's own
 * clock. In Node they are as fine as the driver has them (src/webgpu/node.ts); browsers round them, see clock.ts.
 */
import type { Launch } from '../core/device.ts'
import type { PassWatcher } from '../webgpu/watcher.ts'
import { READ, USAGE } from './usage.ts'

/** Queries that one set may have. */
const SET = 4096
const BYTES = 8

/** What the next passes belong to. */
export interface Origin {
  readonly launch: Launch
  readonly variant: string
}

/** One pass on the device. */
export interface Span {
  readonly begin: bigint
  readonly end: bigint
  /** Of the first launch in the pass; undefined for passes that the engine did not encode. */
  readonly origin: Origin | undefined
}

/** Seconds from begin to end. */
export const secondsOf = ({ begin, end }: Pick<Span, 'begin' | 'end'>): number => Number(end - begin) / 1e9

export class PassTimer implements PassWatcher {
  readonly each: boolean
  readonly batch: number | undefined
  private readonly gpu: GPUDevice
  private readonly sets: GPUQuerySet[] = []
  private origins: (Origin | undefined)[] = []
  private current: Origin | undefined

  /**
   * @param options.each  a pass for each dispatch, so that each has its own time
   * @param options.batch  dispatches of one pass, at most
   */
  constructor(gpu: GPUDevice, { each = false, batch }: { each?: boolean; batch?: number } = {}) {
    this.gpu = gpu
    this.each = each
    this.batch = batch
  }

  launches(launch: Launch, variant: string): void {
    this.current = { launch, variant }
  }

  begins(): GPUComputePassTimestampWrites {
    const query = 2 * this.origins.length
    this.origins.push(this.current)
    const querySet = (this.sets[Math.floor(query / SET)] ??= this.gpu.createQuerySet({ type: 'timestamp', count: SET }))
    return { querySet, beginningOfPassWriteIndex: query % SET, endOfPassWriteIndex: (query % SET) + 1 }
  }

  /** Passes begun since the last read. */
  get passes(): number {
    return this.origins.length
  }

  /** The times of all passes since the last read, which must have been submitted. Waits for the device. */
  async read(): Promise<Span[]> {
    const { origins, gpu } = this
    this.origins = []
    this.current = undefined
    if (origins.length === 0) return []
    const size = 2 * BYTES * origins.length
    const resolved = gpu.createBuffer({ size, usage: USAGE.queryResolve | USAGE.copySrc })
    const mapped = gpu.createBuffer({ size, usage: USAGE.mapRead | USAGE.copyDst })
    const encoder = gpu.createCommandEncoder()
    for (let from = 0, i = 0; from < 2 * origins.length; from += SET, i++)
      encoder.resolveQuerySet(this.sets[i], 0, Math.min(SET, 2 * origins.length - from), resolved, from * BYTES)
    encoder.copyBufferToBuffer(resolved, 0, mapped, 0, size)
    gpu.queue.submit([encoder.finish()])
    await mapped.mapAsync(READ)
    const times = new BigUint64Array(mapped.getMappedRange().slice(0))
    mapped.destroy()
    resolved.destroy()
    return origins.map((origin, i) => ({ begin: times[2 * i], end: times[2 * i + 1], origin }))
  }

  destroy(): void {
    for (const set of this.sets) set.destroy()
  }
}
