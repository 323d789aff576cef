/**
 * @file Choosing a device, and the one that tensors are made on by default. WebGPU comes from `navigator.gpu`, or from
 * the `webgpu` package where node.ts registered it; this file knows neither.
 */

import { checkLimit, type Device } from './core/device.ts'
import { checkOptions, describe, fail } from './core/errors.ts'
import { CpuDevice } from './cpu/device.ts'

import type { WebGPUDevice, WebGPUOptions } from './webgpu/device.ts'

/** The CPU device that `device('cpu')` gives. */
export const cpu = new CpuDevice()

let defaultDevice: Device = cpu

/** Make creation functions use this device when none is given. @throws HandgradError if `device` is not a device */
export function setDefaultDevice(device: Device): void {
  if (typeof device?.run !== 'function')
    fail('setDefaultDevice', `${describe(device)} is not a device`, "give await device('auto')")
  defaultDevice = device
}

/** The device that creation functions use when none is given; the CPU until set. */
export const getDefaultDevice = (): Device => defaultDevice

/** Where GPUs come from: `navigator.gpu`, or a package. Undefined where there is no WebGPU at all, or it throws. */
export type GpuProvider = (adapter?: string, quiet?: boolean) => Promise<GPU | undefined>

let provider: GpuProvider = async () => globalThis.navigator?.gpu

/** What to do where there is no adapter; undefined: what a browser's user can do. */
let noAdapter: string | undefined

/** Replace where WebGPU comes from, and what to do where it has no adapter; node.ts does. */
export function useGpuProvider(next: GpuProvider, without?: string): void {
  provider = next
  noAdapter = without
}

/** How `device()` looks for a device, and how that behaves. */
export interface DeviceOptions extends Omit<WebGPUOptions, 'adapter'> {
  /** Part of an adapter's name, such as 'nvidia' or 'swiftshader'; Node only. */
  adapter?: string
  /**
   * Keep two harmless lines of Dawn off the terminal; Node on Linux only. Dawn writes them to the process's stderr,
   * which is another file during the search: false for a program whose threads open files at that very moment.
   * Default: true.
   */
  quiet?: boolean
  /** Told which device was taken and why, by `'auto'`. Default: console.info. */
  log?: (line: string) => void
}

/** Their names; a record, so that the compiler misses one. */
const deviceOptions = Object.keys({
  adapter: 0,
  quiet: 0,
  memoryLimit: 0,
  debug: 0,
  limits: 0,
  immediates: 0,
  force: 0,
  tuned: 0,
  submitEach: 0,
  log: 0,
} satisfies Record<keyof DeviceOptions, 0>)

/**
 * A device to make tensors on. `'webgpu'` takes any adapter, also one that runs on the CPU; `'auto'` takes a real GPU,
 * else the CPU, and says which in one line. Each call makes a WebGPU device of its own; the CPU device is one that all
 * calls share.
 * @param options.memoryLimit  bytes that may be live. On the shared CPU device the limit given last holds, for all
 *   that is made from then on; a call that gives none leaves it as it is
 * @throws HandgradError if there is no such kind, memoryLimit is not a number from 0 up, 'cpu' is given another option,
 *   or for 'webgpu' there is no WebGPU or adapter, naming what to install
 */
export function device(kind: 'cpu', options?: Pick<DeviceOptions, 'memoryLimit'>): Promise<CpuDevice>
export function device(kind: 'webgpu', options?: DeviceOptions): Promise<WebGPUDevice>
export function device(kind: 'cpu' | 'webgpu' | 'auto', options?: DeviceOptions): Promise<Device>
export async function device(kind: 'cpu' | 'webgpu' | 'auto', options: DeviceOptions = {}): Promise<Device> {
  checkOptions('device', options, kind === 'cpu' ? ['memoryLimit'] : deviceOptions)
  checkLimit(options.memoryLimit ?? 0)
  if (kind === 'cpu') return shared(options)
  if (kind === 'webgpu') return webgpu(options)
  if (kind !== 'auto') fail('device', `'${String(kind)}' is not a device`, "'cpu', 'webgpu' or 'auto'")
  const { log = console.info } = options
  try {
    const found = await webgpu(options)
    if (!found.facts.software) {
      log(`handgrad: using ${found.name}`)
      return found
    }
    found.destroy()
    log(`handgrad: using the cpu (${found.name} runs on the CPU too; device('webgpu') takes it)`)
  } catch (error) {
    log(`handgrad: using the cpu (${(error as Error).message})`)
  }
  return shared(options)
}

/** The CPU device, with the limit that is asked for. */
function shared({ memoryLimit }: DeviceOptions): CpuDevice {
  if (memoryLimit !== undefined) cpu.memoryLimit = memoryLimit
  return cpu
}

async function webgpu(options: DeviceOptions): Promise<WebGPUDevice> {
  const gpu = await provider(options.adapter, options.quiet)
  // Loaded when asked for: a page on the CPU does not pay for it.
  const { createWebGPUDevice } = await import('./webgpu/device.ts')
  return createWebGPUDevice(gpu, options, noAdapter)
}
