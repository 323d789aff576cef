/**
 * @file Rows by an index, for every function that indexes: gather copies rows, scatter adds them up in a fixed order,
 * so gradients are bit-identical from run to run.
 */

import { isHalf } from '../../core/device.ts'
import { fail } from '../../core/errors.ts'
import { launch } from '../../core/launch.ts'
import { anyType, defineOp, floats, type Op } from '../../core/op.ts'
import { sizeOf } from '../../core/shape.ts'
import { asTheyAre, widen } from '../base/halves.ts'
import * as kernels from '../base/kernels.generated.ts'
import { reshape } from '../base/views.ts'
import { eq, logicalOr, where } from '../elementwise/elementwise.ts'

export const intIndex = ['int32'] as const

/** Where equal indices can lie: at multiples of `step` within runs of `span`. Absent: anywhere. */
export interface Lines {
  readonly step?: number
  readonly span?: number
}

export interface RowAttrs extends Lines {
  /** An index whose row gets no gradient. */
  readonly paddingIdx?: number
}

/** y[i, …] = x[index[i], …], negative ones from the end, under the name of the function that the user called. */
export const gathering = (name: string, autocast?: 'results'): Op<RowAttrs> =>
  defineOp({
    name,
    inputs: ['x', 'index'],
    dtypes: { x: anyType, index: intIndex },
    contiguous: ['x', 'index'],
    shape: ([x, index], _: RowAttrs) => ({ shape: [index.numel, ...x.shape.slice(1)], dtype: x.dtype }),
    halves: asTheyAre,
    autocast,
    launch: ([x, index], [y]) => {
      const [rows, ...rest] = x.shape
      const params = {
        count: index.numel,
        cols: sizeOf(rest),
        first: 0,
        rows,
        limit: rows,
        x_offset: x.layout.offset,
        index_offset: index.layout.offset,
        launch_id: 0,
      }
      launch(name, kernels.gather, [y, x, index], params, { HALF: Number(isHalf(x.dtype)) })
    },
    saves: { x: ['index'] },
    vjp: {
      x: (ctx) => {
        const { g, index } = ctx
        const { paddingIdx, ...lines } = ctx.attrs
        const [rows, ...rest] = ctx.meta('x').shape
        if (paddingIdx === undefined) return scatterRows([g, index], { rows, ...lines })
        const padding = logicalOr(eq(index, paddingIdx), eq(index, paddingIdx - rows))
        return scatterRows([where(reshape(padding, [-1, ...rest.map(() => 1)]), 0, g), index], { rows, ...lines })
      },
      index: () => fail('backward', `${name}: an index has no gradient`),
    },
  })

export const selectRows = gathering('indexSelect')

/** y[r, …] = Σ source[i, …] over the i with index[i] = r, in the order of i. */
export const scatterRows: Op<{ rows: number } & Lines> = defineOp({
  name: 'indexAdd',
  inputs: ['source', 'index'],
  dtypes: { source: floats, index: intIndex },
  contiguous: ['source', 'index'],
  shape: ([source], { rows }: { rows: number } & Lines) => ({ shape: [rows, ...source.shape.slice(1)] }),
  halves: widen,
  launch: ([source, index], [y], { rows, step = 1, span }) => {
    const [count, ...rest] = source.shape
    const params = {
      first: 0,
      rows,
      limit: rows,
      cols: sizeOf(rest),
      count,
      g_offset: source.layout.offset,
      index_offset: index.layout.offset,
      step,
      span: span ?? count,
      launch_id: 0,
    }
    launch('indexAdd', kernels.scatter, [y, source, index], params)
  },
  saves: { source: ['index'] },
  vjp: {
    source: ({ g, index, attrs: { step, span } }) => selectRows([g, index], { step, span }),
    index: () => fail('backward', 'indexAdd: an index has no gradient'),
  },
})
