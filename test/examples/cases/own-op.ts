/** @file An op of one's own. */
import { main } from '../../../examples/own-op.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'own-op.ts',
  reaches: 'gradients of both orders hold, the device agrees with float64',
  main,
  goals: ({ first, second, off }) => ({
    'gradient within 1e-7 of differences': first < 1e-7,
    'second derivative within 1e-7 of differences': second < 1e-7,
    'the device within 1e-6 of float64': off < 1e-6,
  }),
  says: ({ first, second, off }) =>
    `off by ${[first, second, off].map((v) => v.toExponential(0)).join(' (gradient), ')} (device)`,
})
