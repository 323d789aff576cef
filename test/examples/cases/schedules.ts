/** @file T7: schedules of the learning rate and sizes of batches, against the theory of their noise. */
import { main, restartsByFormula } from '../../../examples/schedules.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'schedules.ts',
  reaches:
    "the warm restarts' curve is its formula, the noise of a rate is what theory says, and falling rates end lower",
  main,
  small: { steps: 35, count: 64 },
  full: { steps: 1400, count: 4000 },
  goals: ({ results, sizes }, size) => {
    const of = (name: string) => {
      const found = results.find((one) => one.name === name)
      if (!found) throw new Error(`no ${name}`)
      return found
    }
    const constant = of('constant')
    const { rates } = of('restarts').noisy
    const t0 = Math.ceil(rates.length / 7)
    const peaks = rates.flatMap((rate, t) => (rate === rates[0] ? [t] : []))
    const falling = results.filter(({ name }) => name !== 'constant')
    return {
      "the warm restarts' curve is its formula": rates.every(
        (rate, t) => Math.abs(rate - restartsByFormula(t, t0)) < 1e-12,
      ),
      'it restarts at t₀ and 3t₀': peaks.join() === [0, t0, 3 * t0].join(),
      'a constant rate leaves the noise that theory says': sizes.every(
        ([, left, formula]) => Math.abs(left / formula - 1) < 0.1,
      ),
      'all others leave less than a third of it':
        size === 'small' || falling.every(({ noisy }) => noisy.left < constant.noisy.left / 3),
      'cosine, restarts, warm-up and one cycle end lower on digits':
        size === 'small' ||
        ['cosine', 'restarts', 'warm-up', 'one cycle'].every((name) => of(name).learned.left < constant.learned.left),
      'the same number of digits teaches more in smaller batches':
        size === 'small' || (sizes[0][5] > sizes[1][5] && sizes[1][5] > sizes[2][5]),
    }
  },
  says: ({ results }) => {
    const [first, ...others] = results.map(({ learned }) => learned.left)
    return `loss ${first.toFixed(3)} at a constant rate, ${Math.min(...others).toFixed(3)} by the best schedule`
  },
})
