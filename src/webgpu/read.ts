/**
 * @file Reading back. Copies are recorded at once, so that they see what was launched before; all reads of one task share
 * one submit, small ones one staging buffer. What the device found out about errors is looked at with every read or sync.
 */
import { type DeviceLostError, IndexError, KernelError } from '../core/errors.ts'
import { type Buffers, roundUp, type Slab, USAGE, type WebGPUBlock } from './buffers.ts'
import type { Guards } from './guards.ts'
import type { Recorder } from './recorder.ts'
import { errorOf, type Fate } from './validity.ts'

const READ = 1 // GPUMapMode.READ
/** Reads of at most this many bytes share a staging buffer. */
const SMALL = 4096
const SHARED = 65536
/** Bytes of staging buffers kept for the next read. */
const KEPT = 64 * 2 ** 20

/** Words of the status buffer, see shaders/lib/status.wgsl. */
export const STATUS_BYTES = 16

interface Waiting {
  readonly staging: Slab | null
  readonly offset: number
  readonly bytes: number
  /** What the copied contents depend on, as it was when the copy was recorded. */
  readonly error: Error | undefined
  readonly fate: Fate | undefined
  /** Command buffers that wrote the contents and that hold the copy. */
  readonly serials: readonly number[]
  readonly resolve: (bytes: ArrayBuffer) => void
  readonly reject: (error: Error) => void
}

interface Batch {
  shared: Slab | null
  used: number
  readonly staging: Slab[]
  /** Mapped memory of the staging buffers: a range may be asked for only once. */
  readonly mapped: Map<Slab, ArrayBuffer>
  readonly waiting: Waiting[]
}

export class Reader {
  /** A launch since the last look may have reported an index. */
  statusDirty = false
  /** The status buffer; made with the first kernel that has one. */
  status: Slab | null = null
  /** Ops by launch_id − 1. */
  readonly labels: string[] = []
  /** Found by WebGPU on its own, or a failure that no block bears: the next read or sync rejects with it. */
  uncaptured: Error | undefined
  /** A kernel that did not compile: reads of what depends on it reject anyway, the next sync does too. */
  broken: Error | undefined
  private readonly device: GPUDevice
  private readonly buffers: Buffers
  private readonly recorder: Recorder
  private readonly guards: Guards | null
  private readonly lost: () => DeviceLostError | undefined
  private batch: Batch | null = null
  private idle: Slab[] = []
  private idleBytes = 0

  constructor(
    device: GPUDevice,
    buffers: Buffers,
    recorder: Recorder,
    guards: Guards | null,
    lost: () => DeviceLostError | undefined,
  ) {
    this.device = device
    this.buffers = buffers
    this.recorder = recorder
    this.guards = guards
    this.lost = lost
  }

  /** Bytes [offset, offset + bytes) of a block, after everything launched so far. */
  read(block: WebGPUBlock, offset: number, bytes: number): Promise<ArrayBuffer> {
    const batch = this.open()
    const encoder = this.recorder.encoder()
    const { staging, at } = this.place(batch, bytes)
    encoder.copyBufferToBuffer(block.slab.buffer, offset, staging.buffer, at, bytes)
    block.slab.usedIn = this.recorder.serial
    this.guards?.watch(block)
    const { error, fate } = block
    const serials = [block.writtenIn, this.recorder.serial]
    return new Promise((resolve, reject) => {
      batch.waiting.push({ staging, offset: at, bytes, error, fate, serials, resolve, reject })
    })
  }

  /** Wait for everything launched so far, and look for errors. */
  sync(): Promise<void> {
    const batch = this.open()
    const nothing = { staging: null, offset: 0, bytes: 0, error: undefined, fate: undefined, serials: [] }
    return new Promise((resolve, reject) => {
      batch.waiting.push({ ...nothing, resolve: () => resolve(), reject })
    })
  }

  private open(): Batch {
    if (this.batch) return this.batch
    const batch: Batch = { shared: null, used: 0, staging: [], mapped: new Map(), waiting: [] }
    this.batch = batch
    // What runs in the same task and asks for more reads joins the batch.
    queueMicrotask(() => void this.close(batch))
    return batch
  }

  private place(batch: Batch, bytes: number): { staging: Slab; at: number } {
    if (bytes > SMALL) return { staging: this.staging(batch, bytes), at: 0 }
    if (!batch.shared || batch.used + bytes > SHARED) {
      batch.shared = this.staging(batch, SHARED)
      batch.used = 0
    }
    const at = batch.used
    batch.used += bytes
    return { staging: batch.shared, at }
  }

  private staging(batch: Batch, bytes: number): Slab {
    // The smallest idle one that is not wastefully large.
    let best = -1
    this.idle.forEach((slab, i) => {
      const fits = slab.bytes >= bytes && slab.bytes <= 4 * Math.max(bytes, SHARED)
      if (fits && (best < 0 || slab.bytes < this.idle[best].bytes)) best = i
    })
    let slab: Slab
    if (best >= 0) {
      slab = this.idle.splice(best, 1)[0]
      this.idleBytes -= slab.bytes
    } else {
      const size = roundUp(bytes, SHARED)
      slab = this.buffers.createCached(size, USAGE.mapRead | USAGE.copyDst, 'staging')
    }
    batch.staging.push(slab)
    return slab
  }

  private async close(batch: Batch): Promise<void> {
    this.batch = null
    let status: { staging: Slab; at: number } | null = null
    if (this.statusDirty && this.status && !this.lost()) {
      this.statusDirty = false
      status = this.place(batch, STATUS_BYTES)
      const encoder = this.recorder.encoder()
      encoder.copyBufferToBuffer(this.status.buffer, 0, status.staging.buffer, status.at, STATUS_BYTES)
      encoder.clearBuffer(this.status.buffer, 0, STATUS_BYTES)
    }
    let error: Error | undefined
    try {
      this.recorder.submit()
      const maps = batch.staging.map((slab) => slab.buffer.mapAsync(READ))
      if (maps.length === 0) maps.push(this.device.queue.onSubmittedWorkDone())
      const damage = this.guards?.inspect()
      await Promise.all(maps)
      await this.recorder.judged()
      for (const slab of batch.staging) batch.mapped.set(slab, slab.buffer.getMappedRange())
      const index = status && this.indexError(batch.mapped.get(status.staging)!, status.at)
      error = (await damage) ?? index ?? undefined
    } catch (problem) {
      error = await this.reason(problem)
    }
    error = this.lost() ?? error ?? this.uncaptured
    if (error === this.uncaptured) this.uncaptured = undefined
    for (const waiting of batch.waiting) await this.settle(waiting, batch.mapped, error)
    if (this.lost()) return
    for (const slab of batch.staging) this.release(slab)
  }

  private async settle(waiting: Waiting, mapped: Batch['mapped'], shared: Error | undefined): Promise<void> {
    const { staging, offset, bytes, resolve, reject } = waiting
    const found = this.lost() ?? (await this.errorOf(waiting)) ?? shared ?? (staging ? undefined : this.broken)
    if (found === this.broken) this.broken = undefined
    if (found) return reject(found)
    resolve(staging ? mapped.get(staging)!.slice(offset, offset + bytes) : new ArrayBuffer(0))
  }

  /** Why the contents that were copied are void. */
  private async errorOf({ error, fate, serials }: Waiting): Promise<Error | undefined> {
    if (error) return error
    if (fate) await Promise.all(fate.map((verdict) => verdict.answered))
    const broken = fate && errorOf(fate)
    if (broken) return broken
    for (const serial of serials) {
      const failure = this.recorder.failureIn(serial)
      if (failure) return failure
    }
    return undefined
  }

  private indexError(mapped: ArrayBuffer, at: number): Error | undefined {
    const [launch, position, index, limit] = new Int32Array(mapped, at, STATUS_BYTES / 4)
    if (launch === 0) return undefined
    return new IndexError(this.labels[launch - 1], `index ${index} at position ${position} is outside [0, ${limit})`)
  }

  /** Mapping fails when the device is lost, which may be told a moment later. */
  private async reason(problem: unknown): Promise<Error> {
    for (let wait = 0; wait < 50 && !this.lost(); wait++) await new Promise((done) => setTimeout(done, 2))
    return this.lost() ?? new KernelError('read', `the device could not be read: ${problem}`)
  }

  private release(slab: Slab): void {
    if (slab.buffer.mapState !== 'unmapped') slab.buffer.unmap()
    if (this.idleBytes + slab.bytes > KEPT) return this.buffers.destroyCached(slab)
    this.idle.push(slab)
    this.idleBytes += slab.bytes
  }
}
