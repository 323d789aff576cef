/** @file Training steps as a program takes them, and what they hold at most, for the tests of plans. */
import { lora, memoryPlan, type PlanMode } from '../../src/finetune/index.ts'
import {
  autocast,
  crossEntropy,
  type Device,
  linearCrossEntropy,
  optim,
  scope,
  type Tensor,
  tap,
  zeros,
} from '../../src/index.ts'
import { GPT2, type GPT2Config, Llama, type LlamaConfig } from '../../src/models/index.ts'

/** What is trained, and how. */
export interface Case {
  readonly name: string
  readonly config: GPT2Config | LlamaConfig
  readonly batch: number
  readonly length: number
  readonly mode: PlanMode
}

const gpt2 = { vocab_size: 300, n_positions: 128, n_embd: 32, n_layer: 2, n_head: 4 }
const llama = {
  model_type: 'llama',
  ...{ vocab_size: 200, hidden_size: 32, intermediate_size: 80, num_hidden_layers: 2, max_position_embeddings: 128 },
  ...{ num_attention_heads: 4, num_key_value_heads: 2 },
} as const
const lean = { loss: 'linearCrossEntropy' } as const
const none = { attn_pdrop: 0, resid_pdrop: 0, embd_pdrop: 0 }
const adapter = { r: 4, targets: ['c_attn'], dropout: 0.1 }
const sizes = { batch: 4, length: 96 }

export const cases: readonly Case[] = [
  { name: 'GPT-2', config: gpt2, ...sizes, mode: {} },
  { name: 'GPT-2, rows of logits at a time', config: gpt2, batch: 16, length: 128, mode: lean },
  { name: 'GPT-2, checkpoints', config: gpt2, ...sizes, mode: { ...lean, checkpoint: true } },
  { name: 'GPT-2, LoRA', config: gpt2, ...sizes, mode: { ...lean, lora: adapter } },
  {
    name: 'GPT-2, LoRA over 16 bits, checkpoints',
    config: gpt2,
    ...sizes,
    mode: { ...lean, checkpoint: true, lora: { r: 2 }, dtype: 'bfloat16' },
  },
  { name: 'GPT-2, autocast', config: gpt2, ...sizes, mode: { ...lean, autocast: 'bfloat16' } },
  { name: 'GPT-2 without dropout, Lion', config: { ...gpt2, ...none }, ...sizes, mode: { optimizer: 'lion' } },
  { name: 'Llama, momentum', config: llama, batch: 8, length: 128, mode: { ...lean, optimizer: 'momentum' } },
  { name: 'Llama, checkpoints, a batch of one', config: llama, batch: 1, length: 128, mode: { checkpoint: true } },
]

const makers = {
  adamw: (params: Tensor[]) => new optim.AdamW(params),
  lion: (params: Tensor[]) => new optim.Lion(params),
  momentum: (params: Tensor[]) => new optim.SGD(params, { lr: 0.01, momentum: 0.9 }),
}

/** The most that a device holds at once while f runs, in bytes. */
function peakOf(device: Device, f: () => void): number {
  let most = device.memory().liveBytes
  const end = tap(device, {
    alloc: (next, ...args) => {
      const block = next(...args)
      most = Math.max(most, device.memory().liveBytes)
      return block
    },
  })
  f()
  end()
  return most
}

/** What the second step holds at most, beyond what the device held before. */
export function measured(device: Device, { config, batch, length, mode }: Case): number {
  const before = device.memory().liveBytes
  const model = 'hidden_size' in config ? new Llama(config, { device }) : new GPT2(config as GPT2Config, { device })
  if (mode.dtype) model.to(mode.dtype)
  if (mode.lora) lora(model, mode.lora)
  model.gradientCheckpointing = mode.checkpoint ?? false
  const table = model instanceof Llama ? (model.lm_head?.weight as Tensor) : model.transformer.wte.weight
  const ids = zeros([batch, length], { dtype: 'int32', device })
  const optimizer = makers[(mode.optimizer ?? 'adamw') as keyof typeof makers](
    model.parameters().filter(({ requiresGrad }) => requiresGrad),
  )
  const step = () =>
    scope(() => {
      optimizer.zeroGrad()
      const lossOf = () => {
        const h = model.hidden(ids).flatten(0, 1)
        const next = ids.flatten()
        if (mode.loss === 'linearCrossEntropy') return linearCrossEntropy(h, table, next)
        return crossEntropy(model.logits(h), next)
      }
      const loss = mode.autocast ? autocast(mode.autocast, lossOf) : lossOf()
      loss.backward()
      optimizer.step()
    })
  step()
  const most = peakOf(device, step) - before
  for (const x of [ids, ...model.parameters()]) x.dispose()
  return most
}

/** What its plan says, in bytes. */
export function planned(device: Device, { config, batch, length, mode }: Case): number {
  return memoryPlan(config, { batch, length, mode, device: device.kind === 'webgpu' ? 'webgpu' : 'cpu' }).all
}

/** The plan of a case over what it takes. */
export const plannedOver = (device: Device, one: Case): number => planned(device, one) / measured(device, one)
