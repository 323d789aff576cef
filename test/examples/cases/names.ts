/** @file T10: an RNN and an LSTM write words, clipped and not; how far back the loss of a last letter reaches. */
import { main } from '../../../examples/names.ts'
import { example, type Goals } from '../example.ts'

/** Nats per letter of what cannot be known: two of six consonants, two of three vowels, in six letters with the end. */
const floor = (2 * Math.log(6) + 2 * Math.log(3)) / 6

export const one = example({
  file: 'names.ts',
  reaches: 'clipped they learn that the last letter is the first; unclipped, at the same learning rate, they do not',
  main,
  small: { steps: 12 },
  pictures: ['names-clipping'],
  goals: ({ runs: [rnn, clipped, lstm, lstmClipped] }, size): Goals => {
    const all = [rnn, clipped, lstm, lstmClipped]
    const far = ({ reach }: (typeof all)[number]): number => reach[28] / reach[0]
    if (size === 'small') {
      return {
        'the RNN is under what guessing among ten costs': rnn.loss < Math.log(10) && clipped.loss < Math.log(10),
        'the first gradient is the same clipped or not': clipped.norms[0] === rnn.norms[0],
        'the second is another': clipped.norms[1] !== rnn.norms[1],
      }
    }
    return {
      'RNN clipped: loss within 0.1 of the floor': clipped.loss < floor + 0.1,
      'LSTM clipped: loss within 0.2 of the floor': lstmClipped.loss < floor + 0.2,
      'unclipped: at least 0.3 worse': rnn.loss > clipped.loss + 0.3 && lstm.loss > lstmClipped.loss + 0.3,
      'of 64 words ≥ 58 (RNN), ≥ 32 (LSTM) end as they begin': clipped.alike >= 58 && lstmClipped.alike >= 32,
      'unclipped ≤ 16, what chance would give': rnn.alike <= 16 && lstm.alike <= 16,
      'unclipped, the loss of a last letter reaches nowhere': far(rnn) < 1e-3 && far(lstm) < 1e-3,
      'clipped it reaches 28 letters back': far(clipped) > 0.05 && far(lstmClipped) > 0.05,
    }
  },
  says: ({ runs }) => runs.map(({ name, alike }) => `${name} ${alike}`).join('; ') + ' of 64 words',
})
