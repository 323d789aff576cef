/** @file T14: magnitude pruning, with what it costs in accuracy and saves in bytes. */
import { main } from '../../../examples/deploy/prune.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'deploy/prune.ts',
  reaches: '80 % of the weights go without a loss when the least are taken, and 95 % after more training',
  main,
  goals: ({ found, dense }) => {
    const at = (share: number) => found.find((f) => f.share === share) ?? found[0]
    const n = 784 * 64 + 64 * 10
    return {
      'whole: ≥ 90 % right': at(0).least >= 0.9,
      'without the least 80 %: at most 2 points lost': at(0.8).least >= at(0).least - 0.02,
      'without any 80 %: more than 20 points lost': at(0.8).any < at(0).any - 0.2,
      'the least are the better ones to take, at each share up to 95 %': found.every(
        ({ share, least, any }) => share === 0 || share > 0.95 || least > any,
      ),
      'trained again, 95 % cost at most 4 points': at(0.95).again >= at(0).least - 0.04,
      'training again wins back more than half of what 98 % cost':
        at(0.98).again - at(0.98).least > (at(0).least - at(0.98).least) / 2,
      'what is 0 stayed 0': found.every(({ share, zeros }) => Math.abs(zeros - share * n) <= 5),
      'the short form holds the same matrices': found.every(({ same }) => same),
      'its bytes are 6 for each weight, and where rows begin': found.every(
        ({ bytes, zeros }) => bytes === 6 * (n - zeros) + 4 * (65 + 11) + 4 * 74,
      ),
      '90 % of zeros: less than a sixth of the bytes': at(0.9).bytes < dense / 6,
    }
  },
  says: ({ found, dense }) => {
    const { share, again, bytes } = found[4]
    return `${100 * share} % zeros: ${(100 * again).toFixed(1)} % right with ${((100 * bytes) / dense).toFixed(0)} % of the bytes`
  },
})
