/** @file What is loaded when it is asked for: the trainer, and the range test. */
import type { History } from './history.ts'
import type { FitOptions } from './options.ts'
import type { Range, RangeOptions } from './range.ts'
import type { Trainable } from './steps.ts'

/**
 * Train a model: for each batch θ ← step(θ, ∂L/∂θ), and after each epoch the validation. Losses stay on the device and
 * are read about ten times a second; a loss that is not finite ends the training with an error that names step, batch,
 * learning rate, and the first op whose result or gradient is not finite, its module, line and inputs. Dtypes: floats.
 * ```ts
 * const history = await train.fit(model, { train: loader, loss: nn.functional.crossEntropy, optimizer, epochs: 3 })
 * ```
 * A run that was saved (`checkpoint`) goes on from its folder (`resume`), also in mid-epoch, bit for bit as if it had
 * not been interrupted. Afterwards the model's modules are in the modes in which they were.
 * @returns loss, rate and norm of every step, and what each epoch came to
 * @throws HandgradError if an option is unknown or out of range, there are no batches, the schedule is made for another
 *   number of steps, the model has no parameters that are trained; if a loss is not finite; if a file cannot be written
 */
export async function fit(model: Trainable, options: FitOptions): Promise<History> {
  return (await import('./fit.ts')).fit(model, options)
}

/**
 * Train for some steps with rates that rise from `low` to `high`, ηᵢ = low·(high/low)^(i/(steps − 1)), and see what the
 * loss makes of it. Groups of parameters keep the ratio of their rates. Each loss is read. Afterwards everything is as
 * it was: weights, optimizer, loader, random numbers. Losses are smoothed as sᵢ = β·sᵢ₋₁ + (1 − β)·Lᵢ, without the bias
 * of the beginning. Dtypes: floats.
 * @throws HandgradError as {@link trainSteps}, or if low is not above 0, high not above low, steps not an integer from
 *   2
 * @see Smith 2017, section 3.3
 */
export async function lrRange(model: Trainable, options: RangeOptions): Promise<Range> {
  return (await import('./range.ts')).lrRange(model, options)
}
