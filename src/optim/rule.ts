/** @file What tells one optimizer from another, as a value. */
import type { Kernel, Params } from '../core/kernel.ts'
import type { Tensor } from '../core/tensor.ts'
import type { OptionTable, Values } from './options.ts'

/** The options of an optimizer. */
export interface OptionRule<Options> {
  /** The class, in errors and as the label of launches. */
  readonly name: string
  readonly options: OptionTable<Options>
  /** Refuse options that do not go together. @throws HandgradError in the name of `op` */
  check?(op: string, values: Values<Options>): void
}

/** An optimizer's rule: its kernel, its options, and what it remembers of each parameter. */
export interface Rule<Options> extends OptionRule<Options> {
  /**
   * Updates tensors in place. Its bindings are the state, then p0, g0, p1, g1, …; its params are sizes and starts of up
   * to four tensors, and the numbers of options and steps.
   */
  readonly kernel: Kernel
  /** PyTorch's names of what is remembered, in the order of the kernel's bindings. */
  states(values: Values<Options>): readonly string[]
  /** What states begin at, by name. Default: 0. */
  begins?(values: Values<Options>): Readonly<Record<string, number>>
  /** Numbers that are remembered of each parameter besides, by PyTorch's name, as they begin. */
  readonly numbers?: Readonly<Record<string, number>>
  /**
   * PyTorch's state has no step: it is counted only from where there is a state, and not saved. A state that is loaded
   * stands at the first step.
   */
  readonly stepless?: boolean
  /**
   * Params of the kernel that depend on the step t of a parameter, counted from 1.
   * @param numbers  those of `numbers`; changed here to what they are after the step
   */
  byStep?(values: Values<Options>, t: number, numbers: Record<string, number>): Readonly<Record<string, number>>
  /**
   * For what is not elementwise. The kernel then changes tensors of its own in place of the parameters, and this
   * changes the parameters by them, by launches whose numbers are those of the kernel's launch.
   */
  finish?(params: readonly Tensor[], made: readonly Tensor[], values: Values<Options>, numbers: Params): void
}
