/** @file The classifier of test/reference/models, held against what PyTorch makes of it, on any device. */
import { crossEntropy, type Device, io, memory, optim, scope, type Tensor, tap, tensor } from '../../src/index.ts'
import { type Classifier, classifier, load, type ModelLoadOptions } from '../../src/models/index.ts'
import { modelOn, row } from '../generate/few.ts'
import { error } from '../support/difference.ts'
import { folderOf, lengths } from './cases.ts'

export const name = 'gpt2-classifier'
/** Tokens behind the longer text. */
export const paddings = [0, 3, 5] as const
const targets = [2, 0]

export const classifierOn = (device: Device, dtype: ModelLoadOptions['dtype'] = 'float32'): Promise<Classifier> =>
  load(folderOf(name), { device, dtype, classifier: true })

export const targetsOn = (device: Device, list: readonly number[] = targets): Tensor =>
  tensor(Int32Array.from(list), { device })

/** Logits, loss and gradients at a padding: the worst error of each, lengths as numbers and as a tensor. */
export async function classifierErrors(padding: number, device: Device, dtype: 'float32' | 'float64') {
  const model = await classifierOn(device, dtype)
  const { tensors } = await io.readSafetensors(`${folderOf(name)}/expected.safetensors`)
  const want = (key: string) => tensors[key].data as ArrayLike<number>
  const { data, shape } = tensors[`ids ${padding}`]
  const ids = tensor(Int32Array.from(data as ArrayLike<number>, Number), { shape, device })
  const logits = model.forward(ids, { lengths })
  const same = model.forward(ids, targetsOn(device, lengths))
  const loss = crossEntropy(logits, targetsOn(device))
  loss.backward()
  const gradients = await Promise.all(
    model.namedParameters().map(async ([key, x]) => {
      if (!x.grad) throw new Error(`${key} has no gradient`)
      return error(await x.grad.data(), want(`gradient of ${key}`))
    }),
  )
  return {
    logits: error(await logits.data(), want(`logits ${padding}`)),
    'logits by lengths in a tensor': error(await same.data(), want(`logits ${padding}`)),
    loss: error(await loss.data(), want(`loss ${padding}`)),
    gradients: Math.max(...gradients),
  }
}

/** Steps of a training of a classifier, and what is held after the second and the last. */
export async function heldBySteps(device: Device, steps: number) {
  const model = classifier(modelOn(device, { n_embd: 8, n_layer: 1 }), { labels: 3 })
  const optimizer = new optim.AdamW(model.parameters(), { lr: 0.01 })
  const [ids, classes] = [tensor([row(1, 6), row(2, 6)], { device, dtype: 'int32' }), targetsOn(device)]
  const held: ReturnType<typeof memory>[] = []
  for (let step = 1; step <= steps; step++) {
    optimizer.zeroGrad()
    const loss = scope(() => {
      const loss = crossEntropy(model.forward(ids, { lengths: [6, 4] }), classes)
      loss.backward()
      return loss.detach()
    })
    optimizer.step()
    // Now and then the device is waited for, as a training that is watched does.
    if (step === 2 || step % 100 === 0 || step === steps) await loss.item()
    loss.dispose()
    if (step === 2 || step === steps) held.push(memory(device))
  }
  for (const x of [...model.parameters(), ids, classes]) x.dispose()
  return held
}

/** What a step holds between forward and backward, and what backward does, where some of the model is frozen. */
export function stepOf(device: Device, frozen: string | RegExp | null) {
  const model = classifier(modelOn(device, { n_layer: 3 }), { labels: 3 })
  if (frozen) model.freeze(frozen)
  const ids = tensor([row(1, 12), row(2, 12)], { device, dtype: 'int32' })
  const classes = targetsOn(device)
  const { bytes } = memory(device)
  const loss = scope(() => crossEntropy(model.forward(ids, { lengths: [12, 9] }), classes))
  const kept = memory(device).bytes - bytes
  let launches = 0
  const undo = tap(device, {
    run: (next, launch) => {
      launches++
      return next(launch)
    },
  })
  try {
    loss.backward()
  } finally {
    undo()
  }
  const graded = model.namedParameters().flatMap(([key, x]) => (x.requiresGrad && x.grad ? [key] : []))
  for (const x of [...model.parameters(), ids, classes, loss]) x.dispose()
  return { kept, launches, graded }
}
