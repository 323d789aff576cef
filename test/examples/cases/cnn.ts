/** @file T9: a convolutional network of LeNet's size with batch normalisation, and what its first layer sees. */
import { main } from '../../../examples/cnn.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'cnn.ts',
  reaches: 'LeNet with batch normalisation reads digits, ≥ 99 % of MNIST; a pixel of its maps is Σ W·x by hand',
  main,
  small: { images: 100, epochs: 1 },
  // Where MNIST is, `{ data }`, says who asks for the full size.
  full: { epochs: 4, batch: 64 },
  pictures: ['cnn-maps'],
  goals: ({ history, accuracy, confusion, worst, filters, seen, source }, size) => {
    const last = history.epochs.at(-1)
    return {
      '≥ 99 % of MNIST':
        size !== 'full' || (source.startsWith('MNIST') && confusion.total === 10_000 && accuracy >= 0.99),
      '≥ 90 % of made digits': size !== 'usual' || accuracy >= 0.9,
      'more than guessing after ten steps': accuracy > 0.2,
      'the loss falls': (last?.loss ?? Infinity) < history.losses[0],
      'each of 6 · 28 · 28 pixels of W ∗ x is the sum by hand': worst < 1e-5,
      'six filters of 5 × 5, six maps of 14 × 14': [filters, seen].every(
        (pictures, i) =>
          pictures.length === 6 &&
          pictures.every((p) => p.length === [5, 14][i] && p.every((r) => r.length === [5, 14][i])),
      ),
      'relu: no map is negative, none is dead': seen.every(
        (map) => Math.min(...map.flat()) >= 0 && Math.max(...map.flat()) > 0,
      ),
      // With batch statistics in place of the running ones they would differ: their batches are of other sizes.
      'fit and judge agree': Math.abs((last?.validation?.accuracy ?? 0) - accuracy) < 1e-12,
      'one cycle: the rate rises, then falls to almost nothing':
        Math.max(...history.rates) > 5 * history.rates[0] && (history.rates.at(-1) ?? 1) < history.rates[0] / 100,
    }
  },
  says: ({ accuracy, confusion }) => `${(100 * accuracy).toFixed(2)} % of ${confusion.total} test images`,
})
