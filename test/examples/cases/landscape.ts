/** @file T16: is the minimum global? Ends of many descents, and slices of the loss landscape. */
import { main } from '../../../examples/questions/landscape.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'questions/landscape.ts',
  reaches:
    'local minima are found and shown to be such; a wide network ends below a narrow one; a barrier between twins',
  main,
  small: { steps: 150 },
  goals: ({ minima, narrow, wide, slices }, size) => {
    const others = minima.filter(({ at }) => Math.abs(at - 4) > 0.1)
    const [first, last] = [slices.twin[0], slices.twin[40]]
    return {
      'ω = 4 is found': minima.some(({ at, loss }) => Math.abs(at - 4) < 0.01 && loss < 1e-4),
      'three local minima besides, with loss above 0.5': others.length === 3 && others.every(({ loss }) => loss > 0.5),
      'all of them minima: L′ = 0, L″ > 0': minima.every(({ slope, bend }) => slope < 2e-2 && bend > 0),
      'most descents end in one that is not global': others.reduce((sum, { same }) => sum + same, 0) > 41 / 2,
      'students of two units end at two losses': narrow[0] < 0.03 && narrow[12] > 0.15,
      // After half of the steps one of them is still on its way.
      'students of twelve units are below half of those of two': wide[size === 'small' ? 12 : 23] < narrow[12] / 2,
      'their median is below the best of two units': size === 'small' || wide[12] < narrow[0],
      'swapped units: the same loss, and a barrier of a hundred times it between':
        Math.abs(first - last) < 1e-5 && Math.max(...slices.twin) > 100 * first,
    }
  },
  says: ({ minima, narrow, wide }) =>
    `${minima.length} minima of L(ω); medians ${narrow[12].toFixed(3)} with 2 units, ${wide[12].toFixed(4)} with 12`,
  pictures: ['landscape-slice'],
})
