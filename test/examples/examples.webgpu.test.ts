/** @file What each program of examples/ reaches on WebGPU in Node. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { collect } from '../support/gc.ts'
import { examples } from './cases.ts'
import { play } from './example.ts'

/**
 * For the second adapter of a machine, a slower one that was given the op table already: a program for each kind of
 * model and of training loop.
 */
const kinds = ['own-op', 'files', 'gpt2', 'recommender', 'vae', 'short/mlp', 'short/cnn', 'short/lstm', 'short/gpt']
const files = kinds.map((name) => `${name}.ts`)
const some = examples.filter(({ file }) => files.includes(file))
if (some.length !== kinds.length) throw new Error(`not all of ${kinds.join(', ')} are programs of examples/`)

let gpu: WebGPUDevice
beforeEach(async () => {
  await collect()
  // One for each: what the collector frees of one example must not count for another.
  gpu = await device('webgpu')
})
afterEach(() => {
  gpu.destroy()
})

test.each(process.env['HANDGRAD_EXAMPLES'] === 'kinds' ? some : examples)('$file: $reaches', async (one) => {
  const { missed, printed } = await play(one, gpu, one.small ? 'small' : 'usual')
  expect(missed).toEqual([])
  expect(printed).not.toMatch(/NaN|undefined/)
})
