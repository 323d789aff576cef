/** @file How to run shaders/reduce.wgsl. */
import { WORD_BYTES } from '../../core/contract.ts'
import { type Dispatch, LANES, type Plan, type Scratch } from '../../core/kernel.ts'
import { perElement, sizeClass, type Vec4 } from './common.ts'

export interface ReduceParams {
  /** Elements kept, the sizes of their two inner axes, and how many results each has: the splits. */
  kept: Vec4
  /** The same of the elements reduced to one, and how many of them make a result: the chunk. */
  reduced: Vec4
  /** Kept and reduced strides: offset, and the strides of three axes. */
  ks: Vec4
  rs: Vec4
}

/**
 * Reduce in passes: each leaves `splits` results per kept element, in scratch, until one is left.
 * @param chunkOf  elements one thread or workgroup reduces, given the kept and the reduced count
 */
function reduction(
  entry: string,
  chunkOf: (kept: number, count: number) => number,
  groupsOf: (results: number) => number,
) {
  return (p: ReduceParams): Dispatch[] => {
    const passes: Dispatch[] = []
    const [outputs] = p.kept
    let { kept, reduced, ks, rs } = p
    let from: number | Scratch = 1
    for (;;) {
      const [, kept1, kept2] = kept
      const [count, reduced1, reduced2] = reduced
      const chunk = Math.max(1, chunkOf(outputs, count))
      const splits = Math.max(1, Math.ceil(count / chunk))
      const to: number | Scratch = splits === 1 ? 0 : { bytes: WORD_BYTES * outputs * splits }
      passes.push({
        entry,
        groups: groupsOf(outputs * splits),
        params: { kept: [outputs, kept1, kept2, splits], reduced: [count, reduced1, reduced2, chunk], ks, rs },
        blocks: [to, from],
      })
      if (splits === 1) return passes
      // The next pass reduces the results of this one, which lie side by side.
      from = to
      kept = [outputs, 1, outputs, 1]
      reduced = [splits, 1, splits, splits]
      ks = [0, 0, 0, splits]
      rs = [0, 0, 0, 1]
    }
  }
}

/**
 * Longest chunks for which a chain has at most 1,024 additions: four accumulators a thread, 256 threads a workgroup.
 */
const THREAD_CHUNK = 4080
const GROUP_CHUNK = 262144
/** Results that keep an adapter busy. */
const BUSY = 1024

const spread = (kept: number, count: number): number => Math.ceil(count / Math.max(1, Math.ceil(BUSY / kept)))

/** A workgroup per result suits GPUs, except for columns, whose neighbours lie side by side. */
function suitsGroups({ kept, reduced, ks, rs }: ReduceParams): boolean {
  const [outputs] = kept
  const [count] = reduced
  const [, , , keptStride] = ks
  const [, , , reducedStride] = rs
  return count >= 64 && !(outputs >= LANES && keptStride === 1 && reducedStride !== 1)
}

export const reduce: Plan = {
  class: ({ kept: [outputs], reduced: [count] }: ReduceParams) => sizeClass(outputs, count),
  variants: {
    group: {
      better: (p: ReduceParams, { software }) => !software && suitsGroups(p),
      dispatch: reduction(
        'reduce_group',
        (kept, count) => Math.min(GROUP_CHUNK, Math.max(4 * LANES, spread(kept, count))),
        (results) => results,
      ),
    },
    thread: {
      dispatch: reduction(
        'reduce_thread',
        (kept, count) => Math.min(THREAD_CHUNK, Math.max(64, spread(kept, count))),
        perElement,
      ),
    },
  },
}
