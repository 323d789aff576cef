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
import { detach } from '../base/views.ts'
import { cast } from '../elementwise/cast.ts'
import { clamp, div, eq, floor, gt, log2, mul, pow, round, sub, where } from '../elementwise/elementwise.ts'
import { magnitude } from '../reduce/lengths.ts'
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
    const sizes = { first: 0, rows, limit: rows, cols: sizeOf(rest), count }
    const params = { ...sizes, ...offsets, step, span: span ?? count, launch_id: 0 }
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
    // The product of the others: of those other than zeros, by the zero if there is one among them, so that its
    // derivative by that is right; 0 if there are more, of which y knows.
    source: ({ g, source, index, y, attrs }) => {
      const at = (rows: Tensor) => gatherAt([rows, index], attrs)
      const total = (terms: Tensor) => at(scatterRows([terms, index], attrs))
      const others = (terms: Tensor) => sub(total(terms), terms)
      const zero = eq(source, 0)
      const rest = where(zero, 1, source)
      // As numbers from ¾ to 1½ by powers of 2, whose exponents are added: the product of all may leave the range.
      const unit = mul(magnitude(mul(detach(rest), 2 / 3)), 2)
      const near = div(rest, unit)
      const exponent = others(round(log2(unit)))
      const half = floor(mul(exponent, 0.5))
      // Two factors of up to 2^most are beyond the range together. Powers of WebGPU are rounded; magnitude is exact.
      const most = source.dtype === 'float64' ? 1000 : 100
      const power = (e: Tensor) => magnitude(mul(pow(2, clamp(e, -most, most)), 1.25))
      const mantissa = div(at(multipliedRows([near, index], attrs)), near)
      const product = mul(mul(mantissa, power(half)), power(sub(exponent, half)))
      const count = others(cast(zero, source.dtype))
      const beside = mul(product, others(where(zero, source, 0)))
      const more = gt(count, 1)
      const none = div(where(more, at(y), 0), where(more, rest, 1))
      return mul(at(g), where(eq(count, 0), product, where(more, none, beside)))
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
