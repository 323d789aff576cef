/** @file A perceptron in short form. */
import { main } from '../../../examples/short/mlp.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'short/mlp.ts',
  reaches: 'a perceptron with dropout, clipping and one cycle reads nine of ten digits that it has not seen',
  main,
  goals: ({ accuracy }) => ({ 'accuracy > 0.9': accuracy > 0.9 }),
  says: ({ accuracy }) => `${(100 * accuracy).toFixed(1)} % of 300 digits`,
})
