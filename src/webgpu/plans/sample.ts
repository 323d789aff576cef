/** @file How to run shaders/sample.wgsl. */
import { WORD_BYTES } from '../../core/contract.ts'
import * as shaders from '../../core/contracts.generated.ts'
import type { Plan } from '../../core/kernel.ts'

const { PENALTY, MARK, UNUSED, POSITIONS, SEEDS, LONG_SEEDS } = shaders.sample.consts

/** Places of the bindings. */
const [IDS, LOGPROBS, SEEN, X, SEED, POSITION, BAN] = [0, 1, 2, 3, 4, 5, 6]

export const sample: Plan = {
  variants: {
    group: {
      dispatch: ({ rows, flags }: { rows: number; flags: number }) => {
        // What is not given is not read either, but an entry point names all of its bindings.
        const given = (bits: number, place: number) => (flags & bits ? place : X)
        const seen = flags & (PENALTY | MARK) ? SEEN : { bytes: WORD_BYTES }
        const rest = [given(SEEDS | LONG_SEEDS, SEED), given(POSITIONS, POSITION), given(UNUSED, BAN)]
        // A list: scratch is given back after one.
        return [{ entry: 'sample', groups: rows, blocks: [IDS, LOGPROBS, seen, X, ...rest] }]
      },
    },
  },
}
