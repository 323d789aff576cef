/** @file The built-in kernels: the contract of each file of shaders/ with its CPU twin. Their WGSL is loaded by webgpu/code.ts. */
import { twins } from '../cpu/twins.ts'
import type { TypedKernel } from '../op.ts'
import { type KernelName, type KernelParams, shaders } from '../shaders.generated.ts'

export type Kernels = { readonly [K in KernelName]: TypedKernel<KernelParams[K]> }

const names = Object.keys(shaders) as KernelName[]

export const kernels = Object.fromEntries(
  names.map((name) => [name, { ...shaders[name], cpu: twins[name] }]),
) as unknown as Kernels // fromEntries forgets the names
