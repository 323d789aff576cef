/** @file What a step takes, before it is taken: against what it then takes, and what is refused. */
import { expect, it } from 'vitest'
import { CpuDevice } from '../../src/cpu/device.ts'
import { lora, type MemoryPlan, memoryPlan } from '../../src/finetune/index.ts'
import { autocast, getRandomState, manualSeed, memory, nn, noGrad, scope } from '../../src/index.ts'
import { GPT2, Llama } from '../../src/models/index.ts'
import { collect } from '../support/gc.ts'
import { cases, plannedOver } from './planned.ts'

const config = { vocab_size: 300, n_positions: 64, n_embd: 32, n_layer: 2, n_head: 4 }
const lean = { loss: 'linearCrossEntropy' } as const

it.each(cases)('$name: the plan is the measured peak', (one) => {
  expect(plannedOver(new CpuDevice(), one)).toBeCloseTo(1, 3)
})

it('rows by their formulas: GPT-2 of 124 M, 8 × 1024 tokens', () => {
  const weights = 124_439_808 * 4
  const ids = 8 * 1024 * 4
  const logits = 2 * 8192 * 50_257 * 4
  const plain = memoryPlan({}, { batch: 8 })
  expect(plain.weights).toBe(weights + ids)
  expect(plain.gradients).toBe(weights)
  // A number for each weight, of each of two moments.
  expect(plain.optimizer).toBe(2 * weights)
  expect(plain.logits / logits).toBeCloseTo(1, 1)
  // Two chunks, and hidden states with their gradient.
  const some = memoryPlan({}, { batch: 8, mode: lean })
  expect(some.logits / (logits / 8 + 2 * 8192 * 768 * 4)).toBeCloseTo(1, 1)
  expect(some.activations).toBe(plain.activations)
  const adapted = memoryPlan({}, { batch: 8, mode: { ...lean, checkpoint: true, lora: { targets: ['c_attn'] } } })
  expect(adapted.gradients).toBe(12 * 8 * (768 + 3 * 768) * 4)
  expect(adapted.activations).toBeLessThan(plain.activations / 5)
})

it('a table', () => {
  const plan = memoryPlan(config, { batch: 2, length: 32, mode: { ...lean, lora: { r: 2, targets: ['c_attn'] } } })
  const lines = String(plan).split('\n')
  expect(lines[0]).toBe(
    "GPT2(2 × 32, 4 heads, vocabulary 300), 2 × 32 tokens, { loss: 'linearCrossEntropy', lora: { r: 2, targets: ['c_attn'] } }",
  )
  expect(lines.slice(1).map((line) => line.trim().split(/ {2,}/)[0])).toEqual(
    'weights gradients optimizer activations logits all'.split(' '),
  )
  expect(lines[2]).toMatch(/^ {2}gradients +2\.05 kB$/)
})

it('what is frozen has no gradient, and a configuration without defaults is read as its file', () => {
  const device = new CpuDevice()
  const gpt = new GPT2(config, { device })
  const whole = memoryPlan(gpt, { batch: 2 })
  expect(whole).toEqual(memoryPlan(JSON.parse(JSON.stringify({ model_type: 'gpt2', ...gpt.config })), { batch: 2 }))
  gpt.freeze('transformer.wte')
  expect(whole.gradients - memoryPlan(gpt, { batch: 2 }).gradients).toBe(300 * 32 * 4)
  const sizes = { vocab_size: 300, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2 }
  const llama = { ...sizes, num_attention_heads: 4, max_position_embeddings: 64 }
  const planned = memoryPlan(new Llama(llama, { device }), {})
  expect(planned).toEqual(memoryPlan(llama))
  // 256 bytes are the least of WebGPU's.
  expect(memoryPlan(llama, { device: 'webgpu' }).all).toBeGreaterThan(planned.all)
})

it('a model is planned for with its own gradientCheckpointing, if the mode says nothing', () => {
  const gpt = new GPT2(config, { device: new CpuDevice() })
  const [plain, less] = [memoryPlan(gpt), memoryPlan(gpt, { mode: { checkpoint: true } })]
  gpt.gradientCheckpointing = true
  expect(memoryPlan(gpt)).toEqual(less)
  expect(memoryPlan(gpt, { mode: { checkpoint: false } })).toEqual(plain)
})

it('is the same inside of autocast: the mode says how it is trained', () => {
  expect(autocast('bfloat16', () => memoryPlan(config))).toEqual(memoryPlan(config))
})

it('a head that trains alone, and the loss that goes past its adapters', () => {
  const sizes = { vocab_size: 300, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2 }
  const llama = { ...sizes, num_attention_heads: 4, max_position_embeddings: 64, tie_word_embeddings: false }
  const adapters = { r: 2, targets: ['lm_head'] }
  const plan = memoryPlan(llama, { mode: { lora: adapters } })
  expect(plan.gradients).toBe(2 * (32 + 300) * 4)
  for (const targets of [['lm_head'], ['lm_head', 'q_proj']])
    expect(() => memoryPlan(llama, { mode: { ...lean, lora: { r: 2, targets } } })).toThrow(
      "memoryPlan: linearCrossEntropy reads the weight of lm_head, not its adapters (give loss 'crossEntropy', or other targets)",
    )
  // Such a mode is not among those that take less.
  expect(() => memoryPlan(llama, { mode: { lora: adapters }, limit: plan.all - 1 })).toThrow(
    / \(with mode { checkpoint: true, lora: .* it takes|none of the modes tried takes less/,
  )
})

it('leaves no trace: nothing held, the same numbers drawn, in any grad mode', async () => {
  manualSeed(3)
  await collect()
  const [before, random] = [memory(new CpuDevice()), getRandomState()]
  const plans: MemoryPlan[] = []
  plans.push(memoryPlan(config))
  noGrad(() => scope(() => plans.push(memoryPlan(config))))
  expect(plans[1]).toEqual(plans[0])
  expect(getRandomState()).toEqual(random)
  await collect()
  expect(memory(new CpuDevice())).toEqual(before)
})

it('more than the limit: the change that costs least and is enough', () => {
  const sizes = { batch: 32, length: 64 }
  const plan = (mode: object, limit?: number) => memoryPlan(config, { ...sizes, mode, ...(limit && { limit }) })
  const [plain, some, checkpoint] = [plan({}), plan(lean), plan({ ...lean, checkpoint: true })]
  expect(plan({}, plain.all)).toEqual(plain)
  expect(() => plan({}, plain.all - 1)).toThrow(
    /^memoryPlan: a step takes [\d.]+ MB, the limit is [\d.]+ MB \(with mode { loss: 'linearCrossEntropy' } it takes [\d.]+ MB\)$/,
  )
  expect(() => plan({}, some.all - 1)).toThrow("with mode { loss: 'linearCrossEntropy', checkpoint: true } it takes")
  expect(() => plan({}, checkpoint.all - 1)).toThrow(", autocast: 'bfloat16' } it takes")
  expect(() => plan({}, 1000)).toThrow(
    /the limit is 1\.00 kB, and none of the modes tried takes less than [\d.]+ MB \(give fewer texts, or shorter ones\)$/,
  )
})

it('an adapter of the head is not trained by a loss that takes its weight alone', () => {
  const untied = { ...config, tie_word_embeddings: false }
  for (const targets of [['lm_head'], ['lm_head', 'c_attn']]) {
    const mode = { lora: { r: 2, targets } }
    expect(() => memoryPlan(untied, { mode: { ...mode, ...lean } })).toThrow(
      "memoryPlan: linearCrossEntropy reads the weight of lm_head, not its adapters (give loss 'crossEntropy', or other " +
        'targets)',
    )
    expect(memoryPlan(untied, { mode }).gradients).toBeGreaterThan(0)
    expect(() => memoryPlan(untied, { mode, limit: 1000 })).toThrow(
      'the limit is 1.00 kB, and none of the modes tried takes less than',
    )
  }
})

const model = () => new GPT2(config, { device: new CpuDevice() })
it.each([
  [[null], 'memoryPlan: null is not a model (give one, or its configuration)'],
  [[new nn.Linear(2, 2)], 'memoryPlan: a Linear is not a model (give one, or its configuration)'],
  [[{ model_type: 'bert' }], "memoryPlan: the config has model_type 'bert' (models that can be read have"],
  [[config, { batch: 0 }], 'memoryPlan: batch is 0 (give an integer from 1 up)'],
  [[config, { length: 65 }], 'memoryPlan: length is 65 (the model has positions for 1 to 64)'],
  [[config, { limit: 0 }], 'memoryPlan: limit is 0 (give bytes, above 0)'],
  [[config, { device: 'gpu' }], "memoryPlan: device is 'gpu' (give 'cpu' or 'webgpu')"],
  [[config, { mode: { loss: 'crossentropy' } }], "loss is 'crossentropy' (did you mean crossEntropy? one of"],
  [[config, { mode: { optimizer: 'adamx' } }], "memoryPlan: optimizer is 'adamx' (did you mean adam? one of"],
  [[config, { mode: { dtype: 'int8' } }], "memoryPlan: dtype is 'int8' (one of float32,"],
  [
    [config, { mode: { autocast: 'float32' } }],
    "memoryPlan: autocast is 'float32' (did you mean float16? one of bfloat16, float16)",
  ],
  [[config, { mode: { dtype: 'bfloat16' } }], 'memoryPlan: weights of bfloat16 do not train (give mode.lora,'],
  [[config, { mode: { lora: { targets: ['c_atn'] } } }], 'did you mean c_attn?'],
  [[config, { mode: { checkpoints: true } }], 'memoryPlan: there is no option checkpoints (did you mean checkpoint?'],
])('%s', (args, message) => {
  expect(() => memoryPlan(...(args as Parameters<typeof memoryPlan>))).toThrow(message)
})

it('a model that is frozen, or has adapters already, is refused', () => {
  const gpt = model()
  gpt.freeze()
  expect(() => memoryPlan(gpt)).toThrow('memoryPlan: nothing of the model trains (unfreeze some, or give mode.lora)')
  const other = model()
  lora(other)
  expect(() => memoryPlan(other)).toThrow(/^memoryPlan: the model has transformer\.h\.0\.\S+ beside .* \(plan before/)
})
