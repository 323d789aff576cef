/** @file T14: a classifier saved, loaded, and served over HTTP. Limits of time are tried in ../serve.test.ts. */
import { main } from '../../../examples/deploy/serve.ts'
import { example } from '../example.ts'

export const one = example({
  file: 'deploy/serve.ts',
  reaches: 'saved and loaded bit for bit; served with clear refusals; a running request ends before the server does',
  main,
  goals: ({ accuracy, exact, answers, first, late, after }) => {
    const [right, ...refused] = answers
    const wanted = [
      [400, 'the body is not JSON'],
      [422, 'there are 3 pixels, not 784'],
      [422, 'pixel 0 is 300, not a number from 0 to 255'],
      [413, 'the body has more than 16384 bytes'],
      [405, 'GET is not for /predict; POST it'],
      [404, 'there is no /digits; POST /predict'],
    ]
    const sum = right.probabilities?.reduce((a, b) => a + b, 0) ?? 0
    return {
      'checkpoint round trip bit-exact': exact,
      '≥ 90 % of the test digits': accuracy >= 0.9,
      'the right answer, with ten probabilities':
        right.status === 200 && right.digit === first && right.probabilities?.length === 10,
      'they add up to 1': Math.abs(sum - 1) < 1e-6,
      'six refusals that say what to mend':
        JSON.stringify(refused.map((r) => [r.status, r.error])) === JSON.stringify(wanted),
      'a request that ran when it was stopped is answered': late === 200,
      'afterwards nobody listens': after === 'refused',
    }
  },
  says: ({ accuracy }) => `${(100 * accuracy).toFixed(1)} %; right, 400, 422, 422, 413, 405, 404; stopped`,
})
