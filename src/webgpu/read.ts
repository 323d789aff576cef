/**
 * @file Reading back. Copies are recorded at once, so that they see what was launched before; all reads of one task
 * share one submit, small ones one staging buffer. What the device found out about errors is looked at with every read
 * or sync: damaged guards (guards.ts), bad indices (status.ts), failed submits and pipelines.
 */
import { type DeviceLostError, KernelError } from '../core/errors.ts'
import type { Buffers, Slab, WebGPUBlock } from './buffers.ts'
import type { Guards } from './guards.ts'
import type { Recorder } from './recorder.ts'
import { STATUS_BYTES } from './reported.ts'
import { SHARED_BYTES, Staging } from './staging.ts'
import type { Status } from './status.ts'
import { errorOf, type Verdicts } from './validity.ts'

const READ = 1 // GPUMapMode.READ
/** Reads of at most this many bytes share a staging buffer. */
const SMALL_BYTES = 4096

/** Where in a staging buffer a copy lies. */
interface Copy {
  readonly staging: Slab
  readonly offset: number
  readonly bytes: number
}

/** A read, or a sync, for which there is nothing to copy. */
interface Waiting {
  readonly copy: Copy | null
  /** What the copied contents depend on, as it was when the copy was recorded. */
  readonly error: Error | undefined
  readonly verdicts: Verdicts | undefined
  /** Command buffers that wrote the contents and that hold the copy. */
  readonly serials: readonly number[]
  readonly resolve: (bytes: ArrayBuffer) => void
  readonly reject: (error: Error) => void
}

/** The reads of one task. */
interface Batch {
  /** The buffer that small copies share, and how much of it is taken. */
  shared: Slab | null
  sharedBytes: number
  readonly staging: Slab[]
  readonly waiting: Waiting[]
}

export class Reader {
  /** Found by WebGPU on its own, or a failure recorded on no block: the next read or sync rejects with it. */
  uncaptured: Error | undefined
  /** A kernel that did not compile: reads of what depends on it reject anyway, the next sync does too. */
  broken: Error | undefined
  private readonly device: GPUDevice
  private readonly recorder: Recorder
  private readonly status: Status
  private readonly guards: Guards | null
  private readonly lost: () => DeviceLostError | undefined
  private readonly staging: Staging
  private batch: Batch | null = null

  constructor(
    device: GPUDevice,
    buffers: Buffers,
    recorder: Recorder,
    status: Status,
    guards: Guards | null,
    lost: () => DeviceLostError | undefined,
  ) {
    this.device = device
    this.recorder = recorder
    this.status = status
    this.guards = guards
    this.lost = lost
    this.staging = new Staging(buffers)
  }

  /** Bytes [offset, offset + bytes) of a block, both multiples of 4, after everything launched so far. */
  read(block: WebGPUBlock, offset: number, bytes: number): Promise<ArrayBuffer> {
    const batch = this.open()
    const encoder = this.recorder.encoder()
    const copy = this.reserve(batch, bytes)
    encoder.copyBufferToBuffer(block.slab.buffer, offset, copy.staging.buffer, copy.offset, bytes)
    block.slab.usedIn = this.recorder.serial
    this.guards?.watch(block)
    const { error, verdicts } = block
    const serials = [block.writtenIn, this.recorder.serial]
    return new Promise((resolve, reject) => {
      batch.waiting.push({ copy, error, verdicts, serials, resolve, reject })
    })
  }

  /** Wait for everything launched so far, and look for errors. */
  sync(): Promise<void> {
    const batch = this.open()
    return new Promise((resolve, reject) => {
      const nothing = { copy: null, error: undefined, verdicts: undefined, serials: [] }
      batch.waiting.push({ ...nothing, resolve: () => resolve(), reject })
    })
  }

  private open(): Batch {
    if (this.batch) return this.batch
    const batch: Batch = { shared: null, sharedBytes: 0, staging: [], waiting: [] }
    this.batch = batch
    // What runs in the same task and asks for more reads joins the batch.
    queueMicrotask(() => void this.close(batch))
    return batch
  }

  /** Room for a copy. */
  private reserve(batch: Batch, bytes: number): Copy {
    if (bytes > SMALL_BYTES) return { staging: this.take(batch, bytes), offset: 0, bytes }
    if (!batch.shared || batch.sharedBytes + bytes > SHARED_BYTES) {
      batch.shared = this.take(batch, SHARED_BYTES)
      batch.sharedBytes = 0
    }
    const offset = batch.sharedBytes
    batch.sharedBytes += bytes
    return { staging: batch.shared, offset, bytes }
  }

  private take(batch: Batch, bytes: number): Slab {
    const slab = this.staging.take(bytes)
    batch.staging.push(slab)
    return slab
  }

  private async close(batch: Batch): Promise<void> {
    this.batch = null
    let reported: Copy | null = null
    if (this.status.used && !this.lost()) {
      reported = this.reserve(batch, STATUS_BYTES)
      this.status.take(this.recorder.encoder(), reported.staging.buffer, reported.offset)
    }
    /** Mapped memory of the staging buffers: a range may be asked for only once. */
    const mapped = new Map<Slab, ArrayBuffer>()
    let error: Error | undefined
    try {
      this.recorder.submit()
      const maps = batch.staging.map((slab) => slab.buffer.mapAsync(READ))
      if (maps.length === 0) maps.push(this.device.queue.onSubmittedWorkDone())
      const damage = this.guards?.inspect()
      await Promise.all(maps)
      await this.recorder.checked()
      for (const slab of batch.staging) mapped.set(slab, slab.buffer.getMappedRange())
      const index = reported && this.status.errorIn(mapped.get(reported.staging)!, reported.offset)
      error = (await damage) ?? index ?? undefined
    } catch (problem) {
      error = await this.reason(problem)
    }
    error = this.lost() ?? error ?? this.uncaptured
    if (error === this.uncaptured) this.uncaptured = undefined
    for (const waiting of batch.waiting) await this.answer(waiting, mapped, error)
    if (this.lost()) return
    for (const slab of batch.staging) this.staging.give(slab)
  }

  /** Resolve or reject one read. @param shared  an error that concerns the whole batch */
  private async answer(
    waiting: Waiting,
    mapped: ReadonlyMap<Slab, ArrayBuffer>,
    shared: Error | undefined,
  ): Promise<void> {
    const { copy, resolve, reject } = waiting
    const found = this.lost() ?? (await this.errorOf(waiting)) ?? shared ?? (copy ? undefined : this.broken)
    if (found === this.broken) this.broken = undefined
    if (found) return reject(found)
    if (!copy) return resolve(new ArrayBuffer(0))
    const { staging, offset, bytes } = copy
    resolve(mapped.get(staging)!.slice(offset, offset + bytes))
  }

  /** Why the contents that were copied are void. */
  private async errorOf({ error, verdicts, serials }: Waiting): Promise<Error | undefined> {
    if (error) return error
    if (verdicts) await Promise.all(verdicts.map((verdict) => verdict.answered))
    const broken = verdicts && errorOf(verdicts)
    if (broken) return broken
    for (const serial of serials) {
      const failure = this.recorder.failureIn(serial)
      if (failure) return failure
    }
    return undefined
  }

  /** Mapping fails when the device is lost, which may be told a moment later. */
  private async reason(problem: unknown): Promise<Error> {
    for (let wait = 0; wait < 50 && !this.lost(); wait++) await new Promise((done) => setTimeout(done, 2))
    return this.lost() ?? new KernelError('read', `the device could not be read: ${problem}`)
  }
}
