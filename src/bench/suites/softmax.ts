/** @file Softmax of rows, short and long, its logarithm, and gradients. */
import { logSoftmax, softmax } from '../../index.ts'
import * as kernels from '../../ops/base/kernels.generated.ts'
import type { Case, Scale, Suite } from '../case.ts'
import { leaf, uniform } from '../numbers.ts'
import { backward, COLS, ofOne, rowsAt, WORD } from './common.ts'

function cases(scale: Scale): Case[] {
  const n = rowsAt(scale) * COLS
  // Of each element a maximum, a difference, an exponential, a sum and a division: five operations. x is read, y written.
  const about = { kernel: kernels.softmax, flop: 5 * n, bytes: 2 * WORD * n }
  const of = (cols: number): Case => ofOne(`rows of ${cols}`, [n / cols, cols], (x) => softmax(x, 1), about)
  return [
    ...[64, COLS, 16 * COLS].map(of),
    ofOne('logarithm, rows of 1024', [n / COLS, COLS], (x) => logSoftmax(x, 1), about),
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
