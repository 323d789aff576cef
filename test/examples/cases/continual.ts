/** @file T19: forgetting measured, then reduced by replay. */
import { main } from '../../../examples/continual.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'continual.ts',
  reaches: 'new digits wipe out the old ones; replay of 50 keeps most of them',
  main,
  goals: ({ learned, rows: [alone, replay, all] }) => ({
    'the first digits are learned: ≥ 95 %': learned >= 0.95,
    'without replay at least 60 points of them are forgotten': alone.forgotten > 0.6,
    'replay forgets less than a quarter of that': replay.forgotten < alone.forgotten / 4,
    'replay learns the new ones: ≥ 70 %': replay.fresh >= 0.7,
    'over both the mean with replay is 20 points higher': replay.both > alone.both + 0.2,
    'all old digits again forget less than a quarter, too': all.forgotten < alone.forgotten / 4,
  }),
  says: ({ rows }) =>
    rows.map(({ way, forgotten }) => `${way}: ${(100 * forgotten).toFixed(1)} % forgotten`).join(', '),
})
