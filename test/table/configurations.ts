/**
 * @file The WebGPU devices that the table is run on: as users have them, but with NaN in fresh memory and guard cells
 * after outputs; with params in uniform buffers; and with the variants of each kernel that its plan would not choose
 * here.
 */
import type { WebGPUOptions } from '../../src/webgpu/device.ts'
import { plans } from '../../src/webgpu/plans.generated.ts'
import { type Layout, layouts } from './run.ts'

export interface Configuration {
  /** What `handgrad verify --setup` calls it. */
  readonly name: string
  readonly title: string
  readonly options: WebGPUOptions
  readonly layouts: readonly Layout[]
  /** Every row, or of the sample that launches each kernel what launches those that are forced (cover.ts: `rowsOn`). */
  readonly rows: 'all' | 'sample'
}

// The i-th device takes the i-th variant of every kernel where it fits, and folds grids of more than three workgroups
// in two.
const limits = { maxComputeWorkgroupsPerDimension: 3 }
const most = Math.max(...Object.values(plans).map((plan) => Object.keys(plan.variants).length))
const forced: Configuration[] = Array.from({ length: most }, (_, i) => {
  const force: Record<string, string> = {}
  for (const [kernel, plan] of Object.entries(plans)) {
    const variants = Object.keys(plan.variants)
    if (variants.length > 1 && variants[i]) force[kernel] = variants[i]
  }
  const title = `variants ${Object.entries(force)
    .map((entry) => entry.join(': '))
    .join(', ')}`
  return {
    name: `variants-${i + 1}`,
    title,
    options: { force, limits },
    layouts: ['contiguous', 'transposed', 'shifted'],
    rows: 'sample',
  }
})

export const configurations: readonly Configuration[] = [
  { name: 'plain', title: 'as users have it', options: {}, layouts, rows: 'all' },
  {
    name: 'uniforms',
    title: 'params in uniform buffers',
    options: { immediates: false },
    layouts: ['contiguous', 'offset'],
    rows: 'sample',
  },
  ...forced,
]
