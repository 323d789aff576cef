/** @file An encoder–decoder with attention: dates in words into dates in numbers. */
import { main } from '../../../examples/translate.ts'
import { example, type Goals } from '../example.ts'

export const one = example({
  file: 'translate.ts',
  reaches: '≥ 95 of 100 unseen dates are exactly right, and each part of a date looks at its own word',
  main,
  small: { steps: 16 },
  // Twice the steps: what the usual ones reach differs by a few dates from device to device.
  full: { steps: 560 },
  goals: ({ accuracy, losses, maps, year, month, day }, size): Goals => {
    const sums = maps.flat().map((row) => row.reduce((sum, v) => sum + v, 0))
    const weights = { 'attention adds up to 1': sums.every((sum) => Math.abs(sum - 1) < 1e-4) }
    const last = losses[losses.length - 1]
    if (size === 'small') return { ...weights, 'it learns': last < 0.6 * losses[0] }
    return {
      ...weights,
      '≥ 95 of 100 unseen dates': accuracy >= 0.95,
      'the year, the month and the day look at their words': Math.min(year, month, day) > 0.8,
    }
  },
  says: ({ accuracy }) => `${Math.round(100 * accuracy)} of 100 unseen dates`,
})
