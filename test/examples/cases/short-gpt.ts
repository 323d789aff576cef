/** @file A GPT in short form. */
import { main, words } from '../../../examples/short/gpt.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'short/gpt.ts',
  reaches: 'a GPT knows all but which word comes, and writes words',
  main,
  goals: ({ loss, text }) => {
    const written = text.trim().split('\n')
    return {
      // Which of 20 words comes cannot be known: log(20) in each 10 letters.
      'loss > log(20)/10': loss > Math.log(20) / 10,
      'loss < 0.32': loss < 0.32,
      '≥ 8 lines': written.length >= 8,
      'all but two are words': written.filter((word) => words.includes(word)).length >= written.length - 2,
      '≥ 5 different ones': new Set(written).size >= 5,
    }
  },
  says: ({ loss }) => `loss ${loss.toFixed(3)}, floor ${(Math.log(20) / 10).toFixed(3)}`,
})
