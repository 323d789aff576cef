/** @file T4: a perceptron 784–256–10, from the data set to the classification report. */
import { main } from '../../../examples/digits.ts'
import { example } from '../example.ts'

const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-12
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

export const one = example({
  file: 'digits.ts',
  reaches: 'ten epochs of Adam and StepLR, then a report by the definitions of scikit-learn; ≥ 98 % on MNIST',
  main,
  // Those of its own: who asks for the full size says where MNIST is, `{ data }`.
  full: {},
  goals: ({ history, answers, judged, source, page, least, greatest }, size) => {
    const { counts, total, right } = judged.confusion
    // Precision and recall of each class from the counts alone.
    const classes = counts.map((row, c) => {
      const predicted = counts.reduce((sum, other) => sum + other[c], 0)
      const support = row.reduce((a, b) => a + b, 0)
      const [precision, recall] = [predicted && row[c] / predicted, support && row[c] / support]
      return { precision, recall, f1: precision + recall && (2 * precision * recall) / (precision + recall), support }
    })
    const measures = ['precision', 'recall', 'f1'] as const
    const last = history.epochs.at(-1)
    return {
      '≥ 98 % of MNIST': size !== 'full' || (source.startsWith('MNIST') && total === 10_000 && right / total >= 0.98),
      '≥ 94 % of made digits': size === 'full' || right / total >= 0.94,
      'ten epochs, each with loss and accuracy':
        history.epochs.length === 10 &&
        history.epochs.every(({ loss, metrics }) => loss > 0 && metrics.accuracy > 0 && metrics.accuracy <= 1),
      'the loss falls to a tenth': (last?.loss ?? Infinity) < history.losses[0] / 10,
      'StepLR: a tenth of the rate from the 6th epoch on': history.epochs.every(({ epoch, step }) =>
        near(history.rates[step - 1], epoch <= 5 ? 1e-3 : 1e-4),
      ),
      'the report has the definitions': classes.every((wanted, c) =>
        [...measures, 'support' as const].every((name) => near(answers.classes[c][name], wanted[name])),
      ),
      'micro is the accuracy': measures.every((name) => near(answers.micro[name], right / total)),
      'macro is the mean over classes': measures.every((name) =>
        near(answers.macro[name], mean(classes.map((c) => c[name]))),
      ),
      'weighted is the mean over samples': measures.every((name) =>
        near(answers.weighted[name], classes.reduce((sum, c) => sum + c[name] * c.support, 0) / total),
      ),
      'weighted recall is the accuracy': near(answers.weighted.recall, right / total),
      // Both are measured in evaluation mode: with dropout on they would differ.
      'fit and judge agree': near(last?.validation?.accuracy ?? 0, judged.accuracy),
      '97.3 % of two classes of 600 leave no room for 0.993':
        least > 0.9725 && least < 0.9735 && greatest > least && greatest < 0.9755,
      'the page has matrix and mistakes': ['Classes', 'Worst mistakes', 'First-layer weights'].every((title) =>
        page.includes(`<h2>${title}</h2>`),
      ),
    }
  },
  says: ({ judged }) => `${(100 * judged.accuracy).toFixed(2)} % of ${judged.confusion.total} test images`,
})
