/** @file What an adapter says of itself, for the report. */
import type { WebGPUDevice } from '../webgpu/device.ts'
import type { Place } from './report.ts'

const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
] as const

export function adapterOf({ name, info, facts, gpu }: WebGPUDevice): Omit<Place, 'versions'> {
  const { vendor, architecture, device, description } = info
  return {
    device: name,
    adapter: { vendor, architecture, device, description },
    software: facts.software,
    features: [...facts.features, ...(facts.subgroupSize > 0 ? [`${facts.subgroupSize} lanes`] : [])],
    limits: Object.fromEntries(LIMITS.map((limit) => [limit, gpu.limits[limit]])),
  }
}
