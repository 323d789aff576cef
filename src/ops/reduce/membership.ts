/** @file Which elements are among others, and between which boundaries they lie: searches in what is sorted. */

import { fail } from '../../core/errors.ts'
import { noGrad } from '../../core/graph.ts'
import { cutOf, numbers } from '../../core/op.ts'
import { scope } from '../../core/scope.ts'
import { showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkDType, checkSameKind } from '../base/arguments.ts'
import { optionsOf } from '../base/options.ts'
import { reshape } from '../base/views.ts'
import { eq, gt, logicalAnd, logicalNot } from '../elementwise/elementwise.ts'
import { searchsorted, sort } from './sort.ts'

/**
 * y[…] = [x[…] equals one of the test elements], as bool; NaN equals none. By sorting them. Dtypes: floats, int32; no
 * gradient.
 * @param testElements    a tensor of x's dtype, any shape: `isin(x, tensor(1))` for one number
 * @param options.invert  true where it equals none
 * @returns x's shape
 * @throws HandgradError if testElements differ from x in dtype or device
 */
export function isin(x: Tensor, testElements: Tensor, options?: { invert?: boolean }): Tensor {
  const op = 'isin'
  const { invert } = optionsOf(op, options, { invert: false })
  checkDType(op, 'x', x, numbers)
  checkSameKind(op, x, 'testElements', testElements)
  const y = scope(() =>
    noGrad(() => {
      const [sorted] = sort(reshape(testElements, [-1]))
      // As many are equal as lie between the first place for x and the last.
      const some = gt(searchsorted(sorted, x, { right: true }), searchsorted(sorted, x))
      const found = logicalAnd(some, eq(x, x))
      return invert ? logicalNot(found) : found
    }),
  )
  y.cut = cutOf(op, [x, testElements])
  return y
}

/**
 * Between which boundaries each element lies: y[…] = how many are less than x[…] (`right`: not greater), as int32; NaN
 * counts as the greatest. {@link searchsorted} with the row last. Dtypes: floats, int32.
 * @param boundaries  [n], ascending, x's dtype
 * @returns x's shape
 * @throws HandgradError if boundaries are not a vector, or differ from x in dtype or device
 */
export function bucketize(x: Tensor, boundaries: Tensor, options?: { right?: boolean }): Tensor {
  const op = 'bucketize'
  const { right } = optionsOf(op, options, { right: false })
  checkDType(op, 'x', x, numbers)
  checkSameKind(op, x, 'boundaries', boundaries)
  if (boundaries.ndim !== 1)
    fail(op, `boundaries are ${showShape(boundaries.shape)}`, 'give one axis, in ascending order')
  const y = searchsorted(boundaries, x, { right })
  y.cut = cutOf(op, [x, boundaries])
  return y
}
