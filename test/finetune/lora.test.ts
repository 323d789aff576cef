/** @file LoRA on the CPU: what it computes, trains and gives back, and what is refused. */

import * as entry from 'handgrad/finetune'
import { describe, expect, it, test } from 'vitest'
import { tap } from '../../src/core/tap.ts'
import { lora } from '../../src/finetune/index.ts'
import { CpuDevice, nn, noGrad, randn, scope, type Tensor } from '../../src/index.ts'
import { error } from '../support/difference.ts'
import { bitsOf, gptOn, idsOn, llamaOn, lossOf, netOn, trainOn } from './loracases.ts'

const device = new CpuDevice()
const targets = ['c_attn']
const weightOf = (model: nn.Module): Tensor => model.stateDict()['transformer.h.0.attn.c_attn.weight']

test('the entry handgrad/finetune has it', () => {
  expect(entry.lora).toBe(lora)
})

describe('beside the base', () => {
  it.each([
    ['GPT-2', gptOn],
    ['Llama', llamaOn],
  ] as const)('first outputs of %s are the base’s bits, in training too', async (_, modelOn) => {
    const model = modelOn(device).train()
    const before = await bitsOf(model, device)
    lora(model, { dropout: 0.5 })
    expect(await bitsOf(model, device)).toEqual(before)
  })

  it('A is uniform in ±1/√in, B zero, s = alpha / r, or alpha / √r', async () => {
    const net = netOn(device)
    const x = randn([4, 6], { device })
    const before = net.forward(x)
    const adapter = lora(net, { r: 3, alpha: 6, targets: ['first', 'second'], rslora: false })
    const dict = adapter.stateDict()
    expect(Object.entries(dict).map(([name, { shape, dtype }]) => [name, [...shape], dtype])).toEqual([
      ['first.lora_A.weight', [3, 6], 'float32'],
      ['first.lora_B.weight', [5, 3], 'float32'],
      ['second.lora_A.weight', [3, 5], 'float32'],
      ['second.lora_B.weight', [3, 3], 'float32'],
    ])
    const a = await dict['first.lora_A.weight'].data()
    expect(Math.max(...Array.from(a, Math.abs))).toBeLessThanOrEqual(1 / Math.sqrt(6))
    expect(Math.max(...Array.from(a, Math.abs))).toBeGreaterThan(0.5 / Math.sqrt(6))
    expect(await net.forward(x).data()).toEqual(await before.data())
    for (const rslora of [false, true]) {
      const alone = new nn.Sequential({ one: new nn.Linear(6, 5, { device }) })
      const own = lora(alone, { r: 4, alpha: 6, targets: ['one'], rslora })
      const [A, B] = Object.values(own.stateDict())
      noGrad(() => B.add_(1))
      const s = rslora ? 3 : 1.5
      const added = own
        .disable(() => alone.forward(x))
        .sub(alone.forward(x))
        .neg()
      const want = x.matmul(A.t()).matmul(B.t()).mul(s)
      expect(await added.sub(want).abs().max().item()).toBeLessThan(1e-5)
    }
  })

  it('only adapters train; the model’s own names stay, and theirs are those of PEFT’s files', () => {
    const model = gptOn(device)
    const names = Object.keys(model.stateDict())
    const adapter = lora(model, { r: 2, targets })
    const now = Object.keys(model.stateDict())
    expect(names.every((name) => now.includes(name))).toBe(true)
    expect(now.filter((name) => !names.includes(name))).toEqual(
      [0, 1].flatMap((i) => ['A', 'B'].map((m) => `transformer.h.${i}.attn.c_attn.lora_${m}.weight`)),
    )
    const trained = model.parameters().filter(({ requiresGrad }) => requiresGrad)
    expect(trained.map(({ id }) => id)).toEqual(adapter.parameters.map(({ id }) => id))
    const count = (list: readonly { numel: number }[]) => list.reduce((sum, { numel }) => sum + numel, 0)
    expect(adapter.share).toBe(count(adapter.parameters) / count(model.parameters()))
  })

  it('learns, and base weights stay as they were, without gradients', async () => {
    const model = gptOn(device)
    const weight = weightOf(model)
    const before = await weight.data()
    const adapter = lora(model, { r: 4, targets })
    const first = await lossOf(model, idsOn(device)).item()
    trainOn(model, adapter, device, 15)
    expect(await lossOf(model, idsOn(device)).item()).toBeLessThan(0.9 * first)
    expect(await weight.data()).toEqual(before)
    expect(weight.requiresGrad).toBe(false)
  })

  it('dropout follows train() and eval(), and draws of it are other ones each time', async () => {
    const model = gptOn(device)
    const adapter = lora(model, { targets, dropout: 0.5 })
    noGrad(() => adapter.parameters.forEach((x) => x.add_(0.1)))
    model.train()
    expect(await bitsOf(model, device)).not.toEqual(await bitsOf(model, device))
    model.eval()
    expect(await bitsOf(model, device)).toEqual(await bitsOf(model, device))
  })

  it('layers, and 16 bits of the base: A and B are float32, and the base’s bits stay', async () => {
    const model = await gptOn(device).to('bfloat16')
    const adapter = lora(model, { r: 2, targets, layers: 0 })
    expect(adapter.parameters.map(({ dtype }) => dtype)).toEqual(['float32', 'float32'])
    expect(Object.keys(adapter.stateDict())[0]).toBe('transformer.h.0.attn.c_attn.lora_A.weight')
    const weight = weightOf(model)
    const [bits, logits] = [await weight.data(), await bitsOf(model, device)]
    trainOn(model, adapter, device, 10)
    const trained = await bitsOf(model, device)
    adapter.merge()
    expect(weight.dtype).toBe('bfloat16')
    expect(await weight.data()).not.toEqual(bits)
    adapter.unmerge()
    expect(await weight.data()).toEqual(bits)
    expect(await bitsOf(model, device)).toEqual(trained)
    expect(await adapter.disable(() => bitsOf(model, device))).toEqual(logits)
    const double = gptOn(device, {}, 'float64')
    expect(lora(double, { r: 2, targets }).parameters[0].dtype).toBe('float64')
  })
})

describe('merged', () => {
  it.each([
    ['GPT-2', gptOn],
    ['Llama', llamaOn],
  ] as const)(
    'peft#324, #3531: %s is merged, and unmerged to the bit, square weights and others',
    async (_, modelOn) => {
      const model = modelOn(device)
      const names = Object.keys(model.stateDict())
      const base = await bitsOf(model, device)
      const adapter = lora(model, { r: 3 })
      trainOn(model, adapter, device, 20)
      const trained = await bitsOf(model, device)
      adapter.merge()
      adapter.merge()
      expect(adapter.merged).toBe(true)
      expect(Object.keys(model.stateDict())).toEqual(names)
      expect(error(await bitsOf(model, device), trained)).toBeLessThan(5e-6)
      expect(await adapter.disable(() => bitsOf(model, device))).toEqual(base)
      expect(error(await bitsOf(model, device), trained)).toBeLessThan(5e-6)
      adapter.unmerge()
      adapter.unmerge()
      expect(await bitsOf(model, device)).toEqual(trained)
      expect(await adapter.disable(() => bitsOf(model, device))).toEqual(base)
      expect(await bitsOf(model, device)).toEqual(trained)
      adapter.drop()
      expect(await bitsOf(model, device)).toEqual(base)
      expect(model.parameters().every(({ requiresGrad }) => requiresGrad)).toBe(true)
    },
  )

  it('and dropped, the weights stay merged, and the model is an ordinary one', async () => {
    const model = gptOn(device)
    model.freeze('transformer.wpe')
    const adapter = lora(model, { targets, r: 2 })
    trainOn(model, adapter, device, 5)
    adapter.merge()
    const merged = await bitsOf(model, device)
    adapter.drop()
    expect(await bitsOf(model, device)).toEqual(merged)
    const frozen = model.namedParameters().filter(([, { requiresGrad }]) => !requiresGrad)
    expect(frozen.map(([name]) => name)).toEqual(['transformer.wpe.weight'])
    lora(model, { targets, r: 2 })
  })

  it('a call takes no more launches than before', () => {
    const model = gptOn(device).eval()
    const launches = () => {
      let count = 0
      const stop = tap(device, {
        run: (next, launch) => {
          count++
          next(launch)
        },
      })
      noGrad(() => scope(() => model.forward(idsOn(device)).dispose()))
      stop()
      return count
    }
    const before = launches()
    const adapter = lora(model, { targets, r: 2 })
    expect(launches()).toBe(before + 8)
    adapter.merge()
    expect(launches()).toBe(before)
  })
})
