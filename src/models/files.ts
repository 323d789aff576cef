/**
 * @file A model from and to the files that Hugging Face has of it: config.json, safetensors, a tokenizer. What is wrong
 * with names or shapes is said at once, before anything is allocated; then tensors come one by one, each to its device
 * before the next.
 */
import type { Device } from '../core/device.ts'
import { fail, failFormat } from '../core/errors.ts'
import { noGrad } from '../core/graph.ts'
import { openScope } from '../core/scope.ts'
import { type Shape, sameShape, showShape } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { makeFolderOf, nodeFiles, readWhole, reasonOf, writeBytes } from '../io/files.ts'
import { checkPath, listed, nameOf } from '../io/given.ts'
import { quote } from '../io/header.ts'
import { openSafetensors, type SafetensorsFile, type WriteOptions, writeSafetensors } from '../io/index.ts'
import { JSON_LIMIT, parseJson } from '../io/json.ts'
import { optionsOf } from '../ops/base/options.ts'
import { any, ne } from '../ops/index.ts'
import { BPE, loadTokenizer, saveTokenizer } from '../tokens/index.ts'
import { readConfig } from './config.ts'
import { GPT2, gpt2Shapes } from './gpt2.ts'
import type { LanguageModel } from './language.ts'

/** Where a model goes, and as what. */
export interface ModelLoadOptions {
  /** Default: the default device. */
  device?: Device
  /** Of its parameters, whatever the files have; default float32. */
  dtype?: 'float32' | 'float64'
}

/** How a model is written. */
export type ModelSaveOptions = Pick<WriteOptions, 'dtype' | 'shardBytes'>

/** What GPT-2's files have beside weights: masks, under a name that a bias could have. */
const MASKS = /^(transformer\.)?h\.\d+\.attn\.(masked_)?bias$/
const HEAD = 'lm_head.weight'
const TABLE = 'transformer.wte.weight'
/** Files were written of the model with a head and of the one without, whose names begin later. */
const ownName = (name: string): string =>
  name.startsWith('transformer.') || name === HEAD ? name : `transformer.${name}`

/** A name of the state dict, and the one in the file. */
type Names = ReadonlyMap<string, string>

/** Hold names and shapes of a file against those of the model. @throws FormatError that names all that do not fit */
function fitted(op: string, folder: string, file: SafetensorsFile, shapes: ReadonlyMap<string, Shape>): Names {
  const names = new Map<string, string>()
  const faults: string[] = []
  // A head that the file itself ties to the table is none of its own.
  const others = Object.keys(file.tied).filter((name) => name !== HEAD || shapes.has(HEAD))
  for (const name of [...Object.keys(file.tensors), ...others]) {
    if (MASKS.test(name)) continue
    const own = ownName(name)
    if (names.has(own)) faults.push(`${quote(name)} and ${quote(names.get(own) as string)} are one`)
    names.set(own, name)
  }
  const missing = [...shapes.keys()].filter((name) => !names.has(name))
  const unknown = [...names].filter(([own]) => !shapes.has(own) && own !== HEAD).map(([, name]) => name)
  if (missing.length > 0) faults.push(`${listed(missing)} missing`)
  if (unknown.length > 0) faults.push(`${listed(unknown)} unknown`)
  const head = shapes.get(HEAD) ?? (shapes.get(TABLE) as Shape) // every model has a table
  const misfits = [...names].flatMap(([own, name]) => {
    const { shape } = file.tensors[file.tied[name] ?? name]
    const want = own === HEAD ? head : shapes.get(own)
    return want && !sameShape(shape, want) ? `${name} is ${showShape(shape)}, not ${showShape(want)}` : []
  })
  if (misfits.length > 0) faults.push(listed(misfits))
  if (faults.length > 0)
    failFormat(op, `${nameOf(folder)}: ${faults.join('; ')}`, 'are weights and config.json of one model?')
  return names
}

/** Whether two tensors hold the same numbers. */
async function areEqual(a: Tensor, b: Tensor): Promise<boolean> {
  using s = openScope()
  return !(await s.run(() => noGrad(() => any(ne(a, b)))).item())
}

/**
 * A model from a folder of files as Hugging Face has them: `config.json`, one `.safetensors` or several with an index,
 * and if there is one a tokenizer. GPT-2 and models of its kind (`model_type` gpt2).
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
 *   FormatError if names or shapes do not fit the configuration, naming all that do not, before anything is allocated
 */
export async function load(folder: string, options?: ModelLoadOptions): Promise<LanguageModel> {
  const op = 'models.load'
  const { device, dtype } = optionsOf(op, options, { device: undefined, dtype: 'float32' })
  checkPath(op, folder)
  const { fs, path } = nodeFiles(op)
  const there = await fs
    .readdir(folder)
    .catch((error: unknown) =>
      fail(op, `cannot read ${nameOf(folder)}, ${reasonOf(error)}`, 'give the folder of a model'),
    )
  if (!there.includes('config.json')) fail(op, `${nameOf(folder)} has no config.json`, 'is it the folder of a model?')
  const bytes = await readWhole(op, path.join(folder, 'config.json'), JSON_LIMIT)
  const config = readConfig(op, 'config.json', parseJson(op, 'config.json', bytes))
  const file = await openSafetensors(folder)
  const names = fitted(op, folder, file, new Map(gpt2Shapes(config)))
  const tokenizer = ['tokenizer.json', 'vocab.json'].some((name) => there.includes(name))
    ? await loadTokenizer(folder)
    : null
  const weights: Record<string, Tensor> = {}
  try {
    for (const [own, name] of names) weights[own] = await file.tensor(name, { device, dtype })
    const head = weights[HEAD]
    const isOwn = head !== undefined && (!config.tie_word_embeddings || !(await areEqual(head, weights[TABLE])))
    if (!isOwn) head?.dispose()
    const model = new GPT2({ ...config, tie_word_embeddings: !isOwn }, { device, dtype, weights })
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
 * @param options.dtype   'F32', 'F16' or 'BF16': what weights are rounded to; default: as they are
 * @param options.shardBytes  bytes of weights in a file; with more there are several, and an index
 * @throws HandgradError if the model is of a kind that has no files, or a file cannot be written
 */
export async function save(model: LanguageModel, folder: string, options?: ModelSaveOptions): Promise<void> {
  const op = 'models.save'
  const { dtype, shardBytes } = optionsOf(op, options, { dtype: undefined, shardBytes: undefined })
  if (!(model instanceof GPT2)) fail(op, 'the model is not a GPT2', 'save its state dict by io.writeSafetensors')
  checkPath(op, folder)
  const { path } = nodeFiles(op)
  const config = path.join(folder, 'config.json')
  await makeFolderOf(op, config)
  await writeSafetensors(folder, model.stateDict(), { metadata: { format: 'pt' }, dtype, shardBytes })
  if (model.tokenizer instanceof BPE) await saveTokenizer(model.tokenizer, folder)
  const about = { architectures: ['GPT2LMHeadModel'], model_type: 'gpt2', ...model.config }
  await writeBytes(op, config, new TextEncoder().encode(`${JSON.stringify(about, null, 2)}\n`))
}
