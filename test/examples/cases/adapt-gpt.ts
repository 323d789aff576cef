/** @file T13 in small, text: a GPT adapted in six ways, LoRA among them. */
import { main } from '../../../examples/finetune/adapt-gpt.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'finetune/adapt-gpt.ts',
  reaches:
    'LoRA comes to the loss of training all layers with a seventh of the weights; its file restores it, bit for bit',
  main,
  small: { steps: 40, adapting: 8 },
  varies: / +\d+\.\d s$/gm,
  goals: ({ rows: [none, shots, blank, head, upper, lora, all], loaded, merged, part, all: whole }, size) => ({
    'the adapters of the file give the same logits, to the last bit': loaded === 0,
    'merged into the weights they give the same to 1e-4': merged < 1e-4,
    'their file is less than a quarter of the model': part < whole / 4,
    'LoRA trains less than 15 %, the head less than 1 %': lora.share < 0.15 && head.share < 0.01,
    'every way lowers the loss': [head, upper, lora, all].every(({ loss, losses }) => loss < losses[0]),
    'examples in the prompt lower the loss and raise accuracy by 20 points':
      size === 'small' || (shots.loss < none.loss && shots.accuracy > none.accuracy + 0.2),
    'LoRA comes to the loss of all layers, or to less than 0.1':
      size === 'small' || lora.loss < Math.max(0.1, 1.05 * all.loss),
    'LoRA, frozen layers and all layers: ≥ 90 %, F1 ≥ 0.9':
      size === 'small' || [upper, lora, all].every(({ accuracy, f1 }) => accuracy >= 0.9 && f1 >= 0.9),
    'each of them beats the new head alone, and what was not pre-trained':
      size === 'small' || [upper, lora, all].every(({ loss }) => loss < head.loss / 2 && loss < blank.loss / 2),
  }),
  says: ({ rows }) =>
    rows.map(({ way, loss, accuracy }) => `${way} ${loss.toFixed(3)} (${(100 * accuracy).toFixed(0)} %)`).join(', '),
})
