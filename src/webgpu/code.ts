/**
 * @file The WebGPU side of the built-in kernels: text from shaders/, plans from plans/. Which there are is generated
 * from the names of the files. It is loaded with the device, not with the ops; a user's kernel brings its own.
 */

import type { KernelName } from '../core/contracts.generated.ts'
import type { Code, Kernel } from '../core/kernel.ts'
import { plans } from './plans.generated.ts'
import { wgsl } from './wgsl.generated.ts'

/** Text and plan of a kernel. */
export function codeOf(kernel: Kernel): Code {
  const name = kernel.name as KernelName // the built-in kernels are those without code of their own
  return kernel.code ?? { modules: wgsl[name], plan: plans[name] }
}
