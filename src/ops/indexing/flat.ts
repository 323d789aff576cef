/**
 * @file Indices element by element, as places in the flattened tensor: one kernel checks them, and the row kernels of
 * rows.ts do the work, with rows of one element. The functions are in gather.ts and at.ts.
 */
import { launch } from '../../core/launch.ts'
import { defineOp, type Op } from '../../core/op.ts'
import type { Tensor } from '../../core/tensor.ts'
import * as kernels from '../base/kernels.generated.ts'
import { clone, reshape } from '../base/views.ts'
import { lt, maximum, where } from '../elementwise/elementwise.ts'
import { gathering, intIndex } from './rows.ts'

export const gatherAt = gathering('gather')

/** y[r] = the last i with index[i] = r, −1 where there is none. */
// An index has no gradient.
export const lastIndexOp: Op<{ rows: number }> = defineOp({
  name: 'lastIndex',
  inputs: ['index'],
  dtypes: intIndex,
  contiguous: ['index'],
  shape: (_, { rows }: { rows: number }) => ({ shape: [rows] }),
  launch: ([index], [y], { rows }) =>
    launch('scatter', kernels.last_index, [y, index], { rows, count: index.numel, index_offset: index.layout.offset }),
  vjp: 'none',
})

/** rows[r] = source[i] for the last i with index[i] = r, else base[r]; the gradient goes to what is there. */
export function overwritten(base: Tensor, index: Tensor, source: Tensor | number): Tensor {
  const [rows, ...rest] = base.shape
  if (index.numel === 0) return clone(base)
  const last = lastIndexOp([index], { rows })
  const free = reshape(lt(last, 0), [rows, ...rest.map(() => 1)])
  return where(free, base, typeof source === 'number' ? source : gatherAt([source, maximum(last, 0)], {}))
}
