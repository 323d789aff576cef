/**
 * @file `handgrad/interpreter`: a device that runs WGSL without a GPU, thread by thread, and finds what a GPU would not
 * tell of: races, barriers that not all reach, reads of what nobody wrote, accesses outside; and `explain`, which says
 * what an op launches, why, and at what cost.
 */
import { fail } from '../core/errors.ts'
import type { Kernel } from '../core/kernel.ts'
import { makeProgram } from './code/index.ts'
import { InterpreterDevice, type InterpreterOptions } from './device.ts'
import { type KernelCase, type KernelResult, runCases } from './expect.ts'
import { Programs } from './programs.ts'

export * from '../explain/index.ts'
export type { InterpreterDevice, InterpreterOptions } from './device.ts'
export type { KernelCase, KernelResult } from './expect.ts'
export { FACTS, type FactsName } from './facts.ts'
export { type Fault, type FaultKind, type Finding, faultText, type Party } from './faults.ts'
export { type Hint, type HintKind, hintText } from './hints.ts'
export type { Access } from './program.ts'

const programs = new Programs(makeProgram)

/**
 * Make a device that runs WGSL itself. It is for tests: a thousand to a million times slower than a GPU. Every dispatch
 * runs in two orders, the results are those of the first; `device.faults()` lists what was found.
 * @param options.facts  the adapter that it stands for, which decides about variants: a name of `FACTS`, or what is
 *   different from `gpu`
 * @param options.limit  steps that a thread may take, and threads that a dispatch may have
 * @throws HandgradError if an option is wrong, or on the main thread of a page
 */
export function interpreter(options: InterpreterOptions = {}): InterpreterDevice {
  if (typeof document !== 'undefined')
    fail('interpreter', 'the main thread of a page would stand still while it runs', 'make the device in a worker')
  return new InterpreterDevice(programs, options)
}

/**
 * Run launches of a kernel, each in every variant of its plan that fits, and refuse any fault: for tests of your own.
 * `const [{ outputs }] = await expectNoFaults(kernel, [{ inputs: { x }, outputs: { y: 3 }, params: { size: 3 } }])`
 * @param cases    at least one launch
 * @param options  as of {@link interpreter}
 * @returns what each case gave in each variant
 * @throws KernelError that lists the faults, a line each; what the launch itself throws
 */
export async function expectNoFaults(
  kernel: Kernel,
  cases: readonly KernelCase[],
  options: InterpreterOptions = {},
): Promise<KernelResult[]> {
  return runCases(programs, kernel, cases, options)
}
