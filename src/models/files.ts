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
import { Classifier } from './classifier.ts'
import { families } from './families.ts'
import { classifierName, type Family, type ModelConfig, readConfig } from './family.ts'
import { readLabels, writtenLabels } from './labels.ts'
import type { LanguageModel } from './language.ts'
import { misfits, type Shapes } from './making.ts'

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

/** How a classifier is loaded. */
export interface ClassifierLoadOptions extends ModelLoadOptions {
  /** That it is one. */
  classifier: true
}

/** How a model's weights are written: what they are rounded to, and how many bytes of them a file has. */
export type ModelSaveOptions = Pick<WriteOptions, 'dtype' | 'shardBytes'>

const HEAD = 'lm_head.weight'
/** What a classifier has in its place. */
const SCORE = 'score.weight'

/** The names and shapes of a model, or of a classifier with these labels. */
function* shapesOf(family: Family, config: ModelConfig, labels: readonly string[] | null): Shapes {
  if (!labels) return yield* family.shapes(config)
  let channels = 0
  for (const [name, shape] of family.shapes({ ...config, tie_word_embeddings: true })) {
    if (name === family.table) channels = shape[1]
    yield [name, shape]
  }
  yield [SCORE, [labels.length, channels]]
}

/** A name of the state dict, and the one in the file. */
type Names = ReadonlyMap<string, string>

/** Hold names, shapes and dtypes of a file against a model. @throws FormatError that names all that do not fit */
function fitted(
  op: string,
  place: string,
  { tensors, tied }: SafetensorsFile,
  family: Family,
  config: ModelConfig,
  labels: readonly string[] | null,
): Names {
  const wrong = (faults: readonly string[]): never =>
    failFormat(op, `${place}: ${faults.join('; ')}`, 'are weights and config.json of one model?')
  const count = Object.keys(tensors).length
  const [layers, most] = family.layers(config)
  if (most > count) wrong([`${layers} is ${most}, and there are ${count} tensors`])
  const shapes = new Map(shapesOf(family, config, labels))
  const names = new Map<string, string>()
  const faults: string[] = []
  // A head that the file itself ties to the table is none of its own.
  const others = Object.keys(tied).filter((name) => name !== HEAD || shapes.has(HEAD))
  for (const name of [...Object.keys(tensors), ...others]) {
    const own = name === SCORE ? SCORE : family.ownName(name)
    if (own === null) continue
    if (names.has(own)) faults.push(`${quote(name)} and ${quote(names.get(own) as string)} are one`)
    names.set(own, name)
  }
  const infoOf = (name: string) => tensors[tied[name] ?? name]
  const have = new Map([...names].map(([own, name]) => [own, infoOf(name)]))
  // What it is, its numbers say. Every model has a table.
  if (have.has(HEAD) && !shapes.has(HEAD) && !labels) shapes.set(HEAD, shapes.get(family.table) as Shape)
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
 * With `classifier: true` the folder is one of scores of labels (`GPT2ForSequenceClassification` and its kind), whose
 * names are `id2label` of config.json; its scores are of float32 also where blocks keep 16 bits.
 * @returns the model, as after `eval()`
 * @throws HandgradError if the folder or config.json cannot be read, or the model is of a kind that is not done, a
 *   classifier where none is asked for, or none where one is; FormatError if names, shapes or dtypes do not fit the
 *   configuration, naming all that do not, or the tokenizer has more ids than the model: before anything is allocated
 */
export async function load(folder: string | URL, options: ClassifierLoadOptions): Promise<Classifier>
/** A language model. */
export async function load(folder: string | URL, options?: ModelLoadOptions): Promise<LanguageModel>
export async function load(
  folder: string | URL,
  options?: ModelLoadOptions | ClassifierLoadOptions,
): Promise<LanguageModel | Classifier> {
  const op = 'models.load'
  const defaults = { device: undefined, dtype: 'float32', tokenizer: undefined, classifier: false } as const
  const given: (ModelLoadOptions & { classifier?: boolean }) | undefined = options
  const { tokenizer: own, classifier, ...where } = optionsOf(op, given, defaults)
  if (typeof classifier !== 'boolean') fail(op, `classifier is ${describe(classifier)}`, 'give true or false')
  const { device, dtype } = checkLoad(op, where)
  const place = await placeOf(op, folder, 'give the folder of a model')
  const bytes = await place.read('config.json', JSON_LIMIT)
  if (!bytes) fail(op, `${place.name} has no config.json`, 'is it the folder of a model?')
  const { family, config, json } = readConfig(op, 'config.json', parseJson(op, 'config.json', bytes), families)
  const file = await openSafetensors(place.folder)
  if (!classifier && SCORE in file.tensors)
    fail(op, `${place.name} has ${SCORE}: it is a classifier's`, 'give { classifier: true }')
  if (classifier && !(SCORE in file.tensors))
    fail(
      op,
      `${place.name} has no ${SCORE}: it is not a classifier's`,
      'load it without, and give it to models.classifier',
    )
  const labels = classifier ? readLabels(`${op}: config.json`, json) : null
  const names = fitted(op, place.name, file, family, config, labels)
  const theirs = own === undefined ? await tokenizerAt(place) : undefined
  const tokenizer = theirs ? await loadTokenizer(theirs) : (own ?? null)
  if (tokenizer && tokenizer.size > config.vocab_size)
    failFormat(op, `${place.name}: the tokenizer has ${tokenizer.size} ids, the model ${config.vocab_size}`)
  const weights: Record<string, Tensor> = {}
  try {
    // Scores are computed in full, whatever the blocks are stored in.
    const full = dtype && isHalf(dtype) ? ('float32' as const) : dtype
    for (const [own, name] of names)
      weights[own] = await file.tensor(name, { device, dtype: own === SCORE ? full : dtype })
    const { [SCORE]: weight, ...blocks } = weights
    const head = weights[HEAD]
    const isOwn = head !== undefined && (!config.tie_word_embeddings || !(await areEqual(head, weights[family.table])))
    if (!isOwn && head) {
      head.dispose()
      delete blocks[HEAD]
    }
    const model = family.make({ ...config, tie_word_embeddings: !isOwn }, { device, dtype, weights: blocks })
    if (dtype && isHalf(dtype)) model.freeze()
    Object.assign(model, { tokenizer })
    return (labels ? new Classifier(model, { labels, weight }) : model).eval()
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
export async function save(
  model: LanguageModel | Classifier,
  folder: string,
  options?: ModelSaveOptions,
): Promise<void> {
  const op = 'models.save'
  const { dtype, shardBytes } = optionsOf(op, options, { dtype: undefined, shardBytes: undefined })
  const [base, labels] = model instanceof Classifier ? [model.base, model.labels] : [model, null]
  const family = families.find((one) => one.owns(base))
  if (!family) fail(op, `files of ${describe(model)} are not known`, 'save its state dict by io.writeSafetensors')
  const config = model.config as ModelConfig // its family's
  const weights = model.stateDict()
  const faults = misfits(new Map(Object.entries(weights)), new Map(shapesOf(family, config, labels)))
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
  const head = family.types[json.model_type]
  const about = labels
    ? { architectures: [classifierName(head)], ...json, ...writtenLabels(labels, json['eos_token_id']) }
    : { architectures: [head], ...json }
  const text = new TextEncoder().encode(`${JSON.stringify(about, null, 2)}\n`)
  await writeBytes(op, path.join(folder, 'config.json'), text)
}
