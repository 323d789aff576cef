/**
 * @file A storage: one block of device memory, shared by the tensors and graph nodes that count on it. It is freed with
 * the last of them; its version number tells backward whether it was changed since it was saved.
 */
import { type Block, bytesOf, type Device, type DType } from './device.ts'
import { OutOfMemoryError } from './errors.ts'

/** Storages a device may have live: their handles fill the host's heap before small tensors fill the device. */
const MAX_STORAGES = 1_000_000

/** Storages and bytes in use, per device. */
const usage = new WeakMap<Device, { storages: number; bytes: number }>()

export function storageUsage(device: Device): { storages: number; bytes: number } {
  let found = usage.get(device)
  if (!found) usage.set(device, (found = { storages: 0, bytes: 0 }))
  return found
}

/** Storages made so far: those made from now on have greater ids. */
export let storagesMade = 0

export class Storage {
  /** Counts up. */
  readonly id = ++storagesMade
  readonly device: Device
  readonly dtype: DType
  /** Elements. */
  readonly length: number
  /** Counts in-place changes. */
  version = 0
  /** The op that changed it last, for the error that backward throws. */
  changedBy = ''
  private refs = 1
  private held: Block | null

  /** Allocate uninitialised memory. @throws OutOfMemoryError past the device's `memoryLimit` */
  constructor(device: Device, dtype: DType, length: number, label: string) {
    const bytes = bytesOf[dtype] * length
    const now = storageUsage(device)
    if (now.bytes + bytes > device.memoryLimit || now.storages >= MAX_STORAGES) {
      const live = `${now.bytes} bytes in ${now.storages} storages are live on ${device.name}`
      const limit = `its limit is ${device.memoryLimit} bytes and ${MAX_STORAGES} storages`
      const todo = 'wrap each step in scope(() => …) so that its tensors are freed, or raise device.memoryLimit'
      throw new OutOfMemoryError(label, `${bytes} bytes more do not fit: ${live}, ${limit}`, todo)
    }
    this.device = device
    this.dtype = dtype
    this.length = length
    this.held = device.alloc(dtype, length, label)
    now.storages++
    now.bytes += bytes
  }

  get block(): Block {
    if (!this.held) throw new Error('internal: a freed storage was used')
    return this.held
  }

  /** Handles and saved tensors that count on this storage. */
  get users(): number {
    return this.refs
  }

  retain(): this {
    this.refs++
    return this
  }

  release(): void {
    if (--this.refs > 0 || !this.held) return
    this.device.free(this.held)
    this.held = null
    const now = storageUsage(this.device)
    now.storages--
    now.bytes -= bytesOf[this.dtype] * this.length
  }

  /** Note a change in place. */
  changed(by: string): void {
    this.version++
    this.changedBy = by
  }
}
