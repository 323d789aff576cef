/** @file Sorting, the largest few, and running sums: of rows, of columns, of all. */
import type { Tensor } from '../../core/tensor.ts'
import { cumprod, cumsum, sort, tensor, topk } from '../../index.ts'
import { scan, sort as sortKernel } from '../../ops/base/kernels.generated.ts'
import type { Case, Scale, Suite } from '../case.ts'
import { random } from '../numbers.ts'
import { COLS, ofOne, rowsAt, WORD } from './common.ts'

/**
 * Of a sort only the values are compared: which of two equal numbers comes first in another order is still the same
 * result. Read and written once is what a sort must do at least; each pass of a merge does so again.
 */
function sorts(scale: Scale): Case[] {
  const n = (rowsAt(scale) * COLS) / 4
  const about = { kernel: sortKernel, bytes: 2 * WORD * n }
  return [
    ofOne('sort of rows of 64', [n / 64, 64], (x) => sort(x, 1).values, about),
    ofOne('sort of rows of 1024', [n / COLS, COLS], (x) => sort(x, 1).values, about),
    ofOne('sort of all', [n], (x) => sort(x, 0).values, about),
    ofOne('sort of all, in order already', [n], (x) => sort(x, 0).values, {
      ...about,
      inputs: (device, seed) => [tensor(random(n, seed).sort(), { device })],
    }),
    ofOne('the 10 largest of rows of 1024', [n / COLS, COLS], (x) => topk(x, 10, 1).values, {
      ...about,
      bytes: WORD * (n + 10 * (n / COLS)),
    }),
  ]
}

/**
 * x read and y written, an addition for each element. The last sum of a row rounds as often as there are terms; errors,
 * now up, now down, grow with the root of their number.
 */
function scans(scale: Scale): Case[] {
  const rows = rowsAt(scale)
  const n = rows * COLS
  const of = (name: string, shape: readonly number[], run: (x: Tensor) => Tensor, rest: Partial<Case> = {}): Case =>
    ofOne(name, shape, run, {
      kernel: scan,
      flop: n,
      bytes: 2 * WORD * n,
      ulp: 64 + Math.sqrt(Math.max(...shape)),
      ...rest,
    })
  return [
    of('cumsum of rows', [rows, COLS], (x) => cumsum(x, 1)),
    of('cumsum of columns', [rows, COLS], (x) => cumsum(x, 0)),
    of('cumsum of all', [n], (x) => cumsum(x, 0)),
    // Numbers about 1, so that a product of a thousand stays in range.
    of('cumprod of rows', [rows, COLS], (x) => cumprod(x, 1), {
      inputs: (device, seed) => [
        tensor(
          random(n, seed, 0.01).map((x) => 1 + x),
          { shape: [rows, COLS], device },
        ),
      ],
    }),
  ]
}

export const sortSuite: Suite = { name: 'sort', about: 'sorting, and the largest few', cases: sorts }
export const scanSuite: Suite = { name: 'scan', about: 'running sums and products', cases: scans }
