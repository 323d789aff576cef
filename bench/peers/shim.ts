/** @file A browser's `navigator.gpu` in Node, for engines that look for it: on the same adapter as ours. */
import { create, globals } from 'webgpu'

/** Dawn must not be collected. */
export const gpus: GPU[] = []

/** @param adapter  part of its name; empty: the best one */
export function installGpu(adapter: string): void {
  Object.assign(globalThis, globals)
  const gpu = create(adapter ? [`adapter=${adapter}`] : [])
  gpus.push(gpu)
  Object.defineProperty(globalThis, 'navigator', {
    value: { gpu, userAgent: 'node', hardwareConcurrency: 2, language: 'en' },
    configurable: true,
  })
}
