/** @file How to run shaders/reduce.wgsl. */
import { WORD_BYTES } from '../../core/contract.ts'
import { type Dispatch, type Facts, LANES, type Plan, type Scratch } from '../../core/kernel.ts'
import { manyOnSoftware, perElement, perVec4, sizeClass, type Vec4 } from './common.ts'
import { reduceNest } from './nests.ts'

export interface ReduceParams {
  /** Elements kept, the sizes of their two inner axes, and how many results each has: the splits. */
  kept: Vec4
  /** The same of the elements reduced to one, and how many of them make a result: the chunk. */
  reduced: Vec4
  /** Kept and reduced strides: offset, and the strides of three axes. */
  ks: Vec4
  rs: Vec4
}

/** How a pass runs. */
interface Pass {
  readonly entry: string
  /** Elements that a thread or a workgroup reduces, given the kept and the reduced count. */
  readonly chunkOf: (kept: number, count: number) => number
  readonly groupsOf: (results: number) => number
}

/**
 * Reduce in passes: each leaves `splits` results per kept element, in scratch, until one is left.
 * @param then  the later passes, whose elements lie side by side, in any number
 */
function reduction(first: Pass, then = first) {
  return (p: ReduceParams): Dispatch[] => {
    const passes: Dispatch[] = []
    const [outputs] = p.kept
    let { kept, reduced, ks, rs } = p
    let from: number | Scratch = 1
    for (let pass = first; ; pass = then) {
      const [, kept1, kept2] = kept
      const [count, reduced1, reduced2] = reduced
      const chunk = Math.max(1, pass.chunkOf(outputs, count))
      const splits = Math.max(1, Math.ceil(count / chunk))
      const to: number | Scratch = splits === 1 ? 0 : { bytes: WORD_BYTES * outputs * splits }
      passes.push({
        entry: pass.entry,
        groups: pass.groupsOf(outputs * splits),
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
/** For which one has 256: sixteen accumulators, and four. */
const ROW_CHUNK = 4096
const COLUMN_CHUNK = 1024
/** Results that keep an adapter busy. */
const BUSY = 1024

const spread = (kept: number, count: number): number => Math.ceil(count / Math.max(1, Math.ceil(BUSY / kept)))
const between = (least: number, chunk: number, most: number): number => Math.min(most, Math.max(least, chunk))
const wholeVec4s = (chunk: number): number => 4 * Math.ceil(chunk / 4)

const byGroup: Pass = {
  entry: 'reduce_group',
  chunkOf: (kept, count) => between(4 * LANES, spread(kept, count), GROUP_CHUNK),
  groupsOf: (results) => results,
}
const byThread: Pass = {
  entry: 'reduce_thread',
  chunkOf: (kept, count) => between(64, spread(kept, count), THREAD_CHUNK),
  groupsOf: perElement,
}
const byRow: Pass = {
  entry: 'reduce_rows',
  chunkOf: (kept, count) => between(64, wholeVec4s(spread(kept, count)), ROW_CHUNK),
  groupsOf: perElement,
}
const byColumns: Pass = {
  entry: 'reduce_columns',
  chunkOf: (kept, count) => between(16, spread(kept / 4, count), COLUMN_CHUNK),
  groupsOf: perVec4,
}

/** A workgroup per result suits GPUs, except for columns, whose neighbours lie side by side. */
export function suitsGroups({ kept, reduced, ks, rs }: ReduceParams): boolean {
  const [outputs] = kept
  const [count] = reduced
  const [, , , keptStride] = ks
  const [, , , reducedStride] = rs
  return count >= 64 && !(outputs >= LANES && keptStride === 1 && reducedStride !== 1)
}

const inVec4s = (...numbers: readonly number[]): boolean => numbers.every((n) => n % 4 === 0)
/** The strides that count of a view over three axes of `count` elements, but for the innermost. */
const outer = ([count, d1, d2]: Vec4, [, s0, s1]: Vec4): number[] =>
  d2 === count ? [] : d1 * d2 === count ? [s1] : [s0, s1]

/** Reduced elements side by side, in aligned vec4s. */
export const inRows = ({ kept, reduced: [count, , d2], ks, rs }: ReduceParams): boolean =>
  count > 0 && d2 === count && rs[3] === 1 && inVec4s(count, ks[0], ...outer(kept, ks), kept[2] > 1 ? ks[3] : 0)

/** Kept elements side by side, in aligned vec4s. */
const inColumns = ({ kept, reduced, ks, rs }: ReduceParams): boolean =>
  ks[3] === 1 && inVec4s(kept[2], ks[0], ...outer(kept, ks), ...outer(reduced, rs), reduced[2] > 1 ? rs[3] : 0)

export const readsMany = ({ kept: [outputs], reduced: [count] }: ReduceParams, facts: Facts): boolean =>
  manyOnSoftware(outputs * count, facts)

export const reduce: Plan = {
  nests: reduceNest,
  class: ({ kept: [outputs], reduced: [count] }: ReduceParams) => sizeClass(outputs, count),
  variants: {
    group: {
      better: (p: ReduceParams, { software }) => !software && suitsGroups(p),
      dispatch: reduction(byGroup),
    },
    rows: {
      requires: 'reduced elements side by side in aligned vec4s',
      fits: inRows,
      better: readsMany,
      dispatch: reduction(byRow, byThread),
    },
    columns: {
      requires: 'kept elements side by side in aligned vec4s',
      fits: inColumns,
      better: readsMany,
      dispatch: reduction(byColumns, byThread),
    },
    thread: { dispatch: reduction(byThread) },
  },
}
