/** @file What a block adds to its stream of channels: in the launch of the map that ends it, where it can be. */
import type { Tensor } from '../core/tensor.ts'
import { type Dropout, passesOn } from '../nn/dropout.ts'
import { isApart } from '../ops/base/ahead.ts'
import { add } from '../ops/index.ts'

/**
 * x + what a branch makes, x being what its last map adds to where nothing stands or looks between both.
 * @param drop    of what the branch makes; null: none
 * @param plain   whether calls of the branch and of its last map are calls of what their classes were written with
 * @param branch  makes it, added to what it is given
 */
export function addTo(x: Tensor, drop: Dropout | null, plain: boolean, branch: (residual?: Tensor) => Tensor): Tensor {
  if (plain && (drop === null || passesOn(drop)) && !isApart()) return branch(x)
  const y = branch()
  return add(x, drop ? drop.forward(y) : y)
}
