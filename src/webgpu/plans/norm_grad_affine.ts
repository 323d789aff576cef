/** @file How to run shaders/norm_grad_affine.wgsl: parts of channels, and their sums until one is left. */
import { WORD_BYTES } from '../../core/contract.ts'
import { type Dispatch, type Facts, LANES, type Plan, type Scratch } from '../../core/kernel.ts'
import { manyElements, manyOnSoftware, perElement, perVec4, type Rows, sizeClass } from './common.ts'

interface Params extends Omit<Rows, 'offset'> {
  x_offset: number
  g_offset: number
  groups: number
  span: number
  /** Found here. */
  splits: number
  chunk: number
}

/** The longest chain of additions. */
const CHAIN = 256
/** Channels, and the elements of each. */
const channelsOf = ({ groups, cols, span }: Params): number => (groups * cols) / span
const countOf = ({ rows, groups, span }: Params): number => (rows / groups) * span

/** How the first pass runs: threads or workgroups for a number of parts, and elements that each adds one by one. */
interface First {
  readonly entry: string
  readonly groupsOf: (parts: number) => number
  /** Neighbours in memory that a thread or a workgroup takes at once: of a channel, and channels. */
  readonly wide?: number
  readonly channels?: number
}

/** Parts of channels that keep an adapter busy, times the channels that a thread has. */
const busy = ({ software }: Facts): number => (software ? 1024 : 32768)

function passes({ entry, groupsOf, wide = 1, channels = 1 }: First) {
  return (p: Params, facts: Facts): Dispatch[] => {
    const [outputs, count] = [channelsOf(p), countOf(p)]
    const wanted = Math.ceil((channels * busy(facts)) / outputs)
    // At least sixteen elements in a chain pay for the pass that follows.
    const chain = Math.min(CHAIN, Math.max(16, Math.ceil(count / wide / wanted)))
    let chunk = chain * wide
    let splits = Math.max(1, Math.ceil(count / chunk))
    let to = targets(outputs, splits)
    const list: Dispatch[] = [
      { entry, groups: groupsOf(outputs * splits), params: { splits, chunk }, blocks: [...to, 2, 3, 4] },
    ]
    while (splits > 1) {
      const [parts, from] = [splits, to]
      chunk = CHAIN
      splits = Math.ceil(parts / chunk)
      to = targets(outputs, splits)
      list.push({
        entry: 'norm_grad_affine_sum',
        groups: perElement(outputs * splits),
        params: { rows: parts, cols: outputs, splits, chunk },
        blocks: [...to, ...from, 4],
      })
    }
    return list
  }
}

/** dw and db themselves for one part, else scratch. */
function targets(outputs: number, splits: number): (number | Scratch)[] {
  if (splits === 1) return [0, 1]
  const bytes = WORD_BYTES * outputs * splits
  return [{ bytes }, { bytes }]
}

const inVec4s = (...numbers: readonly number[]): boolean => numbers.every((n) => n % 4 === 0)

export const norm_grad_affine: Plan = {
  class: ({ rows, cols, span }: Params) => sizeClass(rows, cols, span),
  variants: {
    group: {
      better: ({ span }: Params, { software }) => !software && span >= 64,
      dispatch: passes({ entry: 'norm_grad_affine_group', groupsOf: (parts) => parts, wide: LANES }),
    },
    columns: {
      requires: 'rows that have each channel once, cols and offsets that are multiples of 4',
      fits: ({ cols, x_offset, g_offset, groups, span }: Params) =>
        groups === 1 && span === 1 && inVec4s(cols, x_offset, g_offset),
      better: ({ rows, cols }: Params, facts) => manyElements(rows * cols, facts),
      dispatch: passes({ entry: 'norm_grad_affine_columns', groupsOf: perVec4, channels: 4 }),
    },
    rows: {
      requires: 'span and offsets that are multiples of 4',
      fits: ({ x_offset, g_offset, span }: Params) => inVec4s(x_offset, g_offset, span),
      better: ({ rows, cols }: Params, facts) => manyOnSoftware(rows * cols, facts),
      dispatch: passes({ entry: 'norm_grad_affine_rows', groupsOf: perElement, wide: 4 }),
    },
    thread: { dispatch: passes({ entry: 'norm_grad_affine_thread', groupsOf: perElement }) },
  },
}
