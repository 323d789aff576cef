/** @file A Hessian-vector product. */
import { main } from '../../../examples/hvp.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'hvp.ts',
  reaches: 'a Hessian-vector product agrees with float64, and foretells how the loss bends',
  main,
  goals: ({ norm, off, bend, measured }) => ({
    '|H·v| > 1': norm > 1,
    'off by less than 1e-5 of it': off < 1e-5,
    // Four roundings of a loss near 2, over ε²; and an ε² of the fourth derivative.
    'the loss bends so': Math.abs(bend - measured) < 0.01,
  }),
  says: ({ norm }) => `|H·v| ${norm.toFixed(6)}`,
})
