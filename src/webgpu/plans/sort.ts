/** @file How to run shaders/sort.wgsl. */
import { WORD_BYTES } from '../../core/contract.ts'
import * as shaders from '../../core/contracts.generated.ts'
import type { Dispatch, Plan, Scratch } from '../../core/kernel.ts'
import { classOfRows, perElement } from './common.ts'

interface SortParams {
  rows: number
  cols: number
}

/** A key and where it was. */
const PAIR_BYTES = 2 * WORD_BYTES

/** Sort runs of `width`, merge them two by two until one is left of each row, fetch the values. */
function merging(entry: string, width: number, groups: (runs: number) => number) {
  return ({ rows, cols }: SortParams): Dispatch[] => {
    const elements = perElement(rows * cols)
    const scratch = (): Scratch => ({ bytes: PAIR_BYTES * rows * cols })
    let [from, to] = [scratch(), scratch()]
    const passes: Dispatch[] = [
      { entry, groups: groups(rows * Math.ceil(cols / width)), blocks: [from, null, 2, null] },
    ]
    for (let size = width; size < cols; size *= 2) {
      passes.push({ entry: 'sort_merge', groups: elements, params: { width: size }, blocks: [to, null, null, from] })
      ;[from, to] = [to, from]
    }
    return [...passes, { entry: 'sort_write', groups: elements, blocks: [0, 1, 2, from] }]
  }
}

const { RUN, BLOCK } = shaders.sort.consts

export const sort: Plan = {
  class: classOfRows,
  variants: {
    block: {
      better: ({ cols }: SortParams, { software }) => !software && cols > 8 * RUN,
      dispatch: merging('sort_block', BLOCK, (blocks) => blocks),
    },
    thread: { dispatch: merging('sort_runs', RUN, perElement) },
  },
}
