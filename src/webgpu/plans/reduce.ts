/** @file How to run shaders/reduce.wgsl. */
import { type Dispatch, LANES, type Plan, type Scratch } from '../../core/kernel.ts'
import { perElement, type View } from './common.ts'

export interface ReduceParams {
  kept: View
  reduced: View
  ks: View
  rs: View
}

/**
 * Reduce in passes: each leaves `splits` results per kept element, in scratch, until one is left.
 * @param chunk  elements one thread or workgroup reduces, given the kept and the reduced count
 */
function reduction(entry: string, chunk: (kept: number, count: number) => number, groups: (results: number) => number) {
  return (p: ReduceParams): Dispatch[] => {
    const passes: Dispatch[] = []
    const [outputs] = p.kept
    let { kept, reduced, ks, rs } = p
    let from: number | Scratch = 1
    for (;;) {
      const count = reduced[0]
      const size = Math.max(1, chunk(outputs, count))
      const splits = Math.max(1, Math.ceil(count / size))
      const to: number | Scratch = splits === 1 ? 0 : { bytes: 4 * outputs * splits }
      passes.push({
        entry,
        groups: groups(outputs * splits),
        params: { kept: [outputs, kept[1], kept[2], splits], reduced: [count, reduced[1], reduced[2], size], ks, rs },
        blocks: [to, from],
      })
      if (splits === 1) return passes
      from = to
      kept = [outputs, 1, outputs, 1]
      reduced = [splits, 1, splits, splits]
      ks = [0, 0, 0, splits]
      rs = [0, 0, 0, 1]
    }
  }
}

/** Longest chunks for which a chain has at most 1,024 additions: four accumulators a thread, 256 threads a workgroup. */
const THREAD_CHUNK = 4080
const GROUP_CHUNK = 262144
/** Results that keep an adapter busy. */
const BUSY = 1024

const spread = (kept: number, count: number): number => Math.ceil(count / Math.max(1, Math.ceil(BUSY / kept)))

export const reduce: Plan = {
  /** A workgroup per result suits GPUs, except for columns, whose neighbours lie side by side. */
  group: {
    better: ({ kept, reduced, ks, rs }: ReduceParams, { software }) =>
      !software && reduced[0] >= 64 && !(kept[0] >= LANES && ks[3] === 1 && rs[3] !== 1),
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
}
