/** @file T13 on files: letters sorted by a prompt, by a head alone, by LoRA, and by all weights. */
import { main } from '../../../examples/gpt2/classify.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'gpt2/classify.ts',
  reaches: 'a head sorts unseen letters better than a prompt, LoRA and all weights better than a head; files keep both',
  main,
  small: { steps: 6, adapting: 15, letters: 60 },
  varies: / +\d+\.\d s$/gm,
  goals: ({ rows: [prompt, head, lora, all], kept, apart, untold, bytes }, size) => ({
    'the adapter and the classifier of the files give the same logits, to the last bit': apart.every((x) => x === 0),
    'the adapter and its head take less than a tenth of the bytes': bytes[0] < bytes[1] / 10,
    'frozen blocks keep less than a tenth of what others keep': kept[0] < Math.min(kept[1], kept[2]) / 10,
    'each way trains more than the one before':
      prompt.share === 0 && head.share < 0.005 && lora.share < 0.07 && all.share === 1,
    // Always the most frequent label: six of ten, and an F1 of 0.25.
    'what is trained beats the most frequent label by ten points':
      size === 'small' || [head, lora, all].every(({ accuracy, f1 }) => accuracy > 0.7 && f1 > 0.5),
    'and the prompt, by accuracy and by F1':
      size === 'small' || [head, lora, all].every((one) => one.accuracy > prompt.accuracy + 0.1 && one.f1 > prompt.f1),
    'the prompt tells more than the most frequent label by F1': size === 'small' || prompt.f1 > 0.35,
    'below the head there is more to learn': size === 'small' || (lora.loss < head.loss && all.loss < head.loss - 0.1),
    'without lengths it is worse than always the most frequent label, or hardly better':
      size === 'small' || untold.accuracy < 0.65,
  }),
  says: ({ rows }) => rows.map(({ way, accuracy }) => `${way} ${(100 * accuracy).toFixed(1)} %`).join(', '),
})
