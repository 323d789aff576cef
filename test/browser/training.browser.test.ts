/**
 * @file The engine trains in Chromium as it does in Node: on the CPU and on WebGPU, on the main thread and in a worker.
 */
import { expect, test } from 'vitest'
import { type Kind, type Trained, train } from './train.ts'

/** Runs train.ts in a worker. */
function trainInWorker(kind: Kind): Promise<Trained> {
  const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' })
  return new Promise<Trained>((resolve, reject) => {
    worker.onmessage = ({ data }) => (typeof data === 'string' ? reject(new Error(data)) : resolve(data))
    worker.onerror = ({ message }) => reject(new Error(`worker: ${message}`))
    worker.postMessage(kind)
  }).finally(() => worker.terminate())
}

const cases: readonly [place: string, kind: Kind, run: (kind: Kind) => Promise<Trained>][] = [
  ['main thread', 'cpu', train],
  ['main thread', 'webgpu', train],
  ['worker', 'cpu', trainInWorker],
  ['worker', 'webgpu', trainInWorker],
]

for (const [place, kind, run] of cases) {
  test(`${place}, ${kind}: XOR is learned, and the digits' loss falls in 100 steps`, { timeout: 120_000 }, async () => {
    const { xor, first, last, accuracy, grown } = await run(kind)
    for (const [i, want] of [0, 1, 1, 0].entries()) expect(Math.abs(xor[i] - want)).toBeLessThan(0.1)
    expect(first).toBeGreaterThan(1)
    expect(last).toBeLessThan(0.4)
    expect(accuracy).toBeGreaterThan(0.85)
    // fewer is the garbage collector's doing
    expect(grown).toBeLessThanOrEqual(0)
  })
}
