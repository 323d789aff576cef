/**
 * @file The linear recurrence that is the gradient of running products and log-sums, the launch of every scan, and the
 * running product, which reductions need too. The functions are in scan.ts.
 */

import * as shaders from '../../core/contracts.generated.ts'
import { fillNew, launch } from '../../core/launch.ts'
import { defineOp, floats, numbers, type Op } from '../../core/op.ts'
import { sizeOf } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { cat } from '../base/joining.ts'
import * as kernels from '../base/kernels.generated.ts'
import type { Slice } from '../base/slices.ts'
import { slice } from '../base/views.ts'
import { mul } from '../elementwise/elementwise.ts'

const { LINEAR, PROD } = shaders.scan.consts

export interface ScanAttrs {
  readonly dim: number
  /** From the last element back. */
  readonly reverse?: boolean
}

export function runScan(
  label: string,
  OP: number,
  y: Tensor,
  x: Tensor,
  { dim, reverse }: ScanAttrs,
  a = x,
  lag = false,
) {
  const cols = x.shape[dim]
  const inner = sizeOf(x.shape.slice(dim + 1))
  launch(
    label,
    kernels.scan,
    [y, x, a, null],
    { rows: x.numel / cols, cols, inner, offset: x.layout.offset, a_offset: a.layout.offset, chunk: cols, segments: 1 },
    { OP, INT: x.dtype === 'int32' ? 1 : 0, REVERSE: reverse ? 1 : 0, LAG: lag ? 1 : 0 },
  )
}

/** z one place on in the direction of a scan: z[t−1], or z[t+1] if it goes back; `fill` where there is none. */
export function shifted(z: Tensor, { dim, reverse }: ScanAttrs, fill: number): Tensor {
  const kept: Slice = reverse ? [1] : [0, -1]
  const rest = slice(z, ...z.shape.map((_, i) => (i === dim ? kept : null)))
  const end = fillNew(
    'scan',
    z.shape.map((n, i) => (i === dim ? Math.min(n, 1) : n)),
    fill,
    z.dtype,
    z.device,
  )
  return cat(reverse ? [rest, end] : [end, rest], dim)
}

interface RecurrenceAttrs extends ScanAttrs {
  readonly lag: boolean
}

/**
 * y[t] = a[t]·y[t−1] + b[t], or with `lag` a[t−1]·y[t−1] + b[t]; y[0] = b[0], and a·0 is 0 whatever a is. Its gradient
 * is such a recurrence the other way, r[t] = g[t] + a·r[t+1], so no division occurs at any order.
 */
export const recurrence: Op<RecurrenceAttrs> = defineOp({
  name: 'recurrence',
  inputs: ['b', 'a'],
  dtypes: floats,
  contiguous: ['b', 'a'],
  shape: ([b], _: RecurrenceAttrs) => ({ shape: b.shape }),
  launch: ([b, a], [y], attrs) => runScan('recurrence', LINEAR, y, b, attrs, a, attrs.lag),
  saves: { b: ['a'], a: ['a', 'y'] },
  vjp: {
    b: ({ g, a, attrs }) => back(g, a, attrs),
    // r[t]·y[t−1], or with lag r[t+1]·y[t]
    a: ({ g, a, y, attrs }) => {
      const r = back(g, a, attrs)
      return attrs.lag ? mul(shifted(r, { ...attrs, reverse: !attrs.reverse }, 0), y) : mul(r, shifted(y, attrs, 0))
    },
  },
})

export const back = (g: Tensor, a: Tensor, { dim, reverse, lag }: RecurrenceAttrs): Tensor =>
  recurrence([g, a], { dim, reverse: !reverse, lag: !lag })

export const cumprodOp = defineOp({
  name: 'cumprod',
  inputs: ['x'],
  dtypes: numbers,
  contiguous: ['x'],
  shape: ([x], _: ScanAttrs) => ({ shape: x.shape }),
  launch: ([x], [y], attrs) => runScan('cumprod', PROD, y, x, attrs),
  saves: { x: ['x', 'y'] },
  // y[t] = x[t]·y[t−1] from y[−1] = 1: a recurrence in x, so zeros are nothing special.
  vjp: { x: ({ g, x, y, attrs }) => mul(back(g, x, { ...attrs, lag: false }), shifted(y, attrs, 1)) },
})

/**
 * Products of all other elements along `dim`: those before times those after. No division, so zeros are nothing
 * special.
 */
export const productOfOthers = (x: Tensor, dim: number): Tensor =>
  mul(
    shifted(cumprodOp([x], { dim }), { dim }, 1),
    shifted(cumprodOp([x], { dim, reverse: true }), { dim, reverse: true }, 1),
  )
