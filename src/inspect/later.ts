/** @file What few programs need: its files are loaded when it is called. */
import type { Tensor } from '../core/tensor.ts'
import type { CheckGradOptions, GradCheck, Numbers } from './checkgrad.ts'
import type { Recording, RecordOptions } from './record/record.ts'

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

/**
 * Run a training step, and keep each moment of it: every value as it is computed, every gradient as it arrives with
 * what it is the sum of, every parameter that changes. The step is the program's own: optimizer, loss.backward() and
 * all. The loss comes from an op: of what `customGrad` made, the rule is seen where an op took it. Nothing else should
 * run meanwhile. Copies every value: for looking, not for training loops.
 * ```ts
 * const recording = await inspect.record(() => {
 *   const loss = model.forward(x).sub(y).square().mean()
 *   loss.backward()
 *   optimizer.step()
 * })
 * await writeFile('step.html', recording.toHTML())
 * ```
 * @throws HandgradError if the step runs no backward or several, has more than 300 nodes and no modules to fold, or
 *   `names` are not tensors
 */
export const record = async (step: () => unknown, options?: RecordOptions): Promise<Recording> =>
  (await import('./record/record.ts')).record(step, options)
