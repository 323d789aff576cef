/**
 * @file Elements gathered where indices say, by a product or an extreme in place of a sum: the scatter kernel with
 * another operation.
 */

import * as shaders from '../../core/contracts.generated.ts'
import { fail } from '../../core/errors.ts'
import { launch } from '../../core/launch.ts'
import { defineOp, floats, type Op } from '../../core/op.ts'
import { sizeOf } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import * as kernels from '../base/kernels.generated.ts'
import { cast } from '../elementwise/cast.ts'
import { div, eq, mul, sub, where } from '../elementwise/elementwise.ts'
import { gatherAt } from './flat.ts'
import { intIndex, type Lines, scatterRows } from './rows.ts'

interface FoldAttrs extends Lines {
  readonly rows: number
}

const folding = (OP: number) => ({
  inputs: ['source', 'index'] as const,
  dtypes: { source: floats, index: intIndex } as const,
  contiguous: ['source', 'index'] as const,
  shape: ([source]: readonly Tensor[], { rows }: FoldAttrs) => ({ shape: [rows, ...source.shape.slice(1)] }),
  launch: ([source, index]: readonly Tensor[], [y]: readonly Tensor[], { rows, step = 1, span }: FoldAttrs) => {
    const [count, ...rest] = source.shape
    const offsets = { g_offset: source.layout.offset, index_offset: index.layout.offset }
    const params = { rows, cols: sizeOf(rest), count, ...offsets, step, span: span ?? count, launch_id: 0 }
    launch('scatterReduce', kernels.scatter, [y, source, index], params, { OP })
  },
})

const noIndexGradient = () => fail('backward', 'scatterReduce: an index has no gradient')

/** y[r, …] = Π source[i, …] over the i with index[i] = r, in their order; 1 where there are none. */
export const multipliedRows: Op<FoldAttrs> = defineOp({
  name: 'scatterProduct',
  as: 'scatterReduce',
  ...folding(shaders.scatter.consts.PROD),
  saves: { source: ['source', 'index', 'y'] },
  vjp: {
    // The product of the others. Beside one zero it is 0, but for the zero itself; with two zeros at a place it is 0,
    // and its derivative by the other zero is not.
    source: ({ g, source, index, y, attrs }) => {
      const at = (rows: Tensor) => gatherAt([rows, index], attrs)
      const zero = eq(source, 0)
      const rest = where(zero, 1, source)
      const count = at(scatterRows([cast(zero, source.dtype), index], attrs))
      const zeros = where(zero, source, 0)
      const other = sub(at(scatterRows([zeros, index], attrs)), zeros)
      const others = at(multipliedRows([rest, index], attrs))
      const own = where(eq(count, 1), others, where(eq(count, 2), mul(others, other), 0))
      return mul(at(g), where(zero, own, div(at(y), rest)))
    },
    index: noIndexGradient,
  },
})

/** The greatest source[i, …] over the i with index[i] = r; 0 where there are none. What it is used by has the rule. */
export const greatestRows: Op<FoldAttrs> = defineOp({
  name: 'scatterGreatest',
  as: 'scatterReduce',
  ...folding(shaders.scatter.consts.MAX),
  vjp: 'none',
})
