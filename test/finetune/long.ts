/**
 * @file Ways to fine-tune a tiny model, a step at a time, and what is held after the second step and after the last:
 * for tests of a hundred steps, and tools/finetune.ts, which takes ten thousand.
 */
import * as finetune from '../../src/finetune/index.ts'
import { autocast, type Device, data, manualSeed, memory, optim, scope, type Tensor, tensor } from '../../src/index.ts'
import type { LanguageModel } from '../../src/models/index.ts'
import { gptOn, lossOf } from './loracases.ts'

/** What trains, and how a loss is computed. */
interface Way {
  readonly model: LanguageModel
  readonly weights: readonly Tensor[]
  readonly around?: (loss: () => Tensor) => Tensor
}

/** Dropout everywhere, so that the random numbers of each step are others. */
const dropping = { n_embd: 8, n_layer: 1, resid_pdrop: 0.1, embd_pdrop: 0.1, attn_pdrop: 0.1 }
const modelOn = (device: Device): LanguageModel => gptOn(device, dropping).train()

export const ways = {
  'LoRA with dropout': (device) => {
    const model = modelOn(device)
    return { model, weights: finetune.lora(model, { r: 2, dropout: 0.2 }).parameters }
  },
  'prompt tuning': (device) => {
    const { model, parameters } = finetune.promptTuning(modelOn(device), { tokens: 3 })
    return { model, weights: parameters }
  },
  'prefix tuning': (device) => {
    const { model, parameters } = finetune.prefixTuning(modelOn(device), { tokens: 3 })
    return { model, weights: parameters }
  },
  'all weights, checkpoints, bfloat16 autocast': (device) => {
    const model = modelOn(device)
    model.gradientCheckpointing = true
    return { model, weights: model.parameters(), around: (loss) => autocast('bfloat16', loss) }
  },
} satisfies Record<string, (device: Device) => Way>

/** Tensors are counted over all devices: what one run has must not be collected during the next. */
const kept: unknown[] = []

/** Train in one of the ways, with a text of other tokens each step. */
export async function heldBySteps(device: Device, way: keyof typeof ways, steps: number) {
  const { model, weights, around = (loss: () => Tensor) => loss() }: Way = ways[way](device)
  manualSeed(1)
  const optimizer = new optim.AdamW([...weights], { lr: 0.01 })
  kept.push(model, optimizer)
  const losses: number[] = []
  const held: ReturnType<typeof memory>[] = []
  for (let step = 1; step <= steps; step++) {
    using loss = scope(() => {
      const random = data.randomOf({ seed: 1, epoch: 0, index: step })
      const rows = Array.from({ length: 2 }, () => Array.from({ length: 7 }, () => random.int(40)))
      optimizer.zeroGrad()
      const loss = around(() => lossOf(model, tensor(rows, { dtype: 'int32', device })))
      loss.backward()
      optimizer.step()
      return loss.detach()
    })
    // Now and then the device is waited for, as a training that is watched does.
    if (step === 2 || step % 100 === 0 || step === steps) losses.push(await loss.item())
    if (step === 2 || step === steps) held.push(memory(device))
  }
  return { second: held[0], last: held[1], losses }
}
