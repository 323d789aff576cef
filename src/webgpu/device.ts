/**
 * @file The WebGPU device: what `Device` asks for, put together from buffers.ts (memory), recorder.ts (command
 * buffers), launch.ts with pipelines.ts and uniforms.ts (kernels), read.ts and status.ts (results and errors),
 * guards.ts (debug mode). Where a GPU object comes from is not its concern: src/devices.ts, node.ts.
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
import { DeviceLostError, fail, HandgradError } from '../core/errors.ts'
import type { Facts, Kernel, TypedArray } from '../core/kernel.ts'
import { showAsText } from '../core/show.ts'
import { factsOf, nameOf, readsAsIs } from './adapter.ts'
import { Buffers, COPY_ALIGNMENT, roundUp, WebGPUBlock } from './buffers.ts'
import { checkLive, checkType, checkWidth, WORD_TYPES } from './checks.ts'
import { Guards, MAX_GUARD_BYTES } from './guards.ts'
import { inWords, sharesWords, writeBeside } from './halves.ts'
import { Launcher, type LaunchHost } from './launch.ts'
import { Pipelines } from './pipelines.ts'
import { Reader } from './read.ts'
import { Recorder } from './recorder.ts'
import { Status } from './status.ts'
import type { Tuned } from './tuned.ts'
import { Uniforms } from './uniforms.ts'
import type { PassWatcher } from './watcher.ts'

/** How a WebGPU device is made and behaves. */
export interface WebGPUOptions {
  /** Part of the adapter's name, such as `llvmpipe`; any other adapter is refused. */
  adapter?: string
  /** Bytes that may be live and pooled, from 0 up. Default 4 GiB; may be changed later as `device.memoryLimit`. */
  memoryLimit?: number
  /** Fill blocks with NaN before use and watch 64 B after each: slower, for tests. */
  debug?: boolean
  /** Limits below the adapter's, for tests. */
  limits?: Readonly<Record<string, number>>
  /** False: params always as uniform buffers, for tests. */
  immediates?: boolean
  /** Variants by kernel, taken where they fit, for tests and benchmarks. */
  force?: Readonly<Record<string, string>>
  /** Measured preferences, asked before those that are shipped; for tests and tuners. */
  tuned?: Tuned
  /** Submit after every launch, so that a driver's complaint names one op. */
  submitEach?: boolean
}

/** Limits that are asked for as high as the adapter has them. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxUniformBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
  'maxImmediateSize',
] as const
const FEATURES = ['timestamp-query', 'subgroups', 'shader-f16'] as const

/** The limits that this device keeps to. */
type Limits = Readonly<Record<(typeof LIMITS)[number], number>>

/** What helps where there is no WebGPU, and where a page finds no adapter. */
const WITH_WEBGPU = "use device('cpu'), or a browser with WebGPU on an https or localhost page"
const IN_A_BROWSER = "use device('cpu'), or look whether the browser's settings and its list of GPUs allow WebGPU here"

/**
 * Make a device of the best adapter that `gpu` offers.
 * @param noAdapter  what to do where there is none; default: in a browser
 * @throws HandgradError if there is no WebGPU, no adapter, or none of the wanted name
 */
export async function createWebGPUDevice(
  gpu: GPU | undefined,
  options: WebGPUOptions = {},
  noAdapter: string = IN_A_BROWSER,
): Promise<WebGPUDevice> {
  if (!gpu) fail('device', 'this environment has no WebGPU', WITH_WEBGPU)
  const wanted = options.adapter
  // Before a device is asked for, which nobody would give back.
  checkLimit(options.memoryLimit ?? 0)
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch((error: Error) => {
    // Dawn refuses a name that it does not know by a list of those it does.
    const list = error.message.split(/\s+/).join(' ').trim()
    return fail(
      'webgpu',
      `no adapter${wanted ? ` named ${wanted}` : ''}: ${list}`,
      'leave the name out to take the best one',
    )
  })
  if (!adapter) fail('webgpu', 'no adapter found', noAdapter)
  const { vendor, architecture, device: model, description } = adapter.info
  const names = [vendor, architecture, model, description].filter(Boolean).join(', ')
  if (wanted && !names.toLowerCase().includes(wanted.toLowerCase())) {
    fail('webgpu', `no adapter named ${wanted}, found ${names}`, 'leave the name out to take the best one')
  }
  const requiredLimits: Record<string, number> = {}
  for (const limit of LIMITS) {
    // maxImmediateSize is not everywhere.
    const offered = (adapter.limits as unknown as Record<string, number | undefined>)[limit]
    if (offered !== undefined) requiredLimits[limit] = offered
  }
  const requiredFeatures = FEATURES.filter((feature) => adapter.features.has(feature))
  const device = await adapter.requestDevice({ requiredFeatures, requiredLimits })
  const immediates = options.immediates !== false && hasImmediates(gpu, device)
  // A device never has less than the standard's limits, so lower ones are kept here.
  const limits = { ...requiredLimits, maxImmediateSize: immediates ? (requiredLimits.maxImmediateSize ?? 0) : 0 }
  for (const [name, limit] of Object.entries(options.limits ?? {})) {
    limits[name as keyof typeof limits] = Math.min(limit, limits[name as keyof typeof limits] ?? limit)
  }
  return new WebGPUDevice(adapter, device, limits as Limits, options)
}

/** WGSL knows immediate data, and so does the API: both are young. */
function hasImmediates(gpu: GPU, device: GPUDevice): boolean {
  const pass = device.createCommandEncoder().beginComputePass()
  const settable = typeof pass.setImmediates === 'function'
  pass.end()
  return settable && (gpu.wgslLanguageFeatures?.has('immediate_address_space') ?? false)
}

/** What WebGPU code outside of the engine (benchmarks, `handgrad info`) may look at, in addition to {@link Device}. */
export class WebGPUDevice implements Device {
  readonly kind = 'webgpu'
  readonly name: string
  readonly dtypes = WORD_TYPES
  readonly readsAsIs: readonly DType[]
  /** The adapter's own description of itself. */
  readonly info: GPUAdapterInfo
  readonly facts: Facts
  readonly gpu: GPUDevice
  private limit: number
  private readonly debug: boolean
  private readonly buffers: Buffers
  private readonly recorder: Recorder
  private readonly uniforms: Uniforms
  private readonly reader: Reader
  private readonly guards: Guards | null
  private readonly launcher: Launcher
  private lost: DeviceLostError | undefined

  constructor(adapter: GPUAdapter, gpu: GPUDevice, limits: Limits, options: WebGPUOptions) {
    const { info } = adapter
    this.gpu = gpu
    this.info = info
    this.name = nameOf(info)
    this.limit = options.memoryLimit ?? 4 * 2 ** 30
    this.debug = options.debug ?? false
    this.facts = factsOf(info, gpu.features, limits)
    this.readsAsIs = readsAsIs(this.facts)
    const buffers = new Buffers(gpu, limits)
    const recorder = new Recorder(gpu, options.submitEach ?? false)
    const pipelines = new Pipelines(gpu, this.name)
    const uniforms = new Uniforms(gpu, buffers)
    const guards = this.debug ? new Guards(gpu, buffers, recorder) : null
    const status = new Status(buffers)
    const reader = new Reader(gpu, buffers, recorder, status, guards, () => this.lost)
    this.buffers = buffers
    this.recorder = recorder
    this.uniforms = uniforms
    this.guards = guards
    this.reader = reader
    recorder.beforeSubmit = () => this.uniforms.flush()
    recorder.afterSubmit = (dispatches) => {
      buffers.pool.ran(dispatches)
      buffers.destroyRetired()
    }
    buffers.onDestroy = (slab) => pipelines.forget(slab)
    const note = (error: Error) => {
      reader.uncaptured ??= error
    }
    const broken = (error: Error) => {
      reader.broken ??= error
    }
    recorder.onError = broken
    pipelines.onBroken = broken
    buffers.onRefused = (error) => recorder.refused(error)
    const host: LaunchHost = {
      facts: this.facts,
      maxImmediate: limits.maxImmediateSize,
      maxBindings: limits.maxStorageBuffersPerShaderStage,
      maxGroups: Math.min(limits.maxComputeWorkgroupsPerDimension, 65535),
      debug: this.debug,
      preferences: options,
      scratch: (bytes, label) => this.alloc('float32', Math.ceil(bytes / bytesOf.float32), `scratch of ${label}`),
      release: (block) => this.free(block),
      maxBinding: buffers.maxBinding,
      slice: (slab, offset, bytes) => buffers.slice(slab, offset, bytes),
      recorder,
      pipelines,
      uniforms,
      status,
    }
    this.launcher = new Launcher(host)
    gpu.lost.then(({ message, reason }) => {
      this.lost ??= new DeviceLostError('webgpu', `the device ${this.name} was lost, ${message || reason}`)
    })
    gpu.addEventListener('uncapturederror', (event) => {
      event.preventDefault()
      note(new HandgradError('webgpu', event.error.message, undefined, 'kernel'))
    })
  }

  get memoryLimit(): number {
    return this.limit
  }

  set memoryLimit(bytes: number) {
    this.limit = checkLimit(bytes)
  }

  alloc(dtype: DType, length: number, label: string): WebGPUBlock {
    this.alive()
    checkType(dtype, label)
    const bytes = length * bytesOf[dtype] + (this.debug ? MAX_GUARD_BYTES : 0)
    const block = new WebGPUBlock(dtype, length, label, this.buffers.take(bytes, label, this.memoryLimit))
    if (this.guards) {
      // WebGPU's own messages name buffers; a pooled one bears the name of its first user.
      block.slab.buffer.label = label
      this.guards.arm(block)
    }
    return block
  }

  free(block: Block): void {
    const own = block as WebGPUBlock
    if (own.freed) fail(own.label, 'its block was freed twice')
    own.freed = true
    // Finalizers run after destroy() too.
    if (this.lost) return
    if (!own.slab.refused) this.guards?.watch(own)
    this.buffers.give(own.slab)
  }

  write(block: Block, data: TypedArray, offset = 0): void {
    this.alive()
    const own = block as WebGPUBlock
    checkLive(own, 'write')
    checkWrite(own, data, offset)
    checkWidth(own, data)
    if (data.length === 0 || own.slab.refused) return
    if (sharesWords(own, data, offset)) return writeBeside(this, own, data, offset)
    // writeBuffer takes effect before the open command buffer, so what uses the block there must go first.
    this.recorder.submitIfUsing(own.slab)
    const whole = inWords(data)
    const source = whole.buffer instanceof ArrayBuffer ? whole : whole.slice()
    const [at, bytes] = [offset * bytesOf[own.dtype], source.byteLength]
    this.gpu.queue.writeBuffer(own.slab.buffer, at, source.buffer as ArrayBuffer, source.byteOffset, bytes)
    // What was only written in part keeps its past: a command buffer that wrote the rest may still fail.
    if (data.length < own.length) return
    own.writtenIn = 0
    own.writer = 'write'
    own.error = undefined
    own.verdicts = undefined
  }

  async read(block: Block, start: number, length: number): Promise<TypedArray> {
    this.alive()
    const own = block as WebGPUBlock
    checkLive(own, 'read')
    checkRead(own, start, length)
    if (own.slab.refused) throw own.slab.refused
    const make = arrayOf[own.dtype]
    if (length === 0) return new make(0)
    // What is copied begins and ends with whole words, of which the elements may be a part.
    const width = bytesOf[own.dtype]
    const from = Math.floor((start * width) / COPY_ALIGNMENT) * COPY_ALIGNMENT
    const to = roundUp((start + length) * width, COPY_ALIGNMENT)
    return new make(await this.reader.read(own, from, to - from), start * width - from, length)
  }

  run(launch: Launch): void {
    this.alive()
    this.launcher.run(launch)
  }

  /** Hand what was launched so far to the device, without waiting. */
  flush(): void {
    this.alive()
    this.recorder.submit()
  }

  /** From now on take this variant of a kernel where it fits: benchmarks compare variants in turn. @internal */
  force(kernel: Kernel, variant: string | undefined): void {
    this.launcher.force(kernel, variant)
  }

  /** Tell a clock or a profiler of every launch and pass from now on; null: nobody. src/bench/ does. @internal */
  watch(watcher: PassWatcher | null): void {
    this.recorder.submit()
    this.recorder.watcher = watcher
  }

  async sync(): Promise<void> {
    this.alive()
    await this.reader.sync()
  }

  memory(): DeviceMemory {
    const { live, liveBytes, cached, cachedBytes } = this.buffers
    const { count: pooled, bytes: pooledBytes } = this.buffers.pool
    if (this.lost)
      return { live: 0, liveBytes: 0, pooled: 0, pooledBytes: 0, cached: 0, cachedBytes: 0, allocatedBytes: 0 }
    const allocatedBytes = liveBytes + pooledBytes + cachedBytes
    return { live, liveBytes, pooled, pooledBytes, cached, cachedBytes, allocatedBytes }
  }

  /** How often each variant ran, as `kernel/variant`. */
  counts(): Record<string, number> {
    return this.launcher.counts()
  }

  destroy(): void {
    this.lost ??= new DeviceLostError('webgpu', `the device ${this.name} was destroyed`, 'request a new device')
    this.gpu.destroy()
  }

  /** One line: the adapter and its memory. */
  toString(): string {
    const { liveBytes } = this.memory()
    return `WebGPUDevice(${this.name}, ${this.lost ? 'lost' : `${liveBytes} of ${this.memoryLimit} bytes`})`
  }

  private alive(): void {
    if (this.lost) throw this.lost
  }
}
showAsText(WebGPUDevice)
