/** @file Sums, extrema and where they are: over rows, columns, and everything; squares of gradients. */
import type { Tensor } from '../../core/tensor.ts'
import { optim } from '../../index.ts'
import { extremum, reduce, squares } from '../../ops/base/kernels.generated.ts'
import { type Case, inTwo, type Scale, type Suite } from '../case.ts'
import { leaf, uniform } from '../numbers.ts'
import { COLS, ofOne, rowsAt, WORD } from './common.ts'

function cases(scale: Scale): Case[] {
  const rows = rowsAt(scale)
  const n = rows * COLS
  /** One operation for each element that is taken in; each is read, and what is left of them written. */
  const of = (name: string, left: number, run: (x: Tensor) => Tensor, rest: Partial<Case> = {}): Case =>
    ofOne(name, [rows, COLS], run, { kernel: reduce, flop: n, bytes: WORD * (n + left), ...rest })
  const where = { kernel: extremum }
  /** A sum rounds as often as it has terms; errors, now up, now down, grow with the root of their number. */
  const terms = (left: number): Partial<Case> => ({ ulp: 64 + Math.sqrt(n / left) })
  return [
    of('sum of rows', rows, (x) => x.sum(1), terms(rows)),
    of('sum of columns', COLS, (x) => x.sum(0), terms(COLS)),
    of('sum of all', 1, (x) => x.sum(), terms(1)),
    of('mean of rows', rows, (x) => x.mean(1), terms(rows)),
    of('max of rows', rows, (x) => x.amax(1)),
    of('max of columns', COLS, (x) => x.amax(0)),
    of('max of all', 1, (x) => x.amax()),
    of('argmax of rows', rows, (x) => x.argmax(1), where),
    of('argmax of columns', COLS, (x) => x.argmax(0), where),
    of('argmax of all', 1, (x) => x.argmax(), where),
    {
      name: 'norm of three gradients',
      kernel: squares,
      // A product and a sum for each element, which is read.
      flop: 2 * n,
      bytes: WORD * n,
      inputs: (device, seed) =>
        [n / 2, n / 4, n / 4].flatMap((length, i) => [
          leaf([length], 6 * seed + i, device),
          uniform([length], 6 * seed + 3 + i, device),
        ]),
      ...inTwo((inputs) => {
        const params = inputs.filter((x) => x.requiresGrad)
        params.forEach((x, i) => {
          x.grad = inputs[2 * i + 1]
        })
        return () => optim.clipGradNorm(params, Number.POSITIVE_INFINITY)
      }),
    },
  ]
}

export const reductionsSuite: Suite = { name: 'reductions', about: 'sums, extrema and their places', cases }
