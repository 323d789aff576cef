/** @file How to run shaders/matmul.wgsl. */

import * as shaders from '../../core/contracts.generated.ts'
import type { Facts, Plan } from '../../core/kernel.ts'
import { perElement, type View } from './common.ts'

const { TILE, TILE_THREADS } = shaders.matmul.consts
/** Columns of a strip: four a thread. Its rows (ROWS) differ between the two files of the kernel. */
const COLUMNS = 4 * TILE_THREADS

interface MatmulParams {
  batch: number
  m: number
  n: number
  k: number
  b_offset: number
  b: View
}

/** Whether rows of b are contiguous vec4s, and y's too. */
const vec4Columns = ({ n, b, b_offset }: MatmulParams): boolean =>
  b[3] === 1 && n % 4 === 0 && b[2] % 4 === 0 && b_offset % 4 === 0 && b[0] % 4 === 0 && b[1] % 4 === 0

/** Workgroups that make `rows` × `columns` outputs each. */
const tiles = ({ batch, m, n }: MatmulParams, rows: number, columns: number): number =>
  batch * Math.ceil(m / rows) * Math.ceil(n / columns)

const hasSubgroups = (_: MatmulParams, { subgroupSize }: Facts): boolean => subgroupSize >= 8

/** Products from which a strip of rows pays for its compilation, on a software adapter; at least half of it must be there. */
const strips = (rows: number) => {
  return ({ batch, m, n, k }: MatmulParams, { software }: Facts): boolean =>
    software && m >= rows / 2 && batch * m * n * k >= 32768
}

export const matmul: Plan = {
  shared: {
    better: ({ m, n }: MatmulParams, { software }) => !software && m >= 16 && n >= 16,
    dispatch: (p: MatmulParams) => ({ entry: 'matmul_shared', groups: tiles(p, TILE, TILE) }),
  },
  subgroup_vec4: {
    fits: (p: MatmulParams, facts) => hasSubgroups(p, facts) && vec4Columns(p),
    better: strips(16),
    dispatch: (p: MatmulParams) => ({ entry: 'matmul_subgroup_vec4', groups: tiles(p, 16, COLUMNS) }),
  },
  subgroup: {
    fits: hasSubgroups,
    better: strips(16),
    dispatch: (p: MatmulParams) => ({ entry: 'matmul_subgroup', groups: tiles(p, 16, COLUMNS) }),
  },
  tile_vec4: {
    fits: vec4Columns,
    better: strips(8),
    dispatch: (p: MatmulParams) => ({ entry: 'matmul_tile_vec4', groups: tiles(p, 8, COLUMNS) }),
  },
  tile: {
    better: strips(8),
    dispatch: (p: MatmulParams) => ({ entry: 'matmul_tile', groups: tiles(p, 8, COLUMNS) }),
  },
  naive: {
    dispatch: ({ batch, m, n }: MatmulParams) => ({ entry: 'matmul_naive', groups: perElement(batch * m * n) }),
  },
}
