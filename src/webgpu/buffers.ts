/**
 * @file GPU memory: buffers in size classes, kept for reuse when freed (pool.ts), and the blocks that are handed out.
 * A buffer (slab) keeps its id for as long as it exists, so bind groups that name it stay valid while it passes from
 * block to block. V8 is told how much GPU memory its garbage may hold (core/collector.ts). When buffers are used is in
 * recorder.ts.
 */
import { CollectorHint } from '../core/collector.ts'
import { WORD_BYTES } from '../core/contract.ts'
import { type Block, bytesOf, type DType } from '../core/device.ts'
import { LimitError, OutOfMemoryError } from '../core/errors.ts'
import { mappings } from './mappings.ts'
import { Pool } from './pool.ts'
import type { Verdicts } from './validity.ts'

/** Bits of GPUBufferUsage, which is a global in browsers only. */
export const USAGE = { mapRead: 1, copySrc: 4, copyDst: 8, uniform: 64, storage: 128 } as const

/** Offsets and sizes of copies between buffers, and of writes, are multiples of this many bytes. */
export const COPY_ALIGNMENT = 4

/** What a bind group names: a whole buffer, or a slot of the uniform arena. Ids are never given twice. */
export interface Resource {
  readonly id: number
  readonly binding: GPUBufferBinding
  /** Bind groups that name it, dropped with it. */
  readonly groups: Set<Group>
  /** Number of the last command buffer that uses it; a write must wait until that one is submitted. */
  usedIn: number
  /** Ranges of it that were bound in its place (split.ts), gone when it is. */
  windows?: Map<string, Slab>
}

/** A bind group, and what it was made of; pipelines.ts makes and finds them. */
export interface Group {
  readonly hash: number
  readonly layout: GPUBindGroupLayout
  readonly resources: readonly Resource[]
  readonly gpu: GPUBindGroup
}

/** A GPU buffer of the device. */
export interface Slab extends Resource {
  readonly buffer: GPUBuffer
  readonly bytes: number
  /** Set when the system refused it: naming it voids a whole command buffer. */
  refused: OutOfMemoryError | undefined
}

/** What `alloc` hands out: a slab lent to one storage. */
export class WebGPUBlock implements Block {
  readonly dtype: DType
  readonly length: number
  readonly label: string
  readonly slab: Slab
  freed = false
  /** Op that wrote last, for the error of a damaged guard. */
  writer: string
  /** Why its contents are void; reads reject with it, launches pass it on. */
  error: Error | undefined = undefined
  /** What its contents depend on that is not known to be good yet. */
  verdicts: Verdicts | undefined = undefined
  /** Number of the command buffer that wrote it last. */
  writtenIn = 0
  constructor(dtype: DType, length: number, label: string, slab: Slab) {
    this.dtype = dtype
    this.length = length
    this.label = label
    this.writer = label
    this.slab = slab
  }

  /** Bytes of its elements; the slab may have more. */
  get bytes(): number {
    return this.length * bytesOf[this.dtype]
  }
}

/** Buffers hold whole vec4s: variants that take four elements at a time bind them as such. */
export const VEC4_BYTES = 4 * WORD_BYTES

/** Live buffers, and bytes, more than before after which V8 is told of them: the figures that were measured. */
const HINT_BUFFERS = 5000
const HINT_BYTES = 256 * 2 ** 20

export const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step

/**
 * Size of the buffer for a request: four classes per octave (at most a quarter is wasted), from 256 B; above 4 MiB,
 * whole MiB.
 */
export function classBytes(bytes: number, limit: number): number {
  if (bytes <= 256) return Math.min(256, limit)
  const octave = 2 ** Math.floor(Math.log2(bytes - 1))
  const rounded = roundUp(bytes, Math.min(Math.max(octave / 4, 64), 2 ** 20))
  return rounded <= limit ? rounded : roundUp(bytes, VEC4_BYTES)
}

interface BufferLimits {
  readonly maxBufferSize: number
  readonly maxStorageBufferBindingSize: number
}

/** Allocates, lends, takes back and counts. */
export class Buffers {
  live = 0
  liveBytes = 0
  cached = 0
  cachedBytes = 0
  /** Called with each slab that goes out of existence. */
  onDestroy: (slab: Slab) => void = () => {}
  /** Called when the system refuses a buffer, with the error, after the fact. */
  onRefused: (error: OutOfMemoryError) => void = () => {}
  /** Bytes of a buffer, and those of it that a kernel is given at once. */
  private readonly maxBytes: number
  readonly maxBinding: number
  private readonly device: GPUDevice
  private readonly limits: BufferLimits
  /** Those that were given back. */
  readonly pool = new Pool((slab) => this.retire(slab))
  private readonly collector = new CollectorHint(HINT_BUFFERS, HINT_BYTES)
  /** Given up, and destroyed after the next submit. */
  private retired: Slab[] = []
  private nextId = 1

  constructor(device: GPUDevice, limits: BufferLimits) {
    this.device = device
    this.limits = limits
    const { maxBufferSize, maxStorageBufferBindingSize } = limits
    this.maxBytes = VEC4_BYTES * Math.floor(maxBufferSize / VEC4_BYTES)
    this.maxBinding = VEC4_BYTES * Math.floor(maxStorageBufferBindingSize / VEC4_BYTES)
  }

  /**
   * A storage buffer of at least `bytes`, from the pool if it has one.
   * @param room  bytes that live and pooled buffers may have together; pooled ones are given back to stay below
   */
  take(bytes: number, label: string, room: number): Slab {
    const wanted = this.checked(bytes, label)
    mappings.check(label, this.pool)
    this.live++
    this.liveBytes += wanted
    this.collector.grown(this.live, this.liveBytes)
    const slab = this.pool.take(wanted)
    if (slab) return slab
    if (this.liveBytes + this.pool.bytes > room) this.pool.trim(Math.max(0, room - this.liveBytes))
    return this.create(wanted, USAGE.storage | USAGE.copySrc | USAGE.copyDst, label)
  }

  give(slab: Slab): void {
    this.live--
    this.liveBytes -= slab.bytes
    this.collector.freed(this.live, this.liveBytes)
    if (slab.refused) this.retire(slab)
    else this.pool.give(slab)
  }

  /** A buffer of the device's own (uniforms, staging); counted as cached, given back by `destroyCached`. */
  createCached(bytes: number, usage: number, label: string): Slab {
    this.cached++
    this.cachedBytes += bytes
    return this.create(bytes, usage, label)
  }

  destroyCached(slab: Slab): void {
    this.cached--
    this.cachedBytes -= slab.bytes
    this.retire(slab)
  }

  /** A part of a cached buffer as a resource of its own. */
  slice(slab: Slab, offset: number, size: number): Resource {
    return { id: this.nextId++, binding: { buffer: slab.buffer, offset, size }, groups: new Set(), usedIn: 0 }
  }

  /** Destroy what was given up. Only after the submit that used it last. */
  destroyRetired(): void {
    if (this.retired.length === 0) return
    for (const slab of this.retired) slab.buffer.destroy()
    this.retired = []
  }

  private retire(slab: Slab): void {
    this.onDestroy(slab)
    this.retired.push(slab)
  }

  private checked(bytes: number, label: string): number {
    if (bytes > this.maxBytes) {
      const limit = `maxBufferSize ${this.limits.maxBufferSize}`
      const todo = 'split it along its first axis, or use smaller batches'
      throw new LimitError(label, `a tensor of ${bytes} bytes exceeds one buffer of the adapter (${limit})`, todo)
    }
    // What fits one binding stays within it.
    return classBytes(bytes, bytes <= this.maxBinding ? this.maxBinding : this.maxBytes)
  }

  private create(bytes: number, usage: number, label: string): Slab {
    this.device.pushErrorScope('out-of-memory')
    const buffer = this.device.createBuffer({ label, size: bytes, usage })
    mappings.made()
    const id = this.nextId++
    const slab: Slab = { id, buffer, bytes, binding: { buffer }, usedIn: 0, groups: new Set(), refused: undefined }
    this.device.popErrorScope().then(
      (refusal) => refusal && this.refused(slab, label),
      // A lost device answers no scope; device.ts hears of the loss itself.
      () => {},
    )
    return slab
  }

  private refused(slab: Slab, label: string): void {
    const all = this.liveBytes + this.pool.bytes + this.cachedBytes
    const what = `the system refused ${slab.bytes} bytes, ${all} are allocated`
    slab.refused = new OutOfMemoryError(label, what, 'use smaller batches, or free tensors with scope()')
    this.pool.trim(0)
    this.onRefused(slab.refused)
  }
}
