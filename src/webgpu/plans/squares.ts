/** @file How to run shaders/squares.wgsl. */
import { WORD_BYTES } from '../../core/contract.ts'
import type { Dispatch, Plan } from '../../core/kernel.ts'
import { perElement, sizeClass, type Vec4 } from './common.ts'
import { squaresNests } from './nests.ts'

interface Params {
  lo: Vec4
  hi: Vec4
}

/** Parts that the second pass is given at most, and elements of a part at least. */
const MOST_PARTS = 1024

const sizeOf = ({ lo, hi }: Params): number => [...lo, ...hi].reduce((sum, size) => sum + size, 0)

function passes(way: 'thread' | 'group', least: number, groupsOf: (parts: number) => number) {
  return (p: Params): Dispatch[] => {
    const size = sizeOf(p)
    const chunk = Math.max(least, Math.ceil(size / MOST_PARTS))
    const parts = Math.max(1, Math.ceil(size / chunk))
    const scratch = { bytes: 3 * WORD_BYTES * parts }
    const sizes = [...p.lo, ...p.hi]
    // Bindings of tensors that a launch lacks are never read.
    const xs = [0, 1, 2, 3, 4, 5].map((t) => (sizes[t] > 0 ? t + 1 : 1))
    const params = { chunk, parts }
    return [
      { entry: `squares_${way}`, groups: groupsOf(parts), params, blocks: [scratch, ...xs] },
      { entry: `total_${way}`, groups: 1, params, blocks: [0, scratch, null, null, null, null, null] },
    ]
  }
}

export const squares: Plan = {
  nests: squaresNests,
  class: (p: Params) => sizeClass(sizeOf(p)),
  variants: {
    group: { better: (_: Params, { software }) => !software, dispatch: passes('group', 4096, (parts) => parts) },
    thread: { dispatch: passes('thread', 1024, perElement) },
  },
}
