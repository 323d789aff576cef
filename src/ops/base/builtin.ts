/**
 * @file What a built-in kernel is: the contract of its file in shaders/ with its CPU twin. All of them are in
 * kernels.generated.ts, which scripts/shaders.mjs makes from the names of the files. Imported as `* as kernels`: a
 * bundle has those that its ops launch. Their WGSL is loaded by webgpu/code.ts.
 */
import type { Contract } from '../../core/contract.ts'
import type { KernelConsts, KernelName, KernelParams } from '../../core/contracts.generated.ts'
import type { Twin } from '../../core/kernel.ts'
import type { TypedKernel } from '../../core/launch.ts'

/** A contract with the names of its params and op codes. */
export type BuiltIn<K extends KernelName> = TypedKernel<KernelParams[K]> & { readonly consts: KernelConsts[K] }

export function builtIn<K extends KernelName>(
  contract: Contract & { readonly consts: KernelConsts[K] },
  cpu: Twin,
): BuiltIn<K> {
  return { ...contract, cpu }
}
