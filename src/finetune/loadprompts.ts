/** @file Prompts and prefixes from PEFT's files. */
import { isHalf } from '../core/device.ts'
import { failFormat } from '../core/errors.ts'
import type { LanguageModel } from '../models/index.ts'
import { misfits } from '../models/making.ts'
import { optionsOf } from '../ops/base/options.ts'
import { openAdapter } from './adapterfiles.ts'
import { PrefixModel } from './prefix.ts'
import { PromptModel } from './prompt.ts'
import { type PromptKind, readPrompts, rowOf } from './promptconfig.ts'
import { checkModel, Learned } from './prompted.ts'
import { Tuning } from './tuning.ts'

/** How {@link loadPromptTuning} and {@link loadPrefixTuning} give what was learned. */
export interface PromptLoadOptions {
  /** Whether it is trained further; default false: it is frozen, as in PEFT. */
  trainable?: boolean
}

const NAME = 'prompt_embeddings'

async function opened(
  op: string,
  kind: PromptKind,
  base: LanguageModel,
  folder: string | URL,
  options: PromptLoadOptions | undefined,
): Promise<Tuning> {
  const { trainable } = optionsOf(op, options, { trainable: false })
  checkModel(op, base)
  const { name, json, file } = await openAdapter(op, folder, kind)
  const tokens = readPrompts(op, kind, base, json)
  const want = new Map([[NAME, [tokens, rowOf(kind, base)]]])
  const faults = misfits(new Map(Object.entries(file.tensors)), want)
  const own = file.tensors[NAME]?.dtype
  if (own && !/^B?F\d+$/.test(own)) faults.push(`${NAME} is ${own}`)
  if (faults.length > 0) failFormat(op, `${name}: ${faults.join('; ')}`, 'is the adapter of this base?')
  const [{ device, dtype }] = base.parameters()
  // Weights are of float32 or float64, where they have more than 16 bits.
  const as = (isHalf(dtype) ? 'float32' : dtype) as 'float32'
  const learned = new Learned(await file.tensor(NAME, { device, dtype: as }), null, 0)
  if (!trainable) learned.freeze()
  return new Tuning(new (kind === 'PROMPT_TUNING' ? PromptModel : PrefixModel)(base, learned), kind, json)
}

/**
 * Put prompts before a model that were learned before, here or by PEFT: a folder, or the URL of one, with
 * `adapter_model.safetensors` and `adapter_config.json` (`peft_type` PROMPT_TUNING). The base is frozen.
 *
 *     const task = await finetune.loadPromptTuning(gpt, 'sea')
 *     generate(task.model, 'Once')
 *
 * @throws HandgradError if a file cannot be read, it is of another kind or base, or asks for what is not done, by name;
 *   FormatError if the tensor is not what the configuration says: before anything is allocated
 */
export function loadPromptTuning(
  gpt: LanguageModel,
  folder: string | URL,
  options?: PromptLoadOptions,
): Promise<Tuning> {
  return opened('loadPromptTuning', 'PROMPT_TUNING', gpt, folder, options)
}

/**
 * Put a prefix before a model, likewise (`peft_type` PREFIX_TUNING). Where it was made by a projection, files have what
 * came out of that, and it is trained further as it is.
 * @throws HandgradError and FormatError as {@link loadPromptTuning}
 */
export function loadPrefixTuning(
  gpt: LanguageModel,
  folder: string | URL,
  options?: PromptLoadOptions,
): Promise<Tuning> {
  return opened('loadPrefixTuning', 'PREFIX_TUNING', gpt, folder, options)
}
