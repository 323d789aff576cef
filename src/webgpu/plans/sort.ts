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

/**
 * Sort runs of `width` pairs, and merge them two by two until one is left of each row.
 * @param pairs  in all
 * @param cols   in a row
 */
export function mergingRuns(
  pairs: number,
  cols: number,
  width: number,
  first: (to: Scratch) => Dispatch,
  merge: (to: Scratch, from: Scratch, width: number) => Dispatch,
): { passes: Dispatch[]; sorted: Scratch } {
  const scratch = (): Scratch => ({ bytes: PAIR_BYTES * Math.max(1, pairs) })
  let [from, to] = [scratch(), scratch()]
  const passes = [first(from)]
  for (let size = width; size < cols; size *= 2) {
    passes.push(merge(to, from, size))
    ;[from, to] = [to, from]
  }
  return { passes, sorted: from }
}

/** Merge sorted runs, fetch the values. */
function merging(entry: string, width: number, groups: (runs: number) => number) {
  return ({ rows, cols }: SortParams): Dispatch[] => {
    const elements = perElement(rows * cols)
    const first = (to: Scratch) => ({
      entry,
      groups: groups(rows * Math.ceil(cols / width)),
      blocks: [to, null, 2, null],
    })
    const merge = (to: Scratch, from: Scratch, size: number) => ({
      entry: 'sort_merge',
      groups: elements,
      params: { width: size },
      blocks: [to, null, null, from],
    })
    const { passes, sorted } = mergingRuns(rows * cols, cols, width, first, merge)
    return [...passes, { entry: 'sort_write', groups: elements, blocks: [0, 1, 2, sorted] }]
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
