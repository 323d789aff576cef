/** @file T20: error against data size, a power law above the floor of the noise. */
import { main } from '../../../examples/questions/data-size.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'questions/data-size.ts',
  reaches: 'test error falls with every doubling as a power law that the smaller sizes predict',
  main,
  small: { steps: 50, points: 1024 },
  full: { steps: 200, points: 8192 },
  goals: ({ errors, law, bare, floor, whole }, size) => {
    const [smallest, largest] = [errors[0], errors[errors.length - 1]]
    const common = {
      'no mean error is below the noise': errors.every((error) => error > floor),
      'the largest size takes away half at least of what lies above it': largest - floor < (smallest - floor) / 2,
    }
    if (size === 'small') return common
    return {
      ...common,
      'error falls with every doubling': errors.every((error, i) => i === 0 || error < errors[i - 1]),
      'above the noise its exponent is 1, to a fifth': Math.abs(whole.b - 1) < 0.2,
      'the law from 32 to 256 predicts the error at 1,024 to 5 %': Math.abs(law.at(1024) / largest - 1) < 0.05,
      'it finds the floor to 5 %': Math.abs(law.c / floor - 1) < 0.05,
      'a law without a floor predicts an error below the noise': bare.at(1024) < floor,
    }
  },
  says: ({ errors, law, whole }) =>
    `error ${errors[errors.length - 1].toFixed(3)} at 1,024, predicted ${law.at(1024).toFixed(3)}; exponent ${whole.b.toFixed(2)}`,
})
