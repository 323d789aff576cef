/** @file What a run does on the device: how many dispatches, of which kernels, by which variants. */
import type { Kernel } from '../core/kernel.ts'
import { scope } from '../core/scope.ts'
import { codeOf } from '../webgpu/code.ts'
import type { WebGPUDevice } from '../webgpu/device.ts'

export interface Observed {
  readonly dispatches: number
  /** Each pair of kernel and variant once, in the order of their first launch. */
  readonly launched: readonly { readonly kernel: Kernel; readonly variant: string }[]
}

export function observe(device: WebGPUDevice, run: () => void): Observed {
  let dispatches = 0
  const launched: { kernel: Kernel; variant: string }[] = []
  device.watch({
    each: true,
    launches: ({ kernel }, variant) => {
      if (!launched.some((one) => one.kernel === kernel && one.variant === variant)) launched.push({ kernel, variant })
    },
    begins: () => {
      dispatches++
      return undefined
    },
  })
  try {
    scope(run)
  } finally {
    device.watch(null)
  }
  return { dispatches, launched }
}

/** The names of a kernel's variants, in the plan's order. */
export const variantsOf = (kernel: Kernel): string[] => Object.keys(codeOf(kernel).plan.variants)

/** The shader that a kernel's own text is in. */
export const sourceOf = (kernel: Kernel): string => codeOf(kernel).modules[0].source.file
