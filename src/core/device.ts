/**
 * @file The narrow waist: what a device must do, and nothing else. Whatever wants to see or change execution (profiler, trace,
 * NaN detector, fault injection) wraps these methods. The two devices are cpu/device.ts and webgpu/device.ts.
 */
import type { Constants, Kernel, Params, TypedArray } from './kernel.ts'

/** Element types. float64 lives on the CPU device only; bool is stored as 32-bit 0 or 1. */
export type DType = 'float32' | 'float64' | 'int32' | 'bool'

/** Bytes of one element in storage. */
export const bytesOf: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int32: 4, bool: 4 }

/** The array type that holds a dtype on the host. */
export const arrayOf = { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint32Array } as const

/** A block of device memory. Opaque to everyone but its device. */
export interface Block {
  readonly dtype: DType
  /** Elements, not bytes. */
  readonly length: number
}

/** One call of a kernel: blocks in binding order (undefined: left out), parameters, contract constants. */
export interface Launch {
  readonly kernel: Kernel
  readonly blocks: readonly (Block | undefined)[]
  readonly params: Params
  readonly constants?: Constants
  /** The op that launches, for errors and profiles. */
  readonly label: string
  /** `inout` blocks are written in full: what was in them before does not matter. */
  readonly whole?: boolean
}

/** Memory a device holds, in bytes and buffers. */
export interface DeviceMemory {
  /** Blocks handed out and not yet freed. */
  readonly live: number
  readonly liveBytes: number
  /** Freed blocks kept for reuse. */
  readonly pooled: number
  readonly pooledBytes: number
  /** Uniforms, staging and other buffers of the device itself. */
  readonly cached: number
  readonly cachedBytes: number
  /** Everything asked of the system: live + pooled + cached, in bytes. */
  readonly allocatedBytes: number
}

/**
 * A place where tensors live and kernels run. `run` and `write` take effect in call order; only `read` and `sync` wait.
 */
export interface Device {
  readonly kind: 'cpu' | 'webgpu'
  /** e.g. `cpu` or `webgpu:llvmpipe`. */
  readonly name: string
  readonly dtypes: readonly DType[]
  /** Bytes that may be live before the engine throws OutOfMemoryError; may be changed at any time. */
  memoryLimit: number
  /** Memory for `length` elements, not filled. `label` is the op, for errors. @throws OutOfMemoryError above `memoryLimit` */
  alloc(dtype: DType, length: number, label: string): Block
  /** Give a block back, once; launches before this call may still use it. */
  free(block: Block): void
  /** Copy `data` into the start of the block. */
  write(block: Block, data: TypedArray): void
  /** Elements [start, start + length) as a fresh host array, after all launches before this call. */
  read(block: Block, start: number, length: number): Promise<TypedArray>
  /** The block's memory itself, on devices whose memory the host can see. Printing uses it. */
  peek?(block: Block): TypedArray
  /** Start a kernel; nothing waits. */
  run(launch: Launch): void
  /** Wait for everything launched so far; rejects with the first error found. */
  sync(): Promise<void>
  /** What is held now. */
  memory(): DeviceMemory
  /** Give the device's memory back. Every later call throws DeviceLostError. */
  destroy(): void
}
