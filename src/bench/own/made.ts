/** @file Sets of buffers on a device, made as they are asked for. */
import type { WebGPUDevice } from '../../webgpu/device.ts'
import { type Buffers, type Contents, copyOf, setOf, uniformsOf } from './program.ts'
import type { Plan } from './spec.ts'

/** Sets of buffers, kept as long as a run lasts. Values of a sweep with the same shapes share them. */
export class Made {
  readonly device: WebGPUDevice
  private readonly known = new Map<string, Buffers[]>()
  private readonly buffers: GPUBuffer[] = []

  constructor(device: WebGPUDevice) {
    this.device = device
  }

  /** So many sets; the first is never run on, when more are asked for later. */
  sets(plan: Plan, contents: Contents, count: number): readonly Buffers[] {
    const key = JSON.stringify(plan.buffers.map(({ bind, shape }) => [bind, shape]))
    const found = this.known.get(key) ?? [this.keep(setOf(this.device, plan, contents))]
    this.known.set(key, found)
    while (found.length < count) found.push(this.keep(copyOf(this.device.gpu, found[0])))
    return found.slice(0, count)
  }

  /** A set of its own for one run. */
  fresh(plan: Plan, contents: Contents): Buffers {
    return this.keep(copyOf(this.device.gpu, this.sets(plan, contents, 1)[0]))
  }

  uniforms(plan: Plan): Map<number, GPUBuffer> {
    const made = uniformsOf(this.device.gpu, plan)
    this.buffers.push(...made.values())
    return made
  }

  destroy(): void {
    for (const buffer of this.buffers) buffer.destroy()
  }

  private keep(set: Buffers): Buffers {
    this.buffers.push(...set.values())
    return set
  }
}
