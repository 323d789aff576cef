/** @file A byte-pair encoding of text that the program makes: what it saves, and how it is decoded. */
import { main } from '../../../examples/bpe.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'bpe.ts',
  reaches: 'a vocabulary of 600 tokens halves a text and more, and a stream of its tokens never shows half a character',
  main,
  small: { steps: 43 },
  goals: ({ bpe, rates, steps, emoji, plain, special, same, back }, size) => ({
    'texts come back': back,
    'its file, read again, gives the same ids': same,
    'with bytes alone a token is a byte': rates[0].every((rate) => rate === 1),
    'each larger vocabulary has more bytes in a token, or as many': rates.every((both, i) =>
      both.every((rate, k) => i === 0 || rate >= rates[i - 1][k]),
    ),
    'at 600 tokens there are ≥ 3 bytes in each': size === 'small' || rates.at(-1)!.every((rate) => rate >= 3),
    'the decoder shows the text, and no part of a character': steps.map(([, , text]) => text).join('') === emoji,
    'decoded one by one, parts of characters are U+FFFD': steps.some(([, alone]) => alone.includes('\ufffd')),
    'the special token is one where it is allowed': special.at(-1) === bpe.idOf('<|endoftext|>'),
    'and text where it is not': !plain.includes(Number(bpe.idOf('<|endoftext|>'))),
  }),
  says: ({ rates }) =>
    `${rates
      .at(-1)!
      .map((rate) => rate.toFixed(2))
      .join(' and ')} bytes in a token`,
})
