/** @file What tells one optimizer from another, as a value. */
import type { Kernel } from '../core/kernel.ts'
import type { OptionTable, Values } from './options.ts'

/** An optimizer's rule: its kernel, its options, and what it remembers of each parameter. */
export interface Rule<Options> {
  /** The class, in errors and as the label of launches. */
  readonly name: string
  /**
   * Updates tensors in place. Its bindings are the state, then p0, g0, p1, g1, …; its params are sizes and starts of up
   * to four tensors, and the numbers of options and steps.
   */
  readonly kernel: Kernel
  readonly options: OptionTable<Options>
  /** PyTorch's names of what is remembered, in the order of the kernel's bindings. */
  states(values: Values<Options>): readonly string[]
  /** Params of the kernel that depend on the step t of a parameter, counted from 1. */
  byStep?(values: Values<Options>, t: number): Readonly<Record<string, number>>
  /** Refuse options that do not go together. @throws HandgradError in the name of `op` */
  check?(op: string, values: Values<Options>): void
}
