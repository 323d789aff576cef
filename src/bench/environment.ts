/** @file Where figures hold: adapter, driver, runtime, processor. Nothing names the machine's owner or its folders. */
import type { Device } from '../core/device.ts'
import type { WebGPUDevice } from '../webgpu/device.ts'

export interface Environment {
  readonly device: string
  /** What the adapter says of itself; null on the CPU. */
  readonly adapter: {
    readonly vendor: string
    readonly architecture: string
    readonly device: string
    readonly description: string
    /** A CPU behind the WebGPU interface. */
    readonly software: boolean
  } | null
  readonly features: readonly string[]
  /** `Node v22.1.0`, `Chromium 147`. */
  readonly runtime: string
  /** Version of the package `webgpu` (Dawn); null where the browser brings it. */
  readonly dawn: string | null
  readonly system: string
  readonly processor: string
  /** Processes that wanted to run before the start, on average of a minute; null where nothing tells. */
  readonly load: number | null
  /** Of the device's timestamps in seconds; null without. */
  readonly quantum: number | null
  readonly version: string
  /** The commit, where it is known. */
  readonly commit: string | null
  /** What it was started with. */
  readonly flags: readonly string[]
  readonly date: string
}

/** What only the surroundings know: Node's process or the page. */
export type Place = Pick<
  Environment,
  'runtime' | 'dawn' | 'system' | 'processor' | 'load' | 'version' | 'commit' | 'flags'
>

export function environmentOf(device: Device, quantum: number | undefined, place: Place): Environment {
  const webgpu = device.kind === 'webgpu' ? (device as WebGPUDevice) : null
  const info = webgpu?.info
  return {
    device: device.name,
    adapter: info
      ? {
          vendor: info.vendor,
          architecture: info.architecture,
          device: info.device,
          description: info.description,
          software: webgpu?.facts.software ?? false,
        }
      : null,
    features: [...(webgpu?.facts.features ?? [])].sort(),
    quantum: quantum ?? null,
    date: new Date().toISOString().slice(0, 10),
    ...place,
  }
}
