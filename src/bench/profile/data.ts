/** @file A profile as data: what `toJSON()` gives, and what tables, pages and comparisons are made of. */

export const PROFILE_SCHEMA = 1

/**
 * What the device's times are: `timestamps` of a WebGPU device, a pass for each dispatch; `launches`: the CPU device
 * runs a kernel when it is launched, so that its time is the launch's. Null: the adapter has no timestamps, and there
 * are times of the host only.
 */
export type DeviceClock = 'timestamps' | 'launches' | null

/** An op of one shape by one kernel and variant, of one step on average. Times in seconds. */
export interface ProfileRow {
  /** The op, by its public name. */
  readonly name: string
  /** Shapes of its inputs and outputs: `[64, 784] [784, 256] → [64, 256]`; '' where they are not known. */
  readonly shape: string
  /** Null for what only allocates. */
  readonly kernel: string | null
  readonly variant: string | null
  /** It was called by a gradient's rule, or adds gradients. */
  readonly backward: boolean
  readonly launches: number
  readonly dispatches: number
  /** Seconds on the device; null where it has no clock. */
  readonly device: number | null
  /** Seconds of the host's thread, from its first allocation to its end; without the kernel on the CPU device. */
  readonly host: number
  /** Read and written at least. */
  readonly bytes: number
  /** Operations; absent where the kernel has no count. */
  readonly flops?: number
  /** Of the device's time of all rows, 0 … 1; of the host's where the device has no clock. */
  readonly share: number
  readonly allocations: number
  readonly allocatedBytes: number
}

/** A module with all that is in it, forward and backward, of one step on average. */
export interface ProfileModule {
  /** From the outermost module on: `Sequential.0`. */
  readonly path: string
  readonly device: number | null
  readonly host: number
  readonly dispatches: number
}

/** Sums of one step on average, times in seconds. */
export interface ProfileTotals {
  /** From its first call until the device had done all of it. */
  readonly wall: number
  /** Until its function returned. */
  readonly host: number
  /** Of that, in ops and launches; the rest is modules, graph, optimizer's lists and the program itself. */
  readonly hostOps: number
  /** The device at work: the sum of the rows. Null where it has no clock. */
  readonly device: number | null
  /** From the first pass to the end of the last; null without timestamps. */
  readonly span: number | null
  /** Of the span, without a pass: waiting for the host, copies, and what lies between two passes. */
  readonly gaps: number | null
  readonly launches: number
  readonly dispatches: number
  readonly bytes: number
  /** Of the kernels that have a count. */
  readonly flops: number
  readonly allocations: number
  readonly allocatedBytes: number
  readonly writes: number
  readonly writtenBytes: number
  readonly reads: number
  readonly readBytes: number
}

/** A step that was taken without being watched, in seconds. */
export interface PlainStep {
  readonly wall: number
  readonly host: number
}

/** What `toJSON()` gives. */
export interface ProfileData {
  readonly schema: typeof PROFILE_SCHEMA
  /** `webgpu:llvmpipe` */
  readonly device: string
  readonly clock: DeviceClock
  /** Steps that the figures are means of. */
  readonly steps: number
  readonly totals: ProfileTotals
  /**
   * The first step of all, not counted in any other figure, and how much longer it took than later ones: pipelines are
   * compiled, memory is got. Null where the training had begun before.
   */
  readonly first: { readonly wall: number; readonly more: number } | null
  /** The median step without the profiler, with which to compare; null where there was none. */
  readonly plain: PlainStep | null
  /** The longest first. */
  readonly rows: readonly ProfileRow[]
  /** In the order in which they were called. */
  readonly modules: readonly ProfileModule[]
}
