/** @file LoRA on the CPU: what it computes, trains and gives back, and what is refused. */

import * as entry from 'handgrad/finetune'
import { describe, expect, it, test } from 'vitest'
import { tap } from '../../src/core/tap.ts'
import { lora } from '../../src/finetune/index.ts'
import { generate } from '../../src/generate/index.ts'
import { CpuDevice, memory, nn, noGrad, randn, scope, type Tensor } from '../../src/index.ts'
import { classifier } from '../../src/models/index.ts'
import { error } from '../support/difference.ts'
import {
  bitsOf,
  gptOn,
  idsOn,
  llamaOn,
  lossOf,
  memoryAfter,
  netOn,
  ours,
  referenceErrors,
  references,
  resumed,
  trainOn,
} from './loracases.ts'

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

describe('equal to PyTorch', () => {
  it.each([...references, ...ours])('%s: logits, gradients of A and B, merged logits', async (name, base) => {
    for (const [dtype, bound] of [
      ['float64', 1e-10],
      ['float32', 5e-6],
    ] as const)
      for (const [what, found] of Object.entries(await referenceErrors(name, base, device, dtype)))
        expect(found, `${what}, ${dtype}`).toBeLessThan(bound)
  })
})

it('50 + 50 = 100 steps through a checkpoint, with dropout, bit for bit', async () => {
  const { whole, parts } = await resumed(device)
  expect(parts).toEqual(whole)
})

it.each(['bfloat16', 'float16'] as const)(
  '50 + 50 = 100 steps through a checkpoint, in %s, accumulated, with activations computed again, bit for bit',
  async (dtype) => {
    const { whole, parts, half } = await resumed(device, dtype)
    expect(parts).toEqual(whole)
    expect(whole.losses).toHaveLength(50)
    // Where the scaler stood was neither the beginning nor the end of a count.
    if (dtype === 'float16') expect([half.growthTracker > 0, half.scale < 2 ** 30]).toEqual([true, true])
  },
  60_000,
)

it('many steps, merged and not, leave memory as after the second', async () => {
  const { second, last } = await memoryAfter(new CpuDevice(), 40)
  expect(last).toEqual(second)
})

it('a frozen base keeps no activation for gradients of its own', () => {
  const bytes = (adapts: boolean): number => {
    const own = new CpuDevice()
    const x = randn([64, 32], { device: own, requiresGrad: true })
    const layer = new nn.Sequential({ map: new nn.Linear(32, 32, { device: own }) })
    if (adapts) lora(layer, { r: 2, targets: ['map'] }).disable(() => {})
    else layer.freeze()
    const before = memory(own).bytes
    const y = scope(() => layer.forward(x))
    return memory(own).bytes - before - y.numel * 4
  }
  // x lives anyway: beside it stands x Aᵀ, of rank 2, once as the product and once times s.
  expect(bytes(false)).toBe(0)
  expect(bytes(true)).toBeLessThanOrEqual(2 * 64 * 2 * 4)
})

it('generates with a cache, beside the base as merged', async () => {
  const model = gptOn(device).eval()
  const adapter = lora(model, { r: 2, targets })
  trainOn(model, adapter, device, 5)
  const options = { temperature: 0, maxTokens: 8 }
  const ids = async () => (await generate.all(model, [3, 17], options)).ids
  const beside = await ids()
  adapter.merge()
  expect(await ids()).toEqual(beside)
  adapter.unmerge()
  const plain = gptOn(device).eval()
  const base = (await generate.all(plain, [3, 17], options)).ids
  expect(await adapter.disable(ids)).toEqual(base)
  expect(await ids()).toEqual(beside)
})

describe('modules to save', () => {
  it('train as wholes, are what they were while disabled, with their gradients kept, and after drop()', async () => {
    const net = netOn(device)
    const x = randn([4, 6], { device })
    const base = await net.forward(x).data()
    const adapter = lora(net, { r: 2, targets: ['first'], modulesToSave: ['second'] })
    const weight = net.stateDict()['second.weight']
    expect(adapter.parameters).toHaveLength(4)
    net.forward(x).square().sum().backward()
    const grad = await weight.grad?.data()
    noGrad(() => weight.add_(1))
    const trained = await net.forward(x).data()
    expect(await adapter.disable(() => net.forward(x)).data()).toEqual(base)
    expect(await net.forward(x).data()).toEqual(trained)
    expect(await weight.grad?.data()).toEqual(grad)
    adapter.merge()
    adapter.unmerge()
    expect(await net.forward(x).data()).toEqual(trained)
    adapter.drop()
    expect(await net.forward(x).data()).toEqual(base)
  })
})

describe('the same layers in two models', () => {
  const first = 'transformer.h.0.attn.c_attn'
  const todo = '(merge() it, if it is to stay, and drop() it first)'

  it('have one adapter, of whichever was first', () => {
    const gpt = gptOn(device)
    const adapter = lora(gpt, { r: 2, targets })
    const outer = classifier(gpt, { labels: 2 })
    expect(() => lora(outer, { r: 2, targets: ['c_fc'] })).toThrow(`lora: ${first} has an adapter ${todo}`)
    adapter.merge()
    expect(() => lora(outer, { r: 2, targets })).toThrow(`lora: ${first} has an adapter ${todo}`)
    adapter.drop()
    lora(outer, { r: 2, targets })
    expect(() => lora(gpt, { r: 2, targets })).toThrow(`lora: ${first} has an adapter ${todo}`)
  })

  it('are dropped though a classifier has freed the head meanwhile', () => {
    for (const options of [{ targets }, { targets: ['lm_head'] }, { targets, modulesToSave: ['lm_head'] }]) {
      const gpt = gptOn(device, { tie_word_embeddings: false })
      const adapter = lora(gpt, { r: 2, ...options })
      const model = classifier(gpt, { labels: 2 })
      adapter.drop()
      expect(model.parameters().every(({ requiresGrad }) => requiresGrad)).toBe(true)
      lora(model, { r: 2, targets })
    }
  })
})

it('is in the mode of its layers when it is put beside them again', async () => {
  const model = gptOn(device).train()
  const adapter = lora(model, { r: 2, targets })
  adapter.merge()
  model.eval()
  adapter.unmerge()
  expect(model.modules().some(({ training }) => training)).toBe(false)
  await generate.all(model, [3, 17], { maxTokens: 1 })
})

describe('disabled', () => {
  it('what is gone through later is refused, and the adapter counts again', async () => {
    const model = gptOn(device).eval()
    const adapter = lora(model, { r: 2, targets })
    noGrad(() => adapter.parameters.forEach((x) => x.add_(0.1)))
    const before = await bitsOf(model, device)
    const later: [name: string, f: () => unknown][] = [
      ['async iterator', () => generate(model, [3, 17])],
      ['async iterator', async function* () {}],
      ['iterator', function* () {}],
    ]
    for (const [name, f] of later) {
      const text = `LoRA.disable: f gives an ${name}, which runs after f is done (go through it in f)`
      expect(() => adapter.disable(f)).toThrow(text)
      await expect(adapter.disable(async () => f())).rejects.toThrow(text)
      expect(await bitsOf(model, device), name).toEqual(before)
    }
    expect(() => adapter.disable(() => [1, 2])).not.toThrow()
  })

  it('any thenable is waited for', async () => {
    const model = gptOn(device).eval()
    const base = await bitsOf(model, device)
    const adapter = lora(model, { r: 2, targets })
    noGrad(() => adapter.parameters.forEach((x) => x.add_(0.1)))
    const bits = async () => {
      await Promise.resolve()
      return bitsOf(model, device)
    }
    // biome-ignore lint/suspicious/noThenProperty: what is tested
    const slow = { then: (done: (x: unknown) => void, no: () => void) => void bits().then(done, no) }
    expect(await adapter.disable(() => slow)).toEqual(base)
    expect(await bitsOf(model, device)).not.toEqual(base)
  })
})

describe('bad input', () => {
  const gpt = () => gptOn(device)
  const options: [object, string][] = [
    [{ r: 0 }, 'lora: r is 0 (give an integer from 1)'],
    [
      { r: 17, targets },
      'lora: r is 17, and transformer.h.0.attn.c_attn is [16, 48] (give at most the smaller of the two)',
    ],
    [{ alpha: 0 }, 'lora: alpha is 0 (give a number above 0)'],
    [{ dropout: 1 }, 'lora: dropout is 1 (give a number from 0 to below 1)'],
    [{ targets: [] }, "lora: targets is [] (give names of layers as a list, a regular expression, or 'all-linear')"],
    [{ targets: ['c_atn'] }, 'lora: no layer has a path that ends in "c_atn" (did you mean c_attn?)'],
    [{ targets: '.*q_proj' }, 'lora: no layer is meant by ".*q_proj" (there are c_attn, c_proj, c_fc)'],
    [{ targets: '(a+)+' }, 'lora: targets "(a+)+" repeats a group, which may search for ever (give a list of layers)'],
    [{ targets: '(' }, 'lora: targets "(" is not a regular expression (give a list of layers)'],
    [{ targets: ['attn'] }, 'lora: transformer.h.0.attn is an Attention (adapters are for Linear and Conv1D)'],
    [{ layers: [0, 2], targets }, 'lora: layers has 2, and no block of the model has that number'],
    [{ layers: -1 }, 'lora: layers is [-1] (give numbers of blocks from 0, or null for all)'],
    [{ modulesToSave: ['lnf'] }, 'lora: modulesToSave has "lnf", and no module has such a path (did you mean ln_f?)'],
    [{ modulesToSave: ['c_attn'], targets }, 'lora: transformer.h.0.attn.c_attn is a target and in modulesToSave'],
  ]
  it.each(options)('%j', (given, message) => {
    const [model, before] = [gpt(), memory(device)]
    expect(() => lora(model, given)).toThrow(message)
    expect(memory(device)).toEqual(before)
    expect(model.parameters().every(({ requiresGrad }) => requiresGrad)).toBe(true)
  })

  const todo = '(a change of one would change the other: choose others)'
  it('peft#2018: a tied weight is not a target, and trains with no other', () => {
    expect(() => lora(gpt(), { targets: ['wte'] })).toThrow(`lora: transformer.wte is tied to the logits ${todo}`)
    expect(() => lora(gpt(), { targets: ['lm_head'] })).toThrow(
      `lora: lm_head is tied to the table of tokens, and has no weight of its own ${todo}`,
    )
    expect(() => lora(gpt(), { modulesToSave: ['wte'] })).toThrow(
      `lora: transformer.wte, of modulesToSave, is tied to the logits ${todo}`,
    )
    const untied = lora(gptOn(device, { tie_word_embeddings: false }), { r: 2, targets: ['lm_head'] })
    expect(untied.parameters).toHaveLength(2)
    const net = new nn.Sequential({ a: new nn.Linear(4, 4, { device }), b: new nn.Linear(4, 4, { device }) })
    const [a, b] = net.modules().filter((module) => module instanceof nn.Linear)
    b.weight = a.weight
    expect(() => lora(net, { r: 2, targets: ['b'] })).toThrow(`lora: b is tied to a.weight ${todo}`)
  })

  it('what is not a module, has an adapter, was dropped, is disabled, or was moved', async () => {
    expect(() => lora(null as never)).toThrow('lora: null is not a module (give a model)')
    const model = gpt()
    const adapter = lora(model, { r: 2, targets })
    expect(() => lora(model)).toThrow(
      'lora: the model has an adapter (merge() it, if it is to stay, and drop() it first)',
    )
    expect(() => adapter.disable(() => adapter.merge())).toThrow(
      'LoRA.merge: the adapter is disabled (call it after disable(…))',
    )
    expect(() => adapter.disable(1 as never)).toThrow('LoRA.disable: 1 is not a function (give () => …)')
    adapter.merge()
    expect(() => adapter.loadStateDict({})).toThrow('LoRA.loadStateDict: the adapter is merged (unmerge() first)')
    await model.to('float64')
    expect(() => adapter.unmerge()).toThrow(
      'LoRA.unmerge: transformer.h.0.attn.c_attn is float64 on cpu, and what it was before float32 on cpu (move the model back first)',
    )
    adapter.drop()
    expect(() => adapter.merge()).toThrow('LoRA.merge: the adapter was dropped (make another one by lora(model))')
  })
})
