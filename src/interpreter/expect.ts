/** @file For tests of kernels: run one in every variant that fits, and throw what is found wrong with it. */
import type { DType } from '../core/device.ts'
import { checkOptions, describe, fail, KernelError } from '../core/errors.ts'
import type { Constants, Kernel, Params, TypedArray } from '../core/kernel.ts'
import { explainChoice } from '../webgpu/choose.ts'
import { codeOf } from '../webgpu/code.ts'
import { InterpreterDevice, type InterpreterOptions } from './device.ts'
import { faultText } from './faults.ts'
import type { Programs } from './programs.ts'

/** A launch of a kernel, its arrays by the names of the kernel's bindings. */
export interface KernelCase {
  /**
   * What the kernel reads, `inout` included: Float32Array, Int32Array, or Uint32Array for bool. What is in neither list
   * is left out of the launch.
   */
  readonly inputs?: Readonly<Record<string, TypedArray>>
  /** Elements of each binding that the kernel writes in full: float32, or `{ dtype, length }`. */
  readonly outputs: Readonly<Record<string, number | { readonly dtype: DType; readonly length: number }>>
  /** By the names in `struct Params`. */
  readonly params: Params
  /** Values of overrides. */
  readonly constants?: Constants
}

/** What a case gave in one variant. */
export interface KernelResult {
  /** The case's position in the list. */
  readonly index: number
  readonly variant: string
  /** What the kernel wrote, `inout` included, by the names of the bindings. */
  readonly outputs: Readonly<Record<string, TypedArray>>
}

/** `expectNoFaults` without its programs. */
export async function runCases(
  programs: Programs,
  kernel: Kernel,
  cases: readonly KernelCase[],
  options: InterpreterOptions,
): Promise<KernelResult[]> {
  if (!Array.isArray(cases) || cases.length === 0)
    fail('expectNoFaults', `cases is ${describe(cases)}`, 'give a list of { inputs, outputs, params }')
  const results: KernelResult[] = []
  const found: string[] = []
  const { plan } = codeOf(kernel)
  for (const [index, one] of cases.entries()) {
    checkCase(kernel, one, index)
    for (const variant of Object.keys(plan.variants)) {
      const device = new InterpreterDevice(programs, {
        ...options,
        force: { ...options.force, [kernel.name]: variant },
      })
      const preferences = { force: { [kernel.name]: variant } }
      const taken = explainChoice(kernel, one.params, device.facts, one.constants, preferences).variant
      if (taken !== variant) continue
      results.push({ index, variant, outputs: await run(device, kernel, one) })
      found.push(...device.faults().map((fault) => `case ${index}, ${variant}: ${faultText(fault)}`))
    }
  }
  if (found.length > 0) {
    const what = `${kernel.name} has ${found.length === 1 ? 'a fault' : `${found.length} faults`}:\n${found.join('\n')}`
    throw new KernelError('expectNoFaults', what)
  }
  return results
}

function checkCase(kernel: Kernel, one: KernelCase, index: number): void {
  const op = `expectNoFaults: case ${index}`
  checkOptions(op, one, ['inputs', 'outputs', 'params', 'constants'])
  const named = (written: boolean) =>
    kernel.bindings.filter(({ role }) => (role === 'out') === written).map(({ name }) => name)
  checkOptions(`${op}: inputs`, one.inputs ?? {}, named(false))
  checkOptions(`${op}: outputs`, one.outputs, named(true))
}

async function run(device: InterpreterDevice, kernel: Kernel, one: KernelCase): Promise<Record<string, TypedArray>> {
  const { inputs = {}, outputs, params, constants } = one
  const blocks = kernel.bindings.map(({ name }) => {
    const data = inputs[name]
    if (data !== undefined) {
      const block = device.alloc(dtypeOf(name, data), data.length, name)
      device.write(block, data)
      return block
    }
    const size = outputs[name]
    if (size === undefined) return undefined
    const { dtype, length } = typeof size === 'number' ? { dtype: 'float32' as const, length: size } : size
    return device.alloc(dtype, length, name)
  })
  device.run({ kernel, blocks, params, constants, label: kernel.name })
  const results: Record<string, TypedArray> = {}
  for (const [i, { name, role }] of kernel.bindings.entries()) {
    const block = blocks[i]
    if (block && role !== 'in') results[name] = await device.read(block, 0, block.length)
  }
  return results
}

function dtypeOf(name: string, data: TypedArray): DType {
  if (data instanceof Float32Array) return 'float32'
  if (data instanceof Int32Array) return 'int32'
  if (data instanceof Uint32Array) return 'bool'
  return fail('expectNoFaults', `input ${name} is ${describe(data)}`, 'a Float32Array, Int32Array or Uint32Array')
}
