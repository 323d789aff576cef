/** @file What clocks and profilers are told of launches and passes: src/bench/timer.ts is one. */
import type { Launch } from '../core/device.ts'

/** Who wants to know when the device ran what: clocks and profilers (src/bench). */
export interface PassWatcher {
  /** Each dispatch has a pass of its own, else as many as possible share one. */
  readonly each: boolean
  /** Dispatches after which the pass is submitted; default: as without a watcher. */
  readonly batch?: number
  /** What is dispatched from now on belongs to this launch. */
  launches(launch: Launch, variant: string): void
  /** A pass begins. @returns where it writes its times */
  begins(): GPUComputePassTimestampWrites | undefined
}
