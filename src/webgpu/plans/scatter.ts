/** @file How to run shaders/scatter.wgsl. */
import { WORD_BYTES } from '../../core/contract.ts'
import * as shaders from '../../core/contracts.generated.ts'
import type { Dispatch, Facts, Plan, Scratch } from '../../core/kernel.ts'
import { manyElements, perElement, perVec4, sizeClass } from './common.ts'
import { scatterNest } from './nests.ts'
import { mergingRuns } from './sort.ts'

interface ScatterParams {
  rows: number
  cols: number
  count: number
  g_offset: number
  step: number
  span: number
}

/** Clear the chains, link equal indices, sum along the chains. */
function scattering(link: string, linkGroups: (count: number) => number, vec4: boolean) {
  return ({ rows, cols, count }: ScatterParams): Dispatch[] => {
    const links: Scratch = { bytes: WORD_BYTES * (rows + count) }
    const elements = rows * cols
    const sum = vec4
      ? { entry: 'scatter_sum_vec4', groups: perVec4(elements) }
      : { entry: 'scatter_sum', groups: perElement(elements) }
    return [
      { entry: 'scatter_clear', groups: perElement(rows), blocks: [links, null, null] },
      { entry: link, groups: count === 0 ? 0 : linkGroups(count), blocks: [links, null, 2] },
      { ...sum, blocks: [0, 1, links] },
    ]
  }
}

const { BLOCK } = shaders.scatter.consts

/** Sort indices with their places, sum what is side by side. */
function sorting({ rows, cols, count }: ScatterParams): Dispatch[] {
  const block = (to: Scratch) => ({
    entry: 'scatter_sort_block',
    groups: Math.ceil(count / BLOCK),
    blocks: [to, null, 2],
  })
  const merge = (to: Scratch, from: Scratch, span: number) => ({
    entry: 'scatter_sort_merge',
    groups: perElement(count),
    params: { span },
    blocks: [to, null, from],
  })
  const { passes, sorted } = mergingRuns(count, count, BLOCK, block, merge)
  return [...passes, { entry: 'scatter_sum_sorted', groups: perElement(rows * cols), blocks: [0, 1, sorted] }]
}

const fourColumns = ({ cols, g_offset }: ScatterParams): boolean => cols % 4 === 0 && g_offset % 4 === 0
/** Side by side, but count·span/(2·step) reads: past some number of them sorting takes less time. */
const onGpu = ({ count, step, span }: ScatterParams, { software }: Facts): boolean =>
  !software && (count * span) / step <= 2 ** 34

export const scatter: Plan = {
  nests: scatterNest,
  class: ({ rows, cols, count }: ScatterParams) => sizeClass(rows, cols, count),
  variants: {
    search_vec4: {
      requires: 'cols and g_offset that are multiples of 4',
      fits: fourColumns,
      better: onGpu,
      dispatch: scattering('scatter_link_search', perElement, true),
    },
    search: { better: onGpu, dispatch: scattering('scatter_link_search', perElement, false) },
    sorted: { better: (_, { software }) => !software, dispatch: sorting },
    serial_vec4: {
      requires: 'cols and g_offset that are multiples of 4',
      fits: fourColumns,
      better: ({ rows, cols }: ScatterParams, facts) => manyElements(rows * cols, facts),
      dispatch: scattering('scatter_link_serial', () => 1, true),
    },
    serial: { dispatch: scattering('scatter_link_serial', () => 1, false) },
  },
}
