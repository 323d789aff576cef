/** @file T20: eight queens by gradient descent on relaxed choices. */
import { main } from '../../../examples/questions/puzzle.ts'
import { example } from '../example.ts'

/** Checked anew, in other words than the program's. */
const peaceful = (queens: readonly number[]): boolean =>
  [queens, queens.map((c, r) => c + r), queens.map((c, r) => c - r)].every((keys) => new Set(keys).size === 8)

export const one = example({
  file: 'questions/puzzle.ts',
  reaches: 'several boards of 128 end as solutions of the eight queens, different ones',
  main,
  goals: ({ solutions, different, curve }) => ({
    'at least three solutions, two of them different': solutions.length >= 3 && different >= 2,
    'no two queens attack each other in any of them': solutions.every(peaceful),
    'expected attacks fall to a fifth': (curve.at(-1)?.[0] ?? 9) < curve[0][0] / 5,
    'and to nothing on the best board': (curve.at(-1)?.[1] ?? 9) < 0.05,
  }),
  says: ({ solutions, different }) => `${solutions.length} of 128 boards solved, ${different} different`,
})
