/** @file What callbacks of a training are told. */
import type { EpochRecord, History } from './history.ts'
import type { Trainable, TrainStep } from './steps.ts'

/** What every event says. */
interface Standing {
  readonly model: Trainable
  /** What was read so far: in a `step` event it lacks the losses since the last `read`. */
  readonly history: History
  /** From 1. */
  readonly epoch: number
  readonly epochs: number
  /** Steps since the training began, and those that all epochs take. */
  readonly step: number
  readonly steps: number
  /** End the training after this step. */
  stop(): void
}

/**
 * An event of a training, by `kind`:
 *
 * - `start`: before the first step; `step` is where a resumed run goes on, 0 otherwise.
 * - `step`: after each step of the optimizer. `loss` is on the device: to read it waits.
 * - `read`: losses, and norms of gradients, have come into the history: about ten times a second, and at the end of
 *   each epoch. `metrics()` reads the measures of the epoch so far.
 * - `validation`: over the validation data.
 * - `epoch`: its record is in the history.
 * - `checkpoint`: a file was written.
 * - `end`: after the last step, and why there are no more; `best` is the best epoch, 0 if none was.
 */
export type TrainEvent = Standing &
  (
    | { readonly kind: 'start' }
    | ({ readonly kind: 'step' } & Pick<TrainStep, 'batch' | 'batches' | 'samples' | 'lr' | 'loss' | 'gradNorm'>)
    | {
        readonly kind: 'read'
        /** Batches of the epoch so far, and in it. */
        readonly batch: number
        readonly batches: number
        /** Samples of the run so far. */
        readonly samples: number
        /** The measures of the epoch so far; waits for the device. */
        metrics(): Promise<Readonly<Record<string, number>>>
      }
    | { readonly kind: 'validation'; readonly loss: number; readonly metrics: Readonly<Record<string, number>> }
    | { readonly kind: 'epoch'; readonly record: EpochRecord }
    | { readonly kind: 'checkpoint'; readonly path: string }
    | {
        readonly kind: 'end'
        readonly reason: 'done' | 'stopped' | 'early' | 'interrupted' | 'error'
        readonly best: number
      }
  )

/** What is called with every event, one after the other; a promise is waited for. */
export type Callback = (event: TrainEvent) => void | Promise<void>

/** An event without what every event says. */
export type Told = TrainEvent extends infer E ? (E extends TrainEvent ? Omit<E, keyof Standing> : never) : never
