/**
 * @file A device that has no memory and computes nothing, and counts what it would hold: what a step takes is found by
 * running it there, with the sizes that are meant.
 */
import { type Block, bytesOf, type Device, type DeviceMemory, type DType } from '../core/device.ts'
import { fail } from '../core/errors.ts'
import { classBytes } from '../webgpu/buffers.ts'

/** The devices that are counted for. */
export type Counted = 'cpu' | 'webgpu'

/** Bytes that a block takes of a device. WebGPU's buffers are of a few sizes, so that they can be used again. */
const sizes: Readonly<Record<Counted, (bytes: number) => number>> = {
  cpu: (bytes) => bytes,
  webgpu: (bytes) => classBytes(bytes, Infinity),
}

export class CountingDevice implements Device {
  readonly kind: Counted
  readonly name: string
  readonly dtypes: readonly DType[]
  readonly readsAsIs: readonly DType[]
  memoryLimit = Infinity
  private live = 0
  private liveBytes = 0
  /** What was taken and given back since the last `begin`, in bytes. */
  private log: { readonly block: Block; readonly change: number }[] = []
  private before = 0

  constructor(kind: Counted) {
    this.kind = kind
    this.name = `${kind}, counted`
    this.dtypes = (Object.keys(bytesOf) as DType[]).filter((dtype) => kind === 'cpu' || dtype !== 'float64')
    this.readsAsIs = kind === 'cpu' ? this.dtypes : []
  }

  private change(block: Block, sign: 1 | -1): void {
    const change = sign * this.bytes(block)
    this.live += sign
    this.liveBytes += change
    this.log.push({ block, change })
  }

  bytes({ dtype, length }: Block): number {
    return sizes[this.kind](length * bytesOf[dtype])
  }

  alloc(dtype: DType, length: number): Block {
    const block: Block = { dtype, length }
    this.change(block, 1)
    return block
  }

  free(block: Block): void {
    this.change(block, -1)
  }

  write(): void {}

  run(): void {}

  read(): never {
    return fail('memoryPlan', 'a device that only counts has no numbers')
  }

  async sync(): Promise<void> {}

  memory(): DeviceMemory {
    const { live, liveBytes } = this
    return { live, liveBytes, pooled: 0, pooledBytes: 0, cached: 0, cachedBytes: 0, allocatedBytes: liveBytes }
  }

  destroy(): void {}

  /** Count from here on. */
  begin(): void {
    this.log = []
    this.before = this.liveBytes
  }

  /** The most that was held at once since `begin`, without what some blocks took that were made since then. */
  most(without: ReadonlySet<Block> = new Set()): number {
    let now = this.before
    let most = now
    for (const { block, change } of this.log) {
      if (without.has(block)) continue
      now += change
      most = Math.max(most, now)
    }
    return most
  }
}
