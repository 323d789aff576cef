/** @file T7: seven optimizers in a valley whose theory is known, and on digits. */
import { main } from '../../../examples/optimizers.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'optimizers.ts',
  reaches: 'gradient descent and momentum go through the valley as theory says, and all seven learn digits',
  main,
  small: { steps: 45, epochs: 1, count: 96 },
  full: { epochs: 4, count: 4000 },
  goals: (results, size) => {
    const of = (name: string) => {
      const found = results.find((one) => one.name === name)
      if (!found) throw new Error(`no ${name}`)
      return found
    }
    /** What a step leaves of the distance, on the mean of steps 20 to 40. */
    const left = ({ path }: (typeof results)[number]): number => (path[40].f / path[20].f) ** (1 / 40)
    return {
      'a step of gradient descent leaves (κ − 1)/(κ + 1)': Math.abs(left(of('SGD')) / (24 / 26) - 1) < 1e-3,
      // A double root: n·(2/3)ⁿ, of which steps 20 to 40 leave a little more than 2/3.
      'momentum leaves about (√κ − 1)/(√κ + 1)': left(of('momentum')) > 2 / 3 && left(of('momentum')) < 0.7,
      'momentum is there in half as many steps': of('momentum').steps * 2 < of('SGD').steps,
      'Nesterov too': of('Nesterov').steps * 2 < of('SGD').steps && of('Nesterov').steps > 0,
      'they take the same steps in a valley that is turned': ['SGD', 'momentum', 'Nesterov'].every(
        (name) => of(name).steps === of(name).stepsTurned,
      ),
      'AdaGrad does not':
        of('AdaGrad').steps > 0 &&
        (of('AdaGrad').stepsTurned < 0 || of('AdaGrad').stepsTurned > 2 * of('AdaGrad').steps),
      'all learn digits': results.every(({ losses, accuracy }) => {
        const [first, last] = [losses[0], losses[losses.length - 1]]
        return size === 'small' ? last < first : last < first / 4 && accuracy > 0.88
      }),
    }
  },
  says: (results) => {
    const [worst, best] = [Math.min, Math.max].map((f) =>
      (100 * f(...results.map(({ accuracy }) => accuracy))).toFixed(1),
    )
    return `accuracy of seven optimizers ${worst}–${best} %`
  },
  pictures: ['optimizers-digits'],
})
