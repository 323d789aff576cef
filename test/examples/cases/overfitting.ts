/** @file T8: five ways against overfitting, each judged beside the same network without. */
import { main } from '../../../examples/overfitting.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'overfitting.ts',
  reaches: 'L1, L2, dropout, early stopping and augmentation each lower the validation loss, of every seed',
  main,
  small: { steps: 40 },
  full: { seeds: 5 },
  goals: (results, size) => {
    const of = (name: string) => {
      const found = results.find((one) => one.name === name)
      if (!found) throw new Error(`no ${name}`)
      return found.runs
    }
    const none = of('none')
    const others = results.filter(({ name }) => name !== 'none')
    const least = (curve: readonly number[]): number => Math.min(...curve)
    const stopped = of('early stop')
    return {
      'five seeds at full size': none.length === (size === 'full' ? 5 : 1),
      'without, it learns by heart': none.every(({ training, validation }) => training < validation / 2),
      'and its validation loss rises again': none.every(({ curve }) => curve[curve.length - 1] > 1.05 * least(curve)),
      'each lowers the validation loss of each seed': others.every(({ runs }) =>
        runs.every(({ validation }, s) => validation < none[s].validation),
      ),
      'and on the mean the loss of points that chose nothing': others.every(({ runs }) => {
        return runs.reduce((sum, { test }, s) => sum + test - none[s].test, 0) < 0
      }),
      // To float32: one mean is of a batch on the device, as the other.
      'early stopping puts the best weights back': stopped.every(
        ({ curve, validation }) => Math.abs(validation - least(curve)) < 1e-6,
      ),
      'and later ones were worse': stopped.every(({ curve }) => curve[curve.length - 1] > least(curve)),
      'it stops early': size === 'small' || stopped.every(({ curve }, s) => curve.length < none[s].curve.length),
      'L1 makes weights 0, L2 makes them small':
        size === 'small' ||
        (of('L1').every(({ zeros }) => zeros > 0.2) && of('L2').every((run, s) => run.size < none[s].size / 1.5)),
      'without, no weight is near 0': none.every(({ zeros }) => zeros < 0.02),
    }
  },
  says: (results) => {
    const mean = (name: string): string => {
      const runs = results.find((one) => one.name === name)?.runs ?? []
      return (runs.reduce((sum, { validation }) => sum + validation, 0) / runs.length).toFixed(3)
    }
    return `validation loss ${mean('none')}, ${results
      .slice(1)
      .map(({ name }) => `${name} ${mean(name)}`)
      .join(', ')}`
  },
})
