/** @file Three tasks by the layer that each needs. */
import { main } from '../../../examples/ops.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'ops.ts',
  reaches: 'convolution, GRU and attention each solve the task that needs them',
  main,
  goals: ([bars, memory, lookUp]) => ({
    'bars > 0.95': bars > 0.95,
    'memory > 0.9': memory > 0.9,
    'look-up > 0.85': lookUp > 0.85,
  }),
  says: (shares) => `convolution, GRU, attention: ${shares.map((v) => `${(100 * v).toFixed(1)} %`).join(', ')}`,
})
