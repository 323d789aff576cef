/** @file Adapters from PEFT's files. */
import { isFloat, isHalf } from '../core/device.ts'
import { failFormat } from '../core/errors.ts'
import type { Shape } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { listed } from '../io/given.ts'
import type { LoadOptions } from '../io/index.ts'
import { misfits } from '../models/making.ts'
import type { Module } from '../nn/module.ts'
import { optionsOf } from '../ops/base/options.ts'
import { openAdapter } from './adapterfiles.ts'
import { LoRA, PREFIX, planOf, taskOf } from './lora.ts'
import { readLoRA } from './loraconfig.ts'

const [A, B] = ['.lora_A.weight', '.lora_B.weight']

/** How {@link loadLoRA} gives adapters. */
export interface LoRALoadOptions {
  /** Whether they train further; default false: they are frozen, as in PEFT. */
  trainable?: boolean
}

/**
 * Put adapters beside layers of a model that were trained before, here or by PEFT: a folder, or the URL of one, with
 * `adapter_model.safetensors` and `adapter_config.json`. The base is frozen.
 *
 *     const adapter = await finetune.loadLoRA(gpt, 'poems')
 *     adapter.merge()
 *
 * Keys of the configuration that change nothing here are kept for `save`.
 * @param model  the base, as `models.load` gives it
 * @throws HandgradError if a file cannot be read, the adapter is of another kind, or as {@link lora}; FormatError if
 *   names or shapes are not those of the model, naming all: before anything is allocated
 */
export async function loadLoRA(model: Module, folder: string | URL, options?: LoRALoadOptions): Promise<LoRA> {
  const op = 'loadLoRA'
  const { trainable } = optionsOf(op, options, { trainable: false })
  const { name: place, json, file } = await openAdapter(op, folder, 'LORA')
  const names = Object.keys(file.tensors)
  const paths = names.flatMap((name) =>
    name.startsWith(PREFIX) && name.endsWith(A) ? name.slice(PREFIX.length, -A.length) : [],
  )
  const plan = planOf(op, model, readLoRA(op, json, paths), false)
  const want = new Map<string, Shape>()
  /** Where each goes, and as what: as what it takes the place of, or beside which it stands. */
  const places = new Map<string, LoadOptions>()
  const expect = (name: string, shape: Shape, { device, dtype }: Tensor, wide = false): void => {
    want.set(PREFIX + name, shape)
    const known = isHalf(dtype) && wide ? 'float32' : dtype
    places.set(PREFIX + name, { device, dtype: isFloat(known) ? (known as LoadOptions['dtype']) : undefined })
  }
  const { r } = plan.config
  for (const [path, { inFeatures, outFeatures, weight }] of plan.layers) {
    expect(path + A, [r, inFeatures], weight, true)
    expect(path + B, [outFeatures, r], weight, true)
  }
  for (const [path, module] of plan.saved)
    for (const [name, x] of Object.entries(module.stateDict())) expect(`${path}.${name}`, x.shape, x)
  const short = (name: string): string => name.replace(PREFIX, '').replace(/\.weight$/, '')
  const faults = misfits(new Map(Object.entries(file.tensors)), want, short)
  const odd = names.filter((name) => places.get(name)?.dtype && !/^B?F\d+$/.test(file.tensors[name].dtype))
  if (odd.length > 0) faults.push(listed(odd.map((name) => `${name} is ${file.tensors[name].dtype}`)))
  if (faults.length > 0) failFormat(op, `${place}: ${faults.join('; ')}`, 'is the adapter of this base?')
  const weights: Record<string, Tensor> = {}
  try {
    for (const [name, to] of places) weights[name.slice(PREFIX.length)] = await file.tensor(name, to)
    return new LoRA({ ...plan, weights, trains: trainable, more: { task_type: taskOf(model), ...json } })
  } catch (error) {
    for (const x of Object.values(weights)) x.dispose()
    throw error
  }
}
