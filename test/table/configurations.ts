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

/** The i-th variant of each kernel that has as many. */
export const forced = (i: number): Record<string, string> =>
  Object.fromEntries(
    Object.entries(plans).flatMap(([kernel, { variants }]) => {
      const name = Object.keys(variants)[i]
      return name ? [[kernel, name]] : []
    }),
  )

/** Variants of the kernel that has most. */
export const mostVariants = Math.max(...Object.values(plans).map(({ variants }) => Object.keys(variants).length))

// The i-th device takes the i-th variant of every kernel where it fits, the first also of those that have no other, and
// folds grids of more than three workgroups in two.
const limits = { maxComputeWorkgroupsPerDimension: 3 }
const everyVariant: Configuration[] = Array.from({ length: mostVariants }, (_, i) => {
  const force = forced(i)
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
  ...everyVariant,
]
