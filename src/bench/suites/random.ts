/**
 * @file Random numbers, dropout and tokens. They are checked against the same draw on the CPU: one seed, the same
 * numbers.
 */
import type { Tensor } from '../../core/tensor.ts'
import { dropout, randLike, randnLike, sample } from '../../index.ts'
import * as kernels from '../../ops/base/kernels.generated.ts'
import type { Case, Scale, Suite } from '../case.ts'
import { leaf, uniform } from '../numbers.ts'
import { backward, COLS, ofOne, rowsAt, WORD } from './common.ts'

const VOCABULARY = 50_257

function cases(scale: Scale): Case[] {
  const shape = [rowsAt(scale), COLS]
  const n = shape[0] * COLS
  /** Drawn in the shape of x, which is not read: each number is written. */
  const drawn = (name: string, draw: (x: Tensor) => Tensor): Case =>
    ofOne(name, shape, draw, { kernel: kernels.random, bytes: WORD * n, rotate: false })
  return [
    drawn('uniform', (x) => randLike(x)),
    drawn('normal', (x) => randnLike(x)),
    // A factor or none; x is read and y written.
    ofOne('dropout', shape, (x) => dropout(x, 0.1), { kernel: kernels.dropout, flop: n, bytes: 2 * WORD * n }),
    {
      name: 'dropout, backward',
      kernel: kernels.dropout,
      flop: n,
      bytes: 2 * WORD * n,
      inputs: (device, seed) => [leaf(shape, 2 * seed, device), uniform(shape, 2 * seed + 1, device)],
      ...backward((x) => dropout(x, 0.1)),
    },
    // Of GPT-2's vocabulary. For each logit two powers and their sums; it is read.
    ...[1, 8].map((rows) =>
      ofOne(`tokens, ${rows} of ${VOCABULARY}`, [rows, VOCABULARY], (x) => sample(x, { topK: 50, topP: 0.9 }).ids, {
        kernel: kernels.sample,
        flop: 4 * rows * VOCABULARY,
        bytes: WORD * rows * VOCABULARY,
      }),
    ),
  ]
}

export const randomSuite: Suite = { name: 'random', about: 'random numbers, dropout and tokens', cases }
