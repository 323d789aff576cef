/** @file Learning rates by step. */
import { describe, fail } from '../core/errors.ts'

/**
 * One cycle: η rises along a line to `peak` over the first part of training, then falls along half a cosine to 0.
 * @param step   from 0 to steps − 1
 * @param steps  of the whole training
 * @param rise   part of the steps that it rises for; default 0.3
 * @throws HandgradError if rise is not in [0, 1], steps not above 0, or one of the others not a finite number
 * @see Smith & Topin 2019, section 2
 */
export function oneCycle(step: number, steps: number, peak: number, rise = 0.3): number {
  for (const [name, value] of Object.entries({ step, steps, peak }))
    if (!Number.isFinite(value)) fail('oneCycle', `${name} is ${describe(value)}`, 'give a number')
  if (steps <= 0) fail('oneCycle', `steps is ${steps}`, 'give a number above 0')
  if (typeof rise !== 'number' || !(rise >= 0 && rise <= 1))
    fail('oneCycle', `rise is ${describe(rise)}`, 'give a part of the steps, from 0 to 1')
  const top = rise * steps
  if (step + 1 < top) return (peak * (step + 1)) / top
  return (peak / 2) * (1 + Math.cos((Math.PI * Math.max(0, step - top)) / (steps - top)))
}
