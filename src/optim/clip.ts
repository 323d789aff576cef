/**
 * @file Gradients clipped, by the norm of all of them as one vector and by value, and multiplied by a number. Nothing
 * is read back.
 */
import { describe, fail } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { fillNew } from '../core/launch.ts'
import { scope } from '../core/scope.ts'
import { contiguousView } from '../core/shape.ts'
import { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import { abs, cast, contiguous, div, gt, logicalAnd, lt, max, mul, norm, stack, where } from '../ops/index.ts'
import { normOf, ownGradients, scaleAll } from './gradients.ts'

/** Options of {@link clipGradNorm}. */
export interface ClipGradNormOptions {
  /** Of which order the norm is: above 0, or Infinity; default 2. */
  p?: number
  /**
   * Whether a norm that is NaN or ∞ is an error: at once on the CPU, where the gradients stay as they are; at the next
   * read on WebGPU, as for wrong indices. Default false.
   */
  errorIfNonfinite?: boolean
}

/**
 * g ← g·min(1, maxNorm/(‖g‖ + 1e-6)), ‖g‖ = (Σ|gᵢ|ᵖ)^(1/p) over the gradients of all parameters together. In place,
 * between `backward()` and `step()`; parameters without a gradient are passed over. Right over all of float32's range:
 * squares beyond 1e38 and below 1e-38 are summed apart. (An adapter without denormal numbers makes 0 of a factor below
 * 2⁻¹²⁶, where the norm is beyond 10³⁸ times maxNorm.) For p = 2 two launches for up to six tensors. Dtypes: floats.
 * @param params   `model.parameters()`, or one tensor
 * @param maxNorm  above 0; Infinity: only take the norm
 * @returns ‖g‖ before clipping, 0-d
 * @throws HandgradError if maxNorm or p is not a number above 0, an option is unknown, or the gradients are not of one
 *   device and dtype; with `errorIfNonfinite` for a norm that is not finite
 * @see Pascanu, Mikolov, Bengio 2013, algorithm 1; Blue 1978 for the sums
 */
export function clipGradNorm(
  params: Tensor | Iterable<Tensor>,
  maxNorm: number,
  options?: ClipGradNormOptions,
): Tensor {
  const op = 'clipGradNorm'
  const { p, errorIfNonfinite } = optionsOf(op, options, { p: 2, errorIfNonfinite: false })
  if (typeof maxNorm !== 'number' || !(maxNorm > 0))
    fail(op, `maxNorm is ${describe(maxNorm)}`, 'give a number above 0')
  if (typeof p !== 'number' || !(p > 0)) fail(op, `p is ${describe(p)}`, 'give a number above 0, or Infinity')
  if (typeof errorIfNonfinite !== 'boolean')
    fail(op, `errorIfNonfinite is ${describe(errorIfNonfinite)}`, 'give true or false')
  const grads = ownGradients(op, params)
  if (grads.length === 0) return nothing(op, params)
  return scope(() => {
    const limit = Math.min(maxNorm, grads[0].dtype === 'float32' ? 3.4e38 : 1e308)
    const xs = p === 2 ? grads : [noGrad(() => otherNorm(grads, p))]
    const stats = normOf(op, xs, limit, errorIfNonfinite)
    if (maxNorm < Infinity) scaleAll(op, grads, stats, 1)
    return new Tensor(stats.storage.retain(), contiguousView([]))
  })
}

/** A norm of nothing: 0, of the parameters' kind. */
function nothing(op: string, params: Tensor | Iterable<Tensor>): Tensor {
  const [first] = params instanceof Tensor ? [params] : params
  if (!first) fail(op, 'there are no parameters', 'give model.parameters(), or a list of tensors')
  return fillNew(op, [], 0, first.dtype, first.device)
}

/** ‖g‖ₚ by ops: of what is divided by the greatest element, so that no power leaves the range. */
function otherNorm(grads: readonly Tensor[], p: number): Tensor {
  const greatest = max(stack(grads.map((g) => max(abs(g)))))
  if (p === Infinity) return greatest
  const unit = where(logicalAnd(gt(greatest, 0), lt(greatest, Infinity)), greatest, 1)
  return mul(norm(stack(grads.map((g) => norm(div(g, unit), p))), p), unit)
}

/**
 * g ← max(−maxValue, min(g, maxValue)) for every element of the gradients, in place; NaN stays. Parameters without a
 * gradient are passed over. Dtypes: floats.
 * @param params    `model.parameters()`, or one tensor
 * @param maxValue  from 0 up
 * @throws HandgradError if maxValue is not a number from 0 up, or the gradients are not of one device and dtype
 */
export function clipGradValue(params: Tensor | Iterable<Tensor>, maxValue: number): void {
  const op = 'clipGradValue'
  if (typeof maxValue !== 'number' || !(maxValue >= 0))
    fail(op, `maxValue is ${describe(maxValue)}`, 'give a number from 0 up')
  const grads = ownGradients(op, params)
  if (grads.length === 0) return
  scope(() => {
    const { dtype, device } = grads[0]
    scaleAll(op, grads, fillNew(op, [1], maxValue, dtype, device), 0, true)
  })
}

/**
 * g ← g·factor for every element of the gradients, in place; parameters without a gradient are passed over. So
 * gradients of sums that were added up over several batches become those of the mean over all that was summed:
 * ```ts
 * for (const { ids, next } of batches) {           // texts of different lengths
 *   crossEntropy(model.forward(ids), next, { reduction: 'sum' }).backward()
 *   tokens += next.numel
 * }
 * scaleGrad(model.parameters(), 1 / tokens)        // as of one batch
 * optimizer.step()
 * ```
 * Dtypes: floats.
 * @param params  `model.parameters()`, or one tensor
 * @param factor  a finite number, or a tensor of one, on the gradients' device
 * @throws HandgradError if factor is neither, or the gradients are not of one device and dtype
 */
export function scaleGrad(params: Tensor | Iterable<Tensor>, factor: number | Tensor): void {
  const op = 'scaleGrad'
  if (factor instanceof Tensor ? factor.numel !== 1 : !(typeof factor === 'number' && Number.isFinite(factor)))
    fail(op, `factor is ${describe(factor)}`, 'give a number, or a tensor of one')
  const grads = ownGradients(op, params)
  if (grads.length === 0) return
  const { dtype, device } = grads[0]
  if (factor instanceof Tensor && factor.device !== device)
    fail(op, `factor is on ${factor.device.name}, the gradients on ${device.name}`, 'move it with to(device)')
  scope(() =>
    noGrad(() => {
      const own = factor instanceof Tensor ? contiguous(cast(factor, dtype)) : fillNew(op, [1], factor, dtype, device)
      scaleAll(op, grads, own, own.layout.offset)
    }),
  )
}
