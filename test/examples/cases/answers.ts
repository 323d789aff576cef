/** @file T17: the answer of a shop's service that fits a Chinese question. */
import { main } from '../../../examples/chinese/answers.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'chinese/answers.ts',
  reaches: 'the right answer to Chinese questions asked in ways not learned, above shared characters and the majority',
  main,
  small: { steps: 30 },
  goals: ({ learned, plain, majority, tested }, size) => ({
    'each question is tried once': tested === 48,
    'right: 50 points above the majority class': learned.first > majority + 0.5,
    'above pairs of shared characters, by rank': size === 'small' || learned.mrr > plain.mrr,
    'right ≥ 80 %': size === 'small' || learned.first >= 0.8,
  }),
  says: ({ learned, plain }) =>
    `right ${(100 * learned.first).toFixed(1)} %, by shared characters ${(100 * plain.first).toFixed(1)} %`,
})
