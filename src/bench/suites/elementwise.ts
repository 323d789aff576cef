/** @file Elementwise ops: chains of one to eight, functions, operands that broadcast or are strided. */

import type { Tensor } from '../../core/tensor.ts'
import { add, gelu, where } from '../../index.ts'
import { pointwise } from '../../ops/base/kernels.generated.ts'
import type { Case, Scale, Suite } from '../case.ts'
import { COLS, inputsOf, ofOne, rowsAt, WORD } from './common.ts'

/** The ops of a chain, from the first on: 2x, + 1, relu, ·0.5, − 3, abs, ·x, tanh. */
const links: readonly ((y: Tensor, x: Tensor) => Tensor)[] = [
  (y) => y.mul(2),
  (y) => y.add(1),
  (y) => y.relu(),
  (y) => y.mul(0.5),
  (y) => y.sub(3),
  (y) => y.abs(),
  (y, x) => y.mul(x),
  (y) => y.tanh(),
]

function cases(scale: Scale): Case[] {
  const rows = rowsAt(scale)
  const n = rows * COLS
  /** One tensor read and one written. */
  const both = 2 * WORD * n
  const common = { kernel: pointwise }
  /** An operation for each element and link; read and written at least x and y, however many ops lie between. */
  const chain = (length: number): Case =>
    ofOne(`chain of ${length}`, [rows, COLS], (x) => links.slice(0, length).reduce((y, link) => link(y, x), x), {
      ...common,
      flop: n * length,
      bytes: both,
    })
  const one = (name: string, run: (x: Tensor) => Tensor): Case =>
    ofOne(name, [rows, COLS], run, { ...common, bytes: both })
  /** x + b: one operation an element, x and b read, y written. */
  const sum = (name: string, b: readonly number[], turn: (b: Tensor) => Tensor = (b) => b): Case => ({
    ...common,
    name,
    flop: n,
    bytes: both + WORD * b.reduce((a, size) => a * size, 1),
    inputs: inputsOf([rows, COLS], b),
    run: ([x, y]) => add(x, turn(y)),
  })
  return [
    ...[1, 2, 4, 8].map(chain),
    one('exp', (x) => x.exp()),
    one('tanh', (x) => x.tanh()),
    one('sin', (x) => x.sin()),
    one('gelu', (x) => gelu(x)),
    sum('x + y', [rows, COLS]),
    sum('x + a row', [COLS]),
    sum('x + a column', [rows, 1]),
    sum('x + y transposed', [COLS, rows], (y) => y.transpose()),
    {
      ...common,
      name: 'where(x > y, x, y)',
      // Two operations an element; x and y read, and the result written.
      flop: 2 * n,
      bytes: 3 * WORD * n,
      inputs: inputsOf([rows, COLS], [rows, COLS]),
      run: ([x, y]) => where(x.gt(y), x, y),
    },
    // Half of the elements, each read and written once.
    ofOne('2x of every other column', [rows, COLS], (x) => x.slice([null, null], [null, null, 2]).mul(2), {
      ...common,
      flop: n / 2,
      bytes: WORD * n,
    }),
  ]
}

export const elementwiseSuite: Suite = {
  name: 'elementwise',
  about: 'one op for each element, and chains of them',
  cases,
}
