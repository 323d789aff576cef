/** @file Losses, from logits where that is stabler. `reduction`: 'mean' (default), 'sum' or 'none'. */
import { fail } from '../errors.ts'
import { defineOp, floats, launch } from '../op.ts'
import { expandView, sameShape, showShape, sizeOf } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { checkDType, checkSameKind, checkScalar, checkTensor } from './arguments.ts'
import { cast } from './cast.ts'
import { arange } from './create.ts'
import { add, div, eq, mul, ne, neg, softplus, square, sub, where } from './elementwise.ts'
import * as kernels from './kernels.ts'
import { permute, reshape } from './movement.ts'
import { mean, sum } from './reduce.ts'
import { logSoftmax } from './softmax.ts'

/** How a loss is gathered over its elements. */
export type Reduction = 'mean' | 'sum' | 'none'

function checkReduction(op: string, reduction: unknown): void {
  if (reduction === undefined || reduction === 'mean' || reduction === 'sum' || reduction === 'none') return
  fail(op, `reduction is '${String(reduction)}'`, "'mean', 'sum' or 'none'")
}

function reduced(loss: Tensor, reduction: Reduction = 'mean'): Tensor {
  if (reduction === 'none') return loss
  return reduction === 'sum' ? sum(loss) : mean(loss)
}

interface CrossEntropyAttrs {
  readonly smoothing: number
  /** Class that does not count, or null. */
  readonly ignore: number | null
}

const kernelAttrs = ({ smoothing, ignore }: CrossEntropyAttrs) => ({ smoothing, ignore: ignore ?? 0 })

/** Loss of each row of logits, with the rows' log-sum-exp kept for the gradient. */
const crossEntropyRows = defineOp<'x' | 'target', CrossEntropyAttrs, 'loss' | 'lse'>({
  name: 'crossEntropy',
  inputs: ['x', 'target'],
  outputs: ['loss', 'lse'],
  dtypes: { x: floats, target: ['int32'] },
  contiguous: ['x', 'target'],
  shape: ([x]) => [{ shape: [x.shape[0]] }, { shape: [x.shape[0]] }],
  launch: ([x, target], [loss, lse], attrs) => {
    const [rows, cols] = x.shape
    const params = {
      rows,
      cols,
      x_offset: x.view.offset,
      target_offset: target.view.offset,
      ...kernelAttrs(attrs),
      launch_id: 0,
    }
    launch('crossEntropy', kernels.cross_entropy, [loss, lse, x, target], params, {
      IGNORE: attrs.ignore === null ? 0 : 1,
    })
  },
  saves: { x: ['x', 'target', 'lse'] },
  vjp: {
    x: (ctx) => crossEntropyGrad([ctx.x, ctx.target, ctx.lse, ctx.g], ctx.attrs),
    target: () => fail('backward', 'crossEntropy: class indices have no gradient'),
  },
  reference: ([x, target], { smoothing, ignore }) => {
    const logp = logSoftmax(x)
    const [, cols] = x.shape
    const classes = reshape(arange(0, cols, 1, { device: x.device }), [1, cols])
    const hit = cast(eq(classes, reshape(target, [-1, 1])), x.dtype)
    const picked = neg(sum(mul(logp, hit), 1))
    const loss = smoothing === 0 ? picked : add(mul(picked, 1 - smoothing), mul(neg(mean(logp, 1)), smoothing))
    return ignore === null ? loss : where(ne(target, ignore), loss, 0)
  },
})

/** dx = g·(softmax(x) − (1−s)·onehot(target) − s/C): the fused gradient of {@link crossEntropyRows}. */
const crossEntropyGrad = defineOp<'x' | 'target' | 'lse' | 'g', CrossEntropyAttrs>({
  name: 'crossEntropyGrad',
  inputs: ['x', 'target', 'lse', 'g'],
  dtypes: { x: floats, target: ['int32'], lse: floats, g: floats },
  contiguous: ['x', 'target'],
  shape: ([x]) => ({ shape: x.shape }),
  launch: ([x, target, lse, g], [y], attrs) => {
    const [rows, cols] = x.shape
    const offsets = {
      x_offset: x.view.offset,
      target_offset: target.view.offset,
      g_offset: g.view.offset,
      g_stride: g.view.strides[0],
    }
    launch(
      'crossEntropyGrad',
      kernels.cross_entropy_grad,
      [y, x, target, lse, g],
      { rows, cols, ...offsets, ...kernelAttrs(attrs) },
      { IGNORE: attrs.ignore === null ? 0 : 1 },
    )
  },
  vjp: 'once',
})

/** Options of {@link crossEntropy}. */
export interface CrossEntropyOptions {
  reduction?: Reduction
  /** Rows with this target do not count, in the mean neither. */
  ignoreIndex?: number
  /** s in [0, 1]: the target is (1 − s)·onehot + s/C (Szegedy et al. 2016). */
  labelSmoothing?: number
}

/**
 * L = −Σ_c q_c · log softmax(x)_c with q = (1 − s)·onehot(target) + s/C; the mean over rows that count, NaN if none does.
 * One fused kernel forwards, one backwards; second derivatives by the composition.
 * @param x       logits [C], [N, C] or [N, C, d₁, …]
 * @param target  int32 class indices: [], [N] or [N, d₁, …]
 * @throws IndexError for a class outside [0, C) that is not `ignoreIndex`
 */
export function crossEntropy(x: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const { labelSmoothing = 0, ignoreIndex, reduction } = options
  const op = 'crossEntropy'
  checkDType(op, 'x', x, floats)
  checkTensor(op, 'target', target)
  checkReduction(op, reduction)
  if (target.dtype !== 'int32') {
    fail(
      'crossEntropy',
      `target is ${target.dtype}, not int32`,
      "class indices are integers: tensor(Int32Array.from(labels)), or labels.to('int32')",
    )
  }
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    fail('crossEntropy', `labelSmoothing is ${labelSmoothing}`, 'give a number from 0 to 1')
  if (ignoreIndex !== undefined) checkScalar(op, ignoreIndex, 'int32')
  if (x.ndim === 0) fail(op, 'the logits are 0-d', 'give [classes] or [rows, classes]')
  const axis = x.ndim === 1 ? 0 : 1
  const wanted = x.shape.filter((_, i) => i !== axis)
  if (!sameShape(wanted, target.shape)) {
    fail(
      'crossEntropy',
      `logits ${showShape(x.shape)} want targets ${showShape(wanted)}, not ${showShape(target.shape)}`,
      'one class index for each row',
    )
  }
  const classes = x.shape[axis]
  if (classes === 0) fail('crossEntropy', `logits ${showShape(x.shape)} have no classes`)
  const last = x.ndim > 2 ? permute(x, [0, ...x.shape.map((_, i) => i).slice(2), 1]) : x
  const rows = reshape(last, [sizeOf(wanted), classes])
  const flat = reshape(target, [-1])
  const ignore = ignoreIndex ?? null
  const loss = crossEntropyRows([rows, flat], { smoothing: labelSmoothing, ignore })
  if (reduction === 'none') return reshape(loss, target.shape)
  if (ignore === null || reduction === 'sum') return reduced(loss, reduction)
  return div(sum(loss), cast(sum(ne(flat, ignore)), x.dtype))
}

function checkPair(op: string, x: Tensor, target: Tensor, reduction: unknown): void {
  checkDType(op, 'input', x, floats)
  checkSameKind(op, x, 'target', target)
  checkReduction(op, reduction)
  if (!sameShape(x.shape, target.shape)) {
    fail(
      op,
      `input ${showShape(x.shape)} and target ${showShape(target.shape)} differ`,
      'a loss does not broadcast; reshape one',
    )
  }
}

/** L = (x − t)², the mean over all elements by default. Dtypes: floats. */
export function mseLoss(x: Tensor, target: Tensor, options: { reduction?: Reduction } = {}): Tensor {
  checkPair('mseLoss', x, target, options.reduction)
  return reduced(square(sub(x, target)), options.reduction)
}

/**
 * Binary cross-entropy from logits: L = t·softplus(−x) + (1 − t)·softplus(x) = −[t ln σ(x) + (1 − t) ln(1 − σ(x))], finite for
 * any x; its gradient is σ(x) − t.
 * @param target              probabilities in [0, 1], x's shape and dtype
 * @param options.posWeight   factor on the first term, to balance rare positives
 */
export function bceWithLogits(
  x: Tensor,
  target: Tensor,
  options: { reduction?: Reduction; posWeight?: Tensor | number } = {},
): Tensor {
  const { posWeight } = options
  checkPair('bceWithLogits', x, target, options.reduction)
  if (posWeight instanceof Tensor) {
    checkSameKind('bceWithLogits', x, 'posWeight', posWeight)
    expandView('bceWithLogits', posWeight.view, x.shape)
  }
  const positive = mul(target, softplus(neg(x)))
  const weighted = posWeight === undefined ? positive : mul(positive, posWeight)
  return reduced(add(weighted, mul(sub(1, target), softplus(x))), options.reduction)
}
