/** @file T5: one model on raw tensors, as a module, and by the trainer. */
import { main } from '../../../examples/framework.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'framework.ts',
  reaches: 'raw tensors, module and trainer give equal losses; the saved model predicts as the trained one',
  main,
  small: { steps: 100, lr: 1 },
  goals: ({ byHand, byModule, byTrainer, newPoints, accuracy, before, after }, size) => ({
    'module and raw tensors: the same bits': byHand.length >= 100 && byHand.every((loss, k) => loss === byModule[k]),
    'trainer and raw tensors: the same bits': byHand.every((loss, k) => loss === byTrainer[k]),
    'it begins near ln 2': Math.abs(byHand[0] - Math.LN2) < 0.05,
    'and falls, below a third of it (small: below 0.4)': (byHand.at(-1) ?? 1) < (size === 'small' ? 0.4 : Math.LN2 / 3),
    'new points: a loss below 0.35': (newPoints.at(-1) ?? 1) < 0.35,
    'new points: ≥ 90 % right': accuracy >= 0.9,
    'inside in the centre, outside on the edge': after[0] > 0.95 && after[3] < 0.4,
    'read from its file it gives the same bits': after.every((p, k) => p === before[k]),
  }),
  says: ({ accuracy, byHand }) =>
    `loss ${byHand.at(-1)?.toFixed(3)} three times, accuracy ${(100 * accuracy).toFixed(1)} %`,
})
