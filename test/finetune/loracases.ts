/** @file What tests of adapters share: small models, texts, steps of training. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type LoRA, loadLoRA, lora } from '../../src/finetune/index.ts'
import {
  type AutocastDType,
  autocast,
  crossEntropy,
  type Device,
  io,
  manualSeed,
  memory,
  nn,
  noGrad,
  optim,
  randn,
  scope,
  type Tensor,
  tensor,
} from '../../src/index.ts'
import { GPT2, type LanguageModel, Llama, load } from '../../src/models/index.ts'
import { folderOf, lengths, lossOf as referenceLoss, texts } from '../models/cases.ts'
import { error } from '../support/difference.ts'

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

/** The adapters that PyTorch made, and their bases. */
export const references = [
  ['gpt2', 'gpt2'],
  ['gpt2-rslora', 'gpt2'],
  ['llama', 'llama'],
] as const
/** Those that handgrad made, which PyTorch has merged. */
export const ours = [
  ['ours', 'gpt2'],
  ['ours-llama', 'llama'],
] as const

export const adapterOf = (name: string): string => fileURLToPath(new URL(`../reference/lora/${name}`, import.meta.url))

/** Errors of an adapter of test/reference/lora: logits beside the base and merged, loss, the worst gradient. */
export async function referenceErrors(
  name: string,
  base: string,
  device: Device,
  dtype: 'float32' | 'float64',
): Promise<Record<string, number>> {
  const { tensors } = await io.readSafetensors(`${adapterOf(name)}/expected.safetensors`)
  const want = (key: string) => tensors[key].data as ArrayLike<number>
  const model = await load(folderOf(base), { device, dtype })
  const adapter = await loadLoRA(model, adapterOf(name), { trainable: true })
  const ids = tensor(Int32Array.from(texts.flat()), { shape: [2, 7], device })
  const isKnown = (i: number) => Math.floor(i / 40) % 7 < lengths[Math.floor(i / 280)]
  const off = async (key: string) =>
    error(await noGrad(() => model.forward(ids, { lengths })).data(), want(key), isKnown)
  const found: Record<string, number> = {}
  if (tensors['logits']) {
    found['logits'] = await off('logits')
    const loss = referenceLoss(model, device)
    found['loss'] = error(await loss.data(), want('loss'))
    loss.backward()
    const gradients = Object.entries(adapter.stateDict()).map(async ([key, x]) =>
      error((await x.grad?.data()) ?? [], want(`gradient of ${key}`)),
    )
    found['gradients'] = Math.max(...(await Promise.all(gradients)))
  } else found['beside the base'] = await off('merged')
  adapter.merge()
  found['merged'] = await off('merged')
  return found
}

/** Steps with dropout, in the model and in the adapter. */
function stepOn(model: LanguageModel, optimizer: optim.Optimizer, device: Device): void {
  scope(() => {
    optimizer.zeroGrad()
    lossOf(model, idsOn(device)).backward()
    optimizer.step()
  })
}

/** A text at a time, activations computed again, products in 16 bits; float16 with a scaler. @returns the losses */
async function mixedStep(
  { model, optimizer, scaler }: { model: LanguageModel; optimizer: optim.Optimizer; scaler: optim.GradScaler },
  device: Device,
  dtype: AutocastDType,
): Promise<number[]> {
  optimizer.zeroGrad()
  const losses = [0, 1].map((i) =>
    scope(() => {
      const loss = autocast(dtype, () => lossOf(model, idsOn(device).slice([i, i + 1])))
      scaler.scale(loss.div(2)).backward()
      return loss.detach()
    }),
  )
  await scaler.step(optimizer)
  scaler.update()
  const numbers = await Promise.all(losses.map((loss) => loss.item()))
  for (const loss of losses) loss.dispose()
  return numbers
}

/**
 * What 100 steps come to, with a checkpoint after 50, and 50 of other objects that go on from there.
 * @param dtype  of mixed precision, with accumulation and activations that are computed again; undefined: none of it
 */
export async function resumed(device: Device, dtype?: AutocastDType) {
  const made = () => {
    const model = gptOn(device, { n_layer: 1, resid_pdrop: 0.1 }).train()
    model.gradientCheckpointing = dtype !== undefined
    const adapter = lora(model, { r: 2, targets: ['c_attn'], dropout: 0.2 })
    // It begins so high that steps are left out, grows on both sides of the middle, and passes on what is not float16.
    const options = { initScale: 2 ** 30, growthInterval: 21, enabled: dtype === 'float16' }
    const optimizer = new optim.AdamW(adapter.parameters, { lr: 0.01 })
    return { model, adapter, optimizer, scaler: new optim.GradScaler(options) }
  }
  const losses: number[][] = []
  const take = async (run: ReturnType<typeof made>, steps: number): Promise<void> => {
    for (let step = 0; step < steps; step++) {
      if (dtype) losses.push(await mixedStep(run, device, dtype))
      else stepOn(run.model, run.optimizer, device)
    }
  }
  const outcome = async ({ adapter, scaler }: ReturnType<typeof made>) => ({
    weights: await Promise.all(adapter.parameters.map((x) => x.data())),
    losses: losses.splice(0),
    scaler: scaler.stateDict(),
  })
  const folder = await mkdtemp(join(tmpdir(), 'handgrad-lora-'))
  const path = join(folder, 'half.safetensors')
  try {
    const first = made()
    await take(first, 50)
    await io.saveCheckpoint(path, { ...first })
    const half = first.scaler.stateDict()
    losses.length = 0
    await take(first, 50)
    const whole = await outcome(first)
    const second = made()
    randn([3], { device }) // other random numbers are drawn meanwhile
    await io.loadCheckpoint(path, { ...second })
    await take(second, 50)
    return { whole, parts: await outcome(second), half }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** What a device of its own holds after the second of some steps, and after the last. */
export async function memoryAfter(device: Device, steps: number) {
  const model = gptOn(device, { n_layer: 1, resid_pdrop: 0.1 }).train()
  const adapter = lora(model, { r: 2, dropout: 0.2 })
  const optimizer = new optim.AdamW(adapter.parameters, { lr: 0.01 })
  const held = () => {
    const { live, storages } = memory(device)
    return { live, storages }
  }
  let second = held()
  for (let step = 1; step <= steps; step++) {
    stepOn(model, optimizer, device)
    if (step % 5 === 0) {
      adapter.merge()
      scope(() => void adapter.disable(() => model.forward(idsOn(device))))
      adapter.unmerge()
    }
    if (step === 2) second = held()
  }
  const last = held()
  await model.parameters()[0].data()
  return { second, last }
}
