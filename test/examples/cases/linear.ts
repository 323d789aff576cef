/** @file T1: a line by hand-written gradient descent, with the learning rate that stops halfway. */
import { main } from '../../../examples/linear.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'linear.ts',
  reaches: 'lr 0.01 stops near w = 2.6 as predicted, lr 0.1 recovers 3 and 2',
  main,
  goals: ({ slow, fast, best }) => ({
    'lr 0.01: w ≈ 2.6 after 100 epochs': Math.abs(slow.w - 2.6) < 0.1,
    // The curve is exact for points of mean 0; these have a mean of −0.06.
    'its w follows the geometric curve at each epoch': slow.off < 0.06 && slow.off > 0,
    'lr 0.1: w is 3 to 0.05': Math.abs(fast.w - 3) < 0.05,
    'lr 0.1: b is 2 to 0.05': Math.abs(fast.b - 2) < 0.05,
    'which is the least-squares line': Math.abs(fast.w - best.w) < 1e-4 && Math.abs(fast.b - best.b) < 1e-4,
    'its loss is that of the noise, 0.1²': fast.loss > 0.007 && fast.loss < 0.013,
    // Foretold for epoch 21.
    'lr 0.1 is at 99 % after 18 to 24 epochs':
      fast.ws.findIndex((w) => Math.abs(w - best.w) < 0.01 * best.w) >= 18 &&
      fast.ws.slice(24).every((w) => Math.abs(w - best.w) < 0.01 * best.w),
  }),
  says: ({ slow, fast }) =>
    `w ${slow.w.toFixed(2)} at lr 0.01; w ${fast.w.toFixed(2)}, b ${fast.b.toFixed(2)} at lr 0.1`,
})
