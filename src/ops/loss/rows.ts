/** @file What losses of scores for classes are made of: an op on rows of them, and the check of class indices. */

import { fail } from '../../core/errors.ts'
import { launch } from '../../core/launch.ts'
import { defineOp, floats, type Op } from '../../core/op.ts'
import { sameShape, showShape } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import * as kernels from '../base/kernels.generated.ts'
import { reshape } from '../base/views.ts'
import { arange } from '../creation/create.ts'
import { cast } from '../elementwise/cast.ts'
import { add, div, eq, mul, ne, neg, where } from '../elementwise/elementwise.ts'
import { mean, sum } from '../reduce/reduce.ts'
import { logSoftmax } from '../reduce/softmax.ts'
import type { Reduction } from './reduction.ts'

/** What the loss of a row of scores depends on beside them. */
export interface RowAttrs {
  /** Default: 0. */
  readonly smoothing?: number
  /** Class that does not count, or null. */
  readonly ignore: number | null
  /** The mean over the rows that count, 0-d; else the loss of each. */
  readonly mean: boolean
}

/** Its numbers, as the kernels have them. */
export const kernelNumbers = ({ smoothing = 0, ignore }: RowAttrs) => ({ smoothing, ignore: ignore ?? 0 })

/**
 * Loss of each row of scores, or their mean; with NLL = 1 they are log-probabilities, and nothing is to be normalised.
 */
function rowLoss(name: string, NLL: 0 | 1): Op<RowAttrs> {
  const constants = ({ ignore }: RowAttrs) => ({ IGNORE: ignore === null ? 0 : 1, NLL })

  /** dx = g·(softmax(x) − (1−s)·onehot(target) − s/C), or −g·onehot(target). */
  const gradient = defineOp({
    name: `${name}Grad`,
    inputs: ['x', 'target', 'stats', 'g', 'count'],
    dtypes: { x: floats, target: ['int32'], stats: floats, g: floats, count: floats },
    contiguous: ['x', 'target'],
    shape: ([x], _: RowAttrs) => ({ shape: x.shape }),
    launch: ([x, target, stats, g, count], [y], attrs) => {
      const [rows, cols] = x.shape
      const offsets = {
        x_offset: x.layout.offset,
        target_offset: target.layout.offset,
        g_offset: g.layout.offset,
        g_stride: attrs.mean ? 0 : g.layout.strides[0],
      }
      const params = { rows, cols, ...offsets, ...kernelNumbers(attrs) }
      const modes = { ...constants(attrs), MEAN: attrs.mean ? 1 : 0 }
      launch(`${name}Grad`, kernels.cross_entropy_grad, [y, x, target, stats, g, count], params, modes)
    },
    vjp: 'once',
  })

  // Each row's largest score m and 1 / Σ e^(x − m) are kept for the gradient, and of a mean the number of rows.
  return defineOp({
    name,
    inputs: ['x', 'target'],
    outputs: ['loss', 'stats', 'count'],
    dtypes: { x: floats, target: ['int32'] },
    contiguous: ['x', 'target'],
    shape: ([{ shape }], { mean }: RowAttrs) => [
      { shape: mean ? [] : [shape[0]] },
      { shape: [shape[0], 2] },
      { shape: mean ? [1] : [0] },
    ],
    launch: ([x, target], [loss, stats, count], attrs) => {
      const [rows, cols] = x.shape
      const target_offset = target.layout.offset
      const each = attrs.mean ? Tensor.alloc(x.device, x.dtype, [rows], name) : loss
      if (rows > 0) {
        const offsets = { x_offset: x.layout.offset, target_offset }
        const params = { rows, cols, ...offsets, ...kernelNumbers(attrs), first: 0, launch_id: 0 }
        launch(name, kernels.cross_entropy, [each, stats, x, target], params, constants(attrs))
      }
      if (!attrs.mean) return
      const { ignore } = kernelNumbers(attrs)
      launch(name, kernels.class_mean, [loss, count, each, target], { rows, target_offset, ignore })
      each.dispose()
    },
    saves: { x: ['x', 'target', 'stats', 'count'] },
    vjp: {
      x: (ctx) => gradient([ctx.x, ctx.target, ctx.stats, ctx.g, ctx.count], ctx.attrs),
      target: () => fail('backward', `${name}: class indices have no gradient`),
    },
    reference: ([x, target], { smoothing = 0, ignore, mean: gather }) => {
      // Whatever stands in a row that is ignored stays there.
      const read = ignore === null ? x : where(reshape(ne(target, ignore), [-1, 1]), x, 0)
      const logp = NLL ? read : logSoftmax(read)
      const [, cols] = x.shape
      const classes = reshape(arange(0, cols, 1, { device: x.device }), [1, cols])
      const picked = neg(sum(where(eq(classes, reshape(target, [-1, 1])), logp, 0), 1))
      const loss = smoothing === 0 ? picked : add(mul(picked, 1 - smoothing), mul(neg(mean(logp, 1)), smoothing))
      const counted = ignore === null ? loss : where(ne(target, ignore), loss, 0)
      return gather ? div(sum(counted), cast(sum(ne(target, ignore ?? 0)), loss.dtype)) : counted
    },
  })
}

export const crossEntropyRows = rowLoss('crossEntropy', 0)
export const nllRows = rowLoss('nllLoss', 1)
export const marginRows = rowLoss('multiMarginLoss', 1)

/** The losses of rows, or their mean where the op took it, in the shape that targets had. */
export function inShape(loss: Tensor, shape: readonly number[], reduction: Reduction): Tensor {
  return reduction === 'none' ? reshape(loss, shape) : reduction === 'sum' ? sum(loss) : loss
}

/**
 * Refuse what is not a class for each row.
 * @param what  what x is called
 */
export function checkIndices(op: string, x: Tensor, target: Tensor, wanted: readonly number[], what = 'logits'): void {
  if (target.dtype !== 'int32') {
    const todo = "class indices are integers: tensor(Int32Array.from(labels)), or labels.to('int32')"
    fail(op, `target is ${target.dtype}, not int32`, todo)
  }
  if (sameShape(wanted, target.shape)) return
  const fault = `${what} ${showShape(x.shape)} want targets ${showShape(wanted)}, not ${showShape(target.shape)}`
  fail(op, fault, 'one class index for each row')
}
