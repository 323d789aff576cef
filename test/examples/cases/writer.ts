/** @file T17: a GRU writes Chinese sentences character by character. */
import { main } from '../../../examples/chinese/writer.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'chinese/writer.ts',
  reaches: 'most of its Chinese sentences are right, some of them never shown; at a high temperature none are',
  main,
  small: { steps: 30, written: 10 },
  goals: ({ right, own, hot, losses }, size) => ({
    'the loss falls below a third': (losses.at(-1) ?? 9) < losses[0] / (size === 'small' ? 1.5 : 3),
    'two of three sentences are right': size === 'small' || right > 2 / 3,
    'some of these were never shown': size === 'small' || own > 0,
    'at temperature 3 fewer than a tenth are': hot < 0.1,
  }),
  says: ({ right, own }) => `${(100 * right).toFixed(0)} % right, ${own} of them never shown`,
})
