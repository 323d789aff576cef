/**
 * @file Normalisation of rows [rows, cols], the op behind every kind of it in norm.ts: one fused kernel forwards and
 * one backwards, with a weight and a bias for each channel.
 */

import { launch } from '../../core/launch.ts'
import { defineOp, floats, type Op } from '../../core/op.ts'
import type { Tensor } from '../../core/tensor.ts'
import { widen } from '../base/halves.ts'
import * as kernels from '../base/kernels.generated.ts'
import { reshape } from '../base/views.ts'
import { prelu } from '../elementwise/activations.ts'
import { add, div, maximum, mul, rsqrt, square, sub } from '../elementwise/elementwise.ts'
import { scaleOf } from '../reduce/lengths.ts'
import { mean } from '../reduce/reduce.ts'

export interface NormAttrs {
  /** Rows r and r + groups have the same channels. */
  readonly groups: number
  /** Neighbours in a row that share a channel. */
  readonly span: number
  readonly eps: number
}

const keepdim = { keepdim: true }

/** Rows [rows, cols] as [rows/groups, groups, channels of a group, span]: channels are the axes 1 and 2. */
const byChannel = (x: Tensor, { groups, span }: NormAttrs): Tensor => {
  const [rows, cols] = x.shape
  return reshape(x, [rows / groups, groups, cols / span, span])
}

/** The op on rows, and its fused gradients. */
function rowNorm(name: string, RMS: 0 | 1): Op<NormAttrs> {
  const gradient = defineOp({
    name: `${name}Grad`,
    inputs: ['x', 'g', 'kept', 'w?'],
    dtypes: floats,
    contiguous: ['x', 'g', 'w'],
    shape: ([x], _: NormAttrs) => ({ shape: x.shape }),
    launch: ([x, g, kept, w], [y], { groups, span }) => {
      const [rows, cols] = x.shape
      const offsets = { x_offset: x.layout.offset, g_offset: g.layout.offset, w_offset: w?.layout.offset ?? 0 }
      const params = { rows, cols, ...offsets, groups, span }
      launch(`${name}Grad`, kernels.norm_grad, [y, x, g, kept, w ?? x], params, { RMS, WEIGHT: w ? 1 : 0 })
    },
    vjp: 'once',
  })

  const channelGradients = defineOp({
    name: `${name}GradAffine`,
    inputs: ['x', 'g', 'kept'],
    outputs: ['dw', 'db'],
    dtypes: floats,
    contiguous: ['x', 'g'],
    shape: ([x], { groups, span }: NormAttrs) => {
      const shape = [(groups * x.shape[1]) / span]
      return [{ shape }, { shape }]
    },
    launch: ([x, g, kept], [dw, db], { groups, span }) => {
      const [rows, cols] = x.shape
      const params = { rows, cols, x_offset: x.layout.offset, g_offset: g.layout.offset, groups, span }
      // The plan splits channels.
      const whole = { splits: 1, chunk: (rows / groups) * span }
      launch(`${name}GradAffine`, kernels.norm_grad_affine, [dw, db, x, g, kept], { ...params, ...whole })
    },
    vjp: 'once',
  })

  return defineOp({
    name,
    inputs: ['x', 'w?', 'b?'],
    outputs: ['y', 'mean', 'spread', 'kept'],
    dtypes: floats,
    contiguous: ['x', 'w', 'b'],
    shape: ([x], _: NormAttrs) => {
      const rows = x.shape[0]
      return [{ shape: x.shape }, { shape: [rows] }, { shape: [rows] }, { shape: [rows, 4] }]
    },
    halves: widen,
    autocast: 'wide',
    launch: ([x, w, b], [y, m, s, kept], attrs) => {
      const [rows, cols] = x.shape
      const offsets = {
        x_offset: x.layout.offset,
        w_offset: w?.layout.offset ?? 0,
        b_offset: b?.layout.offset ?? 0,
      }
      const constants = { RMS, WEIGHT: w ? 1 : 0, BIAS: b ? 1 : 0 }
      launch(name, kernels.norm, [y, m, s, kept, x, w ?? x, b ?? x], { rows, cols, ...offsets, ...attrs }, constants)
    },
    // b is read by the reference.
    saves: { all: ['x', 'kept', 'w', 'b'] },
    vjp: {
      all: ({ x, g, kept, w, attrs }, needs) => {
        const [dw, db] = needs.w || needs.b ? channelGradients.all([x, g, kept], attrs) : []
        return { x: needs.x ? gradient([x, g, kept, w], attrs) : null, w: dw, b: db }
      },
    },
    reference: ([x, w, b], attrs) => {
      // The mean of the differences takes back the rounding of the mean.
      const once = RMS ? x : sub(x, mean(x, 1, keepdim))
      const d = RMS ? x : sub(once, mean(once, 1, keepdim))
      // In units of m, whose powers stay in the range: any constant from √ε up gives the same.
      const m = maximum(scaleOf(d, [1]), Math.min(1, 2 ** Math.floor(Math.log2(attrs.eps) / 2)))
      const z = div(d, m)
      let y = byChannel(mul(z, rsqrt(add(mean(square(z), 1, keepdim), div(div(attrs.eps, m), m)))), attrs)
      const [, groups, channels] = y.shape
      const stretched = (k: Tensor) => reshape(k, [groups, channels, 1])
      if (w) y = mul(y, stretched(w))
      if (b) y = add(y, stretched(b))
      return reshape(y, x.shape)
    },
  })
}

/** The variance from what the op keeps of it: −√v where v may be out of range, else v. */
export const varianceOf = (spread: Tensor): Tensor => reshape(prelu(reshape(spread, [1, -1]), spread), spread.shape)

/** Rows of mean 0 and variance 1. */
export const meanNorm = rowNorm('rowNorm', 0)
/** Rows of mean square 1. */
export const rmsOp = rowNorm('rowRms', 1)
