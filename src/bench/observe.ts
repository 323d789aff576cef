/** @file What a run does on the device: dispatches, of which kernels, by which variants, and what memory it takes. */
import { type Block, bytesOf, type Device } from '../core/device.ts'
import type { Kernel } from '../core/kernel.ts'
import { scope } from '../core/scope.ts'
import { tap } from '../core/tap.ts'
import { codeOf } from '../webgpu/code.ts'
import type { WebGPUDevice } from '../webgpu/device.ts'

export interface Observed {
  /** Dispatches; on the CPU calls of a twin. */
  readonly dispatches: number
  /** Each pair of kernel and variant once, in the order of their first launch. On the CPU there are no variants. */
  readonly launched: readonly Launched[]
  /** Blocks that the run asked for. */
  readonly allocations: number
  /** Most bytes at once, with those that were there before. */
  readonly peakBytes: number
}

export interface Launched {
  readonly kernel: Kernel
  readonly variant: string | undefined
  /** Constants that choose its pipelines, as text. */
  readonly constants: string
}

/** Counts the memory of what is made while it looks. */
export class Footprint {
  private readonly device: Device
  private readonly blocks = new Map<Block, number>()
  private bytes = 0
  private peak = 0
  private allocations = 0

  constructor(device: Device) {
    this.device = device
  }

  /** Look on while `f` runs. */
  during<T>(f: () => T): T {
    this.allocations = 0
    this.peak = this.bytes
    const stop = tap(this.device, {
      alloc: (next, dtype, length, label) => {
        const block = next(dtype, length, label)
        const bytes = length * bytesOf[dtype]
        this.blocks.set(block, bytes)
        this.bytes += bytes
        this.peak = Math.max(this.peak, this.bytes)
        this.allocations++
        return block
      },
      free: (next, block) => {
        this.bytes -= this.blocks.get(block) ?? 0
        this.blocks.delete(block)
        next(block)
      },
    })
    try {
      return f()
    } finally {
      stop()
    }
  }

  /** Of the last look. */
  get seen(): Pick<Observed, 'allocations' | 'peakBytes'> {
    return { allocations: this.allocations, peakBytes: this.peak }
  }
}

/** @param memory  which has looked on while the run's inputs were made */
export function observe(device: Device, run: () => void, memory = new Footprint(device)): Observed {
  let dispatches = 0
  const launched: Launched[] = []
  const note = (kernel: Kernel, variant: string | undefined, values: Readonly<Record<string, number>> = {}) => {
    const constants = JSON.stringify(values)
    if (!launched.some((one) => one.kernel === kernel && one.variant === variant && one.constants === constants))
      launched.push({ kernel, variant, constants })
  }
  const webgpu = device.kind === 'webgpu' ? (device as WebGPUDevice) : null
  webgpu?.watch({
    each: true,
    launches: ({ kernel, constants }, variant) => note(kernel, variant, constants),
    begins: () => {
      dispatches++
      return undefined
    },
  })
  const stop = webgpu
    ? () => webgpu.watch(null)
    : tap(device, {
        run: (next, launch) => {
          dispatches++
          note(launch.kernel, undefined, launch.constants)
          next(launch)
        },
      })
  try {
    memory.during(() => scope(run))
  } finally {
    stop()
  }
  return { dispatches, launched, ...memory.seen }
}

/** The names of a kernel's variants, in the plan's order. */
export const variantsOf = (kernel: Kernel): string[] => Object.keys(codeOf(kernel).plan.variants)

/** The shader that a kernel's own text is in. */
export const sourceOf = (kernel: Kernel): string => codeOf(kernel).modules[0].source.file
