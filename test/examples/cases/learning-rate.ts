/** @file T16: how do I choose a learning rate? The range test beside 2/λ and beside trainings at every rate. */
import { main } from '../../../examples/questions/learning-rate.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'questions/learning-rate.ts',
  reaches: 'range test, curvature and trainings at every rate agree on the learning rate',
  main,
  small: { steps: 60, epochs: 2, samples: 300 },
  goals: ({ suggestion, edge, rates, reached }, size) => {
    const at = (from: number, to: number) => reached.filter((_, i) => rates[i] > from && rates[i] < to)
    const own = reached[rates.indexOf(suggestion)]
    return {
      'the suggestion lies below 2/λ, not far below': suggestion < edge && suggestion > edge / 5,
      'trained with it the loss is below 0.6': own < (size === 'small' ? 1.5 : 0.6),
      'every rate of a fifth or less is worse, those of a tenth by twice the loss':
        at(0, suggestion / 5).every((loss) => loss > own) &&
        (size === 'small' || at(0, suggestion / 10).every((loss) => loss > 2 * own)),
      'rates beyond 2/λ break: worse than to guess, ln 10': at(edge * 1.2, Infinity).every(
        (loss) => loss > Math.log(10),
      ),
      'rates below it learn': at(0.1, edge).every((loss) => loss < 2),
    }
  },
  says: ({ suggestion, edge, rates, reached }) =>
    `suggested ${suggestion.toFixed(2)}, loss ${reached[rates.indexOf(suggestion)].toFixed(2)}; edge ${edge.toFixed(2)}`,
})
