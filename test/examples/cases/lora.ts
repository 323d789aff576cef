/** @file T13 on files: a GPT-2 adapted to another style by LoRA, and by all of its weights. */
import { main } from '../../../examples/gpt2/lora.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'gpt2/lora.ts',
  reaches:
    'LoRA with two hundredths of the weights has nine tenths of what all weights gain, and its files give the same logits',
  main,
  small: { steps: 4, adapting: 4, width: 48, rank: 2 },
  full: { steps: 200, adapting: 200, width: 288, layers: 2, rank: 2, rate: 0.001, adapterRate: 0.005 },
  varies: / +\d+\.\d s$/gm,
  goals: ({ rows: [before, all, lora], gain, apart, merged, bytes }, size) => ({
    'the adapter of the files gives the same logits, to the last bit': apart === 0,
    'merged into the weights it gives the same to 1e-3': merged < 1e-3,
    'its file is less than a tenth of the base': bytes[0] < bytes[1] / 10,
    'both ways lower the loss': all.loss < before.loss && lora.loss < before.loss,
    'two hundredths of the weights, or less than one':
      size === 'small' || lora.share < (size === 'full' ? 0.01 : 0.025),
    '90 % of the gain of all weights': size === 'small' || gain >= 0.9,
    'a loss at most 5 % above': size === 'small' || lora.loss <= 1.05 * all.loss,
  }),
  says: ({ rows, gain }) =>
    `${rows.map(({ way, loss }) => `${way} ${loss.toFixed(3)}`).join(', ')}; ${(100 * gain).toFixed(1)} % of the gain`,
})
