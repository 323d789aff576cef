/**
 * @file The interpreter's device: runs the WGSL itself, thread by thread, and finds what a GPU would not tell of (the
 * kinds are in faults.ts). Memory is in memory.ts, the way of a launch in launch.ts.
 */
import {
  arrayOf,
  type Block,
  bytesOf,
  checkLimit,
  checkRead,
  checkWrite,
  type Device,
  type DeviceMemory,
  type DType,
  type Launch,
} from '../core/device.ts'
import { checkOptions, DeviceLostError, describe, fail, OutOfMemoryError } from '../core/errors.ts'
import type { Facts, Kernel, TypedArray } from '../core/kernel.ts'
import { showAsText } from '../core/show.ts'
import { readsAsIs } from '../webgpu/adapter.ts'
import { checkLive, checkType, checkWidth, WORD_TYPES } from '../webgpu/checks.ts'
import { MAX_GROUPS } from '../webgpu/dispatch.ts'
import type { Tuned } from '../webgpu/tuned.ts'
import { checkCount, type FactsName, factsFrom } from './facts.ts'
import { type Fault, Faults } from './faults.ts'
import { type Hint, Hints } from './hints.ts'
import { Launcher } from './launch.ts'
import { define, InterpreterBlock, scramble, sizeFor } from './memory.ts'
import type { Access } from './program.ts'
import type { Programs } from './programs.ts'

/** How the interpreter behaves. */
export interface InterpreterOptions {
  /** The adapter that it stands for: one of {@link FACTS} by name, or what is different from `gpu`. Default: `gpu`. */
  facts?: FactsName | Partial<Facts>
  /**
   * Steps that a thread may take before it counts as endless, and threads that a dispatch may have. Default:
   * 10,000,000.
   */
  limit?: number
  /** Told of every access of memory, in the order in which it happens; dispatches have at most 65,536 threads then. */
  trace?: (access: Access) => void
  /** Watch for what costs time, too: `device.hints()`. It takes several times as long. Default: false. */
  hints?: boolean
  /** Variants by kernel, taken where they fit. */
  force?: Readonly<Record<string, string>>
  /** Measured preferences, asked before those that are shipped. */
  tuned?: Tuned
  /**
   * Round a·b + c once instead of twice, as GPUs may, in those places that this number chooses. Default: never.
   */
  contract?: number
  /**
   * Workgroups in one dimension, from which on a count is folded into two: small grids with workgroups too many, as
   * GPUs have them in large ones. Default: 65,535.
   */
  maxGroups?: number
  /** Bytes that may be live, from 0 up. Default 4 GiB; may be changed later as `device.memoryLimit`. */
  memoryLimit?: number
}

/** Their names; a record, so that the compiler misses one. */
export const interpreterOptions = Object.keys({
  facts: 0,
  limit: 0,
  trace: 0,
  hints: 0,
  force: 0,
  tuned: 0,
  contract: 0,
  maxGroups: 0,
  memoryLimit: 0,
} satisfies Record<keyof InterpreterOptions, 0>)

/** What `interpreter()` makes: a device that runs WGSL by itself, and tells of the faults that it finds. */
export class InterpreterDevice implements Device {
  readonly kind = 'interpreter'
  readonly name = 'interpreter'
  readonly dtypes = WORD_TYPES
  readonly readsAsIs: readonly DType[]
  /** The adapter that it stands for. */
  readonly facts: Facts
  private readonly launcher: Launcher
  private readonly found = new Faults()
  private readonly watched: Hints | undefined
  private limit: number
  private live = 0
  private liveBytes = 0
  /** Blocks made so far: each has garbage of its own. */
  private made = 0
  private lost: DeviceLostError | undefined

  /** @internal */
  constructor(programs: Programs, options: InterpreterOptions = {}) {
    checkOptions('interpreter', options, interpreterOptions)
    const { facts = 'gpu', limit = 10_000_000, memoryLimit = 4 * 2 ** 30 } = options
    const { trace, hints = false, contract, maxGroups } = options
    if (trace !== undefined && typeof trace !== 'function')
      fail('interpreter', `trace is ${describe(trace)}`, 'give a function (access) => …')
    if (typeof hints !== 'boolean') fail('interpreter', `hints is ${describe(hints)}`, 'true or false')
    if (contract !== undefined && !Number.isSafeInteger(contract))
      fail('interpreter', `contract is ${describe(contract)}`, 'give an integer')
    this.facts = factsFrom(facts)
    this.readsAsIs = readsAsIs(this.facts)
    this.limit = checkLimit(memoryLimit)
    if (hints) this.watched = new Hints()
    this.launcher = new Launcher({
      facts: this.facts,
      preferences: options,
      limit: checkCount('limit', limit),
      maxGroups: Math.min(checkCount('maxGroups', maxGroups ?? MAX_GROUPS), MAX_GROUPS),
      contract,
      trace,
      hints: this.watched,
      programs,
      scratch: (bytes, label) => this.take('float32', Math.ceil(bytes / bytesOf.float32), `scratch of ${label}`, false),
      release: (block) => this.free(block),
      found: (fault) => this.found.note(fault),
    })
  }

  get memoryLimit(): number {
    return this.limit
  }

  set memoryLimit(bytes: number) {
    this.limit = checkLimit(bytes)
  }

  alloc(dtype: DType, length: number, label: string): Block {
    this.alive()
    checkType(dtype, label)
    return this.take(dtype, length, label, true)
  }

  free(block: Block): void {
    const own = block as InterpreterBlock
    if (own.freed) fail(own.label, 'its block was freed twice')
    own.freed = true
    this.live--
    this.liveBytes -= own.memory.buffer.byteLength
  }

  write(block: Block, data: TypedArray, offset = 0): void {
    this.alive()
    const own = block as InterpreterBlock
    checkLive(own, 'write')
    checkWrite(own, data, offset)
    checkWidth(own, data)
    const { memory } = own
    const at = offset * bytesOf[own.dtype]
    new Uint8Array(memory.buffer).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    define(memory, at, data.byteLength)
  }

  /** Elements that nothing was written to are garbage. */
  async read(block: Block, start: number, length: number): Promise<TypedArray> {
    this.alive()
    const own = block as InterpreterBlock
    checkLive(own, 'read')
    checkRead(own, start, length)
    this.report()
    return this.peek(own).slice(start, start + length)
  }

  peek(block: Block): TypedArray {
    this.alive()
    const { dtype, length, memory } = block as InterpreterBlock
    return new arrayOf[dtype](memory.buffer, 0, length)
  }

  run(launch: Launch): void {
    this.alive()
    this.launcher.run(launch)
  }

  async sync(): Promise<void> {
    this.alive()
    this.report()
  }

  memory(): DeviceMemory {
    const { live, liveBytes } = this
    return { live, liveBytes, pooled: 0, pooledBytes: 0, cached: 0, cachedBytes: 0, allocatedBytes: liveBytes }
  }

  destroy(): void {
    this.lost ??= new DeviceLostError('interpreter', 'the device interpreter was destroyed', 'make a new one')
  }

  /**
   * What was found wrong so far: each kind at each line of an entry point once for each variable, with the details of
   * the first, and how many there were. `faultText` says one in words.
   */
  faults(): Fault[] {
    return this.found.list()
  }

  /**
   * What may cost time, in what ran so far: `hintText` says one in words. None is a fault, and of other inputs
   * they say nothing.
   * @throws HandgradError on a device without `hints: true`
   */
  hints(): Hint[] {
    return this.watched?.list() ?? fail('hints', 'this device does not watch for them', 'interpreter({ hints: true })')
  }

  /** Forget the faults found so far. */
  clearFaults(): void {
    this.found.clear()
  }

  /** Accesses of storage and workgroup memory that were checked so far. */
  get accesses(): number {
    return this.launcher.accesses
  }

  /** From now on take this variant of a kernel where it fits; undefined: what is chosen without force. */
  force(kernel: Kernel, variant: string | undefined): void {
    this.launcher.force(kernel, variant)
  }

  /** How often each variant ran, as `kernel/variant`. */
  counts(): Record<string, number> {
    return this.launcher.counts()
  }

  /** One line: its kind and its memory. */
  toString(): string {
    return `InterpreterDevice(${this.name}, ${this.lost ? 'lost' : `${this.liveBytes} of ${this.memoryLimit} bytes`})`
  }

  private take(dtype: DType, length: number, label: string, tensor: boolean): InterpreterBlock {
    const bytes = sizeFor(length * bytesOf[dtype])
    if (this.liveBytes + bytes > this.limit) {
      const what = `${bytes} bytes more do not fit: ${this.liveBytes} are live, the limit is ${this.limit}`
      throw new OutOfMemoryError(label, what, 'free tensors with scope(), or raise device.memoryLimit')
    }
    let block: InterpreterBlock
    try {
      block = new InterpreterBlock(dtype, length, label, tensor)
    } catch {
      // The engine refuses an array that the system has no room for by a RangeError.
      throw new OutOfMemoryError(label, `the system refused ${length} elements of ${dtype}`, 'use smaller batches')
    }
    scramble(block.memory, ++this.made)
    this.live++
    this.liveBytes += bytes
    return block
  }

  private report(): void {
    const error = this.launcher.report()
    if (error) throw error
  }

  private alive(): void {
    if (this.lost) throw this.lost
  }
}
showAsText(InterpreterDevice)
