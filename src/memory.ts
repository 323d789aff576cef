/** @file What the engine holds right now. Training loops keep these numbers constant; tests compare them exactly. */
import type { Device, DeviceMemory } from './core/device.ts'
import { describe, fail } from './core/errors.ts'
import { liveNodes } from './core/graph.ts'
import { storageUsage } from './core/storage.ts'
import { liveTensors } from './core/tensor.ts'
import { getDefaultDevice } from './devices.ts'

/** Counts over all devices, and one device's bytes. */
export interface Memory extends DeviceMemory {
  /** Tensor handles neither disposed nor collected. */
  readonly tensors: number
  /** Graph nodes whose saved values are still held. */
  readonly nodes: number
  /** Storages on the device. */
  readonly storages: number
  /** Bytes in these storages. */
  readonly bytes: number
}

/**
 * Live tensors, graph nodes, and the memory of a device in buffers and bytes: live, pooled for reuse, cached,
 * allocated.
 * @param device  default: the default device
 * @throws HandgradError if `device` is not a device
 */
export function memory(device: Device = getDefaultDevice()): Memory {
  if (typeof device?.memory !== 'function')
    fail('memory', `${describe(device)} is not a device`, "give await device('auto')")
  const { storages, bytes } = storageUsage(device)
  return { tensors: liveTensors(), nodes: liveNodes(), storages, bytes, ...device.memory() }
}
