/** @file T16: why is it not learning, why do gradients vanish? `inspect.diagnose` on three patients and their cures. */
import { main } from '../../../examples/questions/why.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'questions/why.ts',
  reaches: 'each of three broken networks is told why, nothing is said of the healthy ones, and the cures learn',
  main,
  small: { steps: 60 },
  goals: ({ results, factors }, size) => {
    const [healthy, sigmoids, relus, twice, large] = results
    const codes = ({ found }: (typeof results)[number]) => found.map(({ code }) => code).join()
    return {
      'nothing is found in the healthy one and in the cured one': codes(healthy) + codes(relus) === '',
      'ten sigmoids: differences between samples vanish, and so do gradients':
        codes(sigmoids) === 'vanishingActivations' &&
        sigmoids.found[0].consequences.some(({ code }) => code === 'vanishingGradients'),
      'softmax twice is found, alone': codes(twice) === 'softmaxTwice',
      'the rate of 30 is too large': codes(large) === 'learningRateTooLarge',
      'the healthy one learns': healthy.end < (size === 'small' ? 0.4 : 0.2),
      'ten sigmoids stay at chance, ten ReLUs do not': sigmoids.end > 1.3 && relus.end < (size === 'small' ? 1.2 : 0.6),
      'a second softmax leaves five times the loss': twice.end > (size === 'small' ? 2 : 5) * healthy.end,
      'a rate of 30 never gets there': !(large.end < 1.3),
      'a sigmoid layer leaves √(1/3)/4 of the gradient, to 10 %':
        Math.abs(factors.sigmoid * 4 * Math.sqrt(3) - 1) < 0.1,
      'a ReLU layer leaves it about as it is': factors.relu > 0.8 && factors.relu < 1.25,
    }
  },
  says: ({ results, factors }) =>
    `losses ${results.map(({ end }) => end.toFixed(2)).join(' ')}; a sigmoid leaves ${factors.sigmoid.toFixed(3)}`,
})
