/** @file The built-in kernels: each file of shaders/ joined with its CPU twin and its WebGPU plan. */
import { twins } from '../cpu/twins.ts'
import { defineKernel } from '../kernel.ts'
import type { TypedKernel } from '../op.ts'
import { type KernelName, type KernelParams, shaders } from '../shaders.generated.ts'
import { plans } from '../webgpu/plans.ts'

export type Kernels = { readonly [K in KernelName]: TypedKernel<KernelParams[K]> }

const names = Object.keys(shaders) as KernelName[]

export const kernels = Object.fromEntries(
  names.map((name) => [name, defineKernel({ wgsl: shaders[name], cpu: twins[name], plan: plans[name] })]),
) as unknown as Kernels // fromEntries forgets the names
