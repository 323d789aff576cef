/**
 * @file A report of benchmarks as data: what is written as JSON, and what tables, pages and comparisons are made of.
 * The schema in words is in bench/schema.md; a change that old readers do not understand raises SCHEMA.
 */
import type { ClockName } from './clock.ts'
import type { Environment } from './environment.ts'
import type { Ended } from './rounds.ts'
import type { Spread } from './stats.ts'

export const SCHEMA = 1

/**
 * `hot`: the same inputs again and again, which a cache may hold. `rotated`: sets of inputs that are together larger
 * than the last cache, in turn.
 */
export type Inputs = 'hot' | 'rotated'

/** One measured thing by one clock. */
export interface Figure {
  readonly suite: string
  /** The case. Suite, name, variant, inputs and clock together are unique in a report. */
  readonly name: string
  readonly kernel?: string
  /** The variant that ran. */
  readonly variant?: string
  /** Where its code is: the shader's file. */
  readonly source?: string
  readonly inputs: Inputs
  readonly clock: ClockName
  /** Of one run. */
  readonly seconds: Spread
  /** Operations of one run; absent where they are not counted. */
  readonly flop?: number
  /** Bytes that one run reads and writes at least. */
  readonly bytes?: number
  /** Passes or dispatches of one run. */
  readonly launches?: number
  /** Most bytes that tensors and scratch take at once: inputs, what a gradient keeps, what a run makes. */
  readonly peakBytes?: number
  /** Blocks of memory that one run asks the device for. */
  readonly allocations?: number
  /** Runs of one sample. */
  readonly runs: number
  /** Share of what this device could do at the case's arithmetic intensity, 0 … 1 (roof.ts). */
  readonly share?: number
  /**
   * Milliseconds that the first run on a fresh device took more than a later one: compilation, with no cache on disk.
   */
  readonly compile?: number
  /** The largest error that its check found, in ulp of float32 (ulp.ts). */
  readonly ulp?: number
  readonly ended: Ended
}

/** What was not measured, and why: a wrong result, or a variant that does not fit. */
export interface Skipped {
  readonly suite: string
  readonly name: string
  readonly variant?: string
  readonly why: string
  /** The result was wrong. */
  readonly failed: boolean
}

/** What this device can do at most, measured in the same run. */
export interface Peaks {
  /** Multiply-adds in registers, operations a second; f16 where the device has it. */
  readonly flops: { readonly f32: number; readonly f16?: number }
  /** Bytes a second by size of what is read or copied, from a cache to memory. */
  readonly bandwidth: readonly { readonly bytes: number; readonly read: number; readonly copy: number }[]
  /** All that was measured, with these among them, to be shown. */
  readonly rows: readonly PeakRow[]
  /** Kernels whose result was wrong: they have no row. */
  readonly skipped?: readonly Skipped[]
}

export interface PeakRow {
  readonly name: string
  readonly unit: 'FLOP/s' | 'B/s' | 's' | '1/s'
  /** In the unit: median and quartiles. */
  readonly value: number
  readonly quartiles: readonly [number, number]
  readonly count: number
  readonly clock: ClockName
}

export interface Report {
  readonly schema: typeof SCHEMA
  readonly environment: Environment
  /** Null where they were not measured. */
  readonly peaks: Peaks | null
  readonly figures: readonly Figure[]
  readonly skipped: readonly Skipped[]
  /** How far the probe moved, by suite; a run in which it moved by more than a tenth is marked. */
  readonly drift: Readonly<Record<string, number>>
  /** Seconds of the probe, by suite: figures of two reports are compared by it (compare.ts). */
  readonly probe: Readonly<Record<string, Spread>>
  /** How long all of it took. */
  readonly seconds: number
}

/** What a figure is known by within a report, and from one report to another. */
export const keyOf = ({ suite, name, variant, inputs, clock }: Figure): string =>
  [suite, name, variant ?? '', inputs, clock].join('|')

/** Seconds of one run as a rate. */
export const rate = (amount: number | undefined, { median }: Spread): number | undefined =>
  amount === undefined ? undefined : amount / median
