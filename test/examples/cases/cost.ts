/** @file T20: what backward costs, in operations and in time, against forward and against perturbation. */
import { main } from '../../../examples/questions/cost.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'questions/cost.ts',
  reaches: 'backward takes about twice the operations of forward, whatever the number of weights',
  main,
  small: { steps: 5, widest: 64 },
  full: { widest: 512 },
  goals: ({ rows }) => {
    const widest = rows[rows.length - 1]
    return {
      'forward counts 4 products of 64 × w × w, and little else': rows.every(
        ({ width, forward }) => forward > 4 * 64 * width ** 2 && forward < 4 * 64 * width * (width + 4),
      ),
      'backward is 1.5 to 3 times forward at every width': rows.every(({ ratio }) => ratio > 1.5 && ratio < 3),
      'at the widest, where products are nearly all, (2·4 − 1)/4 to 5 %': Math.abs(widest.ratio / 1.75 - 1) < 0.05,
      'perturbation takes a thousand times more there': widest.weights + 1 > 1000 * (1 + widest.ratio),
      // Times vary with the machine and what else it does; what holds anywhere is the order of magnitude.
      'at the widest a gradient takes less time than twenty evaluations': widest.times < 20,
    }
  },
  says: ({ rows }) => `backward/forward ${rows.map(({ ratio }) => ratio.toFixed(2)).join(' ')} in operations`,
  varies: /(?<=in forwards: ).*$/m,
})
