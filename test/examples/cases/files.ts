/** @file Weights in parts. */
import { main } from '../../../examples/files.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'files.ts',
  reaches: 'weights in parts are listed, read one by one and rounded, and tied names stay tied',
  main,
  small: { width: 16, steps: 2 },
  goals: ({ names, tied, rounded, rows, sizes, bytes, halves, worst }) => ({
    'every tensor is read once':
      names.join() ===
      Object.keys(sizes)
        .sort((a, b) => names.indexOf(a) - names.indexOf(b))
        .join(),
    'the head is the embedding, in both files':
      tied['head.weight'] === 'wte.weight' && rounded['head.weight'] === 'wte.weight',
    'two rows': rows[0] === 2,
    'half of the bytes': halves === bytes / 2,
    'off by 2^-8 at most': worst > 0 && worst <= 2 ** -8,
  }),
  says: ({ names, bytes }) => `${names.length} tensors, ${bytes} bytes`,
})
