/** @file A checkpoint trained in Node predicts in a page's worker: the probabilities of Node to 1e-6. */
import { expect, test } from 'vitest'
import { commands } from 'vitest/browser'
import type { Question } from './predict.worker.ts'
import type { TrainedInNode } from './trained.ts'

declare module 'vitest/browser' {
  interface BrowserCommands {
    trainedInNode: () => Promise<TrainedInNode>
  }
}

function ask(question: Question): Promise<number[]> {
  const worker = new Worker(new URL('./predict.worker.ts', import.meta.url), { type: 'module' })
  return new Promise<number[]>((resolve, reject) => {
    worker.onmessage = ({ data }) => (typeof data === 'string' ? reject(new Error(data)) : resolve(data))
    worker.onerror = ({ message }) => reject(new Error(`worker: ${message}`))
    worker.postMessage(question)
  }).finally(() => worker.terminate())
}

test('trained in Node, asked in a worker on the CPU and on WebGPU', { timeout: 120_000 }, async () => {
  const { weights: text, pixels, probabilities } = await commands.trainedInNode()
  expect(probabilities).toHaveLength(10)
  expect(Math.max(...probabilities)).toBeGreaterThan(0.2)
  const weights = Uint8Array.from(atob(text), (c) => c.charCodeAt(0))
  for (const kind of ['cpu', 'webgpu'] as const) {
    const found = await ask({ kind, weights, pixels })
    expect(found).toHaveLength(10)
    for (const [digit, p] of probabilities.entries()) expect(Math.abs(found[digit] - p), kind).toBeLessThan(1e-6)
  }
})
