/** @file Rows by index: embedding, gather, indexAdd and scatterAdd, many different rows or a few again and again. */
import type { Tensor } from '../../core/tensor.ts'
import { embedding, gather, indexAdd, scatterAdd } from '../../index.ts'
import * as kernels from '../../ops/base/kernels.generated.ts'
import type { Case, Scale, Suite } from '../case.ts'
import { indices, leaf, uniform } from '../numbers.ts'
import { at, backward, COLS, rowsAt, WORD } from './common.ts'

function cases(scale: Scale): Case[] {
  const count = rowsAt(scale)
  const tall = at(scale, 128, 1024, 8192)
  const n = count * COLS
  /** Rows of a table; the fewer there are, the longer the sums for each. */
  const tables = [tall, 16]
  const about = (rows: number): string => `${count} of ${rows} rows`
  // Each row that is asked for is read and written, and each index read.
  const bytes = WORD * (2 * n + count)
  return [
    ...tables.map(
      (rows): Case => ({
        name: `embedding, ${about(rows)}`,
        kernel: kernels.gather,
        bytes,
        inputs: (device, seed) => [
          uniform([rows, COLS], 2 * seed, device),
          indices(rows, [count], 2 * seed + 1, device),
        ],
        run: ([table, index]) => embedding(table, index),
      }),
    ),
    ...tables.map(
      (rows): Case => ({
        name: `embedding, ${about(rows)}, backward`,
        kernel: kernels.scatter,
        // An addition for each element of the cotangent, which is read; the gradient of the whole table is written.
        flop: n,
        bytes: WORD * (n + rows * COLS + count),
        // Sums of count/rows terms, one after the other.
        ulp: 64 + count / rows,
        inputs: (device, seed) => [
          leaf([rows, COLS], 3 * seed, device),
          indices(rows, [count], 3 * seed + 1, device),
          uniform([count, COLS], 3 * seed + 2, device),
        ],
        ...backward(embedding as (...xs: Tensor[]) => Tensor),
      }),
    ),
    {
      name: `indexAdd, ${about(tall)}`,
      kernel: kernels.scatter,
      flop: n,
      // The rows that are added are read; of the table all is read and written.
      bytes: WORD * (n + 2 * tall * COLS + count),
      inputs: (device, seed) => [
        uniform([tall, COLS], 3 * seed, device),
        indices(tall, [count], 3 * seed + 1, device),
        uniform([count, COLS], 3 * seed + 2, device),
      ],
      run: ([x, index, source]) => indexAdd(x, 0, index, source),
    },
    {
      name: `gather, ${n / 4} single elements`,
      kernel: kernels.gather,
      // An index and an element are read, an element is written.
      bytes: WORD * 3 * (n / 4),
      inputs: (device, seed) => [
        uniform([count, COLS], 2 * seed, device),
        indices(COLS, [count, COLS / 4], 2 * seed + 1, device),
      ],
      run: ([x, index]) => gather(x, 1, index),
    },
    {
      name: `scatterAdd, ${n / 64} single elements`,
      kernel: kernels.scatter,
      flop: n / 64,
      // All of x is read and written, and an index and an element for each addition.
      bytes: WORD * (2 * (n / 16) + 2 * (n / 64)),
      inputs: (device, seed) => [
        uniform([count, COLS / 16], 3 * seed, device),
        indices(COLS / 16, [count, COLS / 64], 3 * seed + 1, device),
        uniform([count, COLS / 64], 3 * seed + 2, device),
      ],
      run: ([x, index, source]) => scatterAdd(x, 1, index, source),
    },
  ]
}

export const indexingSuite: Suite = { name: 'indexing', about: 'rows and elements by index, and sums into them', cases }
