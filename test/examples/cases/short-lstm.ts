/** @file An LSTM in short form. */
import { main } from '../../../examples/short/lstm.ts'
import { example } from '../example.ts'

const rightOf = ({ written, words }: { written: string[]; words: string[] }) =>
  written.filter((word) => words.includes(word)).length

export const one = example({
  file: 'short/lstm.ts',
  reaches: 'an LSTM writes words of numbers after 60 steps',
  main,
  goals: (result) => ({ '16 lines': result.written.length === 16, '≥ 11 are words': rightOf(result) >= 11 }),
  says: (result) => `${rightOf(result)} of 16 are words`,
})
