/** @file Scans: running sums, products and log-sums along an axis, and the linear recurrence that is the gradient of the last two. */

import * as shaders from '../../core/contracts.generated.ts'
import { fillNew, launch } from '../../core/launch.ts'
import { defineOp, floats, numbers, type Op } from '../../core/op.ts'
import { normalDim, sizeOf } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkTensor } from '../base/arguments.ts'
import * as kernels from '../base/kernels.ts'
import type { Slice } from '../base/slices.ts'
import { cat, reshape, slice, unsqueeze } from '../base/views.ts'
import { cast } from '../elementwise/cast.ts'
import { abs, eq, exp, mul, sub, where } from '../elementwise/elementwise.ts'

interface ScanAttrs {
  readonly dim: number
  /** From the last element back. */
  readonly reverse?: boolean
}

const { SUM, PROD, LOGSUMEXP, LINEAR } = shaders.scan.consts

function runScan(label: string, OP: number, y: Tensor, x: Tensor, { dim, reverse }: ScanAttrs, a = x, lag = false) {
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
function shifted(z: Tensor, { dim, reverse }: ScanAttrs, fill: number): Tensor {
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
 * y[t] = a[t]·y[t−1] + b[t], or with `lag` a[t−1]·y[t−1] + b[t]; y[0] = b[0], and a·0 is 0 whatever a is. Its gradient is such a
 * recurrence the other way, r[t] = g[t] + a·r[t+1], so no division occurs at any order.
 */
const recurrence: Op<RecurrenceAttrs> = defineOp({
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
const back = (g: Tensor, a: Tensor, { dim, reverse, lag }: RecurrenceAttrs): Tensor =>
  recurrence([g, a], { dim, reverse: !reverse, lag: !lag })

const cumsumOp: Op<ScanAttrs> = defineOp({
  name: 'cumsum',
  inputs: ['x'],
  dtypes: numbers,
  contiguous: ['x'],
  shape: ([x], _: ScanAttrs) => ({ shape: x.shape }),
  launch: ([x], [y], attrs) => runScan('cumsum', SUM, y, x, attrs),
  vjp: { x: ({ g, attrs: { dim, reverse } }) => cumsumOp([g], { dim, reverse: !reverse }) },
})

const cumprodOp = defineOp({
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

const logcumsumexpOp = defineOp({
  name: 'logcumsumexp',
  inputs: ['x'],
  dtypes: floats,
  contiguous: ['x'],
  shape: ([x], _: ScanAttrs) => ({ shape: x.shape }),
  launch: ([x], [y], attrs) => runScan('logcumsumexp', LOGSUMEXP, y, x, attrs),
  saves: { x: ['x', 'y'] },
  // dx[j] = Σ g[t]·e^(x[j] − y[t]) over t ≥ j = e^(x[j] − y[j])·r[j] with r[j] = g[j] + e^(y[j] − y[j+1])·r[j+1]. y grows, so both
  // factors are at most 1. Where y is −Inf, x is too, and 0 stands in for y.
  vjp: {
    x: ({ g, x, y, attrs }) => {
      const endless = eq(abs(y), Infinity)
      const next = shifted(y, { ...attrs, reverse: !attrs.reverse }, 0)
      const decay = where(endless, 0, exp(where(endless, 0, sub(y, next))))
      const share = exp(sub(x, where(eq(y, -Infinity), 0, y)))
      return mul(share, recurrence([g, decay], { dim: attrs.dim, reverse: !attrs.reverse, lag: false }))
    },
  },
})

/** Apply a scan along an axis; a 0-d tensor is one element. */
function scanned(op: Op<ScanAttrs>, x: Tensor, dim: number): Tensor {
  checkTensor(op.opName, 'x', x)
  const at = normalDim(op.opName, dim, x.ndim)
  const from = x.dtype === 'bool' && op !== logcumsumexpOp ? cast(x, 'int32') : x
  return x.ndim === 0 ? reshape(op([unsqueeze(from, 0)], { dim: 0 }), []) : op([from], { dim: at })
}

/** y[t] = x[0] + … + x[t] along `dim`; of bools, counts (int32). Dtypes: floats, int32, bool. */
export const cumsum = (x: Tensor, dim: number): Tensor => scanned(cumsumOp, x, dim)

/** y[t] = x[0]·…·x[t] along `dim`; the gradient is right with zeros too. Dtypes: floats, int32, bool (as int32). */
export const cumprod = (x: Tensor, dim: number): Tensor => scanned(cumprodOp, x, dim)

/** y[t] = ln(e^x[0] + … + e^x[t]) along `dim`, without overflow; −Inf while x is −Inf only, with gradient 0. Dtypes: floats. */
export const logcumsumexp = (x: Tensor, dim: number): Tensor => scanned(logcumsumexpOp, x, dim)

/** Products of all other elements along `dim`: those before times those behind. No division, so zeros are nothing special. */
export const productOfOthers = (x: Tensor, dim: number): Tensor =>
  mul(
    shifted(cumprodOp([x], { dim }), { dim }, 1),
    shifted(cumprodOp([x], { dim, reverse: true }), { dim, reverse: true }, 1),
  )
