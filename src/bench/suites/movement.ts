/** @file Copies, transpositions and joins: bytes alone. */
import { cat as catKernel, copy } from '../../core/contracts.generated.ts'
import type { Tensor } from '../../core/tensor.ts'
import { cat } from '../../index.ts'
import type { Case, Scale, Suite } from '../case.ts'
import { uniform } from '../numbers.ts'
import { COLS, inputsOf, ofOne, rowsAt, WORD } from './common.ts'

function cases(scale: Scale): Case[] {
  const rows = rowsAt(scale)
  const n = rows * COLS
  /** Each element is read and written once. The kernel is the one that the core launches itself. */
  const of = (name: string, shape: readonly number[], run: (x: Tensor) => Tensor): Case =>
    ofOne(name, shape, run, { kernel: copy, bytes: 2 * WORD * n })
  return [
    of('copy', [rows, COLS], (x) => x.clone()),
    of('transposed', [rows, COLS], (x) => x.transpose().contiguous()),
    of('transposed, tall', [n / 16, 16], (x) => x.transpose().contiguous()),
    of('heads to the front', [rows / 64, 64, 16, 64], (x) => x.transpose(1, 2).contiguous()),
    of('channels last', [rows / 64, 64, 32, 32], (x) => x.permute([0, 2, 3, 1]).contiguous()),
    of('reversed rows', [rows, COLS], (x) => x.flip(1).contiguous()),
    {
      name: 'widened from bfloat16',
      kernel: copy,
      bytes: (WORD / 2 + WORD) * n,
      inputs: (device, seed) => [uniform([rows, COLS], seed, device).to('bfloat16')],
      run: ([x]) => x.to('float32'),
    },
    {
      name: 'two beside each other',
      kernel: catKernel,
      bytes: 2 * WORD * n,
      inputs: inputsOf([rows, COLS / 2], [rows, COLS / 2]),
      run: ([x, y]) => cat([x, y], 1),
    },
  ]
}

export const movementSuite: Suite = { name: 'movement', about: 'copies and transpositions', cases }
