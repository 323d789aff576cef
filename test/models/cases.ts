/** @file The models of test/reference/models and llama, held against what PyTorch makes of them, on any device. */
import { fileURLToPath } from 'node:url'
import { crossEntropy, type Device, io, manualSeed, optim, type Tensor, tensor } from '../../src/index.ts'
import { type LanguageModel, load, type ModelLoadOptions } from '../../src/models/index.ts'
import { error } from '../support/difference.ts'

/** The folder of a model. */
export const folderOf = (name: string): string =>
  fileURLToPath(new URL(`../reference/${name.startsWith('gpt2') ? 'models' : 'llama'}/${name}`, import.meta.url))

export const names = ['gpt2', 'gpt2-f16-head', 'gpt2-bf16-shards', 'gpt2-untied', 'gpt2-head-of-its-own'] as const
/** Those whose gradients and training are known too. */
export const trained = ['gpt2', 'gpt2-untied'] as const

/** The same of Llama and what is built as it is. */
export const llamas = ['llama', 'llama3', 'qwen2', 'mistral'] as const
export const trainedLlamas = ['llama', 'llama3', 'qwen2'] as const

/** Those whose files have 16 bits, which a model may keep. */
export const halves = [
  ['llama', 'bfloat16'],
  ['mistral', 'float16'],
] as const

/** Two texts, of which the second has four tokens. */
export const texts = [
  [3, 17, 39, 0, 8, 8, 21],
  [30, 2, 5, 11, 0, 0, 0],
]
export const lengths = [7, 4]
const UNKNOWN = -100
const [B, T, V] = [2, 7, 40]

export const idsOn = (device: Device, rows: readonly number[][] = texts): Tensor =>
  tensor(Int32Array.from(rows.flat()), { shape: [rows.length, rows[0].length], device })

/** The mean loss of the tokens that follow one, within the lengths. */
export function lossOf(model: LanguageModel, device: Device): Tensor {
  const next = texts.flatMap((row, b) => row.slice(1).map((id, t) => (t + 1 < lengths[b] ? id : UNKNOWN)))
  const logits = model.forward(idsOn(device), { lengths }).slice(null, [0, T - 1])
  const target = tensor(Int32Array.from(next), { device })
  return crossEntropy(logits.reshape([B * (T - 1), V]), target, { ignoreIndex: UNKNOWN })
}

export interface Expected {
  readonly [name: string]: ArrayLike<number>
}
export async function expectedOf(name: string): Promise<Expected> {
  const { tensors } = await io.readSafetensors(`${folderOf(name)}/expected.safetensors`)
  return Object.fromEntries(Object.entries(tensors).map(([key, { data }]) => [key, data as ArrayLike<number>]))
}

/** Errors of hidden states, logits and loss; what lies behind a text's end is not looked at. */
export async function forwardErrors(name: string, device: Device, dtype: ModelLoadOptions['dtype']) {
  const model = await load(folderOf(name), { device, dtype })
  const want = await expectedOf(name)
  const inside = (width: number) => (i: number) => Math.floor(i / width) % T < lengths[Math.floor(i / width / T)]
  const hidden = model.hidden(idsOn(device), { lengths })
  return {
    hidden: error(await hidden.data(), want['hidden'], inside(16)),
    logits: error(await model.logits(hidden).data(), want['logits'], inside(V)),
    loss: error(await lossOf(model, device).data(), want['loss']),
  }
}

/** The worst error of a gradient, in units of the largest of its kind. */
export async function gradientError(name: string, device: Device, dtype: 'float32' | 'float64'): Promise<number> {
  const model = await load(folderOf(name), { device, dtype })
  const want = await expectedOf(name)
  lossOf(model, device).backward()
  const errors = await Promise.all(
    model.namedParameters().map(async ([key, x]) => {
      if (!x.grad) throw new Error(`${key} has no gradient`)
      return error(await x.grad.data(), want[`gradient of ${key}`])
    }),
  )
  return Math.max(...errors)
}

/** The worst error of a loss in 50 steps of AdamW, relative to the first. */
export async function trainingError(name: string, device: Device, dtype: 'float32' | 'float64'): Promise<number> {
  manualSeed(0)
  const model = await load(folderOf(name), { device, dtype })
  const { losses } = await expectedOf(name)
  const optimizer = new optim.AdamW(model.parameters(), { lr: 0.003, weightDecay: 0.1 })
  const got: number[] = []
  for (let step = 0; step < losses.length; step++) {
    model.zeroGrad()
    const loss = lossOf(model, device)
    loss.backward()
    optimizer.step()
    got.push(await loss.item())
  }
  return error(got, losses)
}
