/** @file T20: backprop on a formula, the five parameters of a damped oscillation. */
import { main } from '../../../examples/questions/curve.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'questions/curve.ts',
  reaches: 'the parameters of a damped oscillation are recovered from noisy measurements',
  main,
  goals: ({ found, truth, loss, solved }) => {
    // (A, φ) and (−A, φ + π) are the same curve: A cos φ and A sin φ tell no difference.
    const [wave, right] = [found, truth].map(([a, , , phi]) => [a * Math.cos(phi), a * Math.sin(phi)])
    return {
      'γ, ω and c to 0.02': [1, 2, 4].every((k) => Math.abs(found[k] - truth[k]) < 0.02),
      'A cos φ and A sin φ to 0.1': wave.every((v, i) => Math.abs(v - right[i]) < 0.1),
      'the loss is the variance of the noise, to a fifth': Math.abs(loss / 0.01 - 1) < 0.2,
      'at least 12 of 15 beginnings get there': solved >= 12,
    }
  },
  says: ({ found, solved }) => `${found.map((v) => v.toFixed(2)).join(' ')} from ${solved} of 15`,
})
