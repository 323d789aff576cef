/** @file The ladder of shaders/reduce.wgsl, as it adds up. */

import type { Tensor } from '../../core/tensor.ts'
import { reduce } from '../../ops/base/kernels.generated.ts'
import type { Ladder, LadderCase, Rung } from '../ladder.ts'
import { uniform } from '../numbers.ts'

const traffic: Pick<Rung, 'traffic' | 'bytes'> = {
  traffic:
    'x once; y once. Where there are few results, as many partial ones as keep the device busy, which a second pass adds up, are not counted',
  bytes: ({ count, kept }) => ({ loaded: 4 * count, stored: 4 * kept }),
}

function sums(
  name: string,
  rows: number,
  cols: number,
  kept: number,
  run: (x: Tensor) => Tensor,
  check?: LadderCase,
): LadderCase {
  return {
    sizes: { count: rows * cols, kept },
    case: {
      name: `${name} of ${rows}×${cols}`,
      kernel: reduce,
      flop: rows * cols,
      bytes: 4 * (rows * cols + kept),
      // Of one sign: a sum whose terms cancel has fewer right digits than its additions had.
      inputs: (device, seed) => {
        const x = uniform([rows, cols], seed, device)
        const positive = x.abs()
        x.dispose()
        return [positive]
      },
      run: ([x]) => run(x),
      check: check?.case,
    },
  }
}

export const sumsLadder: Ladder = {
  name: 'sums',
  about:
    'y = Σ x over rows, columns, or all: each number is read once, so that only who reads it, and when, can be better',
  kernel: reduce,
  rungs: [
    {
      variant: 'thread',
      entry: 'reduce_thread',
      title: 'a result a thread',
      reason:
        'A thread adds what makes its result, into four sums that do not wait for each other. Where results are few, each is split into chunks, and the kernel runs again on the partial results. Neighbouring threads read a row apart when rows are added up, and side by side when columns are.',
      ...traffic,
    },
    {
      variant: 'rows',
      entry: 'reduce_rows',
      title: 'four numbers at a time, along rows',
      reason:
        'Where what is added lies side by side, a thread reads vec4s into sixteen sums: a quarter of the reads, and no address to work out for each number. On an adapter that is a CPU a read costs what several additions do.',
      ...traffic,
    },
    {
      variant: 'columns',
      entry: 'reduce_columns',
      title: 'four results a thread, down columns',
      reason:
        'Where the results lie side by side, a thread makes four neighbouring ones: it reads vec4s down four columns at once, each into four sums.',
      ...traffic,
    },
    {
      variant: 'group',
      entry: 'reduce_group',
      title: 'a result a workgroup',
      reason:
        '256 threads share a result: neighbours read neighbouring numbers of a row, and a tree of eight levels in workgroup memory joins their sums. Made for rows on GPUs. Down a column the threads of a group read a row apart, so that columns keep to the rung before, and on an adapter that is a CPU barriers cost more than they save.',
      ...traffic,
    },
  ],
  cases: (scale) => {
    const [rows, cols] = scale === 'large' ? [4096, 4096] : [1024, 1024]
    const small = scale === 'large' ? sumsLadder.cases('small') : []
    return [
      sums('rows', rows, cols, rows, (x) => x.sum(1), small[0]),
      sums('columns', rows, cols, cols, (x) => x.sum(0), small[1]),
      sums('all', rows, cols, 1, (x) => x.sum(), small[2]),
    ]
  },
}
