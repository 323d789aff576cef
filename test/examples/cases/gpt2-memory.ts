/** @file What a step of training takes, planned and measured. */
import { main } from '../../../examples/gpt2/memory.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'gpt2/memory.ts',
  reaches: 'what a step holds at most is known before it',
  main,
  goals: ({ planned, ratios }) => ({
    'planned is measured, within 10 %': ratios.every((ratio) => Math.abs(ratio - 1) < 0.1),
    // Beside checkpoints the rounded copies of weights take what activations in 16 bits save.
    'no mode takes more than the one before': planned.every(
      (plan, i) => i === 0 || plan.all < 1.02 * planned[i - 1].all,
    ),
  }),
  says: ({ planned }) => planned.map(({ all }) => `${(all / 1e9).toFixed(1)} GB`).join(', '),
})
