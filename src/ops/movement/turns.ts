/** @file Images turned over and around. Views. */

import { fail } from '../../core/errors.ts'
import { normalDim, showShape } from '../../core/shape.ts'
import type { Tensor } from '../../core/tensor.ts'
import { checkList, checkTensor } from '../base/arguments.ts'
import { checkInteger } from '../base/axes.ts'
import { parametersOf } from '../base/options.ts'
import { transpose } from '../base/views.ts'
import { flip } from './rearrange.ts'

/**
 * Columns in reverse: {@link flip} of axis 1. A view; PyTorch copies. Any dtype.
 * @throws HandgradError if x has fewer than two axes
 */
export function fliplr(x: Tensor): Tensor {
  checkTensor('fliplr', 'x', x)
  if (x.ndim < 2) fail('fliplr', `x is ${showShape(x.shape)}`, 'give two axes or more')
  return flip(x, 1)
}

/**
 * Rows in reverse: {@link flip} of axis 0. A view; PyTorch copies. Any dtype.
 * @throws HandgradError if x is 0-d
 */
export function flipud(x: Tensor): Tensor {
  checkTensor('flipud', 'x', x)
  if (x.ndim < 1) fail('flipud', 'x is 0-d', 'give one axis or more')
  return flip(x, 0)
}

/**
 * The plane of two axes turned by k quarters, from the first axis towards the second; negative k the other way. A view;
 * PyTorch copies. Any dtype.
 * @param k     default 1
 * @param dims  default [0, 1]
 * @throws HandgradError if k is not an integer, or dims do not name two axes
 */
export function rot90(x: Tensor, k?: number, dims?: readonly number[]): Tensor
/** The same by name: `rot90(x, { k: 2 })`. */
export function rot90(x: Tensor, options?: { k?: number; dims?: readonly number[] }): Tensor
export function rot90(x: Tensor, ...given: unknown[]): Tensor {
  const op = 'rot90'
  checkTensor(op, 'x', x)
  const { k, dims } = parametersOf(op, given, { k: 1, dims: [0, 1] as readonly number[] })
  checkInteger(op, 'k', k)
  checkList(op, 'dims', dims, 'name the two axes of the plane')
  if (x.ndim < 2) fail(op, `x is ${showShape(x.shape)}`, 'give two axes or more')
  const [a, b] = dims.map((d) => normalDim(op, d, x.ndim))
  if (dims.length !== 2 || a === b) fail(op, `dims are [${dims.join(', ')}]`, 'name the two axes of the plane')
  const turns = ((k % 4) + 4) % 4
  if (turns === 0) return transpose(x, a, a)
  if (turns === 2) return flip(x, [a, b])
  // (i, j) comes from (j, n − 1 − i), or from (m − 1 − j, i).
  return turns === 1 ? flip(transpose(x, a, b), a) : flip(transpose(x, a, b), b)
}
