/** @file Softmax of rows, short and long, its logarithm, and gradients. */
import { logSoftmax, softmax } from '../../index.ts'
import * as kernels from '../../ops/base/kernels.generated.ts'
import type { Case, Scale, Suite } from '../case.ts'
import { leaf, uniform } from '../numbers.ts'
import { at, backward, COLS, ofOne, rowsAt, WORD } from './common.ts'

function cases(scale: Scale): Case[] {
  const n = rowsAt(scale) * COLS
  // Of each element a maximum, a difference, an exponential, a sum and a division: five operations. x is read, y
  // written.
  const about = (size: number) => ({ kernel: kernels.softmax, flop: 5 * size, bytes: 2 * WORD * size })
  const of = (cols: number, size: number): Case =>
    ofOne(`rows of ${cols}`, [size / cols, cols], (x) => softmax(x, 1), about(size))
  return [
    // A workgroup for each row: a software adapter takes seconds for ten thousand of them.
    of(64, at(scale, n, n / 16, n)),
    of(COLS, n),
    of(16 * COLS, n),
    ofOne('logarithm, rows of 1024', [n / COLS, COLS], (x) => logSoftmax(x, 1), about(n)),
    {
      name: 'backward, rows of 1024',
      // y(g − Σ g y): two products, a sum and a difference for each element; y and g are read, the gradient is written.
      flop: 4 * n,
      bytes: 3 * WORD * n,
      inputs: (device, seed) => [
        leaf([n / COLS, COLS], 2 * seed, device),
        uniform([n / COLS, COLS], 2 * seed + 1, device),
      ],
      ...backward((x) => softmax(x, 1)),
    },
  ]
}

export const softmaxSuite: Suite = { name: 'softmax', about: 'softmax of rows, forward and backward', cases }
