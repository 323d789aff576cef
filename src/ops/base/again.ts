/** @file A function that runs again, to compute what was not kept of its first run (autograd/checkpoint.ts). */
import type { Tensor } from '../../core/tensor.ts'

/** The newest storage when it began to run again; ∞ while none does. */
export const again: { since: number } = { since: Infinity }

/** True for what the function changed already, the first time: running statistics, counts. */
export const wasChanged = (x: Tensor): boolean => again.since !== Infinity && x.storage.id <= again.since
