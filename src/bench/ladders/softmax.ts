/** @file The ladder of shaders/softmax.wgsl. */
import { softmax } from '../../ops/base/kernels.generated.ts'
import type { Ladder, Rung } from '../ladder.ts'
import { uniform } from '../numbers.ts'

/** All variants walk a row three times: its maximum, the sum of e^(x − m), the results. */
const traffic: Pick<Rung, 'traffic' | 'bytes'> = {
  traffic: 'x three times; y once',
  bytes: ({ rows, cols }) => ({ loaded: 12 * rows * cols, stored: 4 * rows * cols }),
}

export const softmaxLadder: Ladder = {
  name: 'softmax',
  about:
    'y = e^(x − m) / s by rows, m the maximum of a row and s the sum of its exponentials: the same traffic, by ever better shares of it',
  kernel: softmax,
  rungs: [
    {
      variant: 'thread',
      entry: 'softmax_thread',
      title: 'a row a thread',
      reason:
        'The formula as it is written: a thread walks its row for the maximum, again for the sum, and again for the results. There are as many threads as rows, and neighbouring threads load from addresses a whole row apart.',
      ...traffic,
    },
    {
      variant: 'thread_vec4',
      entry: 'softmax_thread_vec4',
      title: 'the same, four columns at a time',
      reason:
        'Where rows are multiples of four, x is loaded and y stored as vec4: a quarter of the accesses for the same bytes, and four maxima and four sums that do not wait for each other.',
      ...traffic,
    },
    {
      variant: 'group',
      entry: 'softmax_group',
      title: 'a row a workgroup',
      reason:
        '256 threads share a row, so that there are 256 times as many, and neighbours load neighbouring numbers. Maximum and sum are each joined by a tree of eight levels in workgroup memory. Made for GPUs: on an adapter that is a CPU the barriers of the trees cost more than the threads bring.',
      ...traffic,
    },
  ],
  cases: (scale) =>
    (scale === 'large'
      ? [
          [8192, 1024],
          [1024, 8192],
        ]
      : [[1024, 512]]
    ).map(([rows, cols]) => ({
      sizes: { rows, cols },
      case: {
        name: `${rows} rows of ${cols}`,
        kernel: softmax,
        bytes: 8 * rows * cols,
        inputs: (device, seed) => [uniform([rows, cols], seed, device, 4)],
        run: ([x]) => x.softmax(-1),
        check: scale === 'large' ? softmaxLadder.cases('small')[0].case : undefined,
      },
    })),
}
