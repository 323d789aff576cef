/** @file What a training was like, as data: callbacks, logs and the report read it, and it is written as JSON. */

/** What an epoch came to. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number
  /** Steps of the optimizer since the training began. */
  readonly step: number
  /** Mean loss of the epoch's steps. */
  readonly loss: number
  /** Measures of the batches trained on, by name, while the weights changed. */
  readonly metrics: Readonly<Record<string, number>>
  /** Mean loss over the validation data, if there are any. */
  readonly validationLoss?: number
  /** Measures over the validation data, by name. */
  readonly validation?: Readonly<Record<string, number>>
  /** Seconds of the epoch's steps, without validation. */
  readonly seconds: number
}

/** What a training was like so far. */
export interface History {
  readonly epochs: EpochRecord[]
  /** Loss of every step. */
  readonly losses: number[]
  /** Learning rate of every step, of the first parameter group. */
  readonly rates: number[]
  /** Norm of all gradients before clipping at every step; empty unless it was asked for (`clip`, `gradNorm`). */
  readonly gradNorms: number[]
}
