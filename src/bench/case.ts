/**
 * @file What a suite is made of: cases, each a function of its inputs, so that the same can be run on any device, in
 * float64, and on as many sets of inputs as do not fit into a cache.
 */
import type { Device } from '../core/device.ts'
import type { Kernel } from '../core/kernel.ts'
import type { Tensor } from '../core/tensor.ts'
import type { Measured, Setting } from './measure.ts'

export interface Case {
  /** What is computed and on what sizes: `NN 512×512×512`. */
  readonly name: string
  /** The kernel whose variants are measured one by one; absent: the variant that the engine takes. */
  readonly kernel?: Kernel
  /** Operations on numbers, of one run; absent: it moves numbers only, or there is no telling. */
  readonly flop?: number
  /** Bytes that one run must read and write at least. */
  readonly bytes: number
  /** Random inputs on a device, others for each seed. */
  inputs(device: Device, seed: number): readonly Tensor[]
  /**
   * One run. What it makes is freed by its scope. What it changes (an optimizer's parameters) are its inputs.
   * @returns what is checked
   */
  run(inputs: readonly Tensor[]): Result
  /**
   * The same in two: what is done once of these inputs and not timed (the graph that a gradient goes back through, an
   * optimizer), and then each run. Absent: `run` is all of it.
   */
  ready?(inputs: readonly Tensor[]): () => Result
  /** False: its inputs stay the same, as the parameters of a training do; it has hot figures only. */
  readonly rotate?: false
  /** Its first run on a fresh device, compiling and all, has a figure of its own. */
  readonly first?: true
  /**
   * Errors allowed, in ulp at the size of the result (ulp.ts). Default: 64, and the square root of the terms of a sum
   * where the case says how many they are.
   */
  readonly ulp?: number
  /** A smaller case of the same name, by which this one is checked where float64 on the CPU would take minutes. */
  readonly check?: Case
}

/** What a run gives. */
export type Result = Tensor | readonly Tensor[]

/** A case's runs on these inputs. */
export const readyOf = (one: Case, inputs: readonly Tensor[]): (() => Result) =>
  one.ready?.(inputs) ?? (() => one.run(inputs))

/** A case of two parts. */
export const inTwo = (ready: NonNullable<Case['ready']>): Pick<Case, 'run' | 'ready'> => ({
  ready,
  run: (inputs) => ready(inputs)(),
})

export interface Suite {
  readonly name: string
  /** What it measures, in a line. */
  readonly about: string
  /** @param scale  how much work: `small` for software adapters and the CPU, `large` fills a GPU, `tiny` for tests */
  cases(scale: Scale): readonly Case[]
  /** In place of its cases: what it measures is not a function of tensors. */
  readonly measure?: (setting: Setting) => Promise<Measured>
}

export type Scale = 'tiny' | 'small' | 'large'
