/** @file How to run shaders/extremum.wgsl. */
import { WORD_BYTES } from '../../core/contract.ts'
import { type Dispatch, LANES, type Plan, type Scratch } from '../../core/kernel.ts'
import { perElement, sizeClass } from './common.ts'
import { extremumNest } from './nests.ts'
import { inRows, type ReduceParams, readsMany, suitsGroups } from './reduce.ts'

/** Splits of a result, at most: one thread goes through them. */
const SPLITS = 128

/**
 * One pass; or, where results are few and have many elements, one by splits and one that takes the best of each.
 * @param least   elements of a split, at least
 * @param groups  workgroups for so many results
 */
function searching(entry: string, least: number, groups: (results: number) => number) {
  return (p: ReduceParams): Dispatch | Dispatch[] => {
    const [outputs, ...keptDims] = p.kept.slice(0, 3)
    const [count, ...reducedDims] = p.reduced.slice(0, 3)
    const wanted = Math.max(1, Math.floor(SPLITS / Math.max(1, outputs)))
    // Whole vec4s.
    const chunk = Math.max(least, 4 * Math.ceil(count / wanted / 4))
    const splits = Math.ceil(count / chunk)
    if (splits <= 1) return { entry, groups: groups(outputs) }
    const scratch = (): Scratch => ({ bytes: WORD_BYTES * outputs * splits })
    const [values, places] = [scratch(), scratch()]
    const kept = [outputs, ...keptDims, splits]
    const params = { kept, reduced: [count, ...reducedDims, chunk] }
    return [
      { entry, groups: groups(outputs * splits), params, blocks: [values, places, 2, null] },
      { entry: 'extremum_pick', groups: perElement(outputs), params, blocks: [0, 1, values, places] },
    ]
  }
}

export const extremum: Plan = {
  nests: extremumNest,
  class: ({ kept: [outputs], reduced: [count] }: ReduceParams) => sizeClass(outputs, count),
  variants: {
    group: {
      better: (p: ReduceParams, { software }) => !software && suitsGroups(p),
      dispatch: searching('extremum_group', 4 * LANES, (results) => results),
    },
    rows: {
      requires: 'reduced elements side by side in aligned vec4s',
      fits: inRows,
      better: readsMany,
      dispatch: searching('extremum_rows', 256, perElement),
    },
    thread: { dispatch: searching('extremum_thread', 256, perElement) },
  },
}
