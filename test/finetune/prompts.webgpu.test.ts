/** @file Prompts and prefixes on WebGPU: equal to PyTorch in float64, and in a cache what they are without. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import * as finetune from '../../src/finetune/index.ts'
import { generate } from '../../src/generate/index.ts'
import { manualSeed } from '../../src/index.ts'
import { load } from '../../src/models/index.ts'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import { folderOf, texts } from '../models/cases.ts'
import { adapters, errorsOf } from './promptcases.ts'

let gpu: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
})
afterAll(() => gpu?.destroy())

it.each(adapters)('%s equals PyTorch: logits, loss, gradient', async (name) => {
  for (const [what, found] of Object.entries(await errorsOf(name, gpu, 'float32')))
    expect(found, what).toBeLessThan(1e-5)
})

it.each(['promptTuning', 'prefixTuning'] as const)('%s goes on as the base behind the same text', async (kind) => {
  manualSeed(0)
  const before = [3, 1, 4]
  const greedy = { temperature: 0, maxTokens: 10 }
  const base = await load(folderOf('gpt2-long'), { device: gpu })
  const want = await generate.all(base, [...before, ...texts[0]], greedy)
  const { model } = finetune[kind](base, { tokens: 3, init: { ids: before } })
  expect((await generate.all(model, texts[0], greedy)).ids).toEqual(want.ids)
})
