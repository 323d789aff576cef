/** @file What compiling costs: the first run on a fresh device, less a later one. */
import type { Device } from '../core/device.ts'
import { scope } from '../core/scope.ts'
import type { WebGPUDevice } from '../webgpu/device.ts'
import type { Case } from './case.ts'

/** Makes devices on the same adapter. */
export type Open = () => Promise<Device>

/**
 * A function that says how many milliseconds a case's kernels take to be compiled. Sizes are not compiled in, so a
 * variant of a kernel is compiled once for all cases. A cache on disk must be off (cli/bench.ts sees to that).
 */
export function compiling(open: Open): (one: Case, variant: string | undefined) => Promise<number> {
  const known = new Map<string, number>()
  return async (one, variant) => {
    const key = one.kernel ? `${one.kernel.name}/${variant}` : one.name
    const found = known.get(key) ?? (await firstRun(one.check ?? one, variant, open))
    known.set(key, found)
    return found
  }
}

async function firstRun(one: Case, variant: string | undefined, open: Open): Promise<number> {
  const device = await open()
  try {
    if (one.kernel && device.kind === 'webgpu') (device as WebGPUDevice).force(one.kernel, variant)
    const inputs = one.inputs(device, 1)
    await device.sync()
    const times: number[] = []
    for (let i = 0; i < 3; i++) {
      const start = performance.now()
      scope(() => void one.run(inputs))
      await device.sync()
      times.push(performance.now() - start)
    }
    for (const x of inputs) if (!x.disposed) x.dispose()
    return Math.max(0, times[0] - Math.min(...times.slice(1)))
  } finally {
    if (device.kind === 'webgpu') device.destroy()
  }
}
