/** @file The adapters of test/reference/prompts, held against what PyTorch makes of them, on any device. */
import { fileURLToPath } from 'node:url'
import * as finetune from '../../src/finetune/index.ts'
import { type Device, io } from '../../src/index.ts'
import { load } from '../../src/models/index.ts'
import { folderOf, idsOn, lengths, lossOf } from '../models/cases.ts'
import { error } from '../support/difference.ts'

export const adapters = ['gpt2-prompt', 'gpt2-prefix', 'llama-prompt', 'llama-prefix'] as const
export type Adapter = (typeof adapters)[number]

export const adapterIn = (name: Adapter): string =>
  fileURLToPath(new URL(`../reference/prompts/${name}`, import.meta.url))

/** An adapter before its base. */
export async function tunedOf(name: Adapter, device: Device, dtype: 'float32' | 'float64' = 'float32') {
  const [model, kind] = name.split('-')
  const base = await load(folderOf(model), { device, dtype })
  const reading = kind === 'prompt' ? finetune.loadPromptTuning : finetune.loadPrefixTuning
  return reading(base, adapterIn(name), { trainable: true })
}

/** Errors of logits, loss and gradient of the table; what lies behind a text's end is not looked at. */
export async function errorsOf(name: Adapter, device: Device, dtype: 'float32' | 'float64') {
  const task = await tunedOf(name, device, dtype)
  const { tensors } = await io.readSafetensors(`${adapterIn(name)}/expected.safetensors`)
  const want = (key: string) => tensors[key].data as ArrayLike<number>
  const [width, count] = [40, 7]
  const inside = (i: number) => Math.floor(i / width) % count < lengths[Math.floor(i / width / count)]
  const logits = await task.forward(idsOn(device), { lengths }).data()
  const loss = lossOf(task.model, device)
  loss.backward()
  const [table] = task.parameters
  if (!table.grad) throw new Error('there is no gradient')
  return {
    logits: error(logits, want('logits'), inside),
    loss: error(await loss.data(), want('loss')),
    gradient: error(await table.grad.data(), want('gradient')),
  }
}
