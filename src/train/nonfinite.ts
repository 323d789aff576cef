/** @file The error of a training that ran out of numbers. Where it did is found by origin.ts, loaded for it. */
import { HandgradError } from '../core/errors.ts'

/** What may help, whatever the cause. */
const REMEDY = 'try a smaller learning rate, clip: { norm: 1 }, or look at the data'

/** The loss of a step that is not finite. */
export interface Fault {
  readonly loss: number
  readonly step: number
  readonly epoch: number
  readonly batch: number
  readonly lr: number
}

/** The error that says so, and what else is known. */
export function notFinite(op: string, { loss, step, epoch, batch, lr }: Fault, where: string): HandgradError {
  const at = `step ${step}, batch ${batch} of epoch ${epoch}, learning rate ${lr}`
  return new HandgradError(op, `the loss is ${loss} at ${at}; ${where}`, REMEDY)
}
