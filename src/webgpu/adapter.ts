/** @file What an adapter says of itself, as names and as facts for plans. */
import type { DType } from '../core/device.ts'
import type { AdapterIdentity, Facts } from '../core/kernel.ts'

/** `webgpu:llvmpipe`, `webgpu:swiftshader`, `webgpu:nvidia-ampere`. */
export function nameOf({ vendor, architecture, device }: GPUAdapterInfo): string {
  const model = architecture && architecture !== 'software' ? architecture : device.split('-')[0]
  const short = isSoftware(`${model}`) ? model : [vendor, model].filter(Boolean).join('-')
  return `webgpu:${short || 'adapter'}`
}

const identityOf = ({ vendor, architecture, device, description }: GPUAdapterInfo): AdapterIdentity => ({
  vendor: plain(vendor),
  architecture: plain(architecture),
  device: plain(device),
  description: plain(description),
})
const plain = (text: string | undefined): string => (text ?? '').trim().toLowerCase()

const isSoftware = (name: string): boolean => /llvmpipe|lavapipe|swiftshader|software|warp/i.test(name)

/** What plans may know of a device. */
export function factsOf(
  info: GPUAdapterInfo,
  features: ReadonlySet<string>,
  limits: Pick<
    GPUSupportedLimits,
    'maxComputeInvocationsPerWorkgroup' | 'maxComputeWorkgroupStorageSize' | 'maxStorageBufferBindingSize'
  >,
): Facts {
  const words = [info.architecture, info.device, info.description].join(' ')
  return {
    adapter: identityOf(info),
    software: (info.isFallbackAdapter ?? false) || isSoftware(words),
    features: new Set(features),
    subgroupSize: features.has('subgroups') ? (info.subgroupMinSize ?? 0) : 0,
    maxThreads: limits.maxComputeInvocationsPerWorkgroup,
    maxWorkgroupBytes: limits.maxComputeWorkgroupStorageSize,
    maxBindingBytes: limits.maxStorageBufferBindingSize,
  }
}

/**
 * `Device.readsAsIs` of an adapter: with a type of its own for float16, and the rungs that read it, of which those for
 * software adapters need subgroups.
 */
export const readsAsIs = ({ features, software, subgroupSize }: Facts): readonly DType[] =>
  features.has('shader-f16') && (!software || subgroupSize >= 8) ? ['float16'] : []
