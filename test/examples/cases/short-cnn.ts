/** @file A convolutional network in short form. */
import { main } from '../../../examples/short/cnn.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'short/cnn.ts',
  reaches: 'a convolutional network with batch normalisation reads most digits after 38 steps',
  main,
  goals: ({ accuracy }) => ({ 'accuracy > 0.85': accuracy > 0.85 }),
  says: ({ accuracy }) => `${(100 * accuracy).toFixed(1)} % of 300 digits`,
})
