/** @file What layers compute, as functions of their parameters. Most are ops under the names that PyTorch users look for. */
import { fail } from '../errors.ts'
import { add } from '../ops/elementwise.ts'
import { matmul } from '../ops/matmul.ts'
import { transpose } from '../ops/movement.ts'
import { showShape } from '../shape.ts'
import type { Tensor } from '../tensor.ts'

export { relu, sigmoid, softplus, tanh } from '../ops/elementwise.ts'
export { embedding } from '../ops/indexing.ts'
export { bceWithLogits, type CrossEntropyOptions, crossEntropy, mseLoss, type Reduction } from '../ops/loss.ts'
export { logSoftmax, softmax } from '../ops/softmax.ts'

/**
 * y = x Wᵀ + b.
 * @param x       [..., in]
 * @param weight  [out, in]
 * @param bias    [out], or null for none
 * @returns       [..., out]
 * @throws HandgradError if sizes do not fit
 */
export function linear(x: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  if (weight.ndim !== 2) fail('linear', `weight is ${showShape(weight.shape)}`, 'give [out, in]')
  const [features, takes] = [x.shape.at(-1), weight.shape[1]]
  if (features !== takes) {
    const todo = x.ndim > 2 ? 'flatten the input first?' : `its last axis must be ${takes}`
    fail(
      'linear',
      `input ${showShape(x.shape)} has ${features ?? 'no'} features, weight ${showShape(weight.shape)} takes ${takes}`,
      todo,
    )
  }
  const y = matmul(x, transpose(weight))
  return bias ? add(y, bias) : y
}
