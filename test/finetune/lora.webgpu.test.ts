/** @file LoRA on WebGPU: against PyTorch, and what is exact to the bit. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lora } from '../../src/finetune/index.ts'
import { device } from '../../src/node.ts'
import type { WebGPUDevice } from '../../src/webgpu/device.ts'
import {
  bitsOf,
  gptOn,
  llamaOn,
  memoryAfter,
  ours,
  referenceErrors,
  references,
  resumed,
  trainOn,
} from './loracases.ts'

let gpu: WebGPUDevice
/** For hundreds of steps: guards take most of their time, and what is launched is guarded in the other tests. */
let plain: WebGPUDevice
beforeAll(async () => {
  gpu = await device('webgpu', { debug: true })
  plain = await device('webgpu')
})
afterAll(() => {
  gpu?.destroy()
  plain?.destroy()
})

it.each([...references, ...ours])('%s: logits, gradients of A and B, merged logits', async (name, base) => {
  for (const [what, found] of Object.entries(await referenceErrors(name, base, gpu, 'float32')))
    expect(found, what).toBeLessThan(1e-5)
})

describe('to the bit', () => {
  it.each([
    ['GPT-2', gptOn],
    ['Llama', llamaOn],
  ] as const)('%s: first outputs, without the adapter, and unmerged', async (_, modelOn) => {
    const model = modelOn(gpu)
    const base = await bitsOf(model, gpu)
    const adapter = lora(model, { r: 3 })
    expect(await bitsOf(model, gpu)).toEqual(base)
    trainOn(model, adapter, gpu, 3)
    const trained = await bitsOf(model, gpu)
    expect(trained).not.toEqual(base)
    adapter.merge()
    expect(await adapter.disable(() => bitsOf(model, gpu))).toEqual(base)
    adapter.unmerge()
    expect(await bitsOf(model, gpu)).toEqual(trained)
    adapter.drop()
    expect(await bitsOf(model, gpu)).toEqual(base)
  })

  it('50 + 50 = 100 steps through a checkpoint, with dropout', async () => {
    const { whole, parts } = await resumed(plain)
    expect(parts).toEqual(whole)
  })

  it.each(['bfloat16', 'float16'] as const)(
    '50 + 50 = 100 steps through a checkpoint, in %s, accumulated, with activations computed again',
    async (dtype) => {
      const { whole, parts, half } = await resumed(plain, dtype)
      expect(parts).toEqual(whole)
      if (dtype === 'float16') expect([half.growthTracker > 0, half.scale < 2 ** 30]).toEqual([true, true])
    },
  )
})

it('many steps leave memory as after the second', async () => {
  const own = await device('webgpu')
  const { second, last } = await memoryAfter(own, 12)
  expect(last).toEqual(second)
  own.destroy()
})
