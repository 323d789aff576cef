/**
 * @file The command buffer under construction: one compute pass for as many dispatches as possible, submitted on
 * demand. Copies end the pass. Every submit has an error scope; what a failed one wrote is void. What goes into the
 * pass is decided in launch.ts, reads are in read.ts.
 */
import { KernelError } from '../core/errors.ts'
import type { Resource, Slab } from './buffers.ts'
import type { Pipeline } from './pipelines.ts'
import type { Verdict } from './validity.ts'
import type { PassWatcher } from './watcher.ts'

/** Dispatches after which the pass is submitted, so that the device works while the host goes on encoding. */
const BATCH = 100

/** Command buffers from..to may have worked on void data: the first failed, the last was open when it became known. */
interface Failure {
  readonly from: number
  readonly to: number
  readonly error: Error
}

/** A dispatch, ready to be encoded: once or, while the buffers that it names exist, again. */
export class Prepared {
  pipeline!: Pipeline
  group!: GPUBindGroup
  /** What the group names. */
  readonly resources: Resource[] = []
  /** The params. */
  readonly words: Uint32Array<ArrayBuffer>
  /** How many of the words go with the dispatch; 0 where they are in the group. */
  immediateWords = 0
  /** Workgroups. */
  x = 0
  y = 0
  z = 0
  /** The kernel may report bad indices to the status buffer. */
  reports = false

  constructor(words: Uint32Array<ArrayBuffer>) {
    this.words = words
  }
}

export class Recorder {
  /** Number of the open command buffer. */
  serial = 1
  /** Called before a submit: uniforms of the arena are written. */
  beforeSubmit: () => void = () => {}
  /** Called after a submit, with its dispatches: buffers given up are destroyed. */
  afterSubmit: (dispatches: number) => void = () => {}
  onError: (error: Error) => void = () => {}
  /** Told of launches and passes. Set between submits, so that the next dispatch begins a pass. */
  watcher: PassWatcher | null = null
  private readonly device: GPUDevice
  private readonly each: boolean
  private encoderOpen: GPUCommandEncoder | null = null
  private passOpen: GPUComputePassEncoder | null = null
  private dispatches = 0
  private lastPipeline: GPUComputePipeline | null = null
  private lastGroup: GPUBindGroup | null = null
  /** For each submit of which it is not known whether it was valid. */
  readonly pending = new Set<Promise<void>>()
  private failures: Failure[] = []
  /** A buffer that the system refused, and the last command buffer that may name it. */
  private refusal: { readonly until: number; readonly error: Error } | undefined

  /** @param each  submit after every dispatch, so that a driver's complaint names one op */
  constructor(device: GPUDevice, each: boolean) {
    this.device = device
    this.each = each
  }

  /** The open encoder, outside of a pass: for copies. */
  encoder(): GPUCommandEncoder {
    if (this.passOpen) {
      this.passOpen.end()
      this.passOpen = null
    }
    return (this.encoderOpen ??= this.device.createCommandEncoder())
  }

  /** Record one dispatch, and that the open command buffer uses its buffers. */
  dispatch({ pipeline: { gpu: pipeline }, group, resources, words, immediateWords, x, y, z }: Prepared): void {
    const { serial } = this
    for (let i = 0; i < resources.length; i++) resources[i].usedIn = serial
    let pass = this.passOpen
    if (!pass) {
      const timestampWrites = this.watcher?.begins()
      const encoder = (this.encoderOpen ??= this.device.createCommandEncoder())
      pass = this.passOpen = encoder.beginComputePass(timestampWrites && { timestampWrites })
      this.lastPipeline = this.lastGroup = null
    }
    if (pipeline !== this.lastPipeline) pass.setPipeline((this.lastPipeline = pipeline))
    if (group !== this.lastGroup) pass.setBindGroup(0, (this.lastGroup = group))
    if (immediateWords > 0) pass.setImmediates(0, words, 0, immediateWords)
    pass.dispatchWorkgroups(x, y, z)
    this.dispatches++
    if (this.watcher?.each) this.encoder()
  }

  /** Submit if enough has been gathered. Called between launches. */
  poll(): void {
    if (this.dispatches >= (this.watcher?.batch ?? BATCH) || this.each) this.submit()
  }

  /** Buffers that the open command buffer uses may be written by the host only after it was submitted. */
  submitIfUsing(slab: Slab): void {
    if (slab.usedIn === this.serial) this.submit()
  }

  /**
   * Submit what was recorded.
   * @param expected  a verdict whose error explains a failure of this submit: then only what depends on it is void
   */
  submit(expected?: Verdict): void {
    if (!this.encoderOpen) return
    const encoder = this.encoder()
    this.encoderOpen = null
    const { device, dispatches } = this
    this.dispatches = 0
    this.beforeSubmit()
    const from = this.serial++
    device.pushErrorScope('validation')
    device.queue.submit([encoder.finish()])
    const checked = this.check(device.popErrorScope(), from, expected).finally(() => this.pending.delete(checked))
    this.pending.add(checked)
    this.afterSubmit(dispatches)
  }

  /** From now on launches avoid a buffer that the system refused; what was recorded before may fail by it. */
  refused(error: Error): void {
    this.refusal = { until: this.serial, error }
  }

  /** It is known of everything submitted so far whether it failed. */
  async checked(): Promise<void> {
    await Promise.all(this.pending)
  }

  /** Why what that command buffer wrote is void. */
  failureIn(serial: number): Error | undefined {
    return this.failures.length === 0
      ? undefined
      : this.failures.find(({ from, to }) => from <= serial && serial <= to)?.error
  }

  /** Ask WebGPU whether a submit was valid, and note it if it was not. */
  private async check(scope: Promise<GPUError | null>, from: number, expected?: Verdict): Promise<void> {
    // A lost device answers no scope.
    const refusal = await scope.catch(() => null)
    if (!refusal) return
    await expected?.answered
    if (expected?.error) return
    const memory = this.refusal && from <= this.refusal.until ? this.refusal.error : undefined
    this.fail(from, memory ?? new KernelError('webgpu', `a submit failed: ${refusal.message}`))
  }

  private fail(from: number, error: Error): void {
    // Later command buffers were recorded before this was known and may have read what this one did not write.
    this.failures.push({ from, to: this.encoderOpen ? this.serial : this.serial - 1, error })
    this.submit()
    this.onError(error)
  }
}
