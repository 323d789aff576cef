/** @file What few programs need: its files are loaded when it is called. */
import type { Tensor } from '../core/tensor.ts'
import type { CheckGradOptions, GradCheck, Numbers } from './checkgrad.ts'

/**
 * Compare a gradient worked out by hand with `x.grad`, element by element: |mine − grad| ≤ atol + rtol·|grad|.
 * ```ts
 * console.log(`w: ${await inspect.checkGrad(w, mine)}`) // w: exact: true | approximate: true | maxdiff: 0
 * ```
 * @param x     what backward() gave a `.grad`. Dtypes: floats.
 * @param mine  a tensor, or lists of numbers, in x's shape
 * @throws HandgradError with the elements that differ and both values of each, if any does by more than the tolerance;
 *   if x has no gradient, or mine is not of its shape
 */
export const checkGrad = async (x: Tensor, mine: Tensor | Numbers, options?: CheckGradOptions): Promise<GradCheck> =>
  (await import('./checkgrad.ts')).checkGrad(x, mine, options)
