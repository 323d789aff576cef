/** @file T13 in small, images: a CNN adapted to turned digits in five ways, LoRA among them. */
import { main } from '../../../examples/finetune/adapt-cnn.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'finetune/adapt-cnn.ts',
  reaches: 'what was pre-trained beats what was not, LoRA comes near all layers with a fifth of the weights',
  main,
  small: { steps: 40, adapting: 8, images: 400 },
  varies: / +\d+\.\d s$/gm,
  goals: ({ rows: [before, blank, head, blocks, lora, all], loaded, merged, part, all: whole }, size) => ({
    'the adapters of the file give the same logits, to the last bit': loaded === 0,
    'merged into the weights they give the same to 1e-4': merged < 1e-4,
    'their file is less than a third of the model': part < whole / 3,
    'LoRA trains less than 20 %, the head less than 6 %': lora.share < 0.2 && head.share < 0.06,
    'every way lowers the loss': [head, blocks, lora, all].every(({ loss, losses }) => loss < losses[0]),
    'every way beats what was not pre-trained': [head, blocks, lora, all].every(({ loss }) => loss < blank.loss),
    'all layers and LoRA beat the head alone': size === 'small' || [lora, all].every(({ loss }) => loss < head.loss),
    'LoRA comes to 1.15 times the loss of all layers': size === 'small' || lora.loss < 1.15 * all.loss,
    'adapting raises accuracy by 20 points': size === 'small' || lora.accuracy > before.accuracy + 0.2,
  }),
  says: ({ rows }) =>
    rows.map(({ way, loss, accuracy }) => `${way} ${loss.toFixed(3)} (${(100 * accuracy).toFixed(0)} %)`).join(', '),
})
