/** @file A loop over a DataLoader. */
import { main } from '../../../examples/batches.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'batches.ts',
  reaches: 'a loop over a DataLoader learns, and holds the same to the byte after each step',
  main,
  small: { images: 2000 },
  goals: ({ held, losses, accuracy }) => ({
    // The pool of a GPU device is filled by the first steps, that which logs among them.
    'the same after each step': new Set(held.slice(2).map((now) => JSON.stringify(now))).size === 1,
    'the loss is halved': losses[losses.length - 1] < losses[0] / 2,
    'accuracy > 0.8': accuracy > 0.8,
  }),
  says: ({ accuracy, held }) => `${(100 * accuracy).toFixed(1)} %, ${held[held.length - 1].bytes} bytes at every step`,
  // Counted over all that the process holds.
  varies: /\d+ tensors/g,
})
