/** @file T3: XOR from twenty seeds, and what has become of the networks that fail. */
import { main } from '../../../examples/xor.ts'
import { example } from '../example.ts'

/** Mean cross-entropy of a network that sees two, or three, of the four inputs as one, or all of them. */
const plateaus = [
  Math.LN2 / 2,
  -(Math.log(1 / 3) + 2 * Math.log(2 / 3)) / 4, // labels 0, 1, 1 at the output ⅔, or 1, 0, 0 at ⅓
  Math.LN2,
]

export const one = example({
  file: 'xor.ts',
  reaches: 'eight hidden units learn XOR from at least 19 of 20 seeds; with four half fail, by dead ReLUs',
  main,
  small: { steps: 300 },
  full: { steps: 2000 },
  goals: ({ four, eight }, size) => ({
    '2–8–1: accuracy 1 from ≥ 19 of 20 seeds': eight.solved.length >= 19,
    '2–4–1: 7 to 13 of 20 fail': four.failed.length >= 7 && four.failed.length <= 13,
    'each that fails has a dead unit': four.failed.every(({ dead }) => dead > 0),
    'and is linear, or sees inputs of both classes as one': four.failed.every(
      ({ bent, unseen }) =>
        bent === 0 || (unseen.length >= 2 && new Set(unseen.map((at) => at[0] === at[1])).size === 2),
    ),
    'its loss is what that leaves': four.failed.every(({ curve }) =>
      plateaus.some((loss) => Math.abs(loss - (curve.at(-1) ?? 0)) < (size === 'small' ? 0.02 : 0.002)),
    ),
    // 13/48 = 27 % by the chapter's integral; ± 2 deviations of 80 and 160 draws.
    'dead from the start: as many as the integral says':
      Math.abs(four.dead.first / four.dead.of - 13 / 48) < 0.1 &&
      Math.abs(eight.dead.first / eight.dead.of - 13 / 48) < 0.07,
    'none revives': four.dead.last >= four.dead.first && eight.dead.last >= eight.dead.first,
  }),
  says: ({ four, eight }) => `2–8–1: ${eight.solved.length} of 20 seeds; 2–4–1: ${four.solved.length}`,
})
