/**
 * @file The narrow waist: what a device must do, and nothing else. Whatever wants to see or change execution (profiler,
 * trace, NaN detector, fault injection) stands before these methods by tap.ts. The devices are cpu/device.ts,
 * webgpu/device.ts and interpreter/device.ts.
 */
import { describe, fail } from './errors.ts'
import type { Constants, Kernel, Params, TypedArray } from './kernel.ts'

/**
 * Element types. float64 lives on the CPU device only; bool is stored as 32-bit 0 or 1; float16 and bfloat16 are
 * storage, half as wide: what is computed from them is computed in float32.
 */
export type DType = 'float32' | 'float64' | 'int32' | 'bool' | 'float16' | 'bfloat16'

/** Bytes of one element in storage: the only place that says so. A block of n elements takes n times as many. */
export const bytesOf: Readonly<Record<DType, number>> = {
  ...{ float32: 4, float64: 8, int32: 4, bool: 4 },
  ...{ float16: 2, bfloat16: 2 },
}
export const isHalf = (dtype: DType): boolean => bytesOf[dtype] === 2
export const isFloat = (dtype: DType): boolean => dtype.includes('float')

/** The array type that holds a dtype on the host; of 16 bits the bits themselves. */
export const arrayOf = {
  ...{ float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint32Array },
  ...{ float16: Uint16Array, bfloat16: Uint16Array },
} as const

/** A block of device memory. Opaque to everyone but its device. */
export interface Block {
  readonly dtype: DType
  /** Elements, not bytes. */
  readonly length: number
}

/** A `memoryLimit`, checked: NaN or text would compare with nothing, and so limit nothing. */
export function checkLimit(bytes: number): number {
  if (typeof bytes !== 'number' || !(bytes >= 0))
    fail('device', `memoryLimit is ${describe(bytes)}`, 'give bytes, a number from 0 up, or Infinity')
  return bytes
}

/** Refuse to read elements that a block does not have. */
export function checkRead({ length: size }: Block, start: number, length: number): void {
  if (start >= 0 && length >= 0 && start + length <= size) return
  fail('read', `elements ${start} to ${start + length} are not in a block of ${size}`)
}

/** Refuse to write elements that a block does not have. */
export function checkWrite({ length: size }: Block, data: TypedArray, offset: number): void {
  if (!Number.isInteger(offset) || offset < 0) fail('write', `offset is ${offset}`, 'give an integer from 0 up')
  if (offset + data.length <= size) return
  const where = offset === 0 ? '' : ` from ${offset} on`
  fail('write', `${data.length} elements${where} do not fit a block of ${size}`)
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
  readonly kind: 'cpu' | 'webgpu' | 'interpreter'
  /** e.g. `cpu`, `webgpu:llvmpipe` or `interpreter`. */
  readonly name: string
  readonly dtypes: readonly DType[]
  /**
   * Those of 16 bits that products of any size read as they are; of others a matrix is widened, for the time of the
   * launch, where there are many rows. Default: none.
   */
  readonly readsAsIs?: readonly DType[]
  /**
   * Bytes that may be live before the engine throws OutOfMemoryError; may be changed at any time, which concerns what
   * is made from then on. @throws HandgradError when set to what is not a number from 0 up, or Infinity
   */
  memoryLimit: number
  /**
   * Memory for `length` elements, not filled. `label` is the op, for errors.
   * @throws OutOfMemoryError above `memoryLimit`
   */
  alloc(dtype: DType, length: number, label: string): Block
  /** Give a block back, once; launches before this call may still use it. */
  free(block: Block): void
  /**
   * Copy `data` into the block, from element `offset` on.
   * @param offset  default: 0
   * @throws HandgradError if the block has fewer elements
   */
  write(block: Block, data: TypedArray, offset?: number): void
  /**
   * Elements [start, start + length) as a fresh host array, after all launches before this call.
   * @throws HandgradError if the block has fewer elements
   */
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
