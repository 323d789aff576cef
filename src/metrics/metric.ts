/** @file What every measure over batches has in common: it counts on the device, and is read once, at the end. */
import type { Tensor } from '../core/tensor.ts'

/**
 * A measure over batches. `update` only launches: what it counts stays on the device of the predictions until
 * `compute` reads it.
 */
export interface Metric<R = number> {
  /** False where `compute` gives more than a number: a training has no place for it. */
  readonly scalar?: boolean
  /** Count a batch: what the model gave, such as logits [batch, classes], and what is right, such as classes. */
  update(prediction: Tensor, target: Tensor): void
  /** The measure over all batches since the last `reset`; waits for the device. */
  compute(): Promise<R>
  /** Begin again, with no batches. */
  reset(): void
  /** Free the memory on the device. */
  dispose(): void
}
