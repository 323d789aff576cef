/** @file T19 on model files: a language model forgets a text, and a reservoir keeps most of it. */
import { main } from '../../../examples/gpt2/replay.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'gpt2/replay.ts',
  reaches: 'a new text wipes out the old one; a reservoir of 24 windows keeps most of it',
  main,
  small: { steps: 30, every: 30 },
  goals: ({ before, rows: [alone, replay, all] }, size) => ({
    'the first text is learned': before[0] < (size === 'small' ? 4 : 2.5),
    'without replay more than a nat per token is forgotten': alone.forgotten > 1,
    'replay forgets less than a quarter of that': replay.forgotten < alone.forgotten / 4,
    'replay learns the new text': replay.second < (size === 'small' ? 8 : 3),
    'all of the old text forgets less than a quarter, too': all.forgotten < alone.forgotten / 4,
  }),
  says: ({ rows }) => rows.map(({ way, forgotten }) => `${way}: ${forgotten.toFixed(2)} nats forgotten`).join(', '),
})
