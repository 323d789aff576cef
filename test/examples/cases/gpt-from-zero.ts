/** @file T12: a GPT-2 from nothing on the recipes of nanoGPT. */
import { main } from '../../../examples/gpt-from-zero.ts'
import { example, type Goals } from '../example.ts'

export const one = example({
  file: 'gpt-from-zero.ts',
  reaches: 'loss on unseen text near the floor of the grammar; of Shakespeare what nanoGPT has',
  main,
  small: { steps: 30, characters: 40 },
  // Of Shakespeare, with the folder that holds it as `data`.
  full: { recipe: 'cpu' },
  goals: ({ floor, nats, training, validation, written, text }, size): Goals => {
    const last = validation[validation.length - 1]
    const agrees = { 'the whole of the unseen text is as its batches': Math.abs(nats - last) < 0.15 }
    if (size === 'small') return { ...agrees, 'it learns': last < 0.8 * training[0] }
    if (size === 'full' && floor === 0) return { ...agrees, 'at most 1.95 nats a character': nats <= 1.95 }
    const known = new Set(text.split(/\s+/))
    const words = written.split(/\s+/).slice(1, -1) // the last one may be cut
    return {
      ...agrees,
      'within 0.2 nats of the floor': last > floor && last < floor + 0.2,
      'most of its words are words': words.filter((word) => known.has(word)).length > 0.6 * words.length,
    }
  },
  says: ({ nats }) => `${nats.toFixed(3)} nats a token of unseen text`,
})
