/** @file What tests of adapters share: small models, texts, steps of training. */
import { fileURLToPath } from 'node:url'
import type { LoRA } from '../../src/finetune/index.ts'
import {
  crossEntropy,
  type Device,
  manualSeed,
  nn,
  noGrad,
  optim,
  scope,
  type Tensor,
  tensor,
} from '../../src/index.ts'
import { GPT2, type LanguageModel, Llama } from '../../src/models/index.ts'

const sizes = { vocab_size: 40, n_positions: 16, n_embd: 16, n_layer: 2, n_head: 2, initializer_range: 0.2 }

export function gptOn(device: Device, config: object = {}, dtype: 'float32' | 'float64' = 'float32'): GPT2 {
  manualSeed(7)
  return new GPT2({ ...sizes, resid_pdrop: 0, embd_pdrop: 0, attn_pdrop: 0, ...config }, { device, dtype })
}

export function llamaOn(device: Device): Llama {
  manualSeed(7)
  const config = {
    vocab_size: 40,
    hidden_size: 16,
    intermediate_size: 24,
    num_hidden_layers: 2,
    initializer_range: 0.2,
  }
  return new Llama({ ...config, num_attention_heads: 4, num_key_value_heads: 2 }, { device })
}

export const idsOn = (device: Device): Tensor =>
  tensor(
    [
      [3, 17, 39, 0, 8, 8, 21],
      [30, 2, 5, 11, 9, 1, 4],
    ],
    { dtype: 'int32', device },
  )

export function lossOf(model: LanguageModel, ids: Tensor): Tensor {
  const logits = model.forward(ids.slice(null, [0, -1]))
  return crossEntropy(logits.flatten(0, 1), ids.slice(null, [1, null]).flatten())
}

/** The bits of what a model makes of the texts. */
export async function bitsOf(model: LanguageModel, device: Device): Promise<ArrayLike<number>> {
  using logits = noGrad(() => scope(() => model.forward(idsOn(device))))
  return logits.data()
}

/** Steps of AdamW on what the adapter trains. */
export function trainOn(model: LanguageModel, adapter: LoRA, device: Device, steps: number): void {
  const optimizer = new optim.AdamW(adapter.parameters, { lr: 0.02 })
  for (let step = 0; step < steps; step++)
    scope(() => {
      optimizer.zeroGrad()
      lossOf(model, idsOn(device)).backward()
      optimizer.step()
    })
}

/** Two maps and relu between them, which a Sequential may compute as one launch. */
export const netOn = (device: Device) =>
  new nn.Sequential({
    first: new nn.Linear(6, 5, { device }),
    act: new nn.ReLU(),
    second: new nn.Linear(5, 3, { device }),
  })

/** A folder of test/reference. */
export const referenceOf = (path: string): string => fileURLToPath(new URL(`../reference/${path}`, import.meta.url))
