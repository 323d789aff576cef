/** @file What a fresh device costs: compiling, and a first run as a whole. */
import type { Device } from '../core/device.ts'
import { scope } from '../core/scope.ts'
import type { WebGPUDevice } from '../webgpu/device.ts'
import { type Case, readyOf } from './case.ts'
import type { Launched } from './observe.ts'

/** Makes devices on the same adapter. */
export type Open = () => Promise<Device>

/** Milliseconds that a case's kernels take to be compiled. @param launched  what it runs by this variant */
export type Compiling = (one: Case, variant: string | undefined, launched: readonly Launched[]) => Promise<number>

/**
 * Times what is compiled once for all cases that run the same: sizes are not compiled in, variants and constants are.
 * A cache on disk must be off (cli/bench.ts sees to that).
 */
export function compiling(open: Open): Compiling {
  const known = new Map<string, number>()
  return async (one, variant, launched) => {
    const key = launched.map((each) => `${each.kernel.name}/${each.variant}/${each.constants}`).join(' ')
    const found = known.get(key) ?? (await firstRun(one.check ?? one, variant, open)).compile
    known.set(key, found)
    return found
  }
}

/** Fresh devices that a case's first run is timed on. */
const FRESH = 5

/** Seconds of a case's first run, on one fresh device after the other. Making device and inputs is not part of it. */
export async function firstRuns(one: Case, open: Open): Promise<number[]> {
  const seconds: number[] = []
  for (let i = 0; i < FRESH; i++) seconds.push((await firstRun(one, undefined, open)).first / 1e3)
  return seconds
}

/** In milliseconds: the first run, and how much longer it took than a later one. */
async function firstRun(
  one: Case,
  variant: string | undefined,
  open: Open,
): Promise<{ readonly first: number; readonly compile: number }> {
  const device = await open()
  const inputs: ReturnType<Case['inputs']>[number][] = []
  try {
    if (one.kernel && device.kind === 'webgpu') (device as WebGPUDevice).force(one.kernel, variant)
    inputs.push(...one.inputs(device, 1))
    const run = readyOf(one, inputs)
    await device.sync()
    const times: number[] = []
    for (let i = 0; i < 3; i++) {
      const start = performance.now()
      scope(() => void run())
      await device.sync()
      times.push(performance.now() - start)
    }
    return { first: times[0], compile: Math.max(0, times[0] - Math.min(...times.slice(1))) }
  } finally {
    for (const x of inputs) if (!x.disposed) x.dispose()
    // The CPU is one device for all.
    if (device.kind === 'webgpu') device.destroy()
  }
}
