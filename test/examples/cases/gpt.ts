/** @file T12 in small: a character GPT, its validation loss, and temperature, top-k and top-p. */
import { main } from '../../../examples/gpt.ts'
import { example, type Goals } from '../example.ts'

export const one = example({
  file: 'gpt.ts',
  reaches: 'validation loss near the floor of the grammar; the lower the temperature, the fewer letters and errors',
  main,
  small: { steps: 20 },
  // Of Shakespeare, with the folder that holds it as `data`.
  full: { steps: 3000, width: 64, layers: 2, block: 32, batch: 16, lr: 0.004 },
  pictures: ['gpt-entropy'],
  goals: ({ floor, losses, validation, entropies, shares, written }, size): Goals => {
    const last = validation[validation.length - 1]
    const [all, topK, topP] = entropies.map(({ y }) => y)
    const sampled = {
      'entropy grows with the temperature': all.every((h, i) => i === 0 || h > all[i - 1]),
      'top-k 3 leaves at most ln 3': Math.max(...topK) <= Math.log(3),
      'top-k and top-p leave less than all letters': all.every((h, i) => topK[i] < h && topP[i] < h),
      'each way writes 72 letters': written.every((line) => [...line].length === 73),
    }
    if (size === 'small') return { ...sampled, 'it learns': last < 0.8 * losses[0] }
    if (size === 'full' && floor === 0) return { ...sampled, 'validation loss below 1.9 nats per letter': last < 1.9 }
    return {
      ...sampled,
      'validation loss within 0.15 nats of the floor': last > floor && last < floor + 0.15,
      'greedy writes words only': shares[0] === 1,
      'T 0.5 writes words, T 1.5 fewer': shares[1] === 1 && shares[3] < 0.8,
    }
  },
  says: ({ validation, floor }) =>
    `validation loss ${validation[validation.length - 1].toFixed(2)} nats per letter, floor ${floor.toFixed(2)}`,
})
