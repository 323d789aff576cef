/** @file A small GPT-2 in the files of Hugging Face. */
import { main } from '../../../examples/gpt2.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'gpt2.ts',
  reaches: 'a small GPT-2 learns sentences, is written as Hugging Face has it, and read again gives the same logits',
  main,
  small: { steps: 40 },
  goals: (found, size) => {
    if (!found) throw new Error('a model was given')
    const { losses, before, after, same, wasted, known } = found
    const last = losses.slice(-5).reduce((a, b) => a + b) / 5
    return {
      'it begins near a guess of one of 320': Math.abs(losses[0] - Math.log(320)) < 0.5,
      'and ends far below': last < (size === 'small' ? 3 : 1.5),
      'read again, the same bits': same && before === after,
      'it goes on with words that there are':
        size === 'small' ||
        after
          .split(/[\s.]+/)
          .slice(0, -1)
          .every((word) => known.has(word)),
      'tokens that stand for nothing have next to no chance': wasted < 0.05,
    }
  },
  says: (found) => `${found?.losses.at(-1)?.toFixed(2)} nats per token`,
})
