/** @file A generator in small: a variational autoencoder of digits. */
import { main } from '../../../examples/vae.ts'
import { example, type Goals } from '../example.ts'

export const one = example({
  file: 'vae.ts',
  reaches: 'its ELBO beats the best model without z on unseen digits, and its plane holds the digits',
  main,
  small: { steps: 60 },
  full: { steps: 4000, hidden: 128 },
  pictures: ['vae-plane'],
  goals: ({ checks, without, drawing, kl, whole, kinds, losses }, size): Goals => {
    const learns = {
      'the gradient of KL is that by hand': checks.every(({ approximate }) => approximate),
      '−ELBO falls by half': losses[losses.length - 1] < losses[0] / 2,
      'KL is above 0: z says something': kl > 0.5,
    }
    if (size === 'small') return learns
    return {
      ...learns,
      'unseen digits: ≥ 3 nats better than without z': drawing + kl < without - 3,
      'μ² + σ² is 1 within 0.3': Math.abs(whole - 1) < 0.3,
      '≥ 8 of ten digits are in the plane': kinds >= 8,
    }
  },
  says: ({ drawing, kl, without }) =>
    `${(drawing + kl).toFixed(1)} nats per unseen digit (KL ${kl.toFixed(1)}), ${without.toFixed(1)} without z`,
})
