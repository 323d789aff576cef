/** @file Garbage collection on demand, for tests of finalizers. Node only. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { CpuDevice, Memory } from '../../src/index.ts'
import { memory } from '../../src/index.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

/** Collect, and let finalizers run: they need the event loop to turn. */
export async function collect(): Promise<void> {
  for (let i = 0; i < 4; i++) {
    gc()
    await new Promise((turned) => setImmediate(turned))
  }
}

/**
 * What is left on a device above `before`, once it is nothing or two seconds are over: V8's compiler, on a thread of
 * its own, may hold an object of the code that it works on for a while. Tensors and nodes are counted over all devices,
 * so garbage of earlier tests may go meanwhile: fewer of them than before are none.
 */
export async function leftAfterCollecting(device: CpuDevice, before: Memory): Promise<Record<string, number>> {
  for (const end = performance.now() + 2000; ; await new Promise((waited) => setTimeout(waited, 20))) {
    await collect()
    const now = memory(device)
    const left: Record<string, number> = {}
    for (const key of ['tensors', 'nodes', 'storages', 'bytes', 'live', 'liveBytes'] as const)
      if (now[key] > before[key]) left[key] = now[key] - before[key]
    if (Object.keys(left).length === 0 || performance.now() > end) return left
  }
}
