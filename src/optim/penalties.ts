/** @file Penalties on weights, as tensors to add to a loss. */
import { describe, fail } from '../core/errors.ts'
import { Tensor } from '../core/tensor.ts'
import { abs, cat, flatten, square, sum } from '../ops/index.ts'
import { listOf } from './checks.ts'

/** All parameters as one vector: one launch per parameter, and the penalty is two for all. */
function asVector(op: string, params: Iterable<Tensor>): Tensor {
  const list = listOf(op, params)
  if (list.length === 0) fail(op, 'there are no parameters', 'give model.parameters(), or a list of tensors')
  list.forEach((x, i) => {
    if (!(x instanceof Tensor)) fail(op, `parameter ${i} is ${describe(x)}, not a tensor`)
  })
  const flat = (list as Tensor[]).map((x) => flatten(x))
  return flat.length === 1 ? flat[0] : cat(flat)
}

/**
 * Σ|w| over all elements of the parameters, 0-d: `loss.add(optim.l1Penalty(net.parameters()).mul(1e-4))`. Its gradient
 * is sign(w). Dtypes: floats.
 * @throws HandgradError if there are no parameters, or they are not tensors of one dtype and device
 */
export const l1Penalty = (params: Iterable<Tensor>): Tensor => sum(abs(asVector('l1Penalty', params)))

/**
 * Σw² over all elements of the parameters, 0-d; its gradient is 2w, so λ/2 times it is what `weightDecay: λ` of SGD
 * adds. Dtypes: floats.
 * @throws HandgradError if there are no parameters, or they are not tensors of one dtype and device
 */
export const l2Penalty = (params: Iterable<Tensor>): Tensor => sum(square(asVector('l2Penalty', params)))
