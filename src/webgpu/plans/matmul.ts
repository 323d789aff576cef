/** @file How to run shaders/matmul.wgsl. */

import * as shaders from '../../core/contracts.generated.ts'
import type { Facts, Plan } from '../../core/kernel.ts'
import { perElement, sizeClass, type Vec4 } from './common.ts'

const { TILE, TILE_THREADS } = shaders.matmul.consts
/** Columns of a strip: four per thread. Its rows (ROWS) differ between the two files of the kernel. */
const COLUMNS = 4 * TILE_THREADS

interface MatmulParams {
  batch: number
  m: number
  n: number
  k: number
  b_offset: number
  /** Strides of b: two batch axes, rows, columns. */
  b: Vec4
}

/** Whether rows of b are contiguous vec4s, and y's too. */
function vec4Columns({ n, b, b_offset }: MatmulParams): boolean {
  const [outer, inner, down, right] = b
  return right === 1 && n % 4 === 0 && b_offset % 4 === 0 && outer % 4 === 0 && inner % 4 === 0 && down % 4 === 0
}
const VEC4 = 'contiguous rows of b, and n, its strides and its offset multiples of 4'
const SUBGROUPS = 'subgroups of at least 8 lanes'

/** Workgroups that make `rows` × `columns` outputs each. */
const tiles = ({ batch, m, n }: MatmulParams, rows: number, columns: number): number =>
  batch * Math.ceil(m / rows) * Math.ceil(n / columns)

const hasSubgroups = (_: MatmulParams, { subgroupSize }: Facts): boolean => subgroupSize >= 8

/**
 * Products from which a strip of rows pays for its compilation, on a software adapter; at least half of it must be
 * there.
 */
const strips = (rows: number) => {
  return ({ batch, m, n, k }: MatmulParams, { software }: Facts): boolean =>
    software && m >= rows / 2 && batch * m * n * k >= 32768
}

export const matmul: Plan = {
  class: ({ batch, m, n, k }: MatmulParams) => sizeClass(batch, m, n, k),
  variants: {
    shared: {
      better: ({ m, n }: MatmulParams, { software }) => !software && m >= 16 && n >= 16,
      dispatch: (p: MatmulParams) => ({ entry: 'matmul_shared', groups: tiles(p, TILE, TILE) }),
    },
    subgroup_vec4: {
      requires: `${SUBGROUPS}, ${VEC4}`,
      fits: (p: MatmulParams, facts) => hasSubgroups(p, facts) && vec4Columns(p),
      better: strips(16),
      dispatch: (p: MatmulParams) => ({ entry: 'matmul_subgroup_vec4', groups: tiles(p, 16, COLUMNS) }),
    },
    subgroup: {
      requires: SUBGROUPS,
      fits: hasSubgroups,
      better: strips(16),
      dispatch: (p: MatmulParams) => ({ entry: 'matmul_subgroup', groups: tiles(p, 16, COLUMNS) }),
    },
    tile_vec4: {
      requires: VEC4,
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
  },
}
