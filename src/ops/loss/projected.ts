/**
 * @file Cross-entropy of a linear map's outputs, which never exist as a whole: rows go through the map some at a time,
 * forwards and once more backwards. Of a vocabulary of 50,257 the logits of 8,192 tokens would take 1.6 GB, and their
 * gradient as much.
 * @see Wijmans et al. 2024, "Cut Your Losses in Large-Vocabulary Language Models"
 */

import { describe, fail } from '../../core/errors.ts'
import { copyTo, fillInto, launch } from '../../core/launch.ts'
import { defineOp, floats, type Op } from '../../core/op.ts'
import { scope } from '../../core/scope.ts'
import { permuteView, showShape, sizeOf, type View } from '../../core/shape.ts'
import { Tensor } from '../../core/tensor.ts'
import { checkDType, checkSameKind, checkScalar, checkTensor } from '../base/arguments.ts'
import { stored } from '../base/halves.ts'
import * as kernels from '../base/kernels.generated.ts'
import { optionsOf } from '../base/options.ts'
import { reshape } from '../base/views.ts'
import { linear } from '../matrix/linear.ts'
import { launchProduct } from '../matrix/matmul.ts'
import { readable, weighted } from '../matrix/weights.ts'
import { checkReduction, type LossOptions, type Reduction } from './reduction.ts'
import { checkIndices, crossEntropyRows, inShape, kernelNumbers, type RowAttrs } from './rows.ts'

interface ChunkAttrs extends RowAttrs {
  /** Rows at a time. */
  readonly chunk: number
}

const name = 'linearCrossEntropy'

const modes = { IGNORE: 1, NLL: 0 }

/** Rows from `first` on, as a handle of its own. */
function rowsOf(x: Tensor, first: number, count: number): Tensor {
  const { shape, strides, offset } = x.layout
  const view = { shape: [count, ...shape.slice(1)], strides, offset: offset + first * strides[0] }
  return new Tensor(x.storage.retain(), view)
}

/** Run f with w as products take it, and the view of it that rows are multiplied with. */
const mapped = (h: Tensor, w: Tensor, f: (w: Tensor, right: View) => void): void =>
  scope(() => readable(name, h, w, permuteView(w.layout, [1, 0]), f))

/** The rows of a launch, chunk by chunk, and the logits of each, which lie where those before it lay. */
function* chunksOf(h: Tensor, w: Tensor, right: View, most: number) {
  const logits = Tensor.alloc(h.device, h.dtype, [most, right.shape[1]], name)
  for (let first = 0; first < h.shape[0]; first += most) {
    const count = Math.min(most, h.shape[0] - first)
    const own = rowsOf(h, first, count)
    launchProduct(name, own, w, logits, right)
    yield { first, count, own, logits }
  }
}

/** Rows of a chunk; one that has all of them needs no copies. */
const mostOf = ({ chunk }: ChunkAttrs, rows: number): number => Math.max(1, Math.min(chunk, rows))

/** Copy the first rows of x to where they belong in y, or back. */
const copyRows = (y: Tensor, x: Tensor): void => copyTo(name, y, y.layout, x, x.layout)

/** dh = z W and dW = zᵀ h, with z the gradient by the logits of a chunk. */
const gradient: Op<ChunkAttrs & { readonly needs: { readonly h: boolean; readonly w: boolean } }> = defineOp({
  name: `${name}Grad`,
  inputs: ['h', 'w', 'target', 'stats', 'g', 'count'],
  outputs: ['dh', 'dw'],
  dtypes: { h: floats, w: floats, target: ['int32'], stats: floats, g: floats, count: floats },
  contiguous: ['target'],
  halves: weighted,
  shape: ([h, w], { needs }) => [{ shape: needs.h ? h.shape : [0] }, { shape: needs.w ? w.shape : [0] }],
  launch: ([h, map, target, stats, g, count], [dh, dw], attrs) =>
    mapped(h, map, (w, right) => {
      const [rows, cols] = [h.shape[0], map.shape[0]]
      const most = mostOf(attrs, rows)
      const some = (...shape: number[]) => Tensor.alloc(h.device, h.dtype, shape, name)
      const all = most >= rows
      const slopes = some(most, cols)
      const [ownStats, ownDh] = all ? [stats, dh] : [some(most, 2), some(most, dh.shape[1] ?? 0)]
      const part = all ? dw : some(...dw.shape)
      if (rows === 0) fillInto(name, dw, 0)
      for (const { first, count: n, own, logits } of chunksOf(h, w, right, most)) {
        if (!all) copyRows(rowsOf(ownStats, 0, n), rowsOf(stats, first, n))
        const g_stride = attrs.mean ? 0 : g.layout.strides[0]
        const offsets = { target_offset: target.layout.offset + first, g_offset: g.layout.offset + first * g_stride }
        const params = { rows: n, cols, x_offset: 0, g_stride, ...offsets, ...kernelNumbers(attrs) }
        const MEAN = attrs.mean ? 1 : 0
        launch(name, kernels.cross_entropy_grad, [slopes, logits, target, ownStats, g, count], params, {
          ...modes,
          MEAN,
        })
        const z = rowsOf(slopes, 0, n)
        if (dh.numel > 0) {
          launchProduct(name, z, w, ownDh, permuteView(right, [1, 0]))
          if (!all) copyRows(rowsOf(dh, first, n), rowsOf(ownDh, 0, n))
        }
        if (dw.numel === 0) continue
        const turned = new Tensor(z.storage.retain(), permuteView(z.layout, [1, 0]))
        launchProduct(name, turned, own, first === 0 ? dw : part)
        if (first === 0) continue
        const sums = { sizes: [dw.numel, 0, 0, 0], starts: [0, 0, 0, 0], keep: 1, rate: 1 }
        launch(name, kernels.average, [dw, part, null, null, null, null], sums)
      }
    }),
  vjp: 'once',
})

// Of each row its largest logit m and 1 / Σ e^(x − m) are kept for the gradient, and of a mean the number of rows.
const chunked: Op<ChunkAttrs> = defineOp({
  name,
  inputs: ['h', 'w', 'target'],
  outputs: ['loss', 'stats', 'count'],
  dtypes: { h: floats, w: floats, target: ['int32'] },
  contiguous: ['target'],
  shape: ([h], { mean }: ChunkAttrs) => [
    { shape: mean ? [] : [h.shape[0]] },
    { shape: [h.shape[0], 2] },
    { shape: mean ? [1] : [0] },
  ],
  launch: ([h, map, target], [loss, stats, count], attrs) =>
    mapped(h, map, (w, right) => {
      const [rows, cols] = [h.shape[0], map.shape[0]]
      const most = mostOf(attrs, rows)
      const some = (...shape: number[]) => Tensor.alloc(h.device, h.dtype, shape, name)
      const each = attrs.mean ? some(rows) : loss
      const [ownLoss, ownStats] = most >= rows ? [each, stats] : [some(most), some(most, 2)]
      const target_offset = target.layout.offset
      for (const { first, count: n, logits } of chunksOf(h, w, right, most)) {
        const offsets = { x_offset: 0, target_offset: target_offset + first, first }
        const params = { rows: n, cols, ...offsets, ...kernelNumbers(attrs), launch_id: 0 }
        launch(name, kernels.cross_entropy, [ownLoss, ownStats, logits, target], params, modes)
        if (most >= rows) continue
        copyRows(rowsOf(each, first, n), rowsOf(ownLoss, 0, n))
        copyRows(rowsOf(stats, first, n), rowsOf(ownStats, 0, n))
      }
      const { ignore } = kernelNumbers(attrs)
      if (attrs.mean) launch(name, kernels.class_mean, [loss, count, each, target], { rows, target_offset, ignore })
    }),
  halves: weighted,
  autocast: 'inputs',
  saves: { all: ['h', 'w', 'target', 'stats', 'count'] },
  vjp: {
    all: ({ h, w, target, stats, count, g, attrs }, needs) => {
      const [dh, dw] = gradient.all([h, w, target, stats, g, count], { ...attrs, needs })
      return { h: needs.h ? dh : null, w: needs.w ? dw : null }
    },
  },
  reference: ([h, w, target], attrs) => crossEntropyRows([linear(h, w), target], attrs),
})

/** Options of {@link linearCrossEntropy}. */
export interface LinearCrossEntropyOptions extends LossOptions {
  /** Rows whose logits exist at once. Default: 1024. */
  chunk?: number
  /** Rows with this target do not count, in the mean neither. Default: −100. */
  ignoreIndex?: number
  /** s in [0, 1]: the target is (1 − s)·onehot + s/V. Default: 0. */
  labelSmoothing?: number
}

/**
 * L = −log softmax(h wᵀ)[target]: `crossEntropy(linear(h, w), target)`, whose logits never exist as a whole, neither
 * forwards nor backwards: `chunk` rows of them at a time, and as many of their gradient. Backwards computes them once
 * more, so that a step takes four products in place of three. More than `chunk` rows take one gradient of w besides the
 * result. Second derivatives are those of the composition, and take its memory. Dtypes: floats.
 * @param h       [..., C], such as what the last block of a language model gives
 * @param w       [V, C], a row for each class
 * @param target  int32 class indices [...]
 * @returns 0-d, the mean over rows that count, NaN if none does; with reduction 'none' of target's shape
 * @throws IndexError for a class outside [0, V) that is not `ignoreIndex`: at once on the CPU, else at the next read
 * @throws HandgradError if w is not [V, C], there are no classes, target has another shape, chunk is not an integer
 *   from 1 up, labelSmoothing is not in [0, 1], or ignoreIndex is not an int32
 */
export function linearCrossEntropy(h: Tensor, w: Tensor, target: Tensor, options?: LinearCrossEntropyOptions): Tensor {
  const op = name
  const { chunk, ignoreIndex, labelSmoothing, reduction } = optionsOf(op, options, {
    chunk: 1024,
    ignoreIndex: -100,
    labelSmoothing: 0,
    reduction: 'mean' as Reduction,
  })
  checkDType(op, 'h', h, stored)
  checkSameKind(op, h, 'w', w)
  checkTensor(op, 'target', target)
  checkReduction(op, reduction)
  checkScalar(op, ignoreIndex, 'int32')
  if (!(Number.isSafeInteger(chunk) && chunk >= 1)) fail(op, `chunk is ${describe(chunk)}`, 'give an integer from 1 up')
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    fail(op, `labelSmoothing is ${labelSmoothing}`, 'give a number from 0 to 1')
  const channels = h.shape.at(-1)
  if (channels === undefined) fail(op, 'h is 0-d', 'give [..., channels]')
  if (w.ndim !== 2 || w.shape[1] !== channels) fail(op, `w is ${showShape(w.shape)}`, `give [classes, ${channels}]`)
  if (w.shape[0] === 0) fail(op, `w ${showShape(w.shape)} has no classes`)
  const shape = h.shape.slice(0, -1)
  checkIndices(op, h, target, shape, 'rows')
  const rows = sizeOf(shape)
  const inputs = [reshape(h, [rows, channels]), w, reshape(target, [rows])]
  const smooth = labelSmoothing > 0 ? { smoothing: labelSmoothing } : {}
  const loss = chunked(inputs, { ...smooth, chunk, ignore: ignoreIndex, mean: reduction === 'mean' })
  return inShape(loss, shape, reduction)
}
