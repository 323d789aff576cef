/** @file The leaky rectifier whose slopes are drawn while a model is trained. */

import { fail } from '../../core/errors.ts'
import { noGrad } from '../../core/graph.ts'
import { floats } from '../../core/op.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkNumbers } from '../base/arguments.ts'
import { parametersOf } from '../base/options.ts'
import { leakyRelu } from '../elementwise/activations.ts'
import { add, gt, mul, where } from '../elementwise/elementwise.ts'
import { randLike } from './random.ts'

/** Options of {@link rrelu}. */
export interface RReluOptions {
  /** The least slope. Default 1/8. */
  lower?: number
  /** The greatest slope. Default 1/3. */
  upper?: number
  /** Draw a slope for each element; else all are (lower + upper)/2. Default false. */
  training?: boolean
}

/**
 * y = x for x > 0, else a·x with a drawn evenly from [lower, upper] for each element, or its mean where not training;
 * the derivative at 0 is a (Xu et al. 2015). Dtypes: floats.
 * @param lower     default 1/8
 * @param upper     default 1/3
 * @param training  default false
 * @returns x's shape
 * @throws HandgradError if lower or upper is not a number, or lower is above upper
 */
export function rrelu(x: Tensor, lower?: number, upper?: number, training?: boolean): Tensor
/** The same by name: `rrelu(x, { training: true })`. */
export function rrelu(x: Tensor, options?: RReluOptions): Tensor
export function rrelu(x: Tensor, ...given: unknown[]): Tensor {
  const op = 'rrelu'
  const { lower, upper, training } = parametersOf(op, given, { lower: 1 / 8, upper: 1 / 3, training: false })
  checkDType(op, 'x', x, floats)
  checkNumbers(op, { lower, upper })
  if (!(lower <= upper)) fail(op, `lower ${lower} is above upper ${upper}`)
  if (!training) return leakyRelu(x, (lower + upper) / 2)
  const slopes = noGrad(() => add(mul(randLike(x), upper - lower), lower))
  return where(gt(x, 0), x, mul(x, slopes))
}
