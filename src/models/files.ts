/**
 * @file A model from and to the files that Hugging Face has of it: config.json, safetensors, a tokenizer. What is wrong
 * with names or shapes is said at once, before anything is allocated; then tensors come one by one, each to its device
 * before the next.
 */
import { type Device, isHalf } from '../core/device.ts'
import { describe, fail, failFormat } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { openScope } from '../core/scope.ts'
import type { Shape } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { nodeFiles, writeBytes } from '../io/files.ts'
import { checkPath, listed, nameOf } from '../io/given.ts'
import { quote } from '../io/header.ts'
import { openSafetensors, type SafetensorsFile, type WriteOptions, writeSafetensors } from '../io/index.ts'
import { JSON_LIMIT, parseJson } from '../io/json.ts'
import { placeOf } from '../io/place.ts'
import { checkLoad, type LoadOptions } from '../io/placing.ts'
import { optionsOf } from '../ops/base/options.ts'
import { any, ne } from '../ops/index.ts'
import { BPE, loadTokenizer, saveTokenizer, type Tokenizer } from '../tokens/index.ts'
import { TOKENIZERS, tokenizerAt } from '../tokens/load.ts'
import { families } from './families.ts'
import { type Family, type ModelConfig, readConfig } from './family.ts'
import type { LanguageModel } from './language.ts'
import { misfits } from './making.ts'

/** Where a model goes, and as what. */
export interface ModelLoadOptions {
  /** Default: the default device. */
  device?: Device
  /**
   * Of its parameters, whatever the files have; default float32. In float16 and bfloat16 they are stored, bit for bit
   * where the files have the same, and frozen; what is computed from them is float32.
   */
  dtype?: LoadOptions['dtype']
  /** In place of the files' own, which is not read then; null: none. */
  tokenizer?: Tokenizer | null
}

/** How a model's weights are written: what they are rounded to, and how many bytes of them a file has. */
export type ModelSaveOptions = Pick<WriteOptions, 'dtype' | 'shardBytes'>

const HEAD = 'lm_head.weight'

/** A name of the state dict, and the one in the file. */
type Names = ReadonlyMap<string, string>

/** Hold names, shapes and dtypes of a file against a model. @throws FormatError that names all that do not fit */
function fitted(op: string, place: string, file: SafetensorsFile, family: Family, config: ModelConfig): Names {
  const { tensors, tied } = file
  const wrong = (faults: readonly string[]): never =>
    failFormat(op, `${place}: ${faults.join('; ')}`, 'are weights and config.json of one model?')
  const count = Object.keys(tensors).length
  const [layers, most] = family.layers(config)
  if (most > count) wrong([`${layers} is ${most}, and there are ${count} tensors`])
  const shapes = new Map(family.shapes(config))
  const names = new Map<string, string>()
  const faults: string[] = []
  // A head that the file itself ties to the table is none of its own.
  const others = Object.keys(tied).filter((name) => name !== HEAD || shapes.has(HEAD))
  for (const name of [...Object.keys(tensors), ...others]) {
    const own = family.ownName(name)
    if (own === null) continue
    if (names.has(own)) faults.push(`${quote(name)} and ${quote(names.get(own) as string)} are one`)
    names.set(own, name)
  }
  const infoOf = (name: string) => tensors[tied[name] ?? name]
  const have = new Map([...names].map(([own, name]) => [own, infoOf(name)]))
  // What it is, its numbers say. Every model has a table.
  if (have.has(HEAD) && !shapes.has(HEAD)) shapes.set(HEAD, shapes.get(family.table) as Shape)
  faults.push(...misfits(have, shapes, (own) => names.get(own) as string))
  const integers = [...names.values()].filter((name) => !/^B?F\d+$/.test(infoOf(name).dtype))
  if (integers.length > 0) faults.push(listed(integers.map((name) => `${name} is ${infoOf(name).dtype}`)))
  return faults.length > 0 ? wrong(faults) : names
}

/** Whether two tensors hold the same numbers. */
async function areEqual(a: Tensor, b: Tensor): Promise<boolean> {
  using s = openScope()
  return !(await s.run(() => noGrad(() => any(ne(a, b)))).item())
}

/**
 * A model from a folder of files as Hugging Face has them, or from behind the URL of one: `config.json`, one
 * `.safetensors` or several with an index, and if there is one a tokenizer. GPT-2, Llama, Qwen 2 and Mistral
 * (`model_type` gpt2, llama, qwen2, mistral).
 *
 *     const gpt = await models.load('models/gpt2', { device: await device('auto') })
 *     const ids = tensor([[...gpt.tokenizer.encode('The dog')]], { dtype: 'int32' })
 *     const logits = gpt.forward(ids)                    // [1, 2, 50257]
 *
 * Names may begin with `transformer.` or not, masks among the weights are left out. A head that has other numbers than
 * the table of tokens is the model's own, though the configuration says that they are tied, as newer versions of
 * transformers have it.
 * @returns the model, as after `eval()`
 * @throws HandgradError if the folder or config.json cannot be read, or the model is of a kind that is not done;
 *   FormatError if names, shapes or dtypes do not fit the configuration, naming all that do not, or the tokenizer has
 *   more ids than the model: before anything is allocated
 */
export async function load(folder: string | URL, options?: ModelLoadOptions): Promise<LanguageModel> {
  const op = 'models.load'
  const defaults = { device: undefined, dtype: 'float32', tokenizer: undefined } as const
  const { tokenizer: own, ...where } = optionsOf(op, options, defaults)
  const { device, dtype } = checkLoad(op, where)
  const place = await placeOf(op, folder, 'give the folder of a model')
  const bytes = await place.read('config.json', JSON_LIMIT)
  if (!bytes) fail(op, `${place.name} has no config.json`, 'is it the folder of a model?')
  const { family, config } = readConfig(op, 'config.json', parseJson(op, 'config.json', bytes), families)
  const file = await openSafetensors(place.folder)
  const names = fitted(op, place.name, file, family, config)
  const theirs = own === undefined ? await tokenizerAt(place) : undefined
  const tokenizer = theirs ? await loadTokenizer(theirs) : (own ?? null)
  if (tokenizer && tokenizer.size > config.vocab_size)
    failFormat(op, `${place.name}: the tokenizer has ${tokenizer.size} ids, the model ${config.vocab_size}`)
  const weights: Record<string, Tensor> = {}
  try {
    for (const [own, name] of names) weights[own] = await file.tensor(name, { device, dtype })
    const head = weights[HEAD]
    const isOwn = head !== undefined && (!config.tie_word_embeddings || !(await areEqual(head, weights[family.table])))
    if (!isOwn && head) {
      head.dispose()
      delete weights[HEAD]
    }
    const model = family.make({ ...config, tie_word_embeddings: !isOwn }, { device, dtype, weights })
    if (dtype && isHalf(dtype)) model.freeze()
    return Object.assign(model, { tokenizer }).eval()
  } catch (error) {
    for (const x of Object.values(weights)) x.dispose()
    throw error
  }
}

/**
 * Write a model as {@link load} and Hugging Face's libraries read it: weights, tokenizer, and last config.json. Each
 * file appears whole or not at all. Weights that were loaded in float32 and saved so are the same bits.
 * @param folder          made if it is not there
 * @throws HandgradError if the model is of a kind that has no files, or is other than its configuration says; its
 *   tokenizer has no files, or the folder has one and the model none; or a file cannot be written
 */
export async function save(model: LanguageModel, folder: string, options?: ModelSaveOptions): Promise<void> {
  const op = 'models.save'
  const { dtype, shardBytes } = optionsOf(op, options, { dtype: undefined, shardBytes: undefined })
  const family = families.find((one) => one.owns(model))
  if (!family) fail(op, `files of ${describe(model)} are not known`, 'save its state dict by io.writeSafetensors')
  const config = model.config as ModelConfig // its family's
  const weights = model.stateDict()
  const faults = misfits(new Map(Object.entries(weights)), new Map(family.shapes(config)))
  if (faults.length > 0)
    fail(op, `the model is not what its configuration says: ${faults.join('; ')}`, 'save its state dict alone')
  checkPath(op, folder)
  if (folder.endsWith('.safetensors')) fail(op, `${nameOf(folder)} is the name of a file`, 'give a folder')
  const { fs, path } = nodeFiles(op)
  const { tokenizer } = model
  const there: string[] = await fs.readdir(folder).catch(() => [])
  const stale = TOKENIZERS.filter((name) => there.includes(name))
  if (tokenizer && !(tokenizer instanceof BPE))
    fail(op, `its ${tokenizer.name} has no files`, 'set model.tokenizer to null, and keep the tokens yourself')
  if (!tokenizer && stale.length > 0)
    fail(
      op,
      `${nameOf(folder)} has ${listed(stale)}, and the model no tokenizer`,
      'set model.tokenizer, or give another folder',
    )
  await writeSafetensors(folder, weights, { metadata: { format: 'pt' }, dtype, shardBytes })
  if (tokenizer) await saveTokenizer(tokenizer, folder)
  const json = family.json(config)
  const about = { architectures: [family.types[json.model_type]], ...json }
  const text = new TextEncoder().encode(`${JSON.stringify(about, null, 2)}\n`)
  await writeBytes(op, path.join(folder, 'config.json'), text)
}
