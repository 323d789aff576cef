/**
 * @file What a launch touches, as a nest of loops: enough to run it in parts, each of which names less of every block.
 * Plans say it (plans/nests.ts, and `Plan.nests` for users' own kernels); webgpu/split.ts cuts.
 */
import type { Constants, Params } from './kernel.ts'

/** How a binding is walked: element `at`, and `steps` further for each step along an axis. */
export interface Walk {
  readonly at: number
  readonly steps: readonly number[]
  /** Elements side by side at each place. Default: 1. */
  readonly width?: number
  /**
   * The kernel is told neither where it begins nor its steps: places must follow each other in row-major order, from
   * the first element bound.
   */
  readonly dense?: boolean
  /** A part leaves some of its elements as they were. */
  readonly kept?: boolean
}

/** A part of a nest: how far each axis goes, from where, and at which element of what is bound each walk begins. */
export interface Part {
  readonly sizes: readonly number[]
  readonly from: readonly number[]
  readonly at: readonly number[]
}

/** One nest of loops over the blocks of a launch. */
export interface Nest {
  /** Axes, the outermost first. */
  readonly sizes: readonly number[]
  /** By binding; undefined: it is not bound, or as a whole. */
  readonly walks: readonly (Walk | undefined)[]
  /** Params of a part, those that differ from the launch's. */
  readonly params: (part: Part) => Params
  /** Blocks of the launch by binding. Default: those of the launch. */
  readonly blocks?: readonly number[]
  /** Steps of the position that is reported to status, along each axis. */
  readonly places?: readonly number[]
  /** Axes from `axis` on come together in the first binding, by a pointwise op: such as the k of a product. */
  readonly join?: {
    readonly axis: number
    /** An op code of the pointwise kernel; undefined: such axes cannot be cut. */
    readonly code: number | undefined
    /** Constants of all parts but the last. */
    readonly before?: Constants
    /** What is of the whole, such as relu of a sum: parts run with these constants, and the op is done at the end. */
    readonly last?: { readonly code: number; readonly without: Constants }
  }
}
